"""An account in the configuration: its server, how to sign in there, its relay and its identities."""

import re
import types
from collections.abc import Mapping
from dataclasses import dataclass, fields
from ipaddress import ip_address
from typing import ClassVar, Literal

# Read by pydantic, which is imported only where a file is read: the command line does without it.
STRICT = types.MappingProxyType({"extra": "forbid", "strict": True})

_PIN = re.compile(r"sha256:[0-9a-f]{64}")
_HTTPS = re.compile(r"https://[\w.-]+(:\d+)?(/|\Z)")  # no name and password in it


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a password or key is kept. Exactly one of the four is given."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = STRICT
    command: tuple[str, ...] = ()  # its first line of output
    env: str = ""  # a variable of the daemon's environment
    file: str = ""  # its first line
    keyring: bool = False  # the system's, where `ownhand setup` puts it

    def __post_init__(self) -> None:
        if sum(map(bool, (self.command, self.env, self.file, self.keyring))) != 1:
            raise ValueError("give exactly one of command, env, file and keyring")

    @property
    def spec(self) -> dict[str, object]:
        """The one that is given, as `mail.signin.password_reader` takes it."""
        if self.command:
            return {"command": list(self.command)}
        given = {"env": self.env, "file": self.file, "keyring": self.keyring}
        return {kind: value for kind, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """One [[account.identity]]: a further address that the person sends from with this account."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = STRICT
    address: str
    display_name: str = ""
    voice: str = ""  # empty: the account's; another name: one of its own

    def __post_init__(self) -> None:
        if not all(self.address.partition("@")):
            raise ValueError("address must be a mail address, like ana@example.org")


@dataclass(frozen=True, slots=True)
class OAuthSettings:
    """[account.oauth]: tokens in place of a password, by the person's own client id or by a command."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = STRICT
    provider: Literal["", "google", "microsoft"] = ""  # empty: by the addresses below
    client_id: str = ""
    client_secret: Secret | None = None
    flow: Literal["loopback", "device"] = "loopback"
    scopes: tuple[str, ...] = ()  # in place of the provider's
    authorize_url: str = ""
    token_url: str = ""
    device_url: str = ""
    keep: Literal["keyring", "file"] = "keyring"  # where tokens are: a file is not encrypted
    command: tuple[str, ...] = ()  # prints a token, in place of all the above

    def __post_init__(self) -> None:
        if self.command:
            given = [f.name for f in fields(self) if getattr(self, f.name) != f.default]
            if given != ["command"]:
                raise ValueError("command gets tokens by itself: leave everything else out, or leave it out")
            return
        if not self.client_id:
            raise ValueError("client_id must be that of a client which you registered at the provider")
        if not self.provider and not (self.token_url and (self.authorize_url or self.device_url)):
            raise ValueError("give a provider, or token_url with authorize_url or device_url")
        urls = (self.authorize_url, self.token_url, self.device_url)
        if not all(_HTTPS.match(url) for url in urls if url):
            raise ValueError("addresses must begin with https:// and a host name")


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """[account.relay]: where `ownhand relay` takes the account's mail, and the server it passes it on to.

    For a mail program whose sent mail is on no IMAP server: what goes through the relay is learned from.
    """

    __pydantic_config__: ClassVar[Mapping[str, object]] = STRICT
    host: str  # of the submission server
    port: int = 0  # 0: 465, or 587 with STARTTLS or in plain text
    tls: Literal["implicit", "starttls", "plaintext-loopback"] = "implicit"
    user: str = ""  # empty: the account's
    password: Secret | None = None  # None: the account's
    trust: str = ""  # a file with the certificates to trust in place of the system's
    listen: int = 1587  # port on 127.0.0.1; 0: any that is free
    certificate: str = ""  # a file, for programs that insist on STARTTLS
    key: str = ""  # a file; empty: in the certificate's

    def __post_init__(self) -> None:
        if not self.host:
            raise ValueError("host must say where the submission server is")
        if not 0 <= self.port < 65536 or not 0 <= self.listen < 65536:
            raise ValueError("port and listen must be below 65536")
        if self.tls == "plaintext-loopback" and not _is_loopback(self.host):
            raise ValueError("tls may be left out only for a host of this machine")
        if self.key and not self.certificate:
            raise ValueError("key is of no use without certificate")

    @property
    def server_port(self) -> int:
        return self.port or (465 if self.tls == "implicit" else 587)


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """One [[account]]: a mailbox login, or a relay that sees what is sent."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = STRICT
    name: str
    address: str
    password: Secret | None = None
    oauth: OAuthSettings | None = None  # in place of a password
    host: str = ""  # of the IMAP server; empty only where there is a relay
    display_name: str = ""
    port: int = 0  # 0: 993, or 143 in plain text
    tls: Literal["verify", "starttls", "plaintext-loopback"] = "verify"
    tls_pin: str = ""  # "sha256:…": the one certificate of a server on this machine
    user: str = ""  # empty: the address
    sent: str = "auto"  # or the name of a folder
    drafts: str = "auto"  # the same, for `ownhand draft --save`
    poll_s: float = 300.0  # between two looks when the server does not push
    newest: int = 0  # most messages to read, the newest of the folder; 0: all
    voice: str = ""  # the account whose rules and agent this one shares; empty: its own
    identity: tuple[IdentitySettings, ...] = ()
    relay: RelaySettings | None = None

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("name must not be empty")
        if self.password is None and self.oauth is None:
            raise ValueError("say how to sign in: give password, or [account.oauth]")
        if self.password is not None and self.oauth is not None:
            raise ValueError("give password or [account.oauth], not both")
        if not self.host and not self.relay:
            raise ValueError("host must name the IMAP server; only with [account.relay] is there none")
        if self.host and self.relay:
            raise ValueError(
                "give host or relay, not both: make two accounts, one with the voice of the other"
            )
        if not all(self.address.partition("@")):
            raise ValueError("address must be a mail address, like ana@example.org")
        if not 0 <= self.port < 65536:
            raise ValueError("port must be below 65536")
        if self.newest < 0:
            raise ValueError("newest must not be below 0")
        if self.poll_s <= 0:
            raise ValueError("poll_s must be above 0")
        if self.tls == "plaintext-loopback" and self.host and not _is_loopback(self.host):
            raise ValueError("tls may be left out only for a host of this machine")
        if self.tls_pin and not _is_loopback(self.host):
            raise ValueError("tls_pin may be given only for a host of this machine")
        if self.tls_pin and not _PIN.fullmatch(self.tls_pin):
            raise ValueError("tls_pin must be sha256: and 64 small hexadecimal digits, as setup shows it")
        if self.tls_pin and self.tls == "plaintext-loopback":
            raise ValueError("tls_pin is of no use without TLS")

    @property
    def login(self) -> str:
        return self.user or self.address

    @property
    def server_port(self) -> int:
        return self.port or (993 if self.tls == "verify" else 143)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
