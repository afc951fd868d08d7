"""Settings: the person's config.toml as values. Read once, by the composition root; never written here.

All problems of a file are collected before one error tells them. It names keys and never shows values: a
password may stand where it should not.
"""

import difflib
import json
import os
import re
import tomllib
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args, get_type_hints

from ownhand.daemon.errors import Invalid

# Read by pydantic, which is imported only where a file is read: the command line does without it.
_STRICT = types.MappingProxyType({"extra": "forbid", "strict": True})


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a password or key is kept. Exactly one of the four is given."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = _STRICT
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

    __pydantic_config__: ClassVar[Mapping[str, object]] = _STRICT
    address: str
    display_name: str = ""
    voice: str = ""  # empty: the account's; another name: one of its own

    def __post_init__(self) -> None:
        if not all(self.address.partition("@")):
            raise ValueError("address must be a mail address, like ana@example.org")


@dataclass(frozen=True, slots=True)
class OAuthSettings:
    """[account.oauth]: tokens in place of a password, by the person's own client id or by a command."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = _STRICT
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
            if self.client_id or self.provider:
                raise ValueError("give command, or provider and client_id, not both")
            return
        if not self.client_id:
            raise ValueError("client_id must be that of a client which you registered at the provider")
        if not self.provider and not (self.token_url and (self.authorize_url or self.device_url)):
            raise ValueError("give a provider, or token_url with authorize_url or device_url")
        urls = (self.authorize_url, self.token_url, self.device_url)
        if not all(url.startswith("https://") for url in urls if url):
            raise ValueError("addresses must begin with https://")


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """[account.relay]: where `ownhand relay` takes the account's mail, and the server it passes it on to.

    For a mail program whose sent mail is on no IMAP server: what goes through the relay is learned from.
    """

    __pydantic_config__: ClassVar[Mapping[str, object]] = _STRICT
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

    __pydantic_config__: ClassVar[Mapping[str, object]] = _STRICT
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
        if (self.password is None) == (self.oauth is None):
            raise ValueError("give password or [account.oauth], and not both")
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

    @property
    def login(self) -> str:
        return self.user or self.address

    @property
    def server_port(self) -> int:
        return self.port or (993 if self.tls == "verify" else 143)


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """[model]: the large model that writes."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = _STRICT
    kind: Literal["offline", "anthropic", "openai"] = "offline"
    name: str = ""
    base_url: str = ""
    api_key: Secret | None = None
    monthly_limit_usd: float | None = None  # None: no limit
    pseudonyms: bool = False  # replace names and addresses before text leaves
    batch: bool = False  # learn with the cheaper, slower batches where the model has them

    def __post_init__(self) -> None:
        if self.kind != "offline" and not self.name:
            raise ValueError("name must say which model")
        if self.kind == "openai" and not self.base_url:
            raise ValueError("base_url must say where the server is, like http://127.0.0.1:11434/v1")
        if self.base_url and not self.base_url.startswith(("http://", "https://")):
            raise ValueError("base_url must begin with http:// or https://")
        if self.monthly_limit_usd is not None and self.monthly_limit_usd < 0:
            raise ValueError("monthly_limit_usd must not be below 0")


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """[agent]: the small model that predicts rules."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = _STRICT
    base: str = "embedded"  # or a folder with a base model
    backend: str = "auto"
    max_steps: int = 0  # 0: the backend's own
    threads: int = 1  # 0: all
    idle_s: float = 600.0  # after this long without a draft the worker ends

    def __post_init__(self) -> None:
        if min(self.max_steps, self.threads, self.idle_s) < 0:
            raise ValueError("numbers must not be below 0")


@dataclass(frozen=True, slots=True)
class LearningSettings:
    """[learning]: how much mail an agent needs, and when to learn by itself."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = _STRICT
    min_mails: int = 20
    new_mails: int = 25  # train after so many new ones
    max_age_days: float = 14.0  # or when the oldest new one is so old
    min_interval_hours: float = 24.0  # but never more often
    intents: int = 3  # variants of each, where the model samples
    contrast: bool = True  # make zero-shot drafts and contrast with them
    watch: bool = True  # learn from new sent mail without being asked
    read_answered: bool = (
        True  # look up the answered mail where a reply alone does not tell whose words it has
    )

    def __post_init__(self) -> None:
        if min(self.min_mails, self.new_mails, self.intents) < 1:
            raise ValueError("min_mails, new_mails and intents must be at least 1")
        if min(self.max_age_days, self.min_interval_hours) < 0:
            raise ValueError("max_age_days and min_interval_hours must not be below 0")


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """[server]: how clients reach the daemon."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = _STRICT
    listen: Literal["unix", "tcp"] = "unix"


@dataclass(frozen=True, slots=True)
class TrainerSettings:
    """[trainer]: the interpreter that has the trainer, when it is not the daemon's own."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = _STRICT
    python: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole file."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = _STRICT
    account: tuple[AccountSettings, ...] = ()
    model: ModelSettings = field(default_factory=ModelSettings)
    agent: AgentSettings = field(default_factory=AgentSettings)
    learning: LearningSettings = field(default_factory=LearningSettings)
    server: ServerSettings = field(default_factory=ServerSettings)
    trainer: TrainerSettings = field(default_factory=TrainerSettings)

    def __post_init__(self) -> None:
        names = [account.name for account in self.account]
        if len(set(names)) < len(names):
            raise ValueError("every account needs a name of its own")
        ports = [a.relay.listen for a in self.account if a.relay and a.relay.listen]
        if len(set(ports)) < len(ports):
            raise ValueError("every relay needs a port of its own: set its listen")
        voices = {account.name: account.voice or account.name for account in self.account}
        for name, voice in voices.items():
            if voices.get(voice) != voice:
                raise ValueError(f"the voice of {name} must be the name of an account that has its own voice")


