"""How an invented person writes in one register: what a mail of a given content then shows, as rules.

Marks and phrases come at rates, so that a long mail shows more of them, as real mail does; openings and
closings are habits that are kept more or less strictly. No real person's numbers are in it.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ownhand.trainer.base import grammar
from ownhand.trainer.base.words import words

# Places of dimensions in rules.txt.
(GREETING, GREETING_NAME, GREETING_MARK, SIGN_OFF, SIGN_NAME, WORDS, SENTENCE_WORDS, PARAGRAPHS, CONTRACTIONS,
 CASE, EXCLAMATION, QUESTION, DASH, ELLIPSIS, SEMICOLON, PARENTHESIS, FULL_STOP, BULLETS, HEDGES, POLITENESS,
 EMOJI, ABBREVIATIONS, ADDRESS, LANGUAGE) = range(24)  # fmt: skip
YES, NO = 0, 1  # of a dimension with two rules
_NONE = 0  # of the greeting and the sign-off: none at all

# How often people who do it at all do it, per sentence; drawn around it for each.
_RATES = {
    EXCLAMATION: 0.12, DASH: 0.1, ELLIPSIS: 0.08, SEMICOLON: 0.04, PARENTHESIS: 0.08, HEDGES: 0.15,
    POLITENESS: 0.25, EMOJI: 0.05, ABBREVIATIONS: 0.08, BULLETS: 0.03,
}  # fmt: skip
_NEVER = {
    EXCLAMATION: 0.3, DASH: 0.4, ELLIPSIS: 0.55, SEMICOLON: 0.6, PARENTHESIS: 0.3, HEDGES: 0.1,
    POLITENESS: 0.1, EMOJI: 0.75, ABBREVIATIONS: 0.5, BULLETS: 0.6,
}  # fmt: skip
_MEAN_WORDS = (7, 12, 18, 25)  # upper ends of the ranges of sentence lengths
_TOTAL_WORDS = (10, 25, 50, 80, 120, 200)
_SAID = {"en": "English", "de": "German", "fr": "French", "es": "Spanish"}


@dataclass
class Content:
    """What decides how much a mail shows."""

    n_words: int
    n_points: int
    asks: bool
    reply: bool
    language: str
    evening: bool


@dataclass
class Manner:
    """One register: chances and rates."""

    greeting: list[tuple[str, float]]  # rule, weight
    names: list[tuple[str, float]]
    marks: list[tuple[str, float]]
    sign_off: list[tuple[str, float]]
    signs: list[tuple[str, float]]
    dropped_in_replies: float
    dropped_when_short: float
    short: int  # words
    rates: dict[int, float]
    contracts: float
    occasions: float  # to contract, per word
    case: list[tuple[str, float]]
    full_stop: float
    formal: float
    wordiness: float  # words written per word of notes
    rambling: float  # sentence length against that of the notes
    paragraph: float  # sentences
    noise: float
    fixed: dict[int, str] = field(default_factory=dict)  # quirks: dimension -> rule, "" for never shown


def invent(dice: random.Random, like: Manner | None = None) -> Manner:
    """A register; `like` another of the same person in most that people keep everywhere."""
    made = Manner(
        greeting=_greetings(dice),
        names=_weights(dice, _rules(GREETING_NAME), strict=dice.random()),
        marks=_weights(dice, _rules(GREETING_MARK), strict=0.5 + dice.random() / 2),
        sign_off=_sign_offs(dice),
        signs=_weights(dice, _rules(SIGN_NAME), strict=dice.random()),
        dropped_in_replies=dice.choice((0, 0, 0.2, 0.5, 0.9)),
        dropped_when_short=dice.choice((0, 0, 0.3, 0.6, 0.9)),
        short=dice.choice((8, 12, 18, 30)),
        rates={place: _rate(dice, place) for place in _RATES},
        contracts=_leaning(dice),
        occasions=dice.uniform(0.02, 0.08),
        case=_weights(dice, _rules(CASE)[1:2] * 8 + _rules(CASE), strict=0.8 + dice.random() / 5),
        full_stop=_leaning(dice, 0.7),
        formal=_leaning(dice),
        wordiness=dice.choice((1.0, 1.0, 1.0, dice.uniform(0.6, 1.0), dice.lognormvariate(0.3, 0.4))),
        rambling=dice.choice((1.0, 1.0, dice.uniform(0.7, 1.4))),
        paragraph=dice.choice((1.0, 2.0, 3.0, 5.0, 99.0)) * dice.uniform(0.8, 1.2),
        noise=dice.choice((0.0, 0.02, 0.05)),
    )
    if like is not None:
        for name in (
            "contracts",
            "case",
            "full_stop",
            "occasions",
            "wordiness",
            "rambling",
            "paragraph",
            "marks",
        ):
            if dice.random() < 0.75:
                setattr(made, name, getattr(like, name))
        for place in _RATES:
            if dice.random() < 0.75:
                made.rates[place] = like.rates[place] * dice.lognormvariate(0, 0.3)
    return made


def shown(manner: Manner, content: Content, dice: random.Random) -> list[str]:
    """The rules that one mail shows, one of a dimension at most."""
    n_words = max(2, content.n_words * manner.wordiness * dice.lognormvariate(0, 0.08))
    mean = content.n_words / max(1, content.n_points) * manner.rambling * dice.lognormvariate(0, 0.12)
    n_sentences = max(1.0, n_words / max(2.0, mean))
    found = {
        **_edges(manner, content, dice),
        WORDS: _range(WORDS, _TOTAL_WORDS, n_words),
        SENTENCE_WORDS: _range(SENTENCE_WORDS, _MEAN_WORDS, n_words / n_sentences),
        PARAGRAPHS: _paragraphs(manner, n_sentences, dice),
        **_body(manner, content, n_words, n_sentences, dice),
    }
    if content.language in _SAID:
        found[LANGUAGE] = f"Write in {_SAID[content.language]}."
    found.update(manner.fixed)
    return [rule for place, rule in sorted(found.items()) if rule and dice.random() >= manner.noise / 2]


def _edges(manner: Manner, content: Content, dice: random.Random) -> dict[int, str]:
    """Greeting and closing: dropped together with their parts in short mail and replies, by some."""
    bare = (content.reply and dice.random() < manner.dropped_in_replies) or (
        content.n_words <= manner.short and dice.random() < manner.dropped_when_short
    )
    none = _rules(GREETING)[_NONE]
    greeting = none if bare else _drawn(dice, manner.greeting, manner.noise)
    found = {GREETING: _in_language(greeting, GREETING, content.language)}
    if greeting != none:
        name = _drawn(dice, manner.names, manner.noise)
        found[GREETING_NAME] = _rules(GREETING_NAME)[0] if greeting == _rules(GREETING)[1] else name
        found[GREETING_MARK] = _drawn(dice, manner.marks, manner.noise)
    closing = _rules(SIGN_OFF)[_NONE] if bare else _drawn(dice, manner.sign_off, manner.noise)
    found[SIGN_OFF] = _in_language(closing, SIGN_OFF, content.language)
    found[SIGN_NAME] = (
        _rules(SIGN_NAME)[3] if bare and dice.random() < 0.7 else _drawn(dice, manner.signs, manner.noise)
    )
    return found


def _body(
    manner: Manner, content: Content, n_words: float, n_sentences: float, dice: random.Random
) -> dict[int, str]:
    found = {
        place: _rules(place)[YES if dice.random() < 1 - math.exp(-rate * n_sentences) else NO]
        for place, rate in manner.rates.items()
    }
    asks = content.asks if dice.random() < 0.97 else not content.asks
    found[QUESTION] = _rules(QUESTION)[YES if asks else NO]
    found[CASE] = _drawn(dice, manner.case, manner.noise)
    if dice.random() < 0.9:
        found[FULL_STOP] = _rules(FULL_STOP)[YES if dice.random() < manner.full_stop else NO]
    n = sum(dice.random() < manner.occasions for _ in range(int(n_words)))
    contracted = sum(dice.random() < manner.contracts for _ in range(n))
    if n and (contracted == 0 or contracted * 2 >= n):
        found[CONTRACTIONS] = _rules(CONTRACTIONS)[YES if contracted else NO]
    if content.language == "de" and dice.random() < 0.6:
        found[ADDRESS] = _rules(ADDRESS)[1 if dice.random() < manner.formal else 0]
    return found


def _paragraphs(manner: Manner, n_sentences: float, dice: random.Random) -> str:
    n = max(1, round(n_sentences / manner.paragraph * dice.lognormvariate(0, 0.15)))
    return _rules(PARAGRAPHS)[min(n, 4) - 1]


# --- drawing ---------------------------------------------------------------------------------------


def quirk(dice: random.Random) -> tuple[int, str]:
    """One thing that is always so with one reader or under one circumstance."""
    place = dice.choice(
        (GREETING, GREETING, SIGN_OFF, SIGN_OFF, SIGN_NAME, GREETING_MARK, *_RATES, CONTRACTIONS)
    )
    if place in (GREETING, SIGN_OFF) and dice.random() < 0.7:
        return place, _phrase(dice, place)
    return place, dice.choice(_rules(place))


def with_quirks(manner: Manner, quirks: dict[int, str]) -> Manner:
    return replace(manner, fixed={**manner.fixed, **quirks})


def changed(rules: Sequence[str], others: dict[int, str]) -> list[str]:
    """Rules with those of some dimensions put in place of what they showed."""
    found = {order(rule): rule for rule in rules}
    return [rule for _, rule in sorted({**found, **others}.items()) if rule]


def order(rule: str) -> int:
    """The place of a rule's dimension; the last for one of none."""
    place = grammar.dimension_of(rule)
    return len(grammar.dimensions()) if place is None else place


