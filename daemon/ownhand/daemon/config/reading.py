"""Reads config.toml. All problems of a file are collected before one error tells them."""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from ownhand.daemon.config.mistakes import keys_at, mistake
from ownhand.daemon.config.settings import Settings
from ownhand.daemon.errors import Invalid


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
        return None, dict(mistake(error["loc"], error["type"], error["msg"], table) for error in errors)


def _with_environment(table: dict[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """`OWNHAND_LEARNING_MIN_MAILS=5` stands over `min_mails` in [learning]. For tests."""
    merged = dict(table)
    for section in (f.name for f in fields(Settings) if f.name != "account"):
        for key in keys_at((section,)):
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
