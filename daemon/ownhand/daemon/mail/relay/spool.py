"""Where the relay leaves copies of what was sent, and the MailSource that reads and removes them.

A Maildir of one account, for its owner's eyes only. The relay writes and the daemon reads, each in its own
process and whether or not the other runs. The file names are numbers that only grow: UIDs.
"""

import asyncio
import logging
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from ownhand.daemon.domain import Cursor, Found, MessageId
from ownhand.daemon.errors import Reason, StorageFailed
from ownhand.daemon.mail.mime import Message, read_message
from ownhand.daemon.ports import Fetched

log = logging.getLogger(__name__)

FOLDER = "relay"  # as the folder is called in cursors and on the never-learn list
MAX_COPY = 2 * 1024 * 1024  # bytes that are kept of one message: the words stand before the attachments
MAX_COPIES = 20_000  # nobody may be reading them
_PARTS = ("tmp", "new", "cur")  # a Maildir
_RUN = 1 << 20  # UIDs that are set aside for each run of the relay
_BATCH = 200  # messages
_POLL_S = 1.0


def spool_of(parent: Path, account: str) -> Path:
    """The folder of an account, by a name that says nothing about it."""
    return parent / sha256(account.encode()).hexdigest()[:16]


def n_copies(folder: Path) -> int:
    """How many copies wait in an account's folder to be read."""
    return len(_uids(folder))


