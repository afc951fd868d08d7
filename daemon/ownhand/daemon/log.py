"""Logging: constant messages, facts in `extra=`, and nothing that could hold mail.

Our own records are printed as they are. Of a record of another library only its place is printed: its text
may quote what the library was given, and so may the text of an exception, ours or theirs.
"""

import json
import logging
import os
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

# At DEBUG these print protocol lines and whole requests. Two of them set their own level from the
# environment when they are imported, so a level set here would not hold; a record that goes nowhere does.
SILENCED = ("imapclient", "anthropic", "openai", "httpx", "httpx2", "httpcore", "httpcore2", "keyring")

_MAX_BYTES = 1_000_000
_N_BACKUPS = 3
_OWN = "ownhand"
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def set_up(
    file: Path | None, *, level: str = "INFO", as_json: bool = False, also: IO[str] | None = None
) -> None:
    """Sends what is logged to a rotating file, and to another stream where one is given."""
    root = logging.getLogger()
    tear_down()
    formatter: logging.Formatter = JsonFormatter() if as_json else KeyValueFormatter()
    handlers: list[logging.Handler] = [logging.StreamHandler(also)] if also else []
    if file is not None:
        handlers.append(_PrivateFile(file, maxBytes=_MAX_BYTES, backupCount=_N_BACKUPS, encoding="utf-8"))
    for handler in handlers:
        handler.setFormatter(formatter)
        handler.set_name(_OWN)
        root.addHandler(handler)
    root.setLevel(level)
    for name in SILENCED:
        silenced = logging.getLogger(name)
        silenced.propagate = False
        silenced.handlers = [logging.NullHandler()]


def tear_down() -> None:
    """Closes what `set_up` opened."""
    root = logging.getLogger()
    for handler in [h for h in root.handlers if h.get_name() == _OWN]:
        root.removeHandler(handler)
        handler.close()


def places(exc: BaseException) -> str:
    """Where an exception came from, innermost first, without its text."""
    found, trace = [], exc.__traceback__
    while trace is not None:
        found.append(f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return "<".join(reversed(found[-6:])) or "nowhere"


def facts_of(record: logging.LogRecord) -> dict[str, object]:
    """All that is printed of a record, in order."""
    facts: dict[str, object] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
    }
    if record.name.split(".")[0] == _OWN:
        facts["message"] = record.msg
        facts |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
    else:
        facts |= {"message": "from a library", "at": f"{record.filename}:{record.lineno}"}
    if record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        facts |= {"error": type(error).__name__, "at": places(error)}
    return facts


class KeyValueFormatter(logging.Formatter):
    """`key=value`, quoted where a value has spaces in it."""

    def format(self, record: logging.LogRecord) -> str:
        return " ".join(f"{key}={_quoted(value)}" for key, value in facts_of(record).items())


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(facts_of(record), default=str)


class _PrivateFile(RotatingFileHandler):
    """A file for the owner's eyes only, from the first moment."""

    def _open(self) -> IO[str]:  # type: ignore[override]  # the base promises a narrower type than it needs
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(descriptor, "a", encoding=self.encoding)


def _quoted(value: object) -> str:
    text = str(value)
    plain = text and not any(c.isspace() or c in '"=' for c in text)
    return text if plain else json.dumps(text, ensure_ascii=False)
