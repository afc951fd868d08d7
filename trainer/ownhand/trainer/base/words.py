"""The words that made-up mail is made of; `words.toml` has them."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ByLanguage = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Words:
    """Lists to draw from. Of greetings and sign-offs the most usual come first."""

    first: list[str]
    last: list[str]
    free_rules: list[str]
    greetings: ByLanguage
    sign_offs: ByLanguage
    who: ByLanguage
    does: ByLanguage
    what: ByLanguage
    when: ByLanguage
    more: ByLanguage


@cache
def words() -> Words:
    return Words(**tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8")))
