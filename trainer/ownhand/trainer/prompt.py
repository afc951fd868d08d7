"""Situation -> the text that a small model reads, and its answer -> rules.

What the person's other mails show comes first, facts with few values follow as whole lines of their own,
and whom the mail is for comes last: the answer begins at a fixed distance from what decides most of it. Any
change is a new TEMPLATE; old adapters are then refused.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ownhand.trainer.base import grammar
from ownhand.worker.v1 import training_pb2 as pb

TEMPLATE = "agent@2"
END_OF_RULE = "\n"

# Upper ends, in words. A model of a few million weights cannot count words, so they are counted for it.
_SIZES = (0, 5, 10, 18, 25, 38, 50, 80, 120, 200)
_SENTENCES = (4, 7, 10, 12, 15, 18, 21, 25)
_EARLIER = (0, 1, 2, 5, 15)
_MAX_NAME_WORDS = 4
_MAX_POINTS = 6
_DAYTIMES = ("night", "morning", "afternoon", "evening")  # six hours each

USUAL, UNSURE, ALSO = "Usual:\n", "Not always:\n", "Sometimes:\n"
WITH_RECIPIENT, NEAREST = "With this reader:\n", "A mail like this:\n"
_OFTEN = 0.4  # share of the mails from which the most frequent rule of a dimension is usual
_SURE = 0.8  # from which nothing more is said of it
_MOSTLY = 0.5  # of the mails to one reader


@dataclass(frozen=True, slots=True)
class Room:
    """How much is shown: words of the free text, and what the person's other mails show."""

    subject: int
    context: int
    points: int
    usual: bool = True
    with_recipient: bool = True
    nearest: int = 3  # mails


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
            *_habits(situation, room),
            _free("Context", situation.context, room.context),
            _free("Subject", situation.subject, room.subject),
            _free("Says", " / ".join(situation.points), room.points),
            _fact("Daytime", _daytime(situation.hour)),
            _fact("Answers", str(_step(_SIZES, _n_words([situation.context])))),
            _fact("Points", _points(len(situation.points))),
            _fact("Asks", "yes" if any(_asks(point) for point in situation.points) else "no"),
            _fact("Sentences", str(_step(_SENTENCES, _mean_words(situation.points)))),
            _fact("Length", str(_step(_SIZES, _n_words(situation.points)))),
            _fact("Language", language),
            _fact("Reply", "yes" if situation.reply else "no"),
            _fact("Recipients", _recipients(situation.n_recipients)),
            _fact("Before", str(_step(_EARLIER, situation.n_before))),
            _fact("Kind", kind),
            _free("To", situation.recipient, _MAX_NAME_WORDS),
            "Rules:\n",
        )
    )


def complete(rules: Iterable[str]) -> str:
    """The answer that a model is to learn: one rule a line."""
    return "".join(map(_line, rules))


def fact_lines() -> list[str]:
    """Every line that `render` makes of a fact with few values."""
    sizes = [str(number) for number in range(len(_SIZES) + 1)]
    facts: dict[str, Iterable[str]] = {
        "Daytime": [*_DAYTIMES, "unknown"],
        "Answers": sizes,
        "Points": [_points(number) for number in range(_MAX_POINTS + 1)],
        "Asks": ("yes", "no"),
        "Sentences": [str(number) for number in range(len(_SENTENCES) + 1)],
        "Length": sizes,
        "Language": LANGUAGES,
        "Reply": ("yes", "no"),
        "Recipients": [_recipients(number) for number in range(4)],
        "Before": [str(number) for number in range(len(_EARLIER) + 1)],
        "Kind": KINDS,
    }
    return [_fact(name, value) for name, values in facts.items() for value in values]


def free_heads() -> list[str]:
    """How the lines with free text begin, and those that are not facts."""
    habits = (USUAL, UNSURE, ALSO, WITH_RECIPIENT, NEAREST)
    return ["Context:", "Subject:", "Says:", "To:", *habits, "Rules:\n"]


# --- what the person's other mails show ------------------------------------------------------------


def _habits(situation: pb.Situation, room: Room) -> list[str]:
    """What is usual, one rule of a dimension, and of narrower circles only what is different there.

    The usual rules stand in the order of the answer: a small model first learns to copy them.
    """
    first, others = _ranked(situation.usual)
    usual = [habit.rule for habit in first if habit.share >= _OFTEN]
    lines: list[str] = []
    if room.usual and usual:
        lines += _listed(USUAL, usual)
        lines += _listed(UNSURE, [h.rule for h in first if _OFTEN <= h.share < _SURE])
        lines += _listed(ALSO, [h.rule for h in (*first, *others) if h.rule not in usual])
    if room.with_recipient:
        theirs, _ = _ranked(situation.with_recipient)
        different = [h.rule for h in theirs if h.share >= _MOSTLY and h.rule not in usual]
        lines += _listed(WITH_RECIPIENT, different)
    for mail in situation.nearest[: room.nearest]:
        lines += _listed(NEAREST, [rule for rule in mail.rules if rule not in usual])
    return lines


def _ranked(habits: Iterable[pb.Habit]) -> tuple[list[pb.Habit], list[pb.Habit]]:
    """The most frequent habit of each dimension, and the others. What has no dimension stands for itself."""
    first: dict[int | str, pb.Habit] = {}
    others = []
    for habit in habits:
        dimension = grammar.dimension_of(habit.rule)
        if first.setdefault(habit.rule if dimension is None else dimension, habit) is not habit:
            others.append(habit)
    return list(first.values()), others


def _listed(head: str, rules: Sequence[str]) -> list[str]:
    return [head, *map(_line, rules)] if rules else []


def _line(rule: str) -> str:
    return " ".join(rule.split()) + END_OF_RULE


# --- facts -----------------------------------------------------------------------------------------


def _fact(name: str, value: str) -> str:
    return f"{name}: {value}\n"


def _free(name: str, text: str, max_words: int) -> str:
    words = text.split()[:max_words]
    return f"{name}: {' '.join(words)}\n" if words else ""


def _points(number: int) -> str:
    return str(number) if number < _MAX_POINTS else f"{_MAX_POINTS} or more"


def _recipients(number: int) -> str:
    return str(number) if number < 3 else "3 or more"


def _daytime(hour: int) -> str:
    return _DAYTIMES[(hour % 24) // 6] if hour else "unknown"


def _asks(point: str) -> bool:
    return point.rstrip(" .!)\"'”").endswith("?")


def _n_words(texts: Iterable[str]) -> int:
    return sum(len(text.split()) for text in texts)


def _mean_words(points: Sequence[str]) -> float:
    return _n_words(points) / len(points) if points else 0.0


def _step(ends: Sequence[int], number: float) -> int:
    """0 up to the first end, one more for each end that is passed."""
    return bisect_left(ends, number)
