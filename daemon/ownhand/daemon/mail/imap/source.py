"""MailSource over IMAP: asks for sent mail in one thread of its own and hands back values.

The only module that knows imapclient. The conversation itself is in `link.py`, its rules are in `plan.py`.
"""

import asyncio
import logging
import random
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import partial, reduce
from typing import Any, TypeVar

from ownhand.daemon.domain import Connection, Cursor, Found, MessageId, Saved
from ownhand.daemon.errors import LoginFailed, Unreachable
from ownhand.daemon.mail.imap import described, drafts, faults, plan
from ownhand.daemon.mail.imap.care import Care
from ownhand.daemon.mail.imap.client import Client, hang_up
from ownhand.daemon.mail.imap.link import Bounds, Link
from ownhand.daemon.mail.imap.login import log_in, start_tls
from ownhand.daemon.mail.mime import Message
from ownhand.daemon.mail.signin.password import Password, SignIn
from ownhand.daemon.mail.tls import Security
from ownhand.daemon.ports import Fetched

log = logging.getLogger(__name__)

_T = TypeVar("_T")
# News that arrive while IDLE is being asked for can hide in a buffer until the next turn: the first is short.
_FIRST_TURN_S = 1.0
_CLOSE_S = 2.0
_PRESENT = 200  # messages that are looked for at once: each takes the server a while
_MIN_SUSPICIOUS = 4  # messages of a batch, when none of them can be read


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for what, in seconds."""

    connect_s: float = 10.0
    read_s: float = 30.0  # without a byte from the server
    batch_s: float = 300.0  # for one batch in all, or one answer to anything else: a server may drip
    idle_s: float = 540.0  # one turn of IDLE. Servers may hang up after 29 minutes, some do after 5 to 10
    poll_s: float = 120.0  # between looks, where there is no IDLE
    backoff_s: float = 1.0  # the first pause before connecting again; each is twice as long
    max_backoff_s: float = 900.0
    attempts: int = 4
    trust_s: float = 60.0  # until a folder that says it is quiet is opened anew: it may have been replaced


class ImapSource:
    """Sent mail of one IMAP account. `sign_in` is asked in the account's thread, at every login.

    `newest` and `since` bound what is read at first: so many messages (0 for all), from this day on.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        sign_in: SignIn | Callable[[], str],
        *,
        tls: Security | ssl.SSLContext | bool = True,
        folder: str = "auto",
        batch: int = plan.BATCH,
        newest: int = 0,
        since: date | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._host, self._port = host, port
        self._user = user
        self._sign_in: SignIn = Password(sign_in) if callable(sign_in) else sign_in
        self._security = tls if isinstance(tls, Security) else _security(host, tls)
        self._batch = batch
        self._patience = patience or Patience()
        self._link = Link(self._connect, self._server, folder, Bounds(newest, since), self._patience.trust_s)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mail")
        self._stop = threading.Event()  # of the turn that is being waited
        self._closed = False
        self._made: Connection | None = None  # the last one, as it was secured and signed in to

    async def fetch_since(self, cursor: Cursor | None, known: Sequence[int] = ()) -> AsyncIterator[Fetched]:
        """See MailSource. A link that is lost is made again, and reading goes on after the last batch."""
        look = await self._run(partial(self._link.look, cursor, known))
        care = Care(self._batch, self._patience.attempts)
        passed: list[Message] = []  # over: they cost the connection, and are told with the next that does not
        gone, n_given = look.gone, 0
        if not look.n_left:
            yield Fetched((), look.cursor, 0, gone)
        while look.n_left:
            at = reduce(lambda at, _: at.after(1), passed, look)
            messages: list[Message] = []
            n = 0
            try:
                if at.n_left:
                    messages, n = await self._run(
                        partial(self._link.read, at.upcoming(care.n_upcoming), care.size)
                    )
            except Unreachable as error:
                if care.failed(error):
                    passed.append(described.unreadable(at.folder.uidvalidity, at.upcoming(1)[0]))
                    log.warning("message %d cannot be read from the server", passed[-1].uid)
                await self._pause(care.pause_s(error, self._patience.backoff_s))
                look = await self._look_again(look.cursor, known)
                gone = tuple(sorted({*gone, *look.gone}))
                continue
            _refuse_nonsense(messages)
            care.succeeded(n)
            look = at.after(n)
            n_given += len(passed) + len(messages)
            yield Fetched((*passed, *messages), look.cursor, n_given + look.n_left, gone)
            passed, gone = [], ()

    async def present(self, ids: Sequence[MessageId]) -> set[MessageId]:
        found: set[MessageId] = set()
        for at in range(0, len(ids), _PRESENT):
            found |= await self._run(partial(self._link.present, ids[at : at + _PRESENT]))
        return found

    async def answered(self, ids: Sequence[MessageId]) -> dict[MessageId, Message]:
        return await self._run(partial(self._link.answered, ids)) if ids else {}

    async def save_draft(self, raw: bytes, message_id: MessageId, *, folder: str = "auto") -> Saved:
        """See DraftsFolder. Over a connection of its own: the one that reads can change nothing."""
        return await self._run(partial(self._save_draft, raw, message_id, folder))

    async def wait(self) -> None:
        turn_s, n_failures = _FIRST_TURN_S, 0
        while not self._closed:
            self._stop = stop = threading.Event()
            try:
                if await self._run(partial(self._link.watch, turn_s, stop), turn_s=turn_s):
                    return
                # Jitter keeps many machines that started together from asking together.
                turn_s, n_failures = self._patience.idle_s * random.uniform(0.9, 1.0), 0
            except Unreachable as error:
                n_failures += 1
                if n_failures >= self._patience.attempts:
                    raise
                # Sessions end with their token; that is no fault.
                if n_failures > 1 or not isinstance(error, faults.SessionOver):
                    await self._pause(max(self._backoff_s(n_failures), faults.suggested_s(error)))

    async def check(self) -> Found:
        found = await self._run(self._link.check)
        return replace(found, connection=self._made)

    async def aclose(self) -> None:
        """Ends connection and thread, whatever they are waiting for."""
        if self._closed:
            return
        self._closed = True
        self._stop.set()
        self._link.wake()
        goodbye = asyncio.get_running_loop().run_in_executor(self._thread, self._link.close)
        try:
            if not (await asyncio.wait({goodbye}, timeout=_CLOSE_S / 2))[0]:
                self._link.cut()
                await asyncio.wait({goodbye}, timeout=_CLOSE_S / 2)
        finally:
            # A thread that is still connecting ends by its own timeout, and then says goodbye.
            self._thread.shutdown(wait=False)

    async def _run(self, job: Callable[[], _T], *, turn_s: float = 0.0) -> _T:
        """A job in the account's thread. When it takes too long, the connection is cut under it."""
        if self._closed:
            raise Unreachable(f"the connection to {self._server} was closed")
        future = asyncio.get_running_loop().run_in_executor(self._thread, job)
        try:
            done, _ = await asyncio.wait({future}, timeout=turn_s + self._patience.batch_s)
            if not done:
                self._link.cut()
            return await future
        except asyncio.CancelledError:
            # The thread finishes what it asked for, or is woken from waiting; the value is dropped.
            future.cancel()
            self._stop.set()
            self._link.wake()
            raise

    async def _look_again(self, cursor: Cursor, known: Sequence[int]) -> plan.Look:
        for n in range(1, self._patience.attempts):
            try:
                return await self._run(partial(self._link.look, cursor, known))
            except Unreachable as error:
                log.info("attempt %d to connect again failed", n)
                await self._pause(max(self._backoff_s(n), faults.suggested_s(error)))
        return await self._run(partial(self._link.look, cursor, known))

    def _backoff_s(self, n_failures: int) -> float:
        return self._patience.backoff_s * float(2 ** (n_failures - 1))

    async def _pause(self, seconds: float) -> None:
        if self._closed:
            raise Unreachable(f"the connection to {self._server} was closed")
        # What a server asks for is not made shorter; jitter keeps many machines from coming back together.
        await asyncio.sleep(min(self._patience.max_backoff_s, seconds) * random.uniform(1.0, 1.5))

    # --- in the account's thread ---------------------------------------------------------------

    @property
    def _server(self) -> str:
        return f"{self._host}:{self._port}"

    def _connect(self) -> Client:
        """A client that is logged in."""
        secret = self._sign_in.secret()
        try:
            return self._logged_in(secret)
        except LoginFailed:
            # A token may end before its time. Exchange hangs up on who was refused: a new connection is made.
            if not self._sign_in.refused(secret):
                raise
        return self._logged_in(self._sign_in.secret())

    def _logged_in(self, secret: str) -> Client:
        imap = self._dial()
        try:
            mechanism = log_in(imap, self._user, self._sign_in, secret, self._server)
            self._made = self._security.connection(imap.socket(), mechanism)
        except BaseException:
            hang_up(imap)
            raise
        client: Client = imap
        return client

    def _dial(self) -> Any:
        from imapclient import IMAPClient, SocketTimeout

        # Without both timeouts idle_done() waits for ever on a link that is gone.
        timeout = SocketTimeout(self._patience.connect_s, self._patience.read_s)
        context, at_once = self._security.context(), self._security.mode == "verify"
        try:
            client = IMAPClient(
                self._host, self._port, ssl=at_once, ssl_context=context if at_once else None, timeout=timeout
            )
        except faults.FOREIGN as error:
            raise faults.translate(error, self._server) from None
        # imapclient turns imaplib's debugging on: every line of mail would be formatted for a log.
        client._imap.debug = 0
        _keep_alive(client.socket())
        # imapclient sends the end of a line by itself: without this, a SEARCH waits 40 ms for the other side.
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self._security.mode == "starttls":
                start_tls(client, context, self._server)
            self._security.check(client.socket())
        except BaseException:
            hang_up(client)
            raise
        return client

    def _save_draft(self, raw: bytes, message_id: MessageId, folder: str) -> Saved:
        client: Any = self._connect()
        try:
            saved = drafts.save(client, raw, message_id, wanted=folder, server=self._server)
            with suppress(*faults.FOREIGN):
                client.logout()
            return saved
        finally:
            hang_up(client)


def _keep_alive(link: socket.socket) -> None:
    """Has the system notice in two minutes that the other side is gone, which takes it two hours else."""
    link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    # macOS calls the first otherwise; where there is none, the end of an IDLE turn notices.
    values = {"TCP_KEEPIDLE": 60, "TCP_KEEPALIVE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}
    for name, value in values.items():
        if hasattr(socket, name):
            link.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _security(host: str, tls: ssl.SSLContext | bool) -> Security:
    if isinstance(tls, ssl.SSLContext):
        return Security(host, trust=tls)
    return Security(host, "verify" if tls else "plaintext-loopback")


def _refuse_nonsense(messages: list[Message]) -> None:
    """A server that can give none of many messages is ill; its mail must not be written off as unreadable."""
    if len(messages) >= _MIN_SUSPICIOUS and all(message.skip == "unreadable" for message in messages):
        raise faults.refuses_all(len(messages))
