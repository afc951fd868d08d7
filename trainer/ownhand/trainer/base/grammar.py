"""What the embedded base knows of rules: those with a closed set of values, and the heads of the open ones.

Rules of one dimension exclude one another. The order of the dimensions is the order in which an agent is
taught to say its rules, so that it need not guess it.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

GREET = 'Greet with "'
SIGN_OFF = 'Sign off with "'
TAIL = '".'
_GREETING, _SIGN_OFF = 0, 3  # dimensions in rules.txt that also have open values


@cache
def dimensions() -> tuple[tuple[str, ...], ...]:
    """The rules of rules.txt: a line each, dimensions apart by an empty line."""
    text = Path(__file__).with_name("rules.txt").read_text("utf-8")
    return tuple(tuple(block.splitlines()) for block in text.strip().split("\n\n"))


def fixed_rules() -> list[str]:
    return [rule for dimension in dimensions() for rule in dimension]


def dimension_of(rule: str) -> int | None:
    """Its place in the order; None for what is not in the grammar."""
    if rule.startswith(GREET):
        return _GREETING
    if rule.startswith(SIGN_OFF):
        return _SIGN_OFF
    return _places().get(rule)


def in_order(rules: Iterable[str]) -> list[str]:
    """Rules of the grammar by dimension, then the others as they were."""
    last = len(dimensions())

    def place(rule: str) -> int:
        dimension = dimension_of(rule)
        return last if dimension is None else dimension

    return sorted(dict.fromkeys(rules), key=place)


@cache
def _places() -> dict[str, int]:
    return {rule: place for place, dimension in enumerate(dimensions()) for rule in dimension}
