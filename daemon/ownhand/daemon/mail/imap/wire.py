"""Lines and literals of one IMAP connection that is signed in: commands out, responses in, in their order.

Knows the framing of IMAP and what a server may push at any time; not what commands mean.
"""

import imaplib
import re
import socket
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedReader

from ownhand.daemon.mail.imap import faults
from ownhand.daemon.mail.imap.waker import Waker

_MAX_LINE = 1_000_000  # bytes; only a SEARCH answer or a broken server comes near
_MAX_LITERAL = 16 * 1024 * 1024  # bytes; nothing that is asked for is a tenth of it
_BUFFER = 256 * 1024
_LITERAL = re.compile(rb"~?\{(\d+)\}\r\n\Z")
_PUSHED = re.compile(rb"\* (?:(\d+) (EXISTS|EXPUNGE)\b|(VANISHED) (?!\(EARLIER\)))", re.IGNORECASE)

Response = list[bytes]  # a line and, by turns, its literals and what follows them


class Refused(imaplib.IMAP4.error):
    """The server said NO or BAD to a command; the connection goes on."""

    def __init__(self, said: bytes) -> None:
        super().__init__(said.decode("ascii", "replace"))
        self.said = said.decode("ascii", "replace")


class HungUp(imaplib.IMAP4.abort):
    """The connection ended; `said` is the server's BYE, if it said one."""

    def __init__(self, said: bytes = b"") -> None:
        super().__init__("the connection ended")
        self.said = said.decode("ascii", "replace")


@dataclass
class Pushed:
    """What the server said of the open folder without being asked, since it was opened."""

    n_messages: int = 0
    n_removals: int = 0


@dataclass
class Command:
    """One command on its way. `said` gathers untagged responses other than FETCH while it is the oldest."""

    tag: bytes
    said: list[Response] = field(default_factory=list)
    result: bytes | None = None  # "OK ..." and so on; None while it is not answered

    def check(self) -> None:
        if self.result is None or self.result[:2].upper() != b"OK":
            raise Refused(self.result or b"")


class Wire:
    """Commands are answered in the order in which they are sent; many may be on their way."""

    def __init__(self, link: socket.socket, server: str) -> None:
        self._link = link
        self.server = server
        self._file: BufferedReader = link.makefile("rb", buffering=_BUFFER)  # type: ignore[assignment]  # it is
        self._n = 0
        self._flying: deque[Command] = deque()
        self._bye = b""
        self.pushed = Pushed()

    def send(self, command: str) -> Command:
        self._n += 1
        sent = Command(b"w%d" % self._n)
        self._flying.append(sent)
        try:
            self._link.sendall(b"%s %s\r\n" % (sent.tag, command.encode()))
        except OSError:
            with suppress(OSError):
                while True:  # until HungUp says with which words the server ended the connection
                    self.read()
            raise
        return sent

    def read(self) -> Response | None:
        """The next FETCH response; None when the oldest command was answered, or something else was said."""
        line = self._line()
        response = [line]
        if line.startswith(b"* "):
            while response[-1].endswith(b"}\r\n") and (literal := _LITERAL.search(response[-1])):
                response[-1] = response[-1][: literal.start()]
                response += (self._bytes(int(literal[1])), self._line())
            if b" FETCH (" in line[:30]:
                return response
            self._note(response)
        elif not line.startswith(b"+"):
            self._answered(line)
        return None

    def ask(self, command: str) -> list[Response]:
        """Sends a command and waits for its answer, FETCH responses too. Nothing else may be on its way."""
        assert not self._flying, "finish what is on its way first"
        sent = self.send(command)
        while sent.result is None:
            if (response := self.read()) is not None:
                sent.said.append(response)
        self.check(sent)
        return sent.said

    def check(self, answered: Command) -> None:
        """Raises Refused for a NO that is about the command, and other errors for one that is not."""
        faults.refuse(answered.result, self.server)
        answered.check()

    def idle(self, waker: Waker, seconds: float) -> None:
        """IDLE until the server says anything, the waker is woken, or the time is over."""
        sent = self.send("IDLE")
        while not (line := self._line()).startswith(b"+"):
            if line.startswith(sent.tag):
                self._flying.clear()
                raise Refused(line)
            self._note([line])  # news that came before the go-ahead
        if not sent.said and not self._buffered():
            waker.wait(self._link, seconds)
        self._link.sendall(b"DONE\r\n")
        while sent.result is None:
            self.read()
        sent.check()

    def leave(self) -> None:
        with suppress(OSError, imaplib.IMAP4.error):
            self.send("LOGOUT")
            while self._flying:
                self.read()

    def close(self) -> None:
        with suppress(OSError):
            self._file.close()

    def _answered(self, line: bytes) -> None:
        tag, _, result = line.partition(b" ")
        answered = next((command for command in self._flying if command.tag == tag), None)
        if answered is None:
            raise imaplib.IMAP4.abort("out of step")
        answered.result = result.strip()
        self._flying.remove(answered)

    def _line(self) -> bytes:
        line = self._file.readline(_MAX_LINE)
        if not line.endswith(b"\n"):
            if len(line) >= _MAX_LINE:
                raise imaplib.IMAP4.abort("a line without end")
            raise HungUp(self._bye)
        return line if line.endswith(b"\r\n") else line[:-1] + b"\r\n"

    def _bytes(self, n: int) -> bytes:
        if n > _MAX_LITERAL:
            raise imaplib.IMAP4.abort("a literal without end")
        content = self._file.read(n)
        if len(content) < n:
            raise HungUp(self._bye)
        return content

    def _note(self, response: Response) -> None:
        if response[0][:5].upper() == b"* BYE":
            self._bye = response[0]
        if self._flying:
            self._flying[0].said.append(response)
        if pushed := _PUSHED.match(response[0]):
            if pushed[3] or pushed[2].upper() == b"EXPUNGE":
                self.pushed.n_removals += 1
            else:
                self.pushed.n_messages = int(pushed[1])

    def _buffered(self) -> bool:
        """Whether more came with what has been read: waiting for the socket would not see it."""
        before = self._link.gettimeout()
        self._link.settimeout(0)
        try:
            return bool(self._file.peek(1))
        except OSError:  # TLS says so when it has nothing
            return False
        finally:
            self._link.settimeout(before)