def read_settings(file: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a file; the defaults when there is none. Raises Invalid with all that is wrong."""
    try:
        text = file.read_text("utf-8") if file.exists() else ""
    except (OSError, UnicodeDecodeError) as exc:
        problem = f"{file.name} cannot be read ({type(exc).__name__})"
        raise Invalid(problem, hint="is it yours, and UTF-8?") from None
    table, where = _table(text)
    if where:
        raise Invalid(
            f"{file.name} is not TOML: something is wrong at {where}",
            hint="texts stand in quotes, every key on a line of its own",
            fields={file.name: f"at {where}"},
        )
    return parse_settings(_with_environment(table, environ), file.name)


def parse_settings(table: Mapping[str, Any], file_name: str = "config.toml") -> Settings:
    """The settings that a table says. Raises Invalid with all that is wrong."""
    settings, problems = _validated(table)
    if settings is not None:
        return settings
    told = "; ".join(f"{key}: {problem}" for key, problem in problems.items())
    raise Invalid(
        f"{file_name} has {len(problems)} mistake{'s' if len(problems) > 1 else ''}: {told}",
        hint=f"correct {file_name} and start again",
        fields=problems,
    )


# Both exceptions below carry the text they could not read. They end where they are caught, so that none
# of ours has one for its context.


def _table(text: str) -> tuple[dict[str, Any], str]:
    """What the TOML says, and where it is broken, if it is."""
    try:
        return tomllib.loads(text), ""
    except tomllib.TOMLDecodeError as exc:
        place = re.search(r"\(at (line \d+, column \d+)\)", str(exc))
        return {}, place.group(1) if place else f"line {len(text.splitlines())}"


def _validated(table: Mapping[str, Any]) -> tuple[Settings | None, dict[str, str]]:
    from pydantic import TypeAdapter, ValidationError

    try:
        # By way of JSON, where strictness allows what TOML has: an array for a tuple, a table for an object.
        return TypeAdapter(Settings).validate_json(json.dumps(table, default=str)), {}
    except ValidationError as exc:
        errors = exc.errors(include_url=False, include_context=False, include_input=False)
        return None, dict(_problem(error["loc"], error["type"], error["msg"], table) for error in errors)


def _problem(
    place: tuple[int | str, ...], kind: str, message: str, table: Mapping[str, Any]
) -> tuple[str, str]:
    key = _name_of(place, table)
    if kind == "unexpected_keyword_argument":
        known = list(_keys_at(place[:-1]))
        near = difflib.get_close_matches(str(place[-1]), known, 1, 0.5)
        return key, "no such key; " + (
            f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        )
    if kind == "missing":
        return key, "is missing"
    if kind == "dataclass_type" and place[-1] in ("password", "api_key"):
        return (
            key,
            'must say where it is kept, like { command = ["pass", "mail"] }, and not stand here itself',
        )
    if key == "account":
        return key, "each account begins with [[account]], with two brackets"
    if kind == "dataclass_type":
        return key, "must be a table"
    return key, message.removeprefix("Value error, ").replace("Input should be", "must be")


def _name_of(place: tuple[int | str, ...], table: Mapping[str, Any]) -> str:
    """The key as the person knows it: an account by its name, or else by its number, from 1."""
    if len(place) > 1 and place[0] == "account" and isinstance(place[1], int):
        account = table["account"][place[1]]
        name = account.get("name") if isinstance(account, dict) else None
        label = name if isinstance(name, str) and name.isidentifier() else str(place[1] + 1)
        return ".".join(["account", label, *map(str, place[2:])])
    return ".".join(map(str, place)) or "the file"


def _keys_at(place: tuple[int | str, ...]) -> Iterator[str]:
    """The keys that there are in a table."""
    kind: Any = Settings
    for step in place:
        hint = kind if isinstance(step, int) else get_type_hints(kind)[step]
        kind = next((part for part in (hint, *get_args(hint)) if is_dataclass(part)), Settings)
    yield from (f.name for f in fields(kind))


def _with_environment(table: dict[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """`OWNHAND_LEARNING_MIN_MAILS=5` stands over `min_mails` in [learning]. For tests."""
    merged = dict(table)
    for section in (f.name for f in fields(Settings) if f.name != "account"):
        for key in _keys_at((section,)):
            if (text := environ.get(f"OWNHAND_{section}_{key}".upper())) is not None:
                known = merged.get(section)
                merged[section] = {**(known if isinstance(known, dict) else {}), key: _value(text)}
    return merged


def _value(text: str) -> object:
    """A number, a switch or a table as TOML has them; anything else is a text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
