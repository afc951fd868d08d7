"""Submission servers on loopback that do what a test tells them to, and a relay in front of them."""

import asyncio
import base64
import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from ownhand.daemon.mail.relay.server import Relay
from ownhand.daemon.mail.relay.spool import Spool
from ownhand.daemon.mail.relay.upstream import Patience, Submission
from ownhand.daemon.mail.signin.password import Password, SignIn

USER, PASSWORD = "mara@example.org", "not for the wire in plain text"
SECRET = "the-local-secret"
QUICK = Patience(connect_s=5, open_s=5, command_s=5, block_s=5, final_s=5)
HASTY = Patience(connect_s=0.5, open_s=0.5, command_s=0.5, block_s=0.5, final_s=0.5)

FEATURES = ("PIPELINING", "SIZE 70000000", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES", "CHUNKING")

# What a server can do in place of an answer. Bytes are an answer of its own.
CUT, SILENT = "cut", "silent"
CUT_INSIDE = "cut inside"  # ends the link after half of an answer
Fault = str | bytes


@dataclass
class Taken:
    """One message that the server took, with all that came with it."""

    mail: bytes  # the command as it came
    rcpts: list[bytes]
    wire: bytes  # from after the 354 up to the dot, dots still doubled

    @property
    def content(self) -> bytes:
        return re.sub(rb"(\A|\r\n)\.", rb"\1", self.wire)


@dataclass
class Server:
    """A submission server. Change its fields while it runs.

    `faults` says what it does at a step: greeting, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, body, dot, RSET.
    """

    features: tuple[str, ...] = FEATURES
    faults: dict[str, Fault] = field(default_factory=dict)
    auth: str = "PLAIN LOGIN XOAUTH2"
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    taken: list[Taken] = field(default_factory=list)
    commands: list[bytes] = field(default_factory=list)
    hellos: list[bytes] = field(default_factory=list)
    unfinished: list[bytes] = field(default_factory=list)  # messages whose dot never came
    n_connections: int = 0
    n_ended: int = 0  # messages whose dot came
    reads_body: threading.Event = field(default_factory=lambda: _set())  # cleared: it takes nothing for now
    answers_dot: threading.Event = field(default_factory=lambda: _set())
    port: int = 0
    links: list[socket.socket] = field(default_factory=list)

    def serve(self, plain: socket.socket) -> None:
        with suppress(OSError, ValueError):
            link = plain
            if self.implicit:
                assert self.tls is not None
                link = self.tls.wrap_socket(plain, server_side=True)
            _Dialogue(self, link).run()
        with suppress(OSError):
            plain.close()

    def hang_up(self) -> None:
        for link in self.links:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
            link.close()


class _End(Exception):
    """The server ends the connection."""


class _Dialogue:
    def __init__(self, server: Server, link: socket.socket) -> None:
        self.server = server
        self.link = link
        self.lines: BinaryIO = link.makefile("rb")
        self.mail = b""
        self.rcpts: list[bytes] = []
        self.secure = server.implicit

    def run(self) -> None:
        try:
            self.say("greeting", b"220 mail.example.org ESMTP")
            while line := self.lines.readline():
                self.command(line.rstrip(b"\r\n"))
        except _End:
            pass
        finally:
            with suppress(OSError):
                self.link.shutdown(socket.SHUT_RDWR)
            self.link.close()

    def say(self, step: str, answer: bytes) -> None:
        fault = self.server.faults.get(step)
        if isinstance(fault, bytes):
            self.link.sendall(fault + b"\r\n")
            if fault.startswith(b"421"):
                raise _End
            return
        if fault == SILENT:
            while self.link.recv(65536):
                pass
            raise _End
        if fault == CUT_INSIDE:
            self.link.sendall(answer[: len(answer) // 2])
        if fault in (CUT, CUT_INSIDE):
            raise _End
        self.link.sendall(answer + b"\r\n")

    def command(self, line: bytes) -> None:
        verb = line.split(b" ")[0].upper().decode("ascii", "replace")
        self.server.commands.append(line)
        match verb:
            case "EHLO" | "HELO":
                self.server.hellos.append(line)
                self.say("EHLO", self.offer())
            case "STARTTLS":
                self.say(verb, b"220 2.0.0 go on")
                self.start_tls()
            case "AUTH":
                self.sign_in(line)
            case "MAIL":
                self.mail, self.rcpts = line, []
                self.say(verb, b"250-2.1.0 a first line\r\n250 2.1.0 the sender is fine")
            case "RCPT":
                self.receive(line)
            case "DATA":
                self.data()
            case "RSET":
                self.mail, self.rcpts = b"", []
                self.say(verb, b"250 2.0.0 forgotten")
            case "QUIT":
                self.link.sendall(b"221 2.0.0 farewell\r\n")
                raise _End
            case _:
                self.link.sendall(b"502 5.5.2 what?\r\n")

    def offer(self) -> bytes:
        features = [*self.server.features, f"AUTH {self.server.auth}"]
        if self.server.tls and not self.secure:
            features.append("STARTTLS")
        lines = ["mail.example.org", *features]
        marks = ["250-"] * (len(lines) - 1) + ["250 "]
        return "\r\n".join(mark + text for mark, text in zip(marks, lines, strict=True)).encode()

    def start_tls(self) -> None:
        assert self.server.tls is not None
        self.link = self.server.tls.wrap_socket(self.link, server_side=True)
        self.lines = self.link.makefile("rb")
        self.secure = True

    def sign_in(self, line: bytes) -> None:
        words = line.split(b" ")
        if words[1] == b"LOGIN":
            answers = []
            for question in (b"Username:", b"Password:"):
                self.link.sendall(b"334 " + base64.b64encode(question) + b"\r\n")
                answers.append(base64.b64decode(self.lines.readline()))
            right = answers == [USER.encode(), PASSWORD.encode()]
        elif words[1] == b"PLAIN":
            right = base64.b64decode(words[2]) == f"\0{USER}\0{PASSWORD}".encode()
        else:
            begin, answer = {b"XOAUTH2": (f"user={USER}\1", b"\r\n")}.get(
                words[1], (f"n,a={USER},\1", b"AQ==\r\n")
            )
            right = base64.b64decode(words[2]) == f"{begin}auth=Bearer {PASSWORD}\1\1".encode()
            if not right:
                self.link.sendall(b"334 " + base64.b64encode(b'{"status":"401"}') + b"\r\n")
                assert self.lines.readline() == answer
        self.server.commands[-1] = b"AUTH " + words[1]
        self.say("AUTH", b"235 2.7.0 welcome" if right else b"535 5.7.8 wrong password")

    def receive(self, line: bytes) -> None:
        if b"nobody" in line:
            self.link.sendall(b"550-5.1.1 nobody of that name\r\n550 5.1.1 lives here\r\n")
            return
        if "RCPT" not in self.server.faults:
            self.rcpts.append(line)
        self.say("RCPT", b"250 2.1.5 the recipient is fine")

    def data(self) -> None:
        if not self.rcpts:
            self.link.sendall(b"554 5.5.1 no valid recipients\r\n")
            return
        self.say("DATA", b"354 go ahead, end with a dot")
        if self.server.faults.get("DATA"):
            return
        wire = self.body()
        self.server.n_ended += 1
        self.server.answers_dot.wait(30)
        self.server.taken.append(Taken(self.mail, self.rcpts, wire))
        self.mail, self.rcpts = b"", []
        self.say("dot", b"250-2.0.0 taken\r\n250 2.0.0 queued as 4711")

    def body(self) -> bytes:
        """The message by the letter of RFC 5321: CR LF . CR LF ends it, and nothing else."""
        found, fault = bytearray(b"\r\n"), self.server.faults.get("body")
        while not found.endswith(b"\r\n.\r\n"):
            self.server.reads_body.wait(30)
            line = self.lines.readline(65536)
            if not line:
                self.server.unfinished.append(bytes(found[2:]))
                raise _End
            found += line
            if fault and len(found) > 100_000:
                self.say("body", b"")
                raise _End
        return bytes(found[2:-3])


def _set() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@contextmanager
def submission_server(server: Server | None = None) -> Iterator[Server]:
    """A server that listens, ended with the block."""
    server = server or Server()
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        server.port = listener.getsockname()[1]
        threads: list[threading.Thread] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    link, _ = listener.accept()
                    server.n_connections += 1
                    server.links.append(link)
                    threads.append(threading.Thread(target=server.serve, args=(link,)))
                    threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield server
        finally:
            server.reads_body.set()
            server.answers_dot.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            accepting.join(10)
            server.hang_up()
            for thread in threads:
                thread.join(10)


class Sink:
    """Keeps what aiosmtpd took: the library's own reading of the protocol, not ours."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    async def handle_DATA(self, _: object, __: object, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        return "250 2.0.0 taken by the sink"


@contextmanager
def aiosmtpd_server() -> Iterator[tuple[int, Sink]]:
    sink = Sink()

    def check(_: object, __: object, ___: object, ____: str, given: object) -> AuthResult:
        return AuthResult(success=given == (USER.encode(), PASSWORD.encode()))

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(
        sink, "127.0.0.1", port, authenticator=check, auth_require_tls=False, enable_SMTPUTF8=True,
        data_size_limit=64 * 1024 * 1024,
    )  # fmt: skip
    controller.start()
    try:
        yield port, sink
    finally:
        controller.stop()


@dataclass
class Running:
    """A relay that runs."""

    port: int
    spool: Path
    call: Callable[..., object]  # runs a coroutine function in the relay's loop

    def kept(self) -> list[bytes]:
        """The copies left for learning, in their order."""
        files = sorted((self.spool / "new").iterdir(), key=lambda file: int(file.name))
        return [file.read_bytes() for file in files]

    def half_kept(self) -> list[Path]:
        return [*(self.spool / "tmp").iterdir()]


@dataclass
class Tokens:
    """Gives one token after the other; the next when one is refused."""

    left: list[str]
    kind: Literal["token"] = "token"

    def secret(self) -> str:
        return self.left[0]

    def refused(self, secret: str) -> bool:
        if len(self.left) > 1:
            self.left.pop(0)
        return self.left[0] != secret


@contextmanager
def relay(
    folder: Path,
    port: int,
    *,
    host: str = "127.0.0.1",
    tls: str = "plaintext-loopback",
    trust: str = "",
    password: str = PASSWORD,
    sign_in: SignIn | None = None,
    own_tls: ssl.SSLContext | None = None,
    patience: Patience = QUICK,
) -> Iterator[Running]:
    """A relay before the server at `port`, in a thread of its own."""
    server = Submission(host, port, tls, USER, sign_in or Password(lambda: password), trust)  # type: ignore[arg-type]
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def call(function: Callable[..., object], *args: object) -> object:
        async def run() -> object:
            return await function(*args)  # type: ignore[misc]

        return asyncio.run_coroutine_threadsafe(run(), loop).result(60)

    spool = folder / "spool"
    made = Relay(server, Spool(spool), SECRET, tls=own_tls, patience=patience)
    try:
        yield Running(call(made.start, 0), spool, call)  # type: ignore[arg-type]
        call(made.aclose)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


def certificate(folder: Path, name: str = "localhost") -> tuple[Path, Path]:
    """A certificate for this machine that signs itself, and its key."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
         "-addext", f"subjectAltName=DNS:{name},IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


def server_context(cert: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


class RawClient:
    """Says bytes, and reads replies whole."""

    def __init__(self, port: int, *, signed_in: bool = True) -> None:
        self.link = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.lines = self.link.makefile("rb")
        self.greeting = self.reply()
        if signed_in:
            self.ask(b"EHLO client.example")
            word = base64.b64encode(b"\0any\0" + SECRET.encode())
            assert self.ask(b"AUTH PLAIN " + word).startswith(b"235")

    def __enter__(self) -> "RawClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.lines.close()
        self.link.close()

    def say(self, raw: bytes) -> None:
        self.link.sendall(raw)

    def reply(self) -> bytes:
        """One reply with all its lines; empty when the relay has hung up."""
        lines = []
        while line := self.lines.readline():
            lines.append(line)
            if line[3:4] != b"-":
                break
        return b"".join(lines)

    def ask(self, line: bytes) -> bytes:
        self.say(line + b"\r\n")
        return self.reply()

    def begin(self, rcpt: bytes = b"sam@example.com") -> None:
        assert self.ask(b"MAIL FROM:<mara@example.org>").startswith(b"250")
        assert self.ask(b"RCPT TO:<%s>" % rcpt).startswith(b"250")
        assert self.ask(b"DATA").startswith(b"354")

    def send(self, wire: bytes) -> bytes:
        """One message with its dots doubled already; gives the last reply."""
        self.begin()
        self.say(wire + b".\r\n")
        return self.reply()
