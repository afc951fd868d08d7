"""An IMAP server on loopback that says what a test tells it to: broken answers, cut links, silence."""

import re
import socket
import ssl
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import BinaryIO

HEADER = (
    b"Message-ID: <%d@example.org>\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\nFrom: mara@example.org\r\n\r\n"
)
PLAIN = b'("text" "plain" ("charset" "utf-8") NIL NIL "7bit" %d 1)'


@dataclass
class ScriptedMail:
    """What the server says of one message. `structure` None leaves the item out; a section of None is NIL."""

    uid: int
    text: bytes | None = b"Dear Ana, the plan is ready.\r\n"
    structure: bytes | None = b""  # empty: the true one
    size: int = 500
    whole: bytes | None = b""  # empty: header and text
    hangs_up: bool = False  # the server ends the connection when it is asked for the text

    @property
    def header(self) -> bytes:
        return HEADER % self.uid

    def item(self, name: str) -> bytes | None:
        """The answer to one FETCH item; None when the server leaves it out."""
        if name == "RFC822.SIZE":
            return b"RFC822.SIZE %d" % self.size
        if name == "FLAGS":
            return b"FLAGS (\\Seen)"
        if name == "BODYSTRUCTURE":
            true = PLAIN % len(self.text or b"")
            return None if self.structure is None else b"BODYSTRUCTURE " + (self.structure or true)
        if name.startswith("BODY.PEEK[HEADER"):
            return b"BODY[HEADER.FIELDS (FROM)] " + _literal(self.header)
        if name.startswith("BODY.PEEK[]"):
            whole = self.whole if self.whole != b"" else self.header + (self.text or b"")
            return None if whole is None else b"BODY[]<0> " + _literal(whole)
        return name.replace(".PEEK", "").partition("<")[0].encode() + b"<0> " + _literal(self.text)


