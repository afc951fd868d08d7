"""A file or folder of mail -> its messages as bytes, one after the other: mbox, Maildir, .eml files.

Reads as it goes: memory stays flat however large a file is. Knows nothing of what a message says.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from ownhand.daemon.errors import Invalid, NotFound, OwnhandError

MAX_MESSAGE = 2 * 1024 * 1024  # bytes that are kept of one; the words stand before the attachments
_MAX_LINE = 64 * 1024
_BLANK = (b"\n", b"\r\n")
# The line between two messages. Bodies have lines that begin with "From " too, but without time and year.
_SEPARATOR = re.compile(rb"From (?:.*\d{1,2}:\d\d.*\d{4}|- ?\r?$|\S+@\S+ *\r?$)")
_QUOTED_FROM = re.compile(rb">+From ")
_HEADER_LINE = re.compile(rb"[!-9;-~]+[ \t]*:")


@dataclass(frozen=True, slots=True)
class Entry:
    """One message where it stands, not looked into yet."""

    mark: bytes  # stays the same while this message stands at this place
    read: Callable[[], bytes]
    share: float  # of the file or folder that is read with it, 0 to 1
    flags: str = ""  # letters of Maildir


def entries(path: Path) -> Iterator[Entry]:
    """Every message, in a stable order: as in the file, or by file name (which in a Maildir is by time)."""
    try:
        kind = _kind(path)
        yield from kind(path)
    except OSError as error:
        raise _unreadable(error) from None


def state(path: Path) -> tuple[int, ...]:
    """Changes when messages are added or removed."""
    try:
        places = [path / name for name in ("cur", "new") if (path / name).is_dir()] or [path]
        return tuple(number for place in places for number in _stamp(place))
    except OSError as error:
        raise _unreadable(error) from None


def _stamp(place: Path) -> tuple[int, int]:
    found = place.stat()
    return found.st_mtime_ns, found.st_size


def _kind(path: Path) -> Callable[[Path], Iterator[Entry]]:
    if path.is_dir():
        if (path / "cur").is_dir():
            return _maildir
        if (path / "mbox").is_file():  # as Apple Mail exports
            return lambda folder: _mbox(folder / "mbox")
        if next(path.rglob("*.eml"), None) is not None:
            return lambda folder: _files(sorted(folder.rglob("*.eml")))
        raise _not_a_mailbox("the folder is no Maildir (it has no cur/) and holds no .eml files")
    return _one_file(path)


def _one_file(path: Path) -> Callable[[Path], Iterator[Entry]]:
    with path.open("rb") as file:
        first = file.readline(_MAX_LINE)
    if not first or first.startswith(b"From "):
        return _mbox
    if path.suffix.lower() == ".eml" and _HEADER_LINE.match(first):
        return lambda file: _files([file])
    raise _not_a_mailbox("the file does not begin as mbox files do, with a line `From …`")


def _maildir(folder: Path) -> Iterator[Entry]:
    found = [file for name in ("cur", "new") for file in (folder / name).glob("[!.]*") if file.is_file()]
    # What follows the colon are flags, and they change.
    return _files(sorted(found, key=_by_time))


def _by_time(file: Path) -> tuple[str | int, ...]:
    """Maildir names begin with seconds, then, without leading zeros, microseconds and a count."""
    words = re.split(r"(\d+)", file.name.partition(":")[0])
    return tuple(int(word) if n % 2 else word for n, word in enumerate(words))


def _files(files: list[Path]) -> Iterator[Entry]:
    for n, file in enumerate(files, 1):
        mark, _, flags = file.name.partition(":2,")
        yield Entry(mark.encode(errors="surrogateescape"), partial(_read, file), n / len(files), flags)


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(MAX_MESSAGE)


def _mbox(path: Path) -> Iterator[Entry]:
    size = os.path.getsize(path) or 1
    with path.open("rb") as file:
        mark = file.readline(_MAX_LINE)
        while mark:
            kept, following = _until_separator(file)
            yield Entry(mark, partial(bytes, kept), 1.0 if not following else file.tell() / size)
            mark = following


def _until_separator(file: BinaryIO) -> tuple[bytes, bytes]:
    """The lines of one message, up to MAX_MESSAGE, and the separator behind them; empty at the end."""
    lines: list[bytes] = []
    size, blank, begins = 0, False, True
    while line := file.readline(_MAX_LINE):
        if begins:
            if blank and _SEPARATOR.match(line):
                return b"".join(lines), line
            if _QUOTED_FROM.match(line):
                # As mboxrd; mboxo quotes only once, so here a line quoted by hand loses one sign.
                line = line[1:]
            blank = line in _BLANK
        begins = line.endswith(b"\n")
        if size < MAX_MESSAGE:
            lines.append(line)
            size += len(line)
    return b"".join(lines), b""


def _not_a_mailbox(what: str) -> Invalid:
    return Invalid(f"this is not mail: {what}", hint="give an mbox file or a Maildir", fields={"path": what})


def _unreadable(error: OSError) -> OwnhandError:
    if isinstance(error, FileNotFoundError):
        return NotFound("there is no file or folder at this path", hint="check the path")
    why = "no permission" if isinstance(error, PermissionError) else (error.strerror or "it failed")
    return Invalid(f"the mail cannot be read: {why}", hint="check who owns the file", fields={"path": why})
