"""Plays the mail provider: pymap, an IMAP server, as a child process with a mailbox for each person.

It keeps its mail in Maildirs under one folder, so that a server that is started again presents the same
messages under the same numbers. Mail goes in by IMAP, as a mail program puts it there.
"""

import asyncio
import imaplib
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ownhand.daemon.demo.children import Failed, child, ended

HOST = "127.0.0.1"
SENT = "Sent"
_STARTS_WITHIN_S = 60.0
_ANSWERS_WITHIN_S = 30.0
# Of the password, which is random and as long: slow hashing would only cost the demo time.
_HASH_ROUNDS = 1000


@dataclass(frozen=True, slots=True)
class Provider:
    """A running server. Its calls block: they are made from threads."""

    port: int
    password_file: Path

    def message_ids(self, address: str) -> list[str]:
        """The ids of the messages in the Sent folder, in its order."""
        with _login(self.port, address, self.password_file) as imap:
            n = _open(imap)
            if not n:
                return []
            answer = _checked(imap.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"))
        return [_id(part[1]) for part in answer if isinstance(part, tuple)]

    def append(self, address: str, mails: Sequence[tuple[bytes, datetime | None]]) -> None:
        """Puts mails into the Sent folder, each with its date."""
        with _login(self.port, address, self.password_file) as imap:
            _open(imap)
            for raw, sent_at in mails:
                date = imaplib.Time2Internaldate(sent_at) if sent_at else ""
                _checked(imap.append(SENT, r"(\Seen)", date, raw))


@asynccontextmanager
async def provider(folder: Path, addresses: Sequence[str], output: Path) -> AsyncIterator[Provider]:
    """A server for these people, which answers."""
    password_file = _prepare(folder, addresses)
    port = _free_port()
    command = [sys.executable, "-m", __name__, str(port), str(folder)]
    # pymap replaces its files by renaming temporary ones, which must be on the same disk.
    async with child(command, output, {"TMPDIR": str(folder / "tmp")}) as process:
        try:
            async with asyncio.timeout(_STARTS_WITHIN_S):
                while not await _answers(port):
                    if process.returncode is not None:
                        raise ended(process, "the IMAP server", output)
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise Failed(f"the IMAP server does not answer; what it said is in {output}") from None
        yield Provider(port, password_file)


def main() -> None:
    """The child: a server until SIGTERM, or until its parent is gone."""
    port, folder = sys.argv[1:]
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.argv[1:] = [
        *("--host", HOST, "--port", port, "--no-tls"),
        *("--no-service", "admin", "--no-service", "managesieve"),
        *("maildir", folder),
    ]
    from pymap.main import main as serve

    serve()


def _end_with_parent() -> None:
    while os.read(0, 1024):  # not by sys.stdin: a thread that holds its lock makes Python abort at the end
        pass
    os.kill(os.getpid(), signal.SIGTERM)


# --- the server's files ------------------------------------------------------------------------


def _prepare(folder: Path, addresses: Sequence[str]) -> Path:
    """Makes the server's folder and its list of people; gives the file with their password."""
    from pysasl.hashing import BuiltinHash

    (folder / "tmp").mkdir(mode=0o700, parents=True, exist_ok=True)
    for stale in folder.rglob("*.lock"):  # of a server that was killed; pymap would wait for its end
        stale.unlink()
    password_file = folder / "password"
    if not password_file.exists():
        password_file.touch(mode=0o600)
        password_file.write_text(secrets.token_urlsafe(24) + "\n")
    hashed = BuiltinHash(rounds=_HASH_ROUNDS).hash(password_file.read_text().strip())
    homes = [address.partition("@")[0] for address in addresses]
    people = list(zip(addresses, homes, strict=True))
    (folder / "pymap-etc-passwd").write_text("".join(f"{who}:x::::{home}:\n" for who, home in people))
    (folder / "pymap-etc-shadow").write_text("".join(f"{who}:{hashed}:::::::\n" for who in addresses))
    return password_file


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


# --- IMAP --------------------------------------------------------------------------------------


def _login(port: int, address: str, password_file: Path) -> imaplib.IMAP4:
    imap = imaplib.IMAP4(HOST, port, timeout=_ANSWERS_WITHIN_S)
    # imaplib writes a literal and what follows it separately: each APPEND would wait for a delayed ACK.
    imap.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        imap.login(address, password_file.read_text().strip())
    except BaseException:
        imap.shutdown()
        raise
    return imap


def _open(imap: imaplib.IMAP4) -> int:
    """Opens the Sent folder, which is made when it is not there; gives the number of messages."""
    # pymap hangs up when it is asked to make a folder that is there already.
    if _checked(imap.list('""', SENT)) == [None]:
        _checked(imap.create(SENT))
    return int(_checked(imap.select(SENT))[0])


def _checked(answer: tuple[str, list]) -> list:  # type: ignore[type-arg]  # of whatever imaplib found
    kind, data = answer
    if kind != "OK":
        raise Failed(f"the IMAP server answered {kind}")
    return data


def _id(header: bytes) -> str:
    return header.decode("ascii", "replace").partition(":")[2].strip()


if __name__ == "__main__":
    main()
