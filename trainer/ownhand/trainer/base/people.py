"""Invented people, their habits, and mails that show them: what the embedded base is made from.

A person's rules depend on the recipient, the kind of recipient, the language, whether it is a reply, how many
are written to, how long the notes are and what they are about, with noise. No mail of anybody is in it.
"""

import random
from dataclasses import dataclass, field

from ownhand.trainer.base import grammar
from ownhand.trainer.base.words import words
from ownhand.worker.v1 import training_pb2 as pb

_GREETING, _SIGN_OFF, _WORDS, _LANGUAGE, _DU_SIE = 0, 3, 5, 23, 22
_SAID = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
}
_KINDS = ("colleague", "personal", "business")

Habits = dict[int, str]  # dimension -> rule


@dataclass
class Recipient:
    name: str
    kind: str
    language: str
    register: int
    quirks: Habits
    weight: float


@dataclass
class Exception_:
    """Under one circumstance some dimensions are different; an empty rule takes one away."""

    circumstance: str
    habits: Habits


@dataclass
class Person:
    recipients: list[Recipient]
    registers: list[Habits]
    exceptions: list[Exception_]
    topics: list[str]
    length_factor: list[float]  # words written per word of notes, by register
    says_length: bool
    says_language: bool
    dropped: float  # share of rules that a mail does not show
    changed: float  # share that it contradicts
    free: list[str] = field(default_factory=list)


def invent(dice: random.Random) -> Person:
    """One person."""
    n_registers = dice.choice((2, 2, 3, 3, 4))
    active = dice.sample(range(len(grammar.dimensions())), dice.randint(7, 14))
    languages = dice.choice(
        (("en",), ("en",), ("en", "de"), ("de", "en"), ("de",), ("en", "fr"), ("en", "es"))
    )
    registers = [_register(dice, active) for _ in range(n_registers)]
    by_kind = {kind: dice.randrange(n_registers) for kind in (*_KINDS, "group")}
    recipients = [
        _recipient(dice, active, languages, by_kind, n_registers) for _ in range(dice.randint(5, 14))
    ]
    topics = dice.sample(words().what["en"], 3)
    circumstances = dice.sample(("reply", "new", "group", "long", "short", *topics), dice.randint(1, 4))
    exceptions = [Exception_(name, _some(dice, active, 3)) for name in circumstances]
    return Person(
        recipients,
        registers,
        exceptions,
        topics,
        [dice.uniform(0.5, 2.2) for _ in registers],
        dice.random() < 0.85,
        len(languages) > 1 or dice.random() < 0.2,
        dice.choice((0.0, 0.05, 0.1, 0.2)),
        dice.choice((0.0, 0.02, 0.05, 0.1)),
        dice.sample(words().free_rules, 2) if dice.random() < 0.3 else [],
    )


def mail(person: Person, dice: random.Random) -> pb.Example:
    """What one mail of this person would be in a training set."""
    recipient = dice.choices(person.recipients, [each.weight for each in person.recipients])[0]
    points = _points(dice, recipient.language, person.topics)
    situation = pb.Situation(
        recipient=recipient.name,
        recipient_kind=recipient.kind,
        n_recipients=dice.randint(3, 9) if recipient.kind == "group" else dice.choice((1, 1, 1, 1, 1, 2)),
        reply=dice.random() < 0.5,
        language=recipient.language,
        subject=_subject(dice, recipient.language),
        points=points,
    )
    if situation.reply:
        situation.context = " ".join(_points(dice, recipient.language, person.topics))
    return pb.Example(situation=situation, rules=_rules(person, recipient, situation, dice))


def _rules(person: Person, recipient: Recipient, situation: pb.Situation, dice: random.Random) -> list[str]:
    n_words = sum(len(point.split()) for point in situation.points)
    habits = dict(person.registers[recipient.register])
    if person.says_length:
        length = n_words * person.length_factor[recipient.register] * dice.uniform(0.8, 1.25)
        habits[_WORDS] = _length_rule(length)
    if person.says_language:
        habits[_LANGUAGE] = f"Write in {_SAID[recipient.language]}."
    if recipient.language != "de":
        habits.pop(_DU_SIE, None)
    _in_language(habits, recipient.language)
    habits.update(recipient.quirks)
    for exception in person.exceptions:
        if _holds(exception.circumstance, situation, n_words):
            habits.update(exception.habits)
    shown = [_noisy(place, rule, person, dice) for place, rule in sorted(habits.items()) if rule]
    free = [rule for rule in person.free if dice.random() < 0.5]
    return [rule for rule in [*shown, *free] if rule] or [_length_rule(n_words)]


def _noisy(place: int, rule: str, person: Person, dice: random.Random) -> str:
    if dice.random() < person.dropped:
        return ""
    return _value(dice, place) if dice.random() < person.changed else rule


