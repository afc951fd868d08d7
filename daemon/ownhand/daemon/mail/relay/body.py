"""Where a message ends on the wire (RFC 5321, 4.1.1.4), and what other servers could take for its end.

Two servers that disagree about the end can be made to disagree about what was sent ("SMTP smuggling"): the
rest of one message becomes commands, or another message. What could be read in two ways is not passed on.
"""

import re
from asyncio import LimitOverrunError, StreamReader
from collections.abc import AsyncIterator

_END = b"\r\n.\r\n"
_DOT = b".\r\n"

# A dot that begins a line for those who end lines with a bare LF or CR, a dot alone in its line for them; and
# NUL, which some servers take out, so that what stood around it meets.
_AMBIGUOUS = re.compile(rb"\0|(?<!\r)\n\.|\r\.|\r\n\.(?:\n|\r[^\n])")
# What the next bytes may yet make ambiguous. It waits for them.
_UNDECIDED = re.compile(rb"(?:\r\n\.?\r?|\r|\n)\Z")
_LONGEST = 4  # bytes of the longest of these


class Ambiguous(Exception):
    """Another server could take this message's end to be elsewhere."""


class Body:
    """One message, piece by piece, with its dots doubled as on the wire: gives what is safe to pass on."""

    def __init__(self) -> None:
        self._held = b"\r\n"  # a message begins as a line does; these two are not part of it
        self._begun = False
        self._n_written = 0

    def feed(self, piece: bytes) -> bytes:
        """What may be passed on now. Raises Ambiguous before the place is passed on."""
        text = self._held + piece
        if _is_ambiguous(text):
            raise Ambiguous
        undecided = _UNDECIDED.search(text, max(0, len(text) - _LONGEST))
        n = undecided.start() if undecided else len(text)
        self._held = text[n:]
        return self._without_start(text[:n])

    def end(self) -> bytes:
        """The rest, after which comes the dot that ends the message."""
        rest, self._held = self._held, b""
        return self._without_start(rest)

    def written(self, safe: bytes) -> bytes:
        """What was given last, as its author wrote it. It never ends within the beginning of a line."""
        text = safe.replace(b"\r\n.", b"\r\n")
        if self._n_written == 0:
            text = text.removeprefix(b".")
        self._n_written += len(safe)
        return text

    def _without_start(self, safe: bytes) -> bytes:
        if self._begun or not safe:
            return safe
        self._begun = True
        return safe[2:]


def _is_ambiguous(text: bytes) -> bool:
    # Nearly all mail has none of the three, and looking for them is ten times as fast as the expression.
    suspicious = b"\n." in text or b"\r." in text or b"\0" in text
    return suspicious and _AMBIGUOUS.search(text) is not None


async def pieces(reader: StreamReader) -> AsyncIterator[bytes]:
    """What a client sends as its message, up to the dot that ends it, which is taken too.

    No piece is much longer than the reader's limit, and what follows the dot stays in the reader.
    """
    begun = await reader.readexactly(len(_DOT))
    if begun == _DOT:
        return
    while _may_become_end(begun):
        begun += await reader.readexactly(1)
        if begun.endswith(_END):
            yield begun[: -len(_DOT)]
            return
    while True:
        try:
            last = await reader.readuntil(_END)
        except LimitOverrunError as over:
            yield begun + await reader.readexactly(over.consumed)
            begun = b""
            continue
        yield begun + last[: -len(_DOT)]
        return


def _may_become_end(begun: bytes) -> bool:
    return any(begun.endswith(_END[:n]) for n in range(1, len(_END)))