@dataclass
class ScriptedPeer:
    """One account with a folder "Sent". Change its fields while it runs."""

    mails: list[ScriptedMail] = field(default_factory=list)
    boxes: dict[str, list[ScriptedMail]] = field(default_factory=dict)  # other folders, as IMAP names them
    capabilities: str = "IMAP4rev1 IDLE"
    uidvalidity: int = 7
    login: str = "OK welcome"
    refusal: str = ""  # the challenge with which a token is refused, before the result of `login`
    shown: list[bytes] = field(default_factory=list)  # what came after AUTHENTICATE
    folders: list[str] = field(default_factory=lambda: ['(\\Sent) "/" "Sent"'])
    cut_after: int | None = None  # bytes of answers to FETCH, after which the link is cut, once
    silent: threading.Event = field(default_factory=threading.Event)  # set: reads, and answers nothing
    modseq: int = 0  # HIGHESTMODSEQ; 0: the server has none
    vanished: list[tuple[int, int]] = field(default_factory=list)  # modseq and UID of what was taken out
    # Part of a command, and its answer instead, once each: a result, or a BYE that ends the link.
    instead: list[tuple[str, str]] = field(default_factory=list)
    chatty: bool = False  # says what nobody asked for, answers in pieces and in other forms
    says: dict[str, str] = field(default_factory=dict)  # lines said to commands that begin so
    hangs_on: str = "nothing"  # part of a command that is never answered
    idles: threading.Event = field(default_factory=threading.Event)  # set while a client idles
    commands: list[str] = field(default_factory=list)
    tls: ssl.SSLContext | None = None  # from the start
    starttls: ssl.SSLContext | None = None
    injected: tuple[bytes, bytes] = (b"", b"")  # in plain text, before and after the answer to STARTTLS
    greeting: str = ""  # empty: the usual one
    n_connections: int = 0
    port: int = 0
    links: list[socket.socket] = field(default_factory=list)
    opened: str = "Sent"

    def arrive(self, mail: ScriptedMail) -> None:
        """A new message, pushed to whoever idles."""
        self.mails.append(mail)
        self.links[-1].sendall(b"* %d EXISTS\r\n" % len(self.mails))

    def take_out(self, uid: int) -> None:
        """Expunges a message, and tells whoever idles."""
        n = next(n for n, mail in enumerate(self.mails, 1) if mail.uid == uid)
        del self.mails[n - 1]
        if self.modseq:
            self.modseq += 1
            self.vanished.append((self.modseq, uid))
        if self.idles.is_set():
            said = b"* VANISHED %d\r\n" % uid if "QRESYNC" in self.capabilities else b"* %d EXPUNGE\r\n" % n
            self.links[-1].sendall(said)

    def hang_up(self) -> None:
        for link in self.links:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def serve(self, plain: socket.socket) -> None:
        with suppress(OSError), self._secured(plain) as link, link.makefile("rb") as lines:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.links.append(link)
            self.n_connections += 1
            greeting = self.greeting or f"OK [CAPABILITY {self.capabilities}] here"
            self._send(link, f"* {greeting}\r\n".encode())
            self._converse(link, lines)

    def _converse(self, link: socket.socket, lines: BinaryIO) -> None:
        idle_tag = ""
        for line in lines:
            tag, _, command = line.decode("latin-1").strip().partition(" ")
            self.commands.append(command)
            if self.silent.is_set() or self.hangs_on in command:
                continue
            if tag == "DONE":
                self.idles.clear()
                self._send(link, f"{idle_tag} OK done\r\n".encode())
            elif command.startswith("AUTHENTICATE"):
                self._authenticate(link, lines, tag)
            elif command == "STARTTLS" and self.starttls:
                before, after = self.injected
                self._send(link, before + f"{tag} OK go on\r\n".encode() + after)
                self._secured_later(link, self.starttls)
                return
            elif command == "IDLE":
                idle_tag = tag
                self._send(link, b"+ idling\r\n")
                self.idles.set()
            else:
                self._answer(link, tag, command)

    def _secured_later(self, plain: socket.socket, context: ssl.SSLContext) -> None:
        with context.wrap_socket(plain, server_side=True) as link, link.makefile("rb") as lines:
            self.links.append(link)
            self._converse(link, lines)

    def _secured(self, link: socket.socket) -> socket.socket:
        if self.tls is None:
            return link
        try:
            return self.tls.wrap_socket(link, server_side=True)
        except OSError:
            link.close()
            raise

    def _authenticate(self, link: socket.socket, lines: BinaryIO, tag: str) -> None:
        for challenge in ["", *([self.refusal] if self.refusal else [])]:
            self._send(link, b"+ " + b64encode(challenge.encode()) + b"\r\n")
            self.shown.append(b64decode(lines.readline()))
        self._send(link, f"{tag} {self.login}\r\n".encode())

    def _answer(self, link: socket.socket, tag: str, command: str) -> None:
        verb = command.upper().removeprefix("UID ").split(" ")[0]
        result = "OK done"
        wanted = next((pair for pair in self.instead if pair[0] in command), None)
        if wanted is not None:
            self.instead.remove(wanted)
            if wanted[1].startswith("BYE"):
                self._send(link, f"* {wanted[1]}\r\n".encode())
                link.shutdown(socket.SHUT_WR)
                while link.recv(4096):  # closing with commands unread would take the goodbye away again
                    pass
                return
            result = wanted[1]
        elif line := next((said for begin, said in self.says.items() if command.startswith(begin)), ""):
            self._send(link, f"{line}\r\n".encode())
        elif verb == "CAPABILITY":
            self._send(link, f"* CAPABILITY {self.capabilities}\r\n".encode())
        elif verb == "LOGIN":
            result = self.login
        elif verb == "LIST":
            self._send(link, "".join(f"* LIST {line}\r\n" for line in self.folders).encode())
        elif verb == "EXAMINE":
            result = self._examine(link, command)
        elif verb == "SEARCH":
            self._search(link, tag, command)
        elif verb == "FETCH":
            self._fetch(link, command)
        self._send(link, f"{tag} {result}\r\n".encode())

    def _examine(self, link: socket.socket, command: str) -> str:
        name = command.split('"')[1]
        if name != "Sent" and name not in self.boxes:
            return "NO no such folder"
        self.opened = name
        said = f"* {len(self._mails)} EXISTS\r\n* OK [UIDVALIDITY {self.uidvalidity}] x\r\n"
        if self.modseq:
            said += f"* OK [HIGHESTMODSEQ {self.modseq}] x\r\n"
        if asked := re.search(r"\(QRESYNC \((\d+) (\d+)", command):
            gone = [str(uid) for at, uid in self.vanished if at > int(asked[2])]
            if gone and int(asked[1]) == self.uidvalidity:
                said += f"* VANISHED (EARLIER) {','.join(gone)}\r\n"
        self._send(link, said.encode())
        return "OK [READ-ONLY] done"

    def _search(self, link: socket.socket, tag: str, command: str) -> None:
        found = self._mails
        if "HEADER" in command:
            ids = re.findall(r'"<(\d+)@example.org>"', command)
            found = [mail for mail in found if str(mail.uid) in ids]
        else:
            found = self._chosen(re.findall(r"UID ([\d:,*]+)", command)[0])
        uids = [str(mail.uid) for mail in found]
        if "RETURN" in command:
            said = f'* ESEARCH (TAG "{tag}") UID' + (f" ALL {','.join(uids)}" if uids else "")
        else:
            said = f"* SEARCH {' '.join(uids)}"
        self._send(link, f"{said}\r\n".encode())

    @property
    def _mails(self) -> list[ScriptedMail]:
        return self.mails if self.opened == "Sent" else self.boxes[self.opened]

    def _fetch(self, link: socket.socket, command: str) -> None:
        _, _, uids, items = command.split(" ", 3)
        names = re.findall(r"BODY\.PEEK\[[^\]]*\](?:<[\d.]+>)?|[A-Z0-9.]+", items)
        for mail in self._chosen(uids):
            if mail.hangs_up and "BODYSTRUCTURE" not in names:
                link.shutdown(socket.SHUT_RDWR)
            found = [mail.item(name) for name in names]
            if self.chatty:
                self._chat(link, mail, [item for item in found if item is not None])
                continue
            said = b" ".join(item for item in found if item is not None)
            answer = b"* %d FETCH (UID %d %s)\r\n" % (self._mails.index(mail) + 1, mail.uid, said)
            if self.cut_after is not None:
                self.cut_after -= len(answer)
                if self.cut_after < 0:
                    self.cut_after = None
                    link.sendall(answer[: len(answer) // 2])
                    link.shutdown(socket.SHUT_RDWR)
            self._send(link, answer)

    def _chat(self, link: socket.socket, mail: ScriptedMail, items: list[bytes]) -> None:
        n = self._mails.index(mail) + 1
        self._send(link, b"* OK [ALERT] still {5}\r\n* 0 RECENT\r\n* %d FETCH (FLAGS (\\Seen $x))\r\n" % n)
        for item in items:
            item = item.replace(b" {", b" ~{") if b"{" in item else item
            self._send(link, b"* %d FETCH (%s UID %d MODSEQ (12))\r\n" % (n, item, mail.uid))
        self._send(link, b"* %d FETCH (UID 99999 FLAGS ())\r\n* NO nothing\r\n* SEARCH\r\n" % n)

    def _chosen(self, uids: str) -> list[ScriptedMail]:
        last = max((mail.uid for mail in self._mails), default=0)
        chosen: set[int] = set()
        for part in uids.split(","):
            first, _, end = part.partition(":")
            low, high = (last if word == "*" else int(word) for word in (first, end or first))
            chosen.update(range(min(low, high), max(low, high) + 1))
        return [mail for mail in self._mails if mail.uid in chosen]

    def _send(self, link: socket.socket, data: bytes) -> None:
        link.sendall(data)


@contextmanager
def scripted(peer: ScriptedPeer) -> Iterator[ScriptedPeer]:
    """The peer, listening; its threads end with it."""
    threads: list[threading.Thread] = []
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        peer.port = listener.getsockname()[1]

        def accept() -> None:
            while True:
                link, _ = listener.accept()
                if ended.is_set():
                    link.close()
                    return
                threads.append(threading.Thread(target=peer.serve, args=(link,)))
                threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield peer
        finally:
            ended.set()
            # Closing a listener does not wake `accept` everywhere; a connection does.
            socket.create_connection(("127.0.0.1", peer.port)).close()
            accepting.join(5)
            peer.hang_up()
            for thread in threads:
                thread.join(5)


def _literal(content: bytes | None) -> bytes:
    return b"NIL" if content is None else b"{%d}\r\n" % len(content) + content
