"""The log: facts and no mail, whoever writes to it and however."""

import io
import json
import logging
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ownhand.daemon import log

pytestmark = pytest.mark.usefixtures("fresh_logging")

MARKER = "marigold"


def _ours(file: Path) -> logging.Logger:
    log.set_up(file, level="DEBUG")
    return logging.getLogger("ownhand.daemon.test")


def test_a_line_is_facts_with_their_names(tmp_path: Path) -> None:
    _ours(tmp_path / "d.log").info("job ended", extra={"job": "j1", "seconds": 2.5})
    line = (tmp_path / "d.log").read_text()
    assert 'level=INFO logger=ownhand.daemon.test message="job ended" job=j1 seconds=2.5\n' in line


def test_a_line_may_be_json(tmp_path: Path) -> None:
    log.set_up(tmp_path / "d.log", as_json=True)
    logging.getLogger("ownhand.daemon.test").info("job ended", extra={"n": 3})
    facts = json.loads((tmp_path / "d.log").read_text())
    assert (facts["message"], facts["n"], facts["level"]) == ("job ended", 3, "INFO")


def test_a_value_with_a_line_break_stays_on_its_line(tmp_path: Path) -> None:
    _ours(tmp_path / "d.log").info("odd", extra={"value": 'a\nb="c"'})
    assert (tmp_path / "d.log").read_text().count("\n") == 1


def test_the_log_is_for_its_owner_alone_also_when_it_is_turned_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "_MAX_BYTES", 500)
    ours = _ours(tmp_path / "d.log")
    for n in range(20):
        ours.info("line", extra={"n": n})
    files = sorted(tmp_path.glob("d.log*"))
    assert len(files) == 4
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_setting_up_twice_writes_once(tmp_path: Path) -> None:
    log.set_up(tmp_path / "d.log")
    log.set_up(tmp_path / "d.log")
    logging.getLogger("ownhand.daemon.test").info("once")
    assert (tmp_path / "d.log").read_text().count("once") == 1


def test_a_second_stream_gets_the_same_lines(tmp_path: Path) -> None:
    stream = io.StringIO()
    log.set_up(None, also=stream)
    logging.getLogger("ownhand.daemon.test").info("once")
    assert stream.getvalue().count("once") == 1


def _raise_marker() -> None:
    try:
        try:
            raise KeyError(MARKER)
        except KeyError as exc:
            raise ValueError(f"cannot read {MARKER}") from exc
    except ValueError:
        logging.getLogger("ownhand.daemon.test").exception("reading failed")


def _from_a_library(name: str) -> Callable[[], None]:
    def write() -> None:
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG)
        logger.debug("got %s", MARKER)
        logger.error(f"could not send {MARKER}", stack_info=True)
        logger.warning("x", extra={"body": MARKER})

    return write


@pytest.mark.parametrize(
    "write",
    [
        _raise_marker,
        *(
            _from_a_library(name)
            for name in (
                "imapclient",
                "imapclient.imaplib",
                "anthropic._base_client",
                "openai",
                "httpx",
                "httpx2",
                "httpcore.http11",
                "asyncio",
                "grpc",
                "any.other",
            )
        ),
    ],
)
def test_a_marker_word_in_a_text_reaches_no_log(
    tmp_path: Path, write: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    log.set_up(tmp_path / "d.log", level="DEBUG", also=sys.stderr)
    write()
    logging.getLogger("ownhand.daemon.test").info("afterwards")
    written = (tmp_path / "d.log").read_text()
    assert "afterwards" in written
    assert MARKER not in written + capsys.readouterr().err


def test_an_exception_shows_its_kind_and_its_place(tmp_path: Path) -> None:
    log.set_up(tmp_path / "d.log")
    _raise_marker()
    assert "error=ValueError" in (tmp_path / "d.log").read_text()
    assert "at=test_log.py:" in (tmp_path / "d.log").read_text()


def test_another_library_shows_where_it_wrote(tmp_path: Path) -> None:
    log.set_up(tmp_path / "d.log")
    logging.getLogger("asyncio").error("text")
    assert 'logger=asyncio message="from a library" at=test_log.py:' in (tmp_path / "d.log").read_text()


@pytest.mark.parametrize(("library", "variable"), [("anthropic", "ANTHROPIC_LOG"), ("openai", "OPENAI_LOG")])
def test_the_environment_cannot_make_a_client_talk(tmp_path: Path, library: str, variable: str) -> None:
    program = f"""
import logging
from ownhand.daemon import log
log.set_up(__import__("pathlib").Path({str(tmp_path / "d.log")!r}), level="DEBUG")
import {library}
logging.getLogger("{library}._base_client").debug("Request options: {MARKER}")
logging.getLogger("httpx2").info("HTTP Request: {MARKER}")
"""
    environ = {variable: "debug", "PYTHONWARNINGS": "default", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, check=True)
    assert MARKER.encode() not in done.stdout + done.stderr + (tmp_path / "d.log").read_bytes()