def relay_runs(folder: Path) -> bool:
    """Whether a relay writes there now."""
    import fcntl

    try:
        descriptor = os.open(folder.with_suffix(".lock"), os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False  # none ever did
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


class Copy:
    """What is kept of one message while it is being sent. Trouble with it never hinders the sending."""

    def __init__(self, spool: "Spool") -> None:
        self._spool = spool
        self._room = MAX_COPY
        self._path, self._file = spool.new_file()

    def write(self, piece: bytes) -> None:
        if self._file is None or not self._room:
            return
        try:
            self._file.write(piece[: self._room])
            self._room = max(0, self._room - len(piece))
        except OSError:
            self._fail()

    def keep(self) -> None:
        """The message was sent: the daemon may learn from it."""
        if self._file is None:
            return
        try:
            self._file.close()
            self._spool.take(self._path)
        except OSError:
            self._fail()

    def discard(self) -> None:
        if self._file is None:
            return
        with suppress(OSError):
            self._file.close()
            self._path.unlink(missing_ok=True)
        self._file = None

    def _fail(self) -> None:
        log.warning("no copy was kept of a message that is sent")
        self.discard()


class Spool:
    """The writing side; one at a time."""

    def __init__(self, folder: Path) -> None:
        """Raises StorageFailed when another relay writes there."""
        self._folder = folder
        self._lock = _locked(folder)
        shutil.rmtree(folder / "tmp", ignore_errors=True)  # of messages whose sending was cut off
        self._numbers = self._prepared()
        self._n_kept = 0

    def new_file(self) -> tuple[Path, "_File | None"]:
        """A place for a copy; without a file when there can be none."""
        path = self._folder / "tmp" / secrets.token_hex(8)
        for _ in range(2):
            try:
                return path, _File(path)
            except FileNotFoundError:
                # Everything was erased while the relay ran.
                with suppress(OSError):
                    self._numbers = self._prepared()
            except OSError:
                break
        log.warning("no copy can be kept of a message that is sent")
        return path, None

    def take(self, path: Path) -> None:
        if self._n_kept % 100 == 0 and len(os.listdir(self._folder / "new")) >= MAX_COPIES:
            path.unlink()
            return
        uid = next(self._numbers, 0)
        if not uid:
            self._numbers = self._prepared()
            uid = next(self._numbers)
        os.rename(path, self._folder / "new" / str(uid))
        self._n_kept += 1

    def close(self) -> None:
        os.close(self._lock)

    def _prepared(self) -> Iterator[int]:
        for folder in (self._folder.parent, self._folder, *(self._folder / name for name in _PARTS)):
            folder.mkdir(mode=0o700, exist_ok=True)
        validity, last = _read_numbers(self._folder) or (secrets.randbits(31), 0)
        _write_numbers(self._folder, validity, last + _RUN)
        return iter(range(last + 1, last + _RUN))


class _File:
    """A file for the owner alone, without a buffer: what is written is small in number, not in size."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def write(self, piece: bytes) -> None:
        view = memoryview(piece)
        while view:
            view = view[os.write(self._descriptor, view) :]

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class RelayedSource:
    """What an account sent through the relay. What was read for good is removed."""

    def __init__(
        self,
        folder: Path,
        committed: Callable[[], Cursor | None] = lambda: None,
        *,
        batch: int = _BATCH,
        poll_s: float = _POLL_S,
    ) -> None:
        """`committed` tells how far the account was read for good."""
        self._folder = folder
        self._committed = committed
        self._batch = batch
        self._poll_s = poll_s
        self._seen = 0  # the highest UID when it was last read
        self._closing = asyncio.Event()

    async def fetch_since(self, cursor: Cursor | None, known: Sequence[int] = ()) -> AsyncIterator[Fetched]:
        """See MailSource. Nothing is ever said to be gone: here it goes when it was learned."""
        validity, waiting = await asyncio.to_thread(self._waiting, cursor)
        self._seen = waiting[-1] if waiting else self._seen
        for n in range(0, len(waiting), self._batch):
            uids = waiting[n : n + self._batch]
            messages = await asyncio.to_thread(lambda these: [*map(self._read, these)], uids)
            yield Fetched(tuple(messages), Cursor(FOLDER, validity, uids[-1]), len(waiting))
        if not waiting:
            yield Fetched((), cursor or Cursor(FOLDER, validity, 0), 0)

    async def answered(self, ids: Sequence[MessageId]) -> dict[MessageId, Message]:
        return {}

    async def present(self, ids: Sequence[MessageId]) -> set[MessageId]:
        return set(ids)  # the relay cannot see what the person deletes, so nothing counts as deleted

    async def wait(self) -> None:
        while not self._closing.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), self._poll_s)
            uids = await asyncio.to_thread(self._uids)
            if uids and uids[-1] > self._seen:
                self._seen = uids[-1]
                return

    async def check(self) -> Found:
        uids = await asyncio.to_thread(self._uids)
        return Found("relay", (), FOLDER, len(uids), ())

    async def aclose(self) -> None:
        self._closing.set()
        await asyncio.to_thread(self._waiting, self._committed())

    # --- in a thread ---------------------------------------------------------------------------

    def _waiting(self, cursor: Cursor | None) -> tuple[int, list[int]]:
        """The spool's UIDVALIDITY, and the UIDs beyond the cursor, after what is up to it was removed."""
        validity, _ = _read_numbers(self._folder) or (0, 0)
        uids = self._uids()
        if cursor is None or (cursor.folder, cursor.uidvalidity) != (FOLDER, validity):
            return validity, uids
        for uid in uids:
            if uid <= cursor.last_uid:
                (self._folder / "new" / str(uid)).unlink(missing_ok=True)
        return validity, [uid for uid in uids if uid > cursor.last_uid]

    def _uids(self) -> list[int]:
        return _uids(self._folder)

    def _read(self, uid: int) -> Message:
        try:
            return replace(read_message((self._folder / "new" / str(uid)).read_bytes()), uid=uid)
        except OSError:
            unreadable = f"<unreadable.{uid}@ownhand.invalid>"
            return Message(unreadable, None, ("", ""), skip="unreadable", uid=uid)


def _uids(folder: Path) -> list[int]:
    try:
        return sorted(int(name) for name in os.listdir(folder / "new") if name.isdecimal())
    except FileNotFoundError:
        return []  # the relay has not run yet


def _locked(folder: Path) -> int:
    import fcntl  # not on Windows, where the daemon imports this module too

    folder.parent.mkdir(mode=0o700, exist_ok=True)
    # Beside the folder, which may be erased while it is held.
    path = folder.with_suffix(".lock")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise StorageFailed(
            "another relay runs already for this account",
            hint="use that one, or stop it first",
            reason=Reason.INTERNAL,
        ) from None
    return descriptor


def _read_numbers(folder: Path) -> tuple[int, int] | None:
    """UIDVALIDITY and the last UID that was set aside; None when there are none."""
    try:
        validity, last = (folder / "uids").read_text("ascii").split()
        return int(validity), int(last)
    except (OSError, ValueError):
        return None


def _write_numbers(folder: Path, validity: int, last: int) -> None:
    temporary = folder / "uids.new"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{validity} {last}\n")
        file.flush()
        os.fsync(descriptor)
    temporary.replace(folder / "uids")
