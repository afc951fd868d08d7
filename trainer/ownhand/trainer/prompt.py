"""Situation -> the text that a small model reads, and its answer -> rules.

Facts with few values come as whole lines of their own, and whom the mail is for comes last: the answer begins
at a fixed distance from what decides most of it. Any change is a new TEMPLATE; old adapters are then refused.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from ownhand.worker.v1 import training_pb2 as pb

TEMPLATE = "agent@1"
END_OF_RULE = "\n"

# Upper ends, in words. A model of a million weights cannot count words, so they are counted for it.
_SIZES = (0, 5, 10, 18, 30, 45, 65, 90, 130)
_MAX_NAME_WORDS = 4
_MAX_POINTS = 6


@dataclass(frozen=True, slots=True)
class Room:
    """How many words of the free text are shown."""

    subject: int
    context: int
    points: int


ROOMY = Room(subject=20, context=60, points=250)
BRIEF = Room(subject=6, context=8, points=24)  # for a model that cannot read much, and must be quick

KINDS = ("colleague", "personal", "business", "group", "unknown")
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "sv", "da", "pl", "other")


def render(situation: pb.Situation, room: Room = ROOMY) -> str:
    """What the model is given; its completion follows at once."""
    kind = situation.recipient_kind if situation.recipient_kind in KINDS else "unknown"
    language = situation.language if situation.language in LANGUAGES else "other"
    return "".join(
        (
            _free("Context", situation.context, room.context),
            _free("Subject", situation.subject, room.subject),
            _free("Says", " / ".join(situation.points), room.points),
            _fact("Points", _points(len(situation.points))),
            _fact("Length", _size(situation.points)),
            _fact("Language", language),
            _fact("Reply", "yes" if situation.reply else "no"),
            _fact("Recipients", _recipients(situation.n_recipients)),
            _fact("Kind", kind),
            _free("To", situation.recipient, _MAX_NAME_WORDS),
            "Rules:\n",
        )
    )


def complete(rules: Iterable[str]) -> str:
    """The answer that a model is to learn: one rule a line."""
    return "".join(" ".join(rule.split()) + END_OF_RULE for rule in rules)


def fact_lines() -> list[str]:
    """Every line that `render` makes of a fact with few values."""
    sizes = [str(number) for number in range(len(_SIZES) + 1)]
    facts: dict[str, Iterable[str]] = {
        "Points": [_points(number) for number in range(_MAX_POINTS + 1)],
        "Length": sizes,
        "Language": LANGUAGES,
        "Reply": ("yes", "no"),
        "Recipients": [_recipients(number) for number in range(4)],
        "Kind": KINDS,
    }
    return [_fact(name, value) for name, values in facts.items() for value in values]


def free_heads() -> list[str]:
    """How the lines with free text begin, and how the answer does."""
    return ["Context:", "Subject:", "Says:", "To:", "Rules:\n"]


def _fact(name: str, value: str) -> str:
    return f"{name}: {value}\n"


def _free(name: str, text: str, max_words: int) -> str:
    words = text.split()[:max_words]
    return f"{name}: {' '.join(words)}\n" if words else ""


def _points(number: int) -> str:
    return str(number) if number < _MAX_POINTS else f"{_MAX_POINTS} or more"


def _recipients(number: int) -> str:
    return str(number) if number < 3 else "3 or more"


def _size(points: Iterable[str]) -> str:
    """0 for nothing to 9 for more than 130 words, in steps of about a half more."""
    return str(bisect_left(_SIZES, sum(len(point.split()) for point in points)))
