"""Settings: the person's config.toml as values. Read here; written by `settings_file`."""

from ownhand.daemon.config.account import (
    AccountSettings,
    IdentitySettings,
    OAuthSettings,
    RelaySettings,
    Secret,
)
from ownhand.daemon.config.reading import parse_settings, read_settings
from ownhand.daemon.config.settings import AgentSettings, LearningSettings, ModelSettings, Settings

__all__ = [
    "AccountSettings",
    "AgentSettings",
    "IdentitySettings",
    "LearningSettings",
    "ModelSettings",
    "OAuthSettings",
    "RelaySettings",
    "Secret",
    "Settings",
    "parse_settings",
    "read_settings",
]
