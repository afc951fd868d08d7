"""One connection to a submission server (RFC 6409): commands out, the server's own replies back.

Small on purpose: the clients that there are collect a message before they send it and hide replies behind
exceptions. Every wait has a limit; what ends a wait is told as one of our errors. Never tries anything twice.
"""

import asyncio
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ownhand.daemon.errors import OwnhandError, Unreachable
from ownhand.daemon.mail.relay.faults import cut, senseless, told
from ownhand.daemon.mail.relay.replies import Reply
from ownhand.daemon.mail.signin.password import SignIn

_MAX_LINE = 16 * 1024  # bytes; RFC 5321 knows 512
_MAX_LINES = 200
_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?", re.DOTALL)
_CONTROLS = bytes(n for n in range(32) if n != 9) + b"\x7f"
_GOODBYE_S = 5.0
_LAST_WORDS_S = 1.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what, in seconds; those of RFC 5321, 4.5.3.2, and shorter ones to get that far."""

    connect_s: float = 30.0
    open_s: float = 60.0  # greeting, EHLO, TLS, sign-in: each
    command_s: float = 300.0
    block_s: float = 180.0  # for the server to take a piece of a message
    final_s: float = 600.0  # for its word on a whole message


@dataclass(frozen=True, slots=True)
class Submission:
    """The real server, and how to sign in there. `secret` blocks; it is called in a thread."""

    host: str
    port: int
    tls: Literal["implicit", "starttls", "plaintext-loopback"]
    user: str
    sign_in: SignIn = field(repr=False)
    trust: str = ""  # a file of certificates to trust in place of the system's

    def context(self) -> ssl.SSLContext | None:
        return (
            None
            if self.tls == "plaintext-loopback"
            else ssl.create_default_context(cafile=self.trust or None)
        )


class Upstream:
    """Opened, signed in, then asked one command after the other by one session."""

    def __init__(self, server: Submission, tls: ssl.SSLContext | None, patience: Patience) -> None:
        self._server = server
        self._tls = tls
        self._patience = patience
        self._reader = asyncio.StreamReader()
        self._writer: asyncio.StreamWriter | None = None
        self._plain: asyncio.StreamWriter | None = None
        self._final: asyncio.Task[Reply] | None = None
        self.features: Mapping[bytes, bytes] = {}  # the keyword in capitals -> what stands behind it
        self.signed_in = False  # see relay_login

    @property
    def open_s(self) -> float:
        return self._patience.open_s

    @property
    def server(self) -> Submission:
        return self._server

    @property
    def usable(self) -> bool:
        return self._writer is not None and not self._writer.is_closing() and not self._reader.at_eof()

    @property
    def tls_version(self) -> str:
        """Like "TLSv1.3"; empty in plain text, and before the link is there."""
        tls = self._writer.get_extra_info("ssl_object") if self._writer is not None else None
        return str(tls.version() or "") if tls is not None else ""

    # --- getting there -------------------------------------------------------------------------

    async def open(self, hello: bytes) -> None:
        """Connects, secures the link and asks what the server offers. Raises Unreachable."""
        try:
            await self._connect()
            await self._expect(None, (220,))
            await self._hello(hello)
            if self._server.tls == "starttls":
                await self._start_tls()
                await self._hello(hello)
        except BaseException:
            self.abort()
            raise

    async def _connect(self) -> None:
        implicit = self._tls if self._server.tls == "implicit" else None
        with told():
            async with asyncio.timeout(self._patience.connect_s):
                self._reader, self._writer = await asyncio.open_connection(
                    self._server.host, self._server.port, ssl=implicit, limit=_MAX_LINE
                )

    async def _hello(self, hello: bytes) -> None:
        reply = await self._expect(b"EHLO " + hello, (250,))
        words = (line[4:].partition(b" ") for line in reply.lines[1:])
        self.features = {keyword.upper(): rest for keyword, _, rest in words}

    async def _start_tls(self) -> None:
        if b"STARTTLS" not in self.features:
            raise Unreachable("the submission server offers no STARTTLS", hint='try tls = "implicit"')
        await self._expect(b"STARTTLS", (220,))
        assert self._writer is not None and self._tls is not None
        loop = asyncio.get_running_loop()
        # A new reader: what came in plain text before the handshake must not pass for the server's word.
        reader = asyncio.StreamReader(limit=_MAX_LINE)
        protocol = asyncio.StreamReaderProtocol(reader)
        with told():
            async with asyncio.timeout(self._patience.open_s):
                transport = await loop.start_tls(
                    self._writer.transport, protocol, self._tls, server_hostname=self._server.host
                )
        if transport is None:
            raise Unreachable("the connection to the submission server was lost")
        protocol.connection_made(transport)
        self._plain = self._writer  # it would close the link under the secure one when nobody held it
        self._reader, self._writer = reader, asyncio.StreamWriter(transport, protocol, reader, loop)

    async def _expect(self, line: bytes | None, codes: tuple[int, ...]) -> Reply:
        reply = await self._ask(line, self._patience.open_s)
        if reply.code not in codes:
            raise Unreachable(f"the submission server lets nobody in ({reply.code})")
        return reply

    # --- one message ---------------------------------------------------------------------------

    async def ask(self, line: bytes, limit_s: float | None = None) -> Reply:
        """One command, and the server's reply to it. Raises Unreachable when there is none."""
        return await self._ask(line, limit_s or self._patience.command_s)

    async def begin_data(self) -> Reply:
        reply = await self.ask(b"DATA")
        if reply.code == 354:
            # From here on any reply is the last: one that comes early says that the rest is not wanted.
            self._final = asyncio.create_task(self._reply())
        elif not reply.refuses:
            raise senseless()
        return reply

    @property
    def early(self) -> Reply | None:
        """What the server said before the message was ended, if anything. Raises Unreachable when it went."""
        if self._final is None or not self._final.done():
            return None
        error = self._final.exception()
        if error is not None:
            raise error
        return self._final.result()

    async def last_words(self) -> Reply | None:
        """Why the server cut the link in the middle of a message, if it said so."""
        if self._final is None:
            return None
        done, _ = await asyncio.wait({self._final}, timeout=_LAST_WORDS_S)
        if not done or self._final.exception() is not None:
            return None
        reply = self._final.result()
        return reply if reply.refuses else None

    async def send(self, piece: bytes) -> None:
        """Passes a piece on, and waits while the server has enough to do."""
        assert self._writer is not None
        with told():
            async with asyncio.timeout(self._patience.block_s):
                self._writer.write(piece)
                await self._writer.drain()

    async def end_data(self) -> Reply:
        """Ends the message. After an Unreachable nobody knows whether the server took it."""
        assert self._writer is not None and self._final is not None
        if early := self.early:
            if early.refuses:
                return early
            raise senseless()
        with told():
            async with asyncio.timeout(self._patience.final_s):
                self._writer.write(b".\r\n")
                await self._writer.drain()
                reply = await self._final
        self._final = None
        if not reply.ok and not reply.refuses:
            raise senseless()
        return reply

    # --- going away ----------------------------------------------------------------------------

    def abort(self) -> None:
        """Cuts the link. A message that was not ended is not sent."""
        final, self._final = self._final, None
        if final is not None and not final.cancel() and not final.cancelled():
            final.exception()  # seen: it changes nothing any more
        if self._writer is not None:
            self._writer.transport.abort()

    async def quit(self) -> None:
        """Takes leave; whatever goes wrong with that does not matter."""
        try:
            await self._ask(b"QUIT", _GOODBYE_S)
        except OwnhandError:
            pass
        finally:
            self.abort()

    # --- the wire ------------------------------------------------------------------------------

    async def _ask(self, line: bytes | None, limit_s: float) -> Reply:
        if self._writer is None:
            raise cut()
        with told():
            async with asyncio.timeout(limit_s):
                if line is not None:
                    self._writer.write(line + b"\r\n")
                    await self._writer.drain()
                return await self._reply()

    async def _reply(self) -> Reply:
        lines: list[bytes] = []
        while len(lines) < _MAX_LINES:
            with told():
                line = await self._reader.readline()
            if not line.endswith(b"\n"):
                raise cut()
            # No control character of a reply may end a line for the client that does not for us.
            line = line.rstrip(b"\r\n").translate(None, _CONTROLS)
            parts = _LINE.fullmatch(line)
            if parts is None or (lines and lines[0][:3] != parts[1]):
                raise senseless()
            lines.append(line)
            if parts[2] != b"-":
                return Reply(int(parts[1]), tuple(lines))
        raise senseless()
