"""Invented people and their mails: what the embedded base is made from.

What a person's mail shows depends on the reader, their kind, the language, whether it is a reply, the hour,
how long the notes are and what they are about, with noise. Each mail carries what the person's other mails
show, as a real training set does. No mail of anybody is in it.
"""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ownhand.trainer.base import manners
from ownhand.trainer.base.manners import Content, Manner
from ownhand.trainer.base.words import words
from ownhand.worker.v1 import training_pb2 as pb

_KINDS = ("colleague", "personal", "business")
_N_NEAREST = 3
_SHARE_TOLD = 0.2  # habits rarer than that are no habits


@dataclass
class Recipient:
    name: str
    kind: str
    language: str
    manner: Manner
    weight: float


@dataclass
class Person:
    recipients: list[Recipient]
    exceptions: list[tuple[str, dict[int, str]]]  # circumstance, rules that then hold
    topics: list[str]
    note_length: float
    asking: float
    free: list[str]


def invent(dice: random.Random) -> Person:
    """One person."""
    first = manners.invent(dice)
    registers = [first, *(manners.invent(dice, first) for _ in range(dice.choice((0, 1, 1, 2, 3))))]
    by_kind = {kind: dice.choice(registers) for kind in (*_KINDS, "group")}
    languages = dice.choice(
        (("en",), ("en",), ("en",), ("en", "de"), ("de", "en"), ("de",), ("en", "fr"), ("en", "es"))
    )
    n_recipients = dice.choice((1, 3, 8, 14, 25))
    topics = dice.sample(words().what["en"], 3)
    circumstances = dice.sample(
        ("reply", "new", "group", "long", "short", "evening", *topics), dice.randint(0, 3)
    )
    return Person(
        [_recipient(dice, languages, by_kind, registers) for _ in range(n_recipients)],
        [(name, dict(manners.quirk(dice) for _ in range(dice.randint(1, 3)))) for name in circumstances],
        topics,
        dice.lognormvariate(0, 0.5),
        dice.betavariate(1, 3),
        dice.sample(words().free_rules, 2) if dice.random() < 0.2 else [],
    )


def mails(person: Person, number: int, dice: random.Random, *, among: int = 0) -> list[pb.Example]:
    """So many mails of a person, each with what the others show; out of more of them when `among` says so."""
    bare = [_mail(person, dice) for _ in range(max(number, among))]
    return [_with_history(bare, place, dice) for place in dice.sample(range(len(bare)), number)]


def _mail(person: Person, dice: random.Random) -> pb.Example:
    reader = dice.choices(person.recipients, [each.weight for each in person.recipients])[0]
    points = _points(person, dice, reader.language)
    situation = pb.Situation(
        recipient=reader.name,
        recipient_kind=reader.kind,
        n_recipients=dice.randint(3, 9) if reader.kind == "group" else dice.choice((1, 1, 1, 1, 1, 2)),
        reply=dice.random() < 0.5,
        language=reader.language,
        subject=_subject(dice, reader.language),
        points=points,
        hour=dice.choice((0, *range(1, 25), *range(8, 20))),
    )
    if situation.reply:
        situation.context = " ".join(_points(person, dice, reader.language))
    return pb.Example(situation=situation, rules=_rules(person, reader.manner, situation, dice))


def _rules(person: Person, manner: Manner, situation: pb.Situation, dice: random.Random) -> list[str]:
    content = Content(
        n_words=sum(len(point.split()) for point in situation.points),
        n_points=len(situation.points),
        asks=any(point.endswith("?") for point in situation.points),
        reply=situation.reply,
        language=situation.language,
        evening=situation.hour >= 18,
    )
    found = manners.shown(manner, content, dice)
    for circumstance, rules in person.exceptions:
        if _holds(circumstance, content, situation) and dice.random() < 0.9:
            found = manners.changed(found, rules)
    return [*found, *(rule for rule in person.free if dice.random() < 0.5)]


def _holds(circumstance: str, content: Content, situation: pb.Situation) -> bool:
    simple = {
        "reply": content.reply,
        "new": not content.reply,
        "group": situation.n_recipients > 2,
        "long": content.n_words > 45,
        "short": content.n_words <= 10,
        "evening": content.evening,
    }
    return (
        simple[circumstance] if circumstance in simple else any(circumstance in p for p in situation.points)
    )


