"""The conversation with one IMAP server: blocking, in one thread, one connection at a time.

Everything here runs in the thread of its account, except `cut` and `wake`. Knows nothing of asyncio.
"""

import imaplib
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from ownhand.daemon.domain import Cursor, Found, MessageId
from ownhand.daemon.errors import Unreachable
from ownhand.daemon.mail.imap import elsewhere, faults, plan
from ownhand.daemon.mail.imap.client import Client, list_folders, n_messages
from ownhand.daemon.mail.imap.discover import Folder, also_sent, choose_folder, found_by
from ownhand.daemon.mail.imap.folder import Opener
from ownhand.daemon.mail.imap.reader import Reader
from ownhand.daemon.mail.imap.session import Session, begun
from ownhand.daemon.mail.imap.waker import Waker
from ownhand.daemon.mail.imap.wire import HungUp, Refused
from ownhand.daemon.mail.mime import Message

log = logging.getLogger(__name__)

# After this many refusals in a row a server that says IDLE is taken not to mean it.
_MAX_IDLE_FAILURES = 3

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a folder is read at all."""

    newest: int = 0  # messages; 0 for all
    since: date | None = None  # by what the mails say of themselves


class Link:
    """One account's connection: made when needed, dropped when it fails, and made again by the next call."""

    def __init__(
        self,
        connect: Callable[[], Client],
        server: str,
        folder: str,
        bounds: Bounds | None = None,
        trust_s: float = 60.0,
    ) -> None:
        self._connect = connect
        self._server = server
        self._wanted = folder
        self._bounds = bounds or Bounds()
        self._trust_s = trust_s  # how long an open folder is taken for the one of its name
        self._open: Session | None = None
        self._before: str | None = None  # the name of the folder that was open last
        self._seen: plan.FolderState | None = None  # as it was when a caller was told of it
        self._newest = 0  # the highest UID a caller was told of
        self._idle_failures = 0
        self._waker = Waker()

    # --- in the account's thread ---------------------------------------------------------------

    def look(self, cursor: Cursor | None, known: Sequence[int] = ()) -> plan.Look:
        """Opens the folder anew; says what has not been read, and what of the known is gone."""
        return self._twice(lambda link: self._look(link, cursor, known))

    def check(self) -> Found:
        return self._twice(self._check)

    def present(self, ids: Sequence[MessageId]) -> set[MessageId]:
        return self._twice(lambda link: elsewhere.kept(*self._places(link), ids))

    def answered(self, ids: Sequence[MessageId]) -> dict[MessageId, Message]:
        return self._twice(lambda link: elsewhere.messages(*self._places(link), ids))

    def read(self, upcoming: Sequence[int], size: int) -> tuple[list[Message], int]:
        """See Reader.read, on the folder that was looked at last."""
        with self._guarded():
            if self._open is None or self._open.reader is None:
                raise imaplib.IMAP4.abort("the connection is gone")
            return self._open.reader.read(upcoming, size)

    def watch(self, turn_s: float, stop: threading.Event) -> bool:
        """Waits one turn for news; whether there may be any. `stop` and `wake` end it at once."""
        self._waker.drain()
        if stop.is_set():
            return False
        with self._guarded():
            link = self._connected()
            if self._reopened(link) or self._has_news(link):
                return True
            if "IDLE" in link.capabilities and self._idle_failures < _MAX_IDLE_FAILURES:
                self._idle(link, turn_s)
            else:
                self._waker.wait(None, turn_s)
            return not stop.is_set() and self._has_news(link)

    def close(self) -> None:
        link, self._open = self._open, None
        if link is not None:
            link.leave()
        self._waker.close()

    # --- from any thread -----------------------------------------------------------------------

    def wake(self) -> None:
        self._waker.wake()

    def cut(self) -> None:
        """Ends the connection under whoever is reading from it."""
        link = self._open
        if link is not None:
            link.cut()

    # --- connecting ----------------------------------------------------------------------------

    def _twice(self, ask: Callable[[Session], _T]) -> _T:
        """A connection that lay idle may be dead without knowing it: then a new one is asked, once."""
        fresh = self._open is None
        try:
            with self._guarded():
                return ask(self._connected())
        except faults.Busy:
            raise
        except Unreachable:
            if fresh:
                raise
        with self._guarded():
            return ask(self._connected())

    def _connected(self) -> Session:
        """The connection, with nothing on its way."""
        if self._open is None:
            self._open = begun(self._connect, self._server)
        elif self._open.reader is not None:
            self._open.reader.settle()
        return self._open

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Translates what the library raises; drops a connection that is of no more use."""
        try:
            yield
        except faults.Busy:
            raise
        except Unreachable:
            self._drop()
            raise
        except HungUp as error:
            self._drop()
            raise faults.hung_up(error.said, self._server) from None
        except ValueError:
            self._drop()
            raise faults.translate(imaplib.IMAP4.error(), self._server) from None
        except faults.FOREIGN as error:
            self._drop()
            log.debug("the connection was lost: %s", type(error).__name__)
            raise faults.translate(error, self._server) from None

    def _drop(self) -> None:
        link, self._open = self._open, None
        if link is not None:
            link.end()

    def _check(self, link: Session) -> Found:
        folders = list_folders(link.wire, link.capabilities)
        state = self._opened(link, None)
        others = also_sent(folders, state.name) if self._wanted == "auto" else []
        names, can = tuple(folder.name for folder in folders), tuple(sorted(link.capabilities))
        how = found_by(folders, state.name, self._wanted, link.capabilities)
        used = tuple(name for name in others if n_messages(link.wire, name))
        return Found(self._server, can, state.name, state.n_messages, names, how, used)

    # --- the folder ----------------------------------------------------------------------------

    def _opened(self, link: Session, cursor: Cursor | None) -> plan.FolderState:
        link.reader = None
        name = self._name(link, cursor)
        try:
            state = link.opener.open(name, cursor)
        except Refused:
            names = [folder.name for folder in list_folders(link.wire, link.capabilities)]
            if name in names:
                raise
            raise faults.folder_missing(name, names) from None
        self._before = name
        link.n_removals_told = 0
        link.reader = Reader(link.wire, state.uidvalidity)
        return state

    def _name(self, link: Session, cursor: Cursor | None) -> str:
        if self._wanted != "auto":
            return self._wanted
        folders = list_folders(link.wire, link.capabilities)
        before = cursor.folder if cursor else self._before
        return choose_folder(folders, before, lambda name: n_messages(link.wire, name))

    def _look(self, link: Session, cursor: Cursor | None, known: Sequence[int]) -> plan.Look:
        folder = None
        if link.reader is not None and link.opener.age_s() < self._trust_s:
            folder = link.opener.unchanged(cursor, self._newest)
        folder = folder or self._opened(link, cursor)
        gone = link.opener.gone(folder, cursor, known)
        begin = plan.beginning(folder, cursor)
        uids: list[int] = []
        n_read = 0
        if folder.n_messages:
            if folder.uidnext != begin.last_uid + 1:
                uids += link.opener.search(begin.last_uid + 1, 0)
            if begin.first_uid > 1:
                uids += link.opener.search(1, begin.first_uid - 1, since=self._bounds.since)
                if self._bounds.newest:
                    n_read = link.opener.count(begin.first_uid, begin.last_uid)
        look = plan.look(folder, begin, uids, gone=gone, newest=self._bounds.newest, n_read=n_read)
        self._seen = folder
        self._newest = max([look.cursor.last_uid, *look.above[-1:]])
        log.info("%d of %d messages have not been read", look.n_left, folder.n_messages)
        return look

    def _places(self, link: Session) -> tuple[Opener, list[Folder]]:
        """The other folders, to go to; the next to read or to watch finds its own one closed."""
        link.reader = None
        folders = list_folders(link.wire, link.capabilities)
        return link.opener, [folder for folder in folders if folder.name != self._before]

    # --- waiting -------------------------------------------------------------------------------

    def _reopened(self, link: Session) -> bool:
        """Opens the folder for watching if it is not; whether it is another one than it was."""
        if link.reader is not None and link.opener.age_s() < self._trust_s:
            return False
        folder, seen = self._opened(link, None), self._seen
        self._seen = folder
        if seen is None:
            self._newest = folder.uidnext - 1 if folder.uidnext else max(link.opener.search(1, 0), default=0)
            return False
        same = (seen.name, seen.uidvalidity) == (folder.name, folder.uidvalidity)
        # The count tells of what was taken out meanwhile; what came is looked for next.
        return not same or folder.n_messages < seen.n_messages

    def _has_news(self, link: Session) -> bool:
        """Whether there is something nobody was told of. News is told once: who waits again has looked."""
        # What a server pushes is a reason to look, never a fact: the search decides.
        link.wire.ask("NOOP")
        n_removals = link.wire.pushed.n_removals
        removed, link.n_removals_told = n_removals > link.n_removals_told, n_removals
        newest = max(link.opener.search(self._newest + 1, 0), default=0)
        if newest > self._newest:
            self._newest = newest
            return True
        return removed

    def _idle(self, link: Session, turn_s: float) -> None:
        """IDLE until the server says anything; the answer to DONE has a timeout, on a dead link too."""
        try:
            link.wire.idle(self._waker, turn_s)
        except Refused:
            self._idle_failures += 1
            raise imaplib.IMAP4.abort("IDLE was refused") from None
        self._idle_failures = 0
