"""A mistake in the configuration, told with the key as the person knows it.

Names keys and never shows values: a password may stand where it should not.
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

from ownhand.daemon.config.settings import Settings

_SECRETS = ("password", "client_secret", "api_key")


def mistake(
    place: tuple[int | str, ...], kind: str, message: str, table: Mapping[str, Any]
) -> tuple[str, str]:
    """The key and what is wrong with it, from what pydantic says of a place in the table."""
    key = _name_of(place, table)
    if kind == "unexpected_keyword_argument":
        known = list(keys_at(place[:-1]))
        near = difflib.get_close_matches(str(place[-1]), known, 1, 0.5)
        return key, "no such key; " + (
            f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        )
    if kind == "missing":
        return key, "is missing"
    if kind == "dataclass_type" and place[-1] in _SECRETS:
        told = 'must say where it is kept, like { command = ["pass", "mail"] }, and not stand here itself'
        return key, told
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


def keys_at(place: tuple[int | str, ...]) -> Iterator[str]:
    """The keys that there are in a table."""
    kind: Any = Settings
    for step in place:
        hint = kind if isinstance(step, int) else get_type_hints(kind)[step]
        kind = next((part for part in (hint, *get_args(hint)) if is_dataclass(part)), Settings)
    yield from (f.name for f in fields(kind))
