"""Writes which base is used into config.toml, and not a byte beside it."""

import json
import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from ownhand.daemon.errors import Invalid, StorageFailed

_SECTION = re.compile(r"\s*\[\s*agent\s*\]\s*(#.*)?")
_TABLE = re.compile(r"\s*\[")
_BASE = re.compile(r"""(\s*base\s*=\s*)("[^"\\\n]*"|'[^'\n]*')(.*)""", re.DOTALL)


def choose(file: Path, base: str) -> None:
    """Sets `base` under [agent]. Raises Invalid where only a person can edit the file."""
    try:
        # Bytes, not read_text: it would make other ends of lines of those that are there.
        before = file.read_bytes().decode("utf-8") if file.exists() else ""
        wanted = tomllib.loads(before)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise Invalid(f"{file.name} cannot be read ({type(exc).__name__})", hint="correct it first") from None
    after = _with_base(before, base)
    agent = wanted.setdefault("agent", {})
    if isinstance(agent, dict):
        agent["base"] = base
    if _facts(after) != wanted:
        hint = f"write `base = {_quoted(base)}` under [agent] by hand: {file}"
        raise Invalid(f"{file.name} is written in a way that cannot be edited by itself", hint=hint)
    _replace(file, after)


def _with_base(text: str, base: str) -> str:
    lines = text.splitlines(keepends=True)
    line = f"base = {_quoted(base)}\n"
    begin = next((at for at, known in enumerate(lines) if _SECTION.fullmatch(known.rstrip())), None)
    if begin is None:
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}[agent]\n{line}"
    for at in range(begin + 1, len(lines)):
        if _TABLE.match(lines[at]):
            break
        if found := _BASE.fullmatch(lines[at]):
            lines[at] = f"{found[1]}{_quoted(base)}{found[3]}"
            return "".join(lines)
    if not lines[begin].endswith("\n"):
        lines[begin] += "\n"
    return "".join([*lines[: begin + 1], line, *lines[begin + 1 :]])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _facts(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _replace(file: Path, text: str) -> None:
    target = file.resolve()  # a link into a folder of settings stays one
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o600
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as out:
            os.fchmod(out.fileno(), mode)
            out.write(text.encode("utf-8"))
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(target)
    except OSError as exc:
        temporary.unlink(missing_ok=True)
        hint = "it must be yours, and the disk must have room"
        raise StorageFailed(f"{file} cannot be written ({exc.strerror})", hint=hint) from None
