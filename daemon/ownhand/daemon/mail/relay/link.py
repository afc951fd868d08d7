"""A client's link to the real server: made when it is needed, with the transaction that goes over it.

Every reply it gives is the server's own. Tries again only where nothing can have been sent yet.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from ownhand.daemon.errors import LoginFailed, OwnhandError, Unreachable
from ownhand.daemon.mail.relay.replies import Reply, reply_to
from ownhand.daemon.mail.relay.spool import Copy
from ownhand.daemon.mail.relay.transfer import transfer
from ownhand.daemon.mail.relay.upstream import Upstream

if TYPE_CHECKING:
    from ownhand.daemon.mail.relay.server import Relay

log = logging.getLogger(__name__)

# How long a client may be silent.
IDLE_S = 300.0  # RFC 5321, 4.5.3.2.7
STANDING_S = 3600.0  # while the server is asked, which has limits of its own


class Link:
    """Used by one session, one command at a time."""

    def __init__(self, relay: "Relay") -> None:
        self._relay = relay
        self._upstream: Upstream | None = None
        self._lost = ""  # why a transaction ended before its time
        self.open = False  # between MAIL and the end of its message

    @property
    def why_not(self) -> Reply | None:
        """What to say to RCPT and DATA when a transaction there was is no more."""
        return reply_to(Unreachable(self._lost)) if self._lost else None

    async def connect(self, hello: bytes) -> Upstream:
        """The link, nobody signed in. Raises Unreachable."""
        if self._upstream is not None and self._upstream.usable:
            return self._upstream
        self.drop()
        self._upstream = await self._relay.connect(hello)
        return self._upstream

    async def begin(self, mail: bytes, hello: bytes) -> Reply:
        """The reply to MAIL. Raises Unreachable, LoginFailed, or NotReady when the secret cannot be had."""
        self._lost = ""
        reply = await self._begun(mail, hello)
        self.open = reply.ok
        return reply

    async def ask(self, line: bytes) -> Reply:
        """The reply to a command within the transaction. Raises Unreachable."""
        assert self._upstream is not None
        return await self._upstream.ask(line)

    async def begin_data(self) -> Reply:
        assert self._upstream is not None
        return await self._upstream.begin_data()

    async def pass_on(self, reader: asyncio.StreamReader, wait: Callable[[float], None]) -> Reply:
        """Passes the message on as it comes, and ends it; gives what came of it.

        `wait` sets how long the client may be silent from then on.
        """
        assert self._upstream is not None
        upstream, copy = self._upstream, self._relay.copy()
        try:
            refusal, size = await transfer(reader, upstream, copy, lambda: wait(IDLE_S))
        except BaseException:
            # The client went away, or we failed: without the dot nothing is sent.
            upstream.abort()
            copy.discard()
            raise
        if refusal is None:
            wait(STANDING_S)
            return await self._ended(upstream, copy, size)
        self.drop()
        copy.discard()
        log.info("refused", extra={"code": refusal.code, "bytes": size})
        return refusal

    async def forget(self) -> None:
        """Ends a transaction on both sides; with it, what went wrong in it."""
        self._lost = ""
        if not self.open:
            return
        self.open = False
        try:
            reply = await self.ask(b"RSET")
        except Unreachable:
            self.drop()
        else:
            if not reply.ok:
                self.drop()

    def broke(self, error: OwnhandError) -> Reply:
        """Drops the link; gives what to say. The rest of the transaction is refused alike."""
        self.drop()
        self._lost = str(error)
        log.warning("refused", extra={"reason": error.reason.name})
        return reply_to(error)

    def drop(self) -> None:
        """Cuts it. A message that was not ended is not sent."""
        upstream, self._upstream, self.open = self._upstream, None, False
        if upstream is not None:
            upstream.abort()

    def give_up(self) -> Upstream | None:
        """What is left when the client is gone, for the relay to take leave of."""
        upstream, self._upstream = self._upstream, None
        return upstream

    async def _begun(self, mail: bytes, hello: bytes) -> Reply:
        """A link that stood idle may be dead: then, and once, a new one is made."""
        reused = self._upstream is not None and self._upstream.usable and self._upstream.signed_in
        upstream = await self._signed_in(hello)
        try:
            reply = await upstream.ask(mail)
        except Unreachable:
            if not reused:
                raise
        else:
            if not reused or reply.code != 421:
                return reply
        self.drop()
        return await (await self._signed_in(hello)).ask(mail)

    async def _signed_in(self, hello: bytes) -> Upstream:
        for _ in range(2):
            upstream = await self.connect(hello)
            if upstream.signed_in or await self._relay.sign_in(upstream):
                return upstream
        raise LoginFailed("the submission server refused the sign-in twice")

    async def _ended(self, upstream: Upstream, copy: Copy, size: int) -> Reply:
        self._upstream = None  # whoever ends the message has it now
        finishing = self._relay.finish(upstream, copy, size)
        try:
            reply = await asyncio.shield(finishing)
        except asyncio.CancelledError:
            finishing.add_done_callback(lambda _: upstream.abort())
            raise
        self._upstream, self.open = upstream, False
        return reply
