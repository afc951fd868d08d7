"""MailSource over IMAP: asks for sent mail in one thread of its own and hands back values.

The only module that knows imapclient. The conversation itself is in `link.py`, its rules are in `plan.py`.
"""

import asyncio
import imaplib
import ipaddress
import logging
import random
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from ownhand.daemon.domain import Cursor, Found, MessageId
from ownhand.daemon.errors import Invalid, LoginFailed, Unreachable
from ownhand.daemon.mail import faults, plan
from ownhand.daemon.mail.client import Client
from ownhand.daemon.mail.link import Link
from ownhand.daemon.mail.mime import Message
from ownhand.daemon.ports import Fetched

log = logging.getLogger(__name__)

_T = TypeVar("_T")
# News that arrive while IDLE is being asked for can hide in a buffer until the next turn: the first is short.
_FIRST_TURN_S = 1.0
_CLOSE_S = 2.0
_MIN_SUSPICIOUS = 4  # messages of a batch, when none of them can be read
_MAX_GIVEN_UP = 3  # messages in a row that cost the connection


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


class ImapSource:
    """Sent mail of one IMAP account. `password` is called in the account's thread, at every login."""

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        password: Callable[[], str],
        *,
        tls: bool | ssl.SSLContext = True,
        folder: str = "auto",
        batch: int = plan.BATCH,
        patience: Patience | None = None,
    ) -> None:
        self._host, self._port = host, port
        self._user, self._password = user, password
        self._tls = tls
        _refuse_plaintext(host, tls)
        self._batch = batch
        self._patience = patience or Patience()
        self._link = Link(self._connect, self._server, folder)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mail")
        self._stop = threading.Event()  # of the turn that is being waited
        self._closed = False

    async def fetch_since(self, cursor: Cursor | None, known: Sequence[int] = ()) -> AsyncIterator[Fetched]:
        """See MailSource. A link that is lost is made again, and reading goes on after the last batch."""
        folder, uids = await self._run(partial(self._link.look, cursor))
        if not uids:
            yield Fetched((), _nothing_new(folder, cursor), 0)
        n_given, n_failures, n_given_up = 0, 0, 0
        while uids:
            try:
                messages, n = await self._run(
                    partial(self._link.read, uids[: plan.batch_size(self._batch, n_failures)])
                )
                n_failures = n_given_up = 0
            except Unreachable:
                n_failures += 1
                if n_failures < self._patience.attempts:
                    folder, uids = await self._look_again(cursor)
                    continue
                if (n_given_up := n_given_up + 1) > _MAX_GIVEN_UP:
                    raise
                # Asked for alone, again and again, it costs the connection: the rest must not wait for it.
                messages, n, n_failures = [plan.unreadable(folder, uids[0])], 1, 0
                log.warning("message %d cannot be read from the server", uids[0])
            _refuse_nonsense(messages)
            cursor = Cursor(folder.name, folder.uidvalidity, uids[n - 1])
            n_given += len(messages)
            uids = uids[n:]
            yield Fetched(tuple(messages), cursor, n_given + len(uids))

    async def answered(self, ids: Sequence[MessageId]) -> dict[MessageId, Message]:
        return {}

    async def present(self, ids: Sequence[MessageId]) -> set[MessageId]:
        return set()

    async def wait(self) -> None:
        turn_s, n_failures = _FIRST_TURN_S, 0
        while not self._closed:
            self._stop = stop = threading.Event()
            try:
                if await self._run(partial(self._link.watch, turn_s, stop), turn_s=turn_s):
                    return
                # Jitter keeps many machines that started together from asking together.
                turn_s, n_failures = self._patience.idle_s * random.uniform(0.9, 1.0), 0
            except Unreachable:
                n_failures += 1
                if n_failures >= self._patience.attempts:
                    raise
                await self._pause(n_failures)

    async def check(self) -> Found:
        return await self._run(self._link.check)

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

    async def _look_again(self, cursor: Cursor | None) -> tuple[plan.FolderState, list[int]]:
        for n in range(1, self._patience.attempts):
            await self._pause(n)
            try:
                return await self._run(partial(self._link.look, cursor))
            except Unreachable:
                log.info("attempt %d to connect again failed", n)
        await self._pause(self._patience.attempts)
        return await self._run(partial(self._link.look, cursor))

    async def _pause(self, n_failures: int) -> None:
        if self._closed:
            raise Unreachable(f"the connection to {self._server} was closed")
        longest = min(self._patience.max_backoff_s, self._patience.backoff_s * 2 ** (n_failures - 1))
        await asyncio.sleep(longest * random.uniform(0.5, 1.0))

    # --- in the account's thread ---------------------------------------------------------------

    @property
    def _server(self) -> str:
        return f"{self._host}:{self._port}"

    def _connect(self) -> Client:
        """A client that is logged in."""
        password = self._password()
        imap = self._dial()
        try:
            self._log_in(imap, password)
        except BaseException:
            imap.shutdown()
            raise
        client: Client = imap
        return client

    def _dial(self) -> Any:
        from imapclient import IMAPClient, SocketTimeout

        # Without both timeouts idle_done() waits for ever on a link that is gone.
        timeout = SocketTimeout(self._patience.connect_s, self._patience.read_s)
        context = None
        if self._tls is not False:
            context = self._tls if isinstance(self._tls, ssl.SSLContext) else ssl.create_default_context()
        try:
            client = IMAPClient(
                self._host, self._port, ssl=context is not None, ssl_context=context, timeout=timeout
            )
        except faults.FOREIGN as error:
            raise faults.translate(error, self._server) from None
        # imapclient turns imaplib's debugging on: every line of mail would be formatted for a log.
        client._imap.debug = 0
        client.socket().setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        # imapclient sends the end of a line by itself: without this, a SEARCH waits 40 ms for the other side.
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return client

    def _log_in(self, client: Any, password: str) -> None:
        try:
            # LOGIN takes neither spaces in a user's name nor anything but ASCII.
            if b"AUTH=PLAIN" in client.capabilities():
                client.plain_login(self._user, password)
            else:
                client.login(self._user, password)
        except UnicodeError:
            raise LoginFailed(
                f"{self._server} takes only ASCII in user and password", hint="choose another password there"
            ) from None
        except imaplib.IMAP4.error as error:
            raise faults.login_refused(error, self._server) from None
        except OSError as error:
            raise faults.translate(error, self._server) from None
        if b"ID" in client.capabilities():
            # NetEase refuses to open folders for programs that do not say their name.
            with suppress(imaplib.IMAP4.error):
                client.id_({"name": "ownhand"})


def _refuse_plaintext(host: str, tls: bool | ssl.SSLContext) -> None:
    if isinstance(tls, ssl.SSLContext) and tls.verify_mode is not ssl.CERT_REQUIRED:
        raise Invalid("the TLS context checks no certificates", fields={"tls": "must verify the server"})
    if tls is False and not _is_loopback(host):
        raise Invalid(
            "a mail server is only spoken to without TLS on this machine itself",
            hint="set tls = true; IMAP over TLS is usually on port 993",
            fields={"tls": "may be false only for localhost"},
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _nothing_new(folder: plan.FolderState, cursor: Cursor | None) -> Cursor:
    """Where the cursor stands; at 0 when the folder holds nothing at all."""
    last = plan.first_uid(folder, cursor) - 1 if folder.n_messages else 0
    return Cursor(folder.name, folder.uidvalidity, last)


def _refuse_nonsense(messages: list[Message]) -> None:
    """A server that can give none of many messages is ill; its mail must not be written off as unreadable."""
    if len(messages) >= _MIN_SUSPICIOUS and all(message.skip == "unreadable" for message in messages):
        raise faults.refuses_all(len(messages))