# --- what the other mails show ---------------------------------------------------------------------


def _with_history(bare: Sequence[pb.Example], place: int, dice: random.Random) -> pb.Example:
    """Habits of the others, those to this reader, and the nearest, as the daemon finds them."""
    example = pb.Example()
    example.CopyFrom(bare[place])
    situation = example.situation
    others = [mail for number, mail in enumerate(bare) if number != place]
    same = [mail for mail in others if mail.situation.recipient == situation.recipient]
    situation.n_before = len(same)
    situation.usual.extend(habits(mail.rules for mail in others))
    if len(same) > 1:
        situation.with_recipient.extend(habits(mail.rules for mail in same))
    for mail in _nearest(situation, others, dice):
        situation.nearest.add(rules=mail.rules)
    return example


def habits(lists: Iterable[Iterable[str]]) -> list[pb.Habit]:
    """How often each rule holds, the most frequent of a dimension first."""
    taken = [set(rules) for rules in lists]
    counts = Counter(rule for rules in taken for rule in rules)
    told = [(rule, n / len(taken)) for rule, n in counts.items() if n / len(taken) >= _SHARE_TOLD]
    order = manners.order
    return [
        pb.Habit(rule=rule, share=share)
        for rule, share in sorted(told, key=lambda h: (order(h[0]), -h[1], h[0]))
    ]


def _nearest(situation: pb.Situation, others: Sequence[pb.Example], dice: random.Random) -> list[pb.Example]:
    """As the daemon ranks: the same reader, the same kind, then what is said; else by chance."""
    wanted = set(" ".join(situation.points).split())

    def nearness(mail: pb.Example) -> tuple[bool, bool, float]:
        shared = len(wanted & set(" ".join(mail.situation.points).split()))
        theirs = mail.situation
        same = theirs.recipient == situation.recipient
        return same, theirs.recipient_kind == situation.recipient_kind, shared + dice.random() * 3

    spoken = [mail for mail in others if mail.situation.language == situation.language]
    return sorted(spoken, key=nearness, reverse=True)[:_N_NEAREST]


# --- words -----------------------------------------------------------------------------------------


def _recipient(
    dice: random.Random, languages: tuple[str, ...], by_kind: dict[str, Manner], registers: list[Manner]
) -> Recipient:
    kind = dice.choice((*_KINDS, *_KINDS, "group"))
    manner = dice.choice(registers) if dice.random() < 0.3 else by_kind[kind]
    if dice.random() < 0.4:
        manner = manners.with_quirks(manner, dict(manners.quirk(dice) for _ in range(dice.randint(1, 3))))
    return Recipient(_name(dice), kind, dice.choice(languages), manner, dice.random() ** 2 + 0.05)


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


def _points(person: Person, dice: random.Random, language: str) -> list[str]:
    number = max(1, round(dice.lognormvariate(0.7, 0.7) * person.note_length))
    longer = dice.uniform(0, 2.5)
    return [_point(person, dice, language, longer) for _ in range(min(number, 20))]


def _point(person: Person, dice: random.Random, language: str, longer: float) -> str:
    which = language if language in words().who else "en"
    listed = words()
    what = dice.choice(person.topics if which == "en" and dice.random() < 0.25 else listed.what[which])
    pieces = [dice.choice(listed.who[which]), dice.choice(listed.does[which]), what]
    if dice.random() < 0.6:
        pieces.append(dice.choice(listed.when[which]))
    for _ in range(int(longer * dice.random() * 2)):
        pieces.append(dice.choice(listed.more[which]))
    if dice.random() < 0.2:
        pieces = pieces[: dice.randint(1, 2)]
    return " ".join(pieces) + ("?" if dice.random() < person.asking else ".")


def _subject(dice: random.Random, language: str) -> str:
    which = language if language in words().what else "en"
    what = dice.choice(words().what[which]).split(" ", 1)[-1].capitalize()
    return what if dice.random() < 0.6 else f"{what} {dice.choice(words().when[which])}"
