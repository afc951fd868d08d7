"""The relay: a submission server on loopback that passes each mail on to the real one while the client waits.

Nothing is queued, nothing altered, nothing tried twice: a client hears what the real server said, and 250
only when that said so. Imported only where a relay runs: it brings aiosmtpd along.
"""

import asyncio
import hmac
import logging
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TypeVar

from ownhand.daemon.errors import LoginFailed, NotReady, Unreachable
from ownhand.daemon.mail.relay.login import log_in
from ownhand.daemon.mail.relay.replies import OUTCOME_UNKNOWN, Reply
from ownhand.daemon.mail.relay.session import Session
from ownhand.daemon.mail.relay.spool import Copy, Spool
from ownhand.daemon.mail.relay.upstream import Patience, Submission, Upstream

T = TypeVar("T")

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
MAX_CLIENTS = 400  # at once
_FEATURES_S = 600.0  # so long does the relay offer what the server offered last
_SECRET_S = 60.0  # so long is a password or token kept: many clients may come at once
_STOP_S = 30.0  # for messages whose outcome is open when the relay is stopped
_LEAVE_S = 2.0  # for the last words to clients
_FETCH_S = 60.0  # a password manager may ask the person

# What a client may be offered when the server offers it: all this is in MAIL and RCPT, which are passed on
# as they are, or in how replies are read.
_PASSED_ON = (
    *(b"PIPELINING", b"SIZE", b"8BITMIME", b"SMTPUTF8", b"DSN", b"ENHANCEDSTATUSCODES", b"LIMITS"),
    *(b"DELIVERBY", b"FUTURERELEASE", b"MT-PRIORITY"),
)


class Relay:
    """The listener of one account, and what its sessions share."""

    def __init__(
        self,
        server: Submission,
        spool: Spool,
        secret: str,
        *,
        tls: ssl.SSLContext | None = None,
        patience: Patience = Patience(),  # noqa: B008  # frozen
    ) -> None:
        self._server = server
        self._spool = spool
        self._secret = secret.encode()
        self.tls = tls  # for clients that want STARTTLS
        self.patience = patience
        self._upstream_tls = server.context()
        self._listener: asyncio.Server | None = None
        self._sessions: set[Session] = set()
        self._alone = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._finishing: set[asyncio.Task[Reply]] = set()
        self._features: tuple[float, Mapping[bytes, bytes]] | None = None
        self._signing_in = asyncio.Lock()
        self._stopping = False
        self._word: tuple[float, str] | None = None

    async def start(self, port: int) -> int:
        """Listens on loopback; gives the port. Raises NotReady when another program has it."""
        # It logs addresses and what clients say, at every level.
        logging.getLogger("mail.log").disabled = True
        loop = asyncio.get_running_loop()
        try:
            self._listener = await loop.create_server(lambda: Session(self, loop), HOST, port, backlog=512)
        except OSError:
            raise NotReady(
                f"port {port} of this machine is taken", hint="stop what has it, or set another `listen`"
            ) from None
        return int(self._listener.sockets[0].getsockname()[1])

    async def aclose(self) -> None:
        """Takes no more mail; waits for the server's word on what was sent to it."""
        if self._listener is not None:
            self._listener.close()
        if self._finishing:
            await asyncio.wait(self._finishing, timeout=_STOP_S)
            await asyncio.sleep(0)  # the clients are told
        self._stopping = True
        for session in [*self._sessions]:
            session.close()
        with suppress(TimeoutError):
            if self._sessions:
                await asyncio.wait_for(self._alone.wait(), _LEAVE_S)
        for session in [*self._sessions]:  # of clients that do not read what they are told
            session.abort()
        for task in [*self._finishing, *self._tasks]:
            task.cancel()
        await asyncio.gather(*self._finishing, *self._tasks, return_exceptions=True)
        self._spool.close()

    # --- for sessions --------------------------------------------------------------------------

    def enter(self, session: Session) -> bool:
        """Whether there is room for one more client."""
        if len(self._sessions) >= MAX_CLIENTS:
            log.warning("too many clients")
            return False
        self._sessions.add(session)
        self._alone.clear()
        return True

    def leave(self, session: Session, upstream: Upstream | None, *, open_transaction: bool) -> None:
        self._sessions.discard(session)
        if not self._sessions:
            self._alone.set()
        if upstream is None:
            return
        if open_transaction or self._stopping or not upstream.usable:
            upstream.abort()
            return
        task = asyncio.create_task(upstream.quit())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: upstream.abort())  # also of a task that never ran

    def knows(self, secret: bytes) -> bool:
        return hmac.compare_digest(secret, self._secret)

    def features(self, *, stale: bool = False) -> Mapping[bytes, bytes] | None:
        """What to offer to a client; None when the server has to be asked first."""
        if self._features is None:
            return None
        at, features = self._features
        fresh = asyncio.get_running_loop().time() - at < _FEATURES_S
        return {k: features[k] for k in _PASSED_ON if k in features} if fresh or stale else None

    async def connect(self, hello: bytes) -> Upstream:
        """A link to the server, nobody signed in. Raises Unreachable."""
        upstream = Upstream(self._server, self._upstream_tls, self.patience)
        await upstream.open(hello)
        self._features = asyncio.get_running_loop().time(), upstream.features
        return upstream

    async def sign_in(self, upstream: Upstream) -> bool:
        """False when the server refused a secret that has a successor by now: a token may run out.

        Raises LoginFailed or Unreachable, or NotReady when the secret cannot be had.
        """
        secret = await self._secret_word()
        try:
            await log_in(upstream, secret)
        except LoginFailed:
            self._word = None
            if await self._in_thread(self._server.sign_in.refused, secret):
                return False
            raise
        return True

    async def _secret_word(self) -> str:
        loop = asyncio.get_running_loop()
        async with self._signing_in:  # one question to the person, not one for each client
            if self._word is None or loop.time() - self._word[0] > _SECRET_S:
                self._word = loop.time(), await self._in_thread(self._server.sign_in.secret)
            return self._word[1]

    async def _in_thread(self, blocks: Callable[..., T], *args: object) -> T:
        try:
            async with asyncio.timeout(_FETCH_S):
                return await asyncio.to_thread(blocks, *args)
        except TimeoutError:
            raise Unreachable("the password was not given in time") from None

    def copy(self) -> Copy:
        return Copy(self._spool)

    def finish(self, upstream: Upstream, copy: Copy, size: int) -> "asyncio.Task[Reply]":
        """Ends a message in a task of its own: a client that goes away changes nothing any more."""
        task = asyncio.create_task(_finish(upstream, copy, size))
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)
        return task


async def _finish(upstream: Upstream, copy: Copy, size: int) -> Reply:
    try:
        reply = await upstream.end_data()
    except Unreachable:
        log.warning("outcome unknown", extra={"bytes": size})
        upstream.abort()
        copy.discard()
        return OUTCOME_UNKNOWN
    except BaseException:
        upstream.abort()
        copy.discard()
        raise
    (copy.keep if reply.ok else copy.discard)()
    log.info("relayed", extra={"code": reply.code, "bytes": size})
    return reply
