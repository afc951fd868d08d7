"""Which messages of a folder are read next, and in which bites. Pure: the rules of IMAP's numbers.

A folder is read from its newest message downwards. What arrives meanwhile lies above what has been read, and
is read first, upwards: so a cursor is always one span of UIDs.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ownhand.daemon.domain import Cursor

BATCH = 200  # messages
# Lines of an answer are bounded; a SEARCH answer has up to 11 bytes for a UID.
_WINDOW = 50_000

Ranges = Sequence[tuple[int, int]]  # first and last UID of each


@dataclass(frozen=True, slots=True)
class FolderState:
    """What a server says of a folder when it is opened."""

    name: str
    uidvalidity: int
    n_messages: int
    uidnext: int = 0  # 0 when the server does not say
    modseq: int = 0  # HIGHESTMODSEQ; 0 where there is none
    vanished: Ranges | None = None  # since the cursor's modseq; None when the server was not asked or cannot

    def is_life_of(self, cursor: Cursor | None) -> bool:
        """Whether the cursor's UIDs mean something here; those of another folder or life of it do not."""
        return cursor is not None and (cursor.folder, cursor.uidvalidity) == (self.name, self.uidvalidity)


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the folder found: what is to be read, in its order, and where that brings the cursor."""

    folder: FolderState
    cursor: Cursor  # its span is empty where nothing has been read
    above: Sequence[int] = ()  # UIDs, ascending
    below: Sequence[int] = ()  # UIDs, descending: read after those above
    gone: tuple[int, ...] = ()
    n_done: int = 0

    @property
    def n_left(self) -> int:
        return len(self.above) + len(self.below) - self.n_done

    def upcoming(self, n: int) -> Sequence[int]:
        """The next messages, at most `n`, all on one side of what has been read."""
        at = self.n_done - len(self.above)
        return self.above[self.n_done : self.n_done + n] if at < 0 else self.below[at : at + n]

    def after(self, n: int) -> "Look":
        """When the next `n` messages have been read; they are on one side."""
        if not n:
            return self
        done = self.upcoming(n)
        look = replace(self, n_done=self.n_done + len(done))
        if self.n_done < len(self.above):
            return replace(look, cursor=replace(self.cursor, last_uid=done[-1])).completed()
        return replace(look, cursor=replace(self.cursor, first_uid=done[-1])).completed()

    def completed(self) -> "Look":
        """The same, with a span that reaches down to the bottom when nothing is left to be read."""
        return self if self.n_left else replace(self, cursor=replace(self.cursor, first_uid=1))


def beginning(folder: FolderState, cursor: Cursor | None) -> Cursor:
    """Where reading stands before a look: at the cursor, or at an empty span above all messages."""
    if cursor is not None and folder.is_life_of(cursor):
        return cursor
    # Without a UIDNEXT the top is not known yet: the look moves it.
    top = max(0, folder.uidnext - 1)
    return Cursor(folder.name, folder.uidvalidity, last_uid=top, first_uid=top + 1)


def look(
    folder: FolderState,
    cursor: Cursor,
    uids: Iterable[int],
    *,
    gone: Sequence[int] = (),
    newest: int = 0,
    n_read: int = 0,
) -> Look:
    """What to read of `uids`, which lie outside the cursor's span.

    `newest` bounds all that is ever read (0: no limit); `n_read` of the folder's messages lie in the span.
    """
    if not folder.n_messages:
        return Look(folder, Cursor(folder.name, folder.uidvalidity, last_uid=0))
    found = sorted(set(uids))
    if cursor.first_uid > cursor.last_uid:  # nothing was read yet: the newest message begins the span
        top = found[-1] if found else cursor.last_uid
        cursor = replace(cursor, last_uid=top, first_uid=top + 1)
    above = found[bisect_left(found, cursor.last_uid + 1) :]
    below = found[: bisect_left(found, cursor.first_uid)][::-1]
    if newest:
        below = below[: max(0, newest - n_read - len(above))]
    cursor = replace(cursor, modseq=folder.modseq)
    return Look(folder, cursor, above, below, tuple(gone)).completed()


def windows(first: int, last: int) -> Iterator[str]:
    """UID sets for SEARCH that together cover `first` to `last`; a last of 0 is the end of the folder."""
    while last and last - first >= _WINDOW:
        yield f"{first}:{first + _WINDOW - 1}"
        first += _WINDOW
    # "*" is the last message, whatever its number: callers drop what is below `first`.
    yield f"{first}:{last or '*'}"


def within(known: Sequence[int], ranges: Ranges) -> list[int]:
    """Those of the ascending UIDs that lie in one of the ranges."""
    found: set[int] = set()
    for first, last in ranges:
        found.update(known[bisect_left(known, first) : bisect_left(known, last + 1)])
    return sorted(found)


def uid_set(uids: Iterable[int]) -> str:
    """A sequence set of exactly these UIDs, short."""
    parts: list[list[int]] = []
    for uid in sorted(uids):
        if parts and parts[-1][1] == uid - 1:
            parts[-1][1] = uid
        else:
            parts.append([uid, uid])
    return ",".join(f"{first}:{last}" if last > first else str(first) for first, last in parts)


def batch_size(most: int, n_failures: int) -> int:
    """How many messages to ask for at once after so many failures in a row.

    A message that makes a server hang up must in the end be asked for alone.
    """
    return (most, max(1, most // 10), 1)[min(n_failures, 2)]
