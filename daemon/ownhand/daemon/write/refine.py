"""What the person asks of a draft anew -> rules. Pure.

"Shorter" and its like become measurable rules, set against the draft as it stands, so that any model can
carry them out and anybody can check that it did. All other words are a rule as they are.
"""

from collections.abc import Callable, Mapping

from ownhand.daemon.domain import Claim
from ownhand.daemon.learn import claims, style
from ownhand.daemon.learn.style import Style

_LENGTHS = tuple(claim.value for claim in claims.ALL_FIXED if claim.dimension == "words")


def rules_of(words: str, previous: str) -> tuple[str, ...]:
    """The rules that ask for it; none for nothing."""
    asked = " ".join(words.split())
    if not asked:
        return ()
    make = _KNOWN.get(asked.lower().removesuffix(".").removesuffix("!"))
    return tuple(map(claims.say, make(style.measure(previous)))) if make else (asked,)


def _shorter(now: Style) -> tuple[Claim, ...]:
    return (_length(now, -1),)


def _longer(now: Style) -> tuple[Claim, ...]:
    return (_length(now, 1),)


def _length(now: Style, step: int) -> Claim:
    value = claims.value_of("words", now)
    at = _LENGTHS.index(value) if value in _LENGTHS else 2
    return Claim("words", _LENGTHS[min(max(at + step, 0), len(_LENGTHS) - 1)])


def _warmer(_: Style) -> tuple[Claim, ...]:
    return (Claim("politeness", "yes"), Claim("exclamation", "yes"))


def _plainer(_: Style) -> tuple[Claim, ...]:
    return (Claim("hedges", "no"), Claim("exclamation", "no"), Claim("emoji", "no"))


_KNOWN: Mapping[str, Callable[[Style], tuple[Claim, ...]]] = {
    "shorter": _shorter,
    "kürzer": _shorter,
    "longer": _longer,
    "länger": _longer,
    "warmer": _warmer,
    "wärmer": _warmer,
    "herzlicher": _warmer,
    "plainer": _plainer,
    "sachlicher": _plainer,
}
