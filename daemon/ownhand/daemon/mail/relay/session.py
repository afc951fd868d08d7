"""One client of the relay: aiosmtpd's command loop, sign-in and STARTTLS; the mail is passed on as it comes.

aiosmtpd itself collects a whole message and answers by itself; MAIL, RCPT, DATA, RSET and EHLO are ours.
"""

import asyncio
import logging
import re
from collections import defaultdict
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from ownhand.daemon.errors import OwnhandError
from ownhand.daemon.log import places
from ownhand.daemon.mail.relay.link import IDLE_S, STANDING_S, Link
from ownhand.daemon.mail.relay.replies import Reply

if TYPE_CHECKING:
    from ownhand.daemon.mail.relay.server import Relay

log = logging.getLogger(__name__)

_PIECE = 16 * 1024  # bytes; a client may be ahead of the server by a few of these
_MAX_COMMAND = 8 * 1024  # bytes; RFC 5321 knows 512, and extensions add to it
_FEATURES_S = 10.0  # to learn what may be offered; mail clients wait a minute or two in all
_MAX_GUESSES = 3  # wrong passwords on one connection
_HOST_NAME = re.compile(r"[A-Za-z0-9.:_\[\]-]{1,255}")


class Session(SMTP):
    """One connection of a client, with a connection to the server of its own."""

    line_length_limit = _PIECE
    command_size_limit = _MAX_COMMAND

    def __init__(self, relay: "Relay", loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            None,
            enable_SMTPUTF8=True,  # commands are kept as bytes whatever they hold
            data_size_limit=None,
            hostname="localhost",
            ident="Ownhand relay",
            tls_context=relay.tls,
            timeout=IDLE_S,
            auth_require_tls=False,  # nothing leaves this machine
            authenticator=self._check,
            loop=loop,
        )
        self.command_size_limits = defaultdict(lambda: _MAX_COMMAND)
        self._relay = relay
        self._link = Link(relay)
        self._n_guesses = 0
        self._turned_away = False

    # --- the connection ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        after_tls = self._original_transport is not None
        if not after_tls and not self._relay.enter(self):
            assert isinstance(transport, asyncio.WriteTransport)
            self._turned_away = True
            transport.write(b"421 4.3.2 Too many connections; try again\r\n")
            transport.close()
            return
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if not self._turned_away:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        """A client that sends no more may still wait for answers: aiosmtpd would end the session here."""
        if self._turned_away:
            return False
        self._reader.feed_eof()
        return self._tls_protocol is None

    def connection_lost(self, error: Exception | None) -> None:
        if self._turned_away:
            return
        super().connection_lost(error)
        self._relay.leave(self, self._link.give_up(), open_transaction=self._link.open)

    def close(self) -> None:
        """Ends the connection once what was said is on its way."""
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()
        if self.transport is not None:
            self.transport.close()

    def abort(self) -> None:
        """Ends it now."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    async def handle_exception(self, error: Exception) -> str:
        """The client sent its last, or we made a mistake: a message's rest must not pass for commands."""
        if not isinstance(error, asyncio.IncompleteReadError):
            log.error("session broke", extra={"error": type(error).__name__, "at": places(error)})
            self._writer.write(b"421 4.3.0 The relay failed; what it did not say it sent was not sent\r\n")
        self._link.drop()
        self.close()
        return ""  # is said to nobody

    # --- who it is -----------------------------------------------------------------------------

    async def smtp_EHLO(self, hostname: str | None) -> None:
        """Offers what the server offers, and what is the relay's own: sign-in and STARTTLS."""
        if not hostname:
            await self.push("501 5.5.4 Syntax: EHLO hostname")
            return
        assert self.session is not None
        await self._link.forget()
        self.session.extended_smtp, self.session.host_name = True, hostname
        features = self._relay.features()
        if features is None:
            try:
                async with asyncio.timeout(_FEATURES_S):
                    await self._link.connect(self._hello())
            except (OwnhandError, TimeoutError):
                log.warning("server not reached for its features")  # MAIL will say what is wrong
            features = self._relay.features(stale=True) or {}
        lines = [b"localhost", *(b" ".join(filter(None, feature)) for feature in features.items())]
        if self.tls_context and not self._tls_protocol:
            lines.append(b"STARTTLS")
        lines.append(b"AUTH LOGIN PLAIN")
        await self.push(b"\r\n".join([*(b"250-" + line for line in lines[:-1]), b"250 " + lines[-1]]))

    async def smtp_HELO(self, hostname: str | None) -> None:
        await self._link.forget()
        await super().smtp_HELO(hostname or "")

    async def smtp_AUTH(self, arg: str | None) -> None:
        # aiosmtpd knows mechanisms in capitals alone.
        mechanism, space, rest = (arg or "").partition(" ")
        await super().smtp_AUTH(mechanism.upper() + space + rest)
        if self._n_guesses >= _MAX_GUESSES:
            self.close()

    def _check(self, _: object, __: object, ___: object, ____: str, given: LoginPassword) -> AuthResult:
        if self._relay.knows(given.password):
            return AuthResult(success=True)
        self._n_guesses += 1
        log.warning("wrong relay password")
        return AuthResult(success=False, handled=False)

    async def smtp_VRFY(self, arg: str | None) -> None:
        await self.push("252 2.5.0 Send it some mail, and the submission server will say")

    async def smtp_EXPN(self, arg: str | None) -> None:
        await self.push("502 5.5.1 EXPN is not implemented")

    # --- the envelope --------------------------------------------------------------------------

    async def smtp_MAIL(self, arg: str | None) -> None:
        if await self._is_out_of_order() or await self._is_malformed(arg, "FROM:"):
            return
        if self._link.open:
            await self.push("503 5.5.1 There is a MAIL already")
            return
        await self._say(await self._asked(self._link.begin(b"MAIL " + _bytes(arg), self._hello())))

    async def smtp_RCPT(self, arg: str | None) -> None:
        if await self._is_out_of_order() or await self._is_malformed(arg, "TO:"):
            return
        if not await self._has_no_transaction():
            await self._say(await self._asked(self._link.ask(b"RCPT " + _bytes(arg))))

    async def smtp_RSET(self, arg: str | None) -> None:
        if arg:
            await self.push("501 5.5.4 Syntax: RSET")
            return
        await self._link.forget()
        await self.push("250 2.0.0 Forgotten")

    async def smtp_DATA(self, arg: str | None) -> None:
        if await self._is_out_of_order():
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        if await self._has_no_transaction():
            return
        reply = await self._asked(self._link.begin_data())
        if reply.code == 354:
            self._wait(IDLE_S)
            await self.push(reply.wire)
            reply = await self._link.pass_on(self._reader, self._wait)
        await self._say(reply)

    # --- answers -------------------------------------------------------------------------------

    async def _asked(self, asking: Awaitable[Reply]) -> Reply:
        """What the server says, or why it cannot say anything."""
        self._wait(STANDING_S)
        try:
            return await asking
        except OwnhandError as error:
            return self._link.broke(error)

    async def _say(self, reply: Reply) -> None:
        self._wait(IDLE_S)
        if reply.code == 421:  # the server goes away, and takes this session along
            self._link.drop()
        await self.push(reply.wire)
        if reply.code == 421:
            self.close()

    async def _is_out_of_order(self) -> bool:
        if await self.check_helo_needed():
            return True
        assert self.session is not None
        if not self.session.authenticated:
            await self.push("530 5.7.0 Sign in first, with what `ownhand relay secret` prints")
            return True
        return False

    async def _is_malformed(self, arg: str | None, begins: str) -> bool:
        if arg and arg.upper().startswith(begins) and not any(c < " " or c == "\x7f" for c in arg):
            return False
        await self.push(f"501 5.5.4 Syntax: {'MAIL' if begins == 'FROM:' else 'RCPT'} {begins}<address>")
        return True

    async def _has_no_transaction(self) -> bool:
        if self._link.open:
            return False
        why_not = self._link.why_not
        await self.push(why_not.wire if why_not else b"503 5.5.1 MAIL comes first")
        return True

    def _hello(self) -> bytes:
        """How the client named itself, for the server to hear the same."""
        assert self.session is not None
        name = self.session.host_name or ""
        return name.encode() if _HOST_NAME.fullmatch(name) else b"[127.0.0.1]"

    def _wait(self, seconds: float) -> None:
        """So long may the client be silent from here on."""
        if self.transport is not None:
            self._reset_timeout(seconds)


def _bytes(arg: str | None) -> bytes:
    """The argument as it came: aiosmtpd decodes it so that nothing is lost."""
    return (arg or "").encode("utf-8", "surrogateescape")
