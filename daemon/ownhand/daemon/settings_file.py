"""Writes one [[account]] into config.toml or takes one out, and the base model: whole or not at all, and not
a byte beside it.

What the file would say is read as settings before it takes the place of the old one.
"""

import json
import os
import re
import stat
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from ownhand.daemon.config import AccountSettings, Secret, Settings, parse_settings, read_settings
from ownhand.daemon.errors import Invalid, NotFound, StorageFailed

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]\n]*?)\s*\]\]?\s*(#.*)?")
_BASE = re.compile(r"""(\s*base\s*=\s*)("[^"\\\n]*"|'[^'\n]*')(.*)""", re.DOTALL)
_ACCOUNT = ("account", '"account"', "'account'")


def add_account(file: Path, account: AccountSettings) -> Settings:
    """The settings with it. Raises Invalid when the file is broken, or has an account of this name."""
    with _alone(file):
        settings = read_settings(file, {})
        if any(known.name == account.name for known in settings.account):
            raise Invalid(
                f"there is an account {account.name} already",
                hint=f"give another name, or take that one out: ownhand setup --remove {account.name}",
                fields={"name": "is taken"},
            )
        before = _read(file)
        gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
        return _replace(file, before + gap + account_toml(account))


def remove_account(file: Path, name: str) -> Settings:
    """The settings without it. Raises NotFound, or Invalid when it cannot be taken out without harm."""
    with _alone(file):
        settings = read_settings(file, {})
        names = [known.name for known in settings.account]
        if name not in names:
            there = f"there are: {', '.join(names)}" if names else "it has none"
            raise NotFound(f"there is no account {name} in {file.name}", hint=there)
        text = _read(file)
        shorter = _without(text, names.index(name))
        wanted = tomllib.loads(text)
        del wanted["account"][names.index(name)]
        if _facts(shorter) != {key: value for key, value in wanted.items() if value != []}:
            raise Invalid(
                f"{file.name} is written in a way that this account cannot be taken out of by itself",
                hint=f"take it out by hand: {file}",
                fields={name: "cannot be taken out"},
            )
        return _replace(file, shorter)


def choose_base(file: Path, base: str) -> Settings:
    """The settings with `base` under [agent]. Raises Invalid where only a person can edit the file."""
    with _alone(file):
        settings = read_settings(file, {})
        wanted = replace(settings, agent=replace(settings.agent, base=base))
        after = _with_base(_read(file), base)
        facts = _facts(after)
        if facts is None or parse_settings(facts, file.name) != wanted:
            raise Invalid(
                f"{file.name} is written in a way that cannot be edited by itself",
                hint=f"write base = {_value(base)} under [agent] by hand: {file}",
                fields={"agent.base": "cannot be written"},
            )
        return _replace(file, after)


def account_toml(account: AccountSettings) -> str:
    """The lines of an account, without what is as it would be anyway."""
    plain, secrets, tables = [], [], []
    for field, value in _told(account):
        if field.name == "identity":
            tables += [line for one in value for line in _table("[[account.identity]]", one)]
        elif isinstance(value, Secret):
            secrets.append(f"{field.name} = {_value(value)}")
        elif is_dataclass(value):
            tables += _table(f"[account.{field.name}]", value)
        else:
            plain.append(f"{field.name} = {_value(value)}")
    return "\n".join(["[[account]]", *plain, *secrets, *tables]) + "\n"


def _table(header: str, value: Any) -> list[str]:
    return ["", header, *(f"{field.name} = {_value(known)}" for field, known in _told(value))]


def _told(value: Any) -> Iterator[tuple["Field[Any]", Any]]:
    for field in fields(value):
        known = getattr(value, field.name)
        if field.default is MISSING or known != field.default:
            yield field, known


def _value(value: Any) -> str:
    if isinstance(value, Secret):
        [(kind, place)] = value.spec.items()
        return f"{{ {kind} = {_value(place)} }}"
    # JSON's strings, numbers, arrays and switches are TOML's too; only this control character is not.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


# --- taking out ----------------------------------------------------------------------------------


def _without(text: str, number: int) -> str:
    """The text without the lines of the account with this number.

    Reads lines, not TOML: whoever calls compares what the rest says.
    """
    lines = text.splitlines(keepends=True)
    headers = [(at, found) for at, line in enumerate(lines) if (found := _HEADER.fullmatch(line.rstrip()))]
    begins = [at for at, found in headers if found[1] == "[[" and found[2] in _ACCOUNT]
    if number >= len(begins):
        return text
    begin = begins[number]
    later = (at for at, found in headers if at > begin and not _is_part(found))
    end = min(next(later, len(lines)), *begins[number + 1 :][:1], len(lines))
    while end > begin + 1 and lines[end - 1].lstrip()[:1] in ("", "#"):
        end -= 1  # what stands before the next table is about that one
    if begin and not lines[begin - 1].strip():
        begin -= 1
    elif not begin:
        while end < len(lines) and not lines[end].strip():
            end += 1
    return "".join(lines[:begin] + lines[end:])


def _is_part(header: re.Match[str]) -> bool:
    return header[2].partition(".")[0].strip() in _ACCOUNT and "." in header[2]


def _facts(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


# --- the base model ------------------------------------------------------------------------------


def _with_base(text: str, base: str) -> str:
    lines = text.splitlines(keepends=True)
    line = f"base = {_value(base)}\n"
    begin = next((at for at, known in enumerate(lines) if _is_agent(known)), None)
    if begin is None:
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}[agent]\n{line}"
    for at in range(begin + 1, len(lines)):
        if _HEADER.fullmatch(lines[at].rstrip()):
            break
        if found := _BASE.fullmatch(lines[at]):
            lines[at] = f"{found[1]}{_value(base)}{found[3]}"
            return "".join(lines)
    if not lines[begin].endswith("\n"):
        lines[begin] += "\n"
    return "".join([*lines[: begin + 1], line, *lines[begin + 1 :]])


def _is_agent(line: str) -> bool:
    header = _HEADER.fullmatch(line.rstrip())
    return header is not None and header[1] == "[" and header[2] == "agent"


# --- the file ------------------------------------------------------------------------------------


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """One at a time: the daemon writes accounts too."""
    import fcntl

    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = os.open(file.parent, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as exc:
        raise _unwritable(file, exc) from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _read(file: Path) -> str:
    # Not read_text: it would make other ends of lines of those that are there.
    return file.read_bytes().decode("utf-8") if file.exists() else ""


def _replace(file: Path, text: str) -> Settings:
    facts = _facts(text)
    if facts is None:
        raise Invalid(
            f"{file.name} is written in a way that no account can be added to by itself",
            hint="write accounts as tables of their own, each under [[account]]",
            fields={"account": "cannot be added"},
        )
    settings = parse_settings(facts, file.name)
    target = file.resolve()  # a link into a folder of settings stays one
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            if target.exists():
                os.fchmod(out.fileno(), stat.S_IMODE(target.stat().st_mode))
            out.write(text.encode("utf-8"))
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(target)
    except OSError as exc:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise _unwritable(file, exc) from None
    return settings


def _unwritable(file: Path, exc: OSError) -> StorageFailed:
    return StorageFailed(
        f"{file} cannot be written ({exc.strerror})", hint="it must be yours, and the disk must have room"
    )
