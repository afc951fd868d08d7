"""A connection to an IMAP server that is signed in, and how it ends."""

import imaplib
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from ownhand.daemon.mail.imap import faults
from ownhand.daemon.mail.imap.client import Client, hang_up
from ownhand.daemon.mail.imap.folder import Opener
from ownhand.daemon.mail.imap.reader import Reader
from ownhand.daemon.mail.imap.wire import Wire

_GOODBYE_S = 2.0


@dataclass
class Session:
    client: Client
    wire: Wire
    opener: Opener
    capabilities: frozenset[str]
    reader: Reader | None = None  # of the folder, while it is open
    n_removals_told: int = 0

    def leave(self) -> None:
        """Says goodbye, for a little while, and hangs up."""
        with suppress(*faults.FOREIGN):
            self.client.socket().settimeout(_GOODBYE_S)
            self.wire.leave()
        self.end()

    def end(self) -> None:
        """Hangs up."""
        self.wire.close()
        hang_up(self.client)

    def cut(self) -> None:
        """Ends it under whoever is reading from it, in another thread."""
        with suppress(OSError):
            # Not SSLSocket.shutdown: that takes the TLS layer away while another thread reads through it.
            socket.socket.shutdown(self.client.socket(), socket.SHUT_RDWR)


def begun(connect: Callable[[], Client], server: str) -> Session:
    """A new one, by what signs in. Raises what that raises, or imaplib's error for an answer of nonsense."""
    try:
        client = connect()
        said = client.capabilities()
    except faults.BROKEN_ANSWER:
        raise imaplib.IMAP4.error("nonsense while signing in") from None
    capabilities = frozenset(name.decode("ascii", "replace").upper() for name in said)
    wire = Wire(client.socket(), server)
    try:
        return Session(client, wire, Opener(wire, capabilities), capabilities)
    except BaseException:
        wire.close()
        hang_up(client)
        raise