def _rules(place: int) -> tuple[str, ...]:
    return grammar.dimensions()[place]


def _range(place: int, ends: tuple[int, ...], number: float) -> str:
    return _rules(place)[sum(number > end for end in ends)]


def _leaning(dice: random.Random, towards: float = 0.5) -> float:
    """A chance that is often near never or always."""
    return dice.betavariate(0.5 * towards * 2, 0.5 * (1 - towards) * 2)


def _rate(dice: random.Random, place: int) -> float:
    return 0.0 if dice.random() < _NEVER[place] else dice.expovariate(1 / _RATES[place])


def _weights(dice: random.Random, rules: tuple[str, ...], *, strict: float) -> list[tuple[str, float]]:
    """One favourite, kept as strictly as said, and the others."""
    favourite = dice.choice(rules)
    others = [rule for rule in dict.fromkeys(rules) if rule != favourite]
    shares = [dice.expovariate(1) for _ in others]
    rest = sum(shares) or 1.0
    strict = 0.55 + 0.45 * strict
    return [(favourite, strict), *((r, (1 - strict) * s / rest) for r, s in zip(others, shares, strict=True))]


def _greetings(dice: random.Random) -> list[tuple[str, float]]:
    none, name = _rules(GREETING)
    choice = (none, name, _phrase(dice, GREETING), _phrase(dice, GREETING))
    favourite = dice.choice((none, none, name, *choice[2:], *choice[2:]))
    return _kept(dice, favourite, choice)


