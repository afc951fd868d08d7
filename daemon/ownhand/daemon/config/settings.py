"""The whole configuration: the accounts, and how the program learns, writes and is reached."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from ownhand.daemon.config.account import STRICT, AccountSettings, Secret


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """[model]: the large model that writes."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = STRICT
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

    __pydantic_config__: ClassVar[Mapping[str, object]] = STRICT
    base: str = "embedded"  # or a folder with a base model
    backend: str = "auto"
    max_steps: int = 0  # 0: the backend's own
    threads: int = 1  # 0: all
    idle_s: float = 600.0  # after this long without a draft the worker ends
    keep: int = 5  # newest agents of a voice; the current one always
    keep_days: float = 90.0  # older ones go

    def __post_init__(self) -> None:
        if min(self.max_steps, self.threads, self.idle_s, self.keep, self.keep_days) < 0:
            raise ValueError("numbers must not be below 0")


@dataclass(frozen=True, slots=True)
class LearningSettings:
    """[learning]: how much mail an agent needs, and when to learn by itself."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = STRICT
    min_mails: int = 20
    new_mails: int = 25  # train after so many new ones
    max_age_days: float = 14.0  # or when the oldest new one is so old
    min_interval_hours: float = 24.0  # but never more often
    intents: int = 3  # variants of each, where the model samples
    contrast: bool = True  # make zero-shot drafts and contrast with them
    watch: bool = True  # learn from new sent mail without being asked
    quiet: bool = True  # train unasked only while the machine is on mains power and used by nobody
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

    __pydantic_config__: ClassVar[Mapping[str, object]] = STRICT
    listen: Literal["unix", "tcp"] = "unix"


@dataclass(frozen=True, slots=True)
class TrainerSettings:
    """[trainer]: the interpreter that has the trainer, when it is not the daemon's own."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = STRICT
    python: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole file."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = STRICT
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
