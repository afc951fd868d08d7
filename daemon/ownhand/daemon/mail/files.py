"""MailSource over files: an mbox file (Thunderbird, Google Takeout), a Maildir, a folder of .eml files."""

import asyncio
import re
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from ownhand.daemon.domain import Cursor, Found, MessageId
from ownhand.daemon.errors import NotReady, Reason
from ownhand.daemon.mail.charset import decode_header
from ownhand.daemon.mail.imap.discover import is_sent_name
from ownhand.daemon.mail.mbox import Entry, entries, state
from ownhand.daemon.mail.mime import Message, message_from_parts, read_message
from ownhand.daemon.ports import Fetched

_BATCH = 200  # messages
_POLL_S = 60.0
_HEADER_END = re.compile(rb"\r?\n\r?\n")
# Thunderbird marks deleted mail so until it compacts the file (nsMsgMessageFlags::Expunged).
_MOZILLA_STATUS = re.compile(rb"^X-Mozilla-Status: ([0-9a-f]{4})", re.IGNORECASE | re.MULTILINE)
_EXPUNGED = 0x0008
_GMAIL_LABELS = re.compile(r"^X-Gmail-Labels:((?:[^\n]*\n[ \t])*[^\n]*)", re.IGNORECASE | re.MULTILINE)


class FilesSource:
    """Mail in a file or folder. What is not from one of `addresses` comes with a reason to skip it."""

    def __init__(
        self, path: Path, addresses: Sequence[str], *, batch: int = _BATCH, poll_s: float = _POLL_S
    ) -> None:
        self._path = path.expanduser()
        self._addresses = frozenset(address.lower() for address in addresses)
        self._batch = batch
        self._poll_s = poll_s
        self._seen: tuple[int, ...] = ()  # the state of the mailbox when it was last read
        self._closing = asyncio.Event()

    async def fetch_since(self, cursor: Cursor | None, known: Sequence[int] = ()) -> AsyncIterator[Fetched]:
        """See MailSource.

        The cursor's UID is a place in the mailbox, its UIDVALIDITY a sum over all places up to it: when
        something before it was changed or removed, reading begins anew.
        """
        reading = await asyncio.to_thread(self._begin, cursor)
        before = reading.share
        try:
            n_given = 0
            while messages := await asyncio.to_thread(self._next, reading):
                n_given += len(messages)
                yield Fetched(
                    tuple(messages), reading.cursor(self._path), _estimate(n_given, reading.share, before)
                )
        finally:
            reading.close()
        if not reading.n:
            raise _is_empty()
        if not n_given:
            yield Fetched((), reading.cursor(self._path), 0)

    async def answered(self, ids: Sequence[MessageId]) -> dict[MessageId, Message]:
        return {}

    async def present(self, ids: Sequence[MessageId]) -> set[MessageId]:
        return set()

    async def wait(self) -> None:
        self._seen = self._seen or await asyncio.to_thread(state, self._path)
        while not self._closing.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), self._poll_s)
            before, self._seen = self._seen, await asyncio.to_thread(state, self._path)
            if self._seen != before:
                return

    async def check(self) -> Found:
        n_messages = await asyncio.to_thread(lambda: sum(1 for _ in entries(self._path)))
        if not n_messages:
            raise _is_empty()
        return Found("files", (), self._path.name, n_messages, ())

    async def aclose(self) -> None:
        self._closing.set()

    # --- in a thread ---------------------------------------------------------------------------

    def _begin(self, cursor: Cursor | None) -> "_Reading":
        reading = _Reading(entries(self._path))
        self._seen = state(self._path)
        if cursor is None or cursor.folder != str(self._path):
            return reading
        for _ in islice(reading, cursor.last_uid):
            pass
        if reading.cursor(self._path) == cursor:
            return reading
        reading.close()
        return _Reading(entries(self._path))

    def _next(self, reading: "_Reading") -> list[Message]:
        return [self._message(entry, reading) for entry in islice(reading, self._batch)]

    def _message(self, entry: Entry, reading: "_Reading") -> Message:
        try:
            raw = entry.read()
        except OSError:
            return Message(reading.unreadable_id, None, ("", ""), skip="unreadable")
        header = _HEADER_END.split(raw, maxsplit=1)[0]
        about = message_from_parts(header, ())
        # The rest of other people's mail is not even decoded.
        if about.sender[0].lower() not in self._addresses:
            return replace(about, skip="not from this person")
        deleted = _deleted(entry.flags, header)
        labels = _gmail_labels(header)
        if labels and not any(is_sent_name(label) for label in labels):
            return replace(about, skip="not in the Sent folder")
        return replace(read_message(raw), skip=deleted) if deleted else read_message(raw)


@dataclass(slots=True)
class _Reading:
    """A pass over a mailbox: how far it is, and a sum by which a later pass knows the same way."""

    found: Iterator[Entry]
    n: int = 0
    sum: int = 0
    share: float = 0.0

    def __iter__(self) -> Iterator[Entry]:
        for entry in self.found:
            self.n += 1
            self.sum = zlib.crc32(entry.mark, self.sum)
            self.share = entry.share
            yield entry

    def cursor(self, path: Path) -> Cursor:
        return Cursor(str(path), self.sum, self.n)

    @property
    def unreadable_id(self) -> str:
        return f"<unreadable.{self.sum}.{self.n}@ownhand.invalid>"

    def close(self) -> None:
        # A cancelled reader may still be in its thread; then the file is closed when that ends.
        with suppress(ValueError):
            getattr(self.found, "close", int)()


def _gmail_labels(header: bytes) -> list[str]:
    """The labels that Google Takeout writes; none in mail from elsewhere."""
    found = _GMAIL_LABELS.search(header.decode("utf-8", "surrogateescape"))
    return [label.strip().strip('"') for label in decode_header(found[1]).split(",")] if found else []


def _deleted(flags: str, header: bytes) -> str | None:
    """What a mail program noted about mail that it has not removed yet, or that was never sent."""
    status = _MOZILLA_STATUS.search(header)
    if "T" in flags or (status and int(status[1], 16) & _EXPUNGED):
        return "deleted"
    return "draft" if "D" in flags else None


def _estimate(n_given: int, share: float, before: float) -> int:
    """How many messages there will be: known only at the end of the file."""
    done = (share - before) / (1.0 - before) if before < 1.0 else 1.0
    return max(n_given, round(n_given / done)) if done > 0 else n_given


def _is_empty() -> NotReady:
    return NotReady(
        "the mailbox has no messages in it", hint="is it the right file?", reason=Reason.TOO_LITTLE_MAIL
    )