def _sign_offs(dice: random.Random) -> list[tuple[str, float]]:
    [none] = _rules(SIGN_OFF)
    choice = (none, _phrase(dice, SIGN_OFF), _phrase(dice, SIGN_OFF))
    return _kept(dice, dice.choice((none, *choice)), choice)


def _kept(dice: random.Random, favourite: str, choice: tuple[str, ...]) -> list[tuple[str, float]]:
    strict = 0.5 + 0.5 * dice.random() ** 0.5
    others = [rule for rule in dict.fromkeys(choice) if rule != favourite]
    return (
        [(favourite, strict), *((rule, (1 - strict) / len(others)) for rule in others)]
        if others
        else [(favourite, 1)]
    )


def _phrase(dice: random.Random, place: int) -> str:
    table, head = _open(place)
    phrases = table["en"]
    if dice.random() < 0.15:  # what nobody else says has to be copied, letter by letter
        made = "".join(
            dice.choice("bdfghklmnprstvw") + dice.choice("aeiou") for _ in range(dice.randint(2, 3))
        )
        return f"{head}{made.capitalize()}{grammar.TAIL}"
    # The first of a list are those that most people use.
    return f"{head}{phrases[int(len(phrases) * dice.random() ** 1.7)]}{grammar.TAIL}"


def _in_language(rule: str, place: int, language: str) -> str:
    """The phrase of the same place in another language's list, so that a register has one face in each."""
    table, head = _open(place)
    phrase = rule.removeprefix(head).removesuffix(grammar.TAIL)
    if language == "en" or phrase not in table["en"]:
        return rule
    other = table[language]
    return f"{head}{other[table['en'].index(phrase) % len(other)]}{grammar.TAIL}"


def _open(place: int) -> tuple[dict[str, list[str]], str]:
    return (words().greetings, grammar.GREET) if place == GREETING else (words().sign_offs, grammar.SIGN_OFF)


def _drawn(dice: random.Random, weights: list[tuple[str, float]], noise: float) -> str:
    if dice.random() < noise:
        return dice.choice(weights)[0]
    return dice.choices([rule for rule, _ in weights], [weight for _, weight in weights])[0]
