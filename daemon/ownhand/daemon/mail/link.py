"""The conversation with one IMAP server: blocking, in one thread, one connection at a time.

Everything here runs in the thread of its account, except `cut` and `wake`. Knows nothing of asyncio.
"""

import imaplib
import logging
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TypeVar

from ownhand.daemon.domain import Cursor, Found
from ownhand.daemon.errors import Unreachable
from ownhand.daemon.mail import faults, plan
from ownhand.daemon.mail.client import Client, list_folders, n_messages, number
from ownhand.daemon.mail.discover import choose_folder
from ownhand.daemon.mail.mime import Message, read_message
from ownhand.daemon.mail.waker import Waker

log = logging.getLogger(__name__)

_GOODBYE_S = 2.0
# After this many refusals in a row a server that says IDLE is taken not to mean it.
_MAX_IDLE_FAILURES = 3

_T = TypeVar("_T")


class Link:
    """One account's connection: made when needed, dropped when it fails, and made again by the next call."""

    def __init__(self, connect: Callable[[], Client], server: str, folder: str) -> None:
        self._connect = connect
        self._server = server
        self._wanted = folder
        self._client: Client | None = None
        self._folder: plan.FolderState | None = None  # the open one
        self._before: str | None = None  # the name of the folder that was open last
        self._described: dict[int, plan.Described] = {}
        self._known: tuple[int, int] | None = None  # UIDVALIDITY, highest UID told to a caller
        self._idle_failures = 0
        self._waker = Waker()

    # --- in the account's thread ---------------------------------------------------------------

    def look(self, cursor: Cursor | None) -> tuple[plan.FolderState, list[int]]:
        """Opens the folder anew; gives the UIDs of what has not been read, oldest first."""
        return self._twice(lambda client: self._look(client, cursor))

    def check(self) -> Found:
        return self._twice(self._check)

    def read(self, uids: Sequence[int]) -> tuple[list[Message], int]:
        """Messages of the first of `uids`, as many as fit in a batch, and how many UIDs that were.

        A message that was deleted meanwhile gives nothing; one that cannot be read is marked so.
        """
        with self._guarded():
            client, folder = self._client, self._folder
            if client is None or folder is None:
                raise imaplib.IMAP4.abort("the connection is gone")
            self._describe(client, [uid for uid in uids if uid not in self._described])
            n = plan.n_within([self._described.get(uid) for uid in uids])
            chosen = [self._described.pop(uid) for uid in uids[:n] if uid in self._described]
            return self._messages(client, folder, chosen), n

    def watch(self, turn_s: float, stop: threading.Event) -> bool:
        """Waits one turn for news; whether there are new messages. `stop` and `wake` end it at once."""
        self._waker.drain()
        if stop.is_set():
            return False
        with self._guarded():
            client = self._connected()
            if self._folder is None and self._reopened(client):
                return True
            if self._has_news(client):
                return True
            if b"IDLE" in client.capabilities() and self._idle_failures < _MAX_IDLE_FAILURES:
                self._idle(client, turn_s)
            else:
                self._waker.wait(None, turn_s)
            return not stop.is_set() and self._has_news(client)

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(*faults.FOREIGN):
                client.socket().settimeout(_GOODBYE_S)
                client.logout()
            with suppress(*faults.FOREIGN):
                client.shutdown()
        self._waker.close()

    # --- from any thread -----------------------------------------------------------------------

    def wake(self) -> None:
        self._waker.wake()

    def cut(self) -> None:
        """Ends the connection under whoever is reading from it."""
        client = self._client
        if client is not None:
            with suppress(OSError):
                # Not SSLSocket.shutdown: that takes the TLS layer away while another thread reads through it.
                socket.socket.shutdown(client.socket(), socket.SHUT_RDWR)

    # --- connecting ----------------------------------------------------------------------------

    def _twice(self, ask: Callable[[Client], _T]) -> _T:
        """A connection that lay idle may be dead without knowing it: then a new one is asked, once."""
        fresh = self._client is None
        try:
            with self._guarded():
                return ask(self._connected())
        except Unreachable:
            if fresh:
                raise
        with self._guarded():
            return ask(self._connected())

    def _connected(self) -> Client:
        if self._client is None:
            self._client = self._connect()
        return self._client

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Translates what the library raises; drops a connection that is of no more use."""
        try:
            yield
        except Unreachable:
            self._drop()
            raise
        except faults.FOREIGN as error:
            self._drop()
            log.debug("the connection was lost: %s", type(error).__name__)
            raise faults.translate(error, self._server) from None

    def _drop(self) -> None:
        client, self._client, self._folder = self._client, None, None
        self._described.clear()
        if client is not None:
            with suppress(*faults.FOREIGN):
                client.shutdown()

    def _check(self, client: Client) -> Found:
        folders = list_folders(client)
        state = self._open(client, None)
        return Found(
            server=self._server,
            capabilities=tuple(sorted(name.decode("ascii", "replace") for name in client.capabilities())),
            sent_folder=state.name,
            n_messages=state.n_messages,
            folders=tuple(folder.name for folder in folders),
        )

    # --- the folder ----------------------------------------------------------------------------

    def _open(self, client: Client, before: str | None) -> plan.FolderState:
        name = self._name(client, before)
        try:
            # Read-only (EXAMINE): nothing this connection does can change a flag.
            said = client.select_folder(name, readonly=True)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            names = [folder.name for folder in list_folders(client)]
            if name in names:
                raise
            raise faults.folder_missing(name, names) from None
        self._described.clear()
        self._before = name
        self._folder = plan.FolderState(
            name, number(said, b"UIDVALIDITY"), number(said, b"EXISTS"), number(said, b"UIDNEXT")
        )
        return self._folder

    def _name(self, client: Client, before: str | None) -> str:
        if self._wanted != "auto":
            return self._wanted
        folders = list_folders(client)
        return choose_folder(folders, before or self._before, lambda name: n_messages(client, name))

    def _look(self, client: Client, cursor: Cursor | None) -> tuple[plan.FolderState, list[int]]:
        folder = self._open(client, cursor.folder if cursor else None)
        first = plan.first_uid(folder, cursor)
        uids: set[int] = set()
        if folder.n_messages:
            for criteria in plan.search_windows(first, folder.uidnext):
                uids.update(uid for uid in client.search(criteria) if uid >= first)
        self._known = folder.uidvalidity, max(uids, default=first - 1)
        log.info("%d of %d messages have not been read", len(uids), folder.n_messages)
        return folder, sorted(uids)

    def _reopened(self, client: Client) -> bool:
        """Opens the folder for watching; whether all of it is news, being another one."""
        folder, known = self._open(client, None), self._known
        if known is not None and known[0] == folder.uidvalidity:
            return False
        newest = folder.uidnext - 1 if folder.uidnext else max(client.search("UID *"), default=0)
        self._known = folder.uidvalidity, newest
        return known is not None

    # --- messages ------------------------------------------------------------------------------

    def _describe(self, client: Client, uids: list[int]) -> None:
        answers = self._fetch(client, uids, plan.DESCRIPTION)
        silent = [uid for uid in uids if uid not in answers]
        # Exchange leaves broken messages out of its answers as if they were gone.
        there = set(client.search(f"UID {','.join(map(str, silent))}")) if silent else set()
        for uid in uids:
            if uid in answers or uid in there:
                self._described[uid] = plan.describe(uid, answers.get(uid, {}))

    def _messages(
        self, client: Client, folder: plan.FolderState, chosen: Sequence[plan.Described]
    ) -> list[Message]:
        groups: dict[tuple[str, ...], list[int]] = {}
        for described in chosen:
            groups.setdefault(plan.section_items(described), []).append(described.uid)
        answers: dict[int, Mapping[bytes, object]] = {}
        for items, uids in groups.items():
            if items:
                answers.update(self._fetch(client, uids, items))
        messages = []
        for described in chosen:
            message = None
            if described.sections is not None:
                message = plan.assemble(described, answers.get(described.uid, {}))
            messages.append(message or self._whole(client, folder, described))
        return messages

    def _whole(self, client: Client, folder: plan.FolderState, described: plan.Described) -> Message:
        answer = self._fetch(client, [described.uid], plan.WHOLE).get(described.uid, {})
        raw = plan.content(answer, b"BODY[]")
        log.info("message %d: its structure is broken; read as a whole: %s", described.uid, bool(raw))
        if not raw:
            return plan.unreadable(folder, described.uid)
        return plan.marked(read_message(raw), described.skip)

    def _fetch(
        self, client: Client, uids: Sequence[int], items: Sequence[str]
    ) -> Mapping[int, Mapping[bytes, object]]:
        """Answers by UID. Where one message's answer is broken, the others are asked for without it."""
        if not uids:
            return {}
        try:
            return client.fetch(uids, items)
        except faults.BROKEN_ANSWER as error:
            if faults.out_of_step(error):
                raise imaplib.IMAP4.abort("out of step") from None
            if len(uids) == 1:
                return {uids[0]: {}}
        half = len(uids) // 2
        return {**self._fetch(client, uids[:half], items), **self._fetch(client, uids[half:], items)}

    # --- waiting -------------------------------------------------------------------------------

    def _has_news(self, client: Client) -> bool:
        """Whether there is mail that nobody was told of. News is told once: who waits again has looked."""
        # What a server pushes is a reason to look, never a fact: the search decides.
        uidvalidity, known = self._known or (0, 0)
        client.noop()
        newest = max(client.search(f"UID {known + 1}:*"), default=0)
        if newest <= known:
            return False
        self._known = uidvalidity, newest
        return True

    def _idle(self, client: Client, turn_s: float) -> None:
        """IDLE until the server says anything.

        imapclient's `idle_check` says that all is well on a dead link; the answer to DONE has a timeout.
        """
        try:
            client.idle()
        except imaplib.IMAP4.error:
            # Refused, or news came before the go-ahead, and what follows would be read as the wrong answer.
            self._idle_failures += 1
            raise imaplib.IMAP4.abort("out of step") from None
        self._idle_failures = 0
        self._waker.wait(client.socket(), turn_s)
        client.idle_done()