def _holds(circumstance: str, situation: pb.Situation, n_words: int) -> bool:
    simple = {
        "reply": situation.reply,
        "new": not situation.reply,
        "group": situation.n_recipients > 2,
        "long": n_words > 45,
        "short": n_words <= 10,
    }
    return (
        simple[circumstance] if circumstance in simple else any(circumstance in p for p in situation.points)
    )


def _register(dice: random.Random, active: list[int]) -> Habits:
    return {place: _value(dice, place) for place in active if dice.random() < 0.85}


def _some(dice: random.Random, active: list[int], at_most: int) -> Habits:
    places = dice.sample(active, dice.randint(1, at_most))
    return {place: "" if dice.random() < 0.4 else _value(dice, place) for place in places}


def _value(dice: random.Random, place: int) -> str:
    if place == _GREETING and dice.random() < 0.7:
        return _open(dice, "en", place)
    if place == _SIGN_OFF and dice.random() < 0.8:
        return _open(dice, "en", place)
    return dice.choice(grammar.dimensions()[place])


def _open(dice: random.Random, language: str, place: int) -> str:
    table, head = (
        (words().greetings, grammar.GREET) if place == _GREETING else (words().sign_offs, grammar.SIGN_OFF)
    )
    phrases = table[language]
    # The first of a list are those that most people use.
    return f"{head}{phrases[int(len(phrases) * dice.random() ** 1.7)]}{grammar.TAIL}"


def _in_language(habits: Habits, language: str) -> None:
    """The phrase of the same place in another language's list, so that a register has one face in each."""
    for place, table, head in (
        (_GREETING, words().greetings, grammar.GREET),
        (_SIGN_OFF, words().sign_offs, grammar.SIGN_OFF),
    ):
        rule = habits.get(place, "")
        if language != "en" and rule.startswith(head):
            english, other = (table["en"]), (table[language])
            number = english.index(rule.removeprefix(head).removesuffix(grammar.TAIL))
            habits[place] = f"{head}{other[number % len(other)]}{grammar.TAIL}"


def _recipient(
    dice: random.Random,
    active: list[int],
    languages: tuple[str, ...],
    by_kind: dict[str, int],
    n_registers: int,
) -> Recipient:
    kind = dice.choice((*_KINDS, *_KINDS, "group"))
    own = dice.random() < 0.4
    return Recipient(
        _name(dice),
        kind,
        dice.choice(languages),
        dice.randrange(n_registers) if own else by_kind[kind],
        _some(dice, active, 4) if dice.random() < 0.5 else {},
        dice.random() + 0.15,
    )


def _name(dice: random.Random) -> str:
    first, last = dice.choice(words().first), dice.choice(words().last)
    if dice.random() < 0.35:
        last = _syllables(dice).capitalize()
    if dice.random() < 0.2:
        first = _syllables(dice).capitalize()
    kind = dice.random()
    if kind < 0.12:
        return f"{first}.{last}".lower()
    if kind < 0.18:
        return first
    return f"{last}, {first}" if kind < 0.22 else f"{first} {last}"


def _syllables(dice: random.Random) -> str:
    return "".join(
        dice.choice("b d f g h k l m n p r s t v w z st br sch ch th".split()) + dice.choice("aeiou")
        for _ in range(dice.randint(1, 3))
    ) + dice.choice(("", "n", "r", "s", "l", "tt", "ck"))


def _points(dice: random.Random, language: str, topics: list[str]) -> list[str]:
    n_points = dice.choice((1, 1, 1, 2, 2, 3, 4, 6))
    return [_point(dice, language, topics) for _ in range(n_points)]


def _point(dice: random.Random, language: str, topics: list[str]) -> str:
    which = language if language in words().who else "en"
    what = dice.choice(topics) if which == "en" and dice.random() < 0.25 else dice.choice(words().what[which])
    pieces = [dice.choice(words().who[which]), dice.choice(words().does[which]), what]
    if dice.random() < 0.6:
        pieces.append(dice.choice(words().when[which]))
    for _ in range(dice.choice((0, 0, 1, 1, 2))):
        pieces.append(dice.choice(words().more[which]))
    return " ".join(pieces) + "."


def _subject(dice: random.Random, language: str) -> str:
    which = language if language in words().what else "en"
    what = dice.choice(words().what[which]).split(" ", 1)[-1].capitalize()
    return what if dice.random() < 0.6 else f"{what} {dice.choice(words().when[which])}"


def _length_rule(n_words: float) -> str:
    ends = (10, 25, 50, 80, 120, 200)
    return grammar.dimensions()[_WORDS][sum(n_words > end for end in ends)]
