"""How a link to a mail server is secured: by a certificate that is verified, or one that was pinned.

Plain text is for servers of this machine only, and so is a pin: Proton Bridge and DavMail make their own
certificate, which nobody vouches for.
"""

import ipaddress
import re
import socket
import ssl
from dataclasses import dataclass
from typing import Literal

from ownhand.daemon.domain import Connection
from ownhand.daemon.errors import Invalid, Unreachable
from ownhand.daemon.mail.certificate import Certificate, describe, fingerprint_of

Mode = Literal["verify", "starttls", "plaintext-loopback"]
_PIN = re.compile(r"sha256:[0-9a-f]{64}")
_HANDSHAKE_S = 10.0


@dataclass(frozen=True, slots=True)
class Security:
    """`mode` is where TLS begins: at once, after STARTTLS, or never. Raises Invalid for an unsafe one."""

    host: str
    mode: Mode = "verify"
    pin: str = ""  # "sha256:…" of the one certificate to accept, in place of verifying it
    trust: ssl.SSLContext | None = None  # in place of this system's authorities

    def __post_init__(self) -> None:
        trust = self.trust
        if trust is not None and not (trust.verify_mode is ssl.CERT_REQUIRED and trust.check_hostname):
            raise Invalid("the TLS context checks no certificates", fields={"tls": "must verify the server"})
        if self.mode == "plaintext-loopback" and not is_loopback(self.host):
            raise Invalid(
                "a mail server is only spoken to without TLS on this machine itself",
                hint='leave tls out; IMAP over TLS is usually on port 993, with tls = "starttls" on 143',
                fields={"tls": "may be left out only for localhost"},
            )
        if self.pin and not is_loopback(self.host):
            raise Invalid(
                "only a server on this machine may have a pinned certificate",
                hint="a server elsewhere needs a certificate that this machine trusts; leave tls_pin out",
                fields={"tls_pin": "may be given only for localhost"},
            )
        if self.pin and not _PIN.fullmatch(self.pin):
            raise Invalid(
                "the pinned certificate is not understood",
                hint="`ownhand setup` shows it: sha256: and 64 small hexadecimal digits",
                fields={"tls_pin": "must be sha256: and 64 small hexadecimal digits"},
            )

    def context(self) -> ssl.SSLContext | None:
        """What to wrap the socket in; None without TLS."""
        if self.mode == "plaintext-loopback":
            return None
        if not self.pin:
            return self.trust or ssl.create_default_context()
        return _unverified()

    def check(self, link: socket.socket) -> None:
        """After the handshake, before a word is said. Raises Unreachable for another certificate."""
        if not self.pin or self.mode == "plaintext-loopback":
            return
        # Without TLS there is no such method, and nothing must be said either.
        if not isinstance(link, ssl.SSLSocket) or fingerprint(link) != self.pin:
            raise Unreachable(
                "the server on this machine shows another certificate than the one that was pinned",
                hint="put the new one in tls_pin if its program was installed anew; else look who answers",
            )

    def connection(self, link: socket.socket, mechanism: str) -> Connection:
        """What is to be said of a link after the sign-in."""
        version = link.version() if isinstance(link, ssl.SSLSocket) else None
        return Connection(version or "", bool(self.pin and version), mechanism)


def fingerprint(link: ssl.SSLSocket) -> str:
    """Of the server's own certificate, as `tls_pin` has it; empty when it shows none."""
    shown = link.getpeercert(binary_form=True)
    return fingerprint_of(shown) if shown else ""


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def to_pin(host: str, port: int, mode: Mode) -> Certificate | None:
    """What a server of this machine shows that this machine does not trust, for a person to say yes to.

    None where it is trusted as it is, or speaks no TLS. Sends nothing but what the handshakes need. Blocks.
    Raises Unreachable.
    """
    assert is_loopback(host)
    try:
        _shown(host, port, mode, ssl.create_default_context())
    except ssl.SSLCertVerificationError:
        return describe(_shown(host, port, mode, _unverified()))
    return None


def _shown(host: str, port: int, mode: Mode, context: ssl.SSLContext) -> bytes:
    """The certificate. Lets pass on what verifying it raises."""
    try:
        with socket.create_connection((host, port), _HANDSHAKE_S) as plain:
            if mode == "plaintext-loopback":
                return b""
            if mode == "starttls" and not _asked_for_tls(plain):
                raise Unreachable(f"{host}:{port} offers no STARTTLS", hint="check the port")
            with context.wrap_socket(plain, server_hostname=host) as link:
                return link.getpeercert(binary_form=True) or b""
    except ssl.SSLCertVerificationError:
        raise
    except ConnectionRefusedError:
        raise Unreachable(
            f"nothing answers on {host}:{port}", hint="start the program that should; check its port"
        ) from None
    except OSError:
        raise Unreachable(
            f"{host}:{port} does not speak TLS", hint="check the port, and whether TLS begins with STARTTLS"
        ) from None


def _asked_for_tls(plain: socket.socket) -> bool:
    with plain.makefile("rb") as answers:
        answers.readline(4096)
        plain.sendall(b"a STARTTLS\r\n")
        return answers.readline(4096).upper().startswith(b"A OK")


def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # `check` compares what is shown
    return context
