"""A draft -> its sentences, each with the rules that shaped it and whether it says what nobody said.

Shown to the person beside the draft. Pure; a rule that belongs to no sentence holds for the whole draft.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from ownhand.daemon import anatomy, lexicon
from ownhand.daemon.domain import DraftSentence, Letter, Rule
from ownhand.daemon.learn import claims, style

_OPENING = frozenset(("greeting", "greeting_name", "greeting_mark"))
_CLOSING = frozenset(("sign_off", "sign_name"))
# Told from one sentence as well as from a mail. What they forbid, and all else, shapes the whole.
_IN_A_SENTENCE = frozenset(
    "contractions exclamation question dash ellipsis semicolon parenthesis hedges politeness emoji"
    " abbreviations address bullets".split()
)


def sentences(text: str, rules: Iterable[Rule], letter: Letter, said: Iterable[str]) -> list[DraftSentence]:
    """The draft in pieces that make the whole again when they are joined.

    `said` is everything a claim may rest on besides the letter itself: the notes and what the rules quote.
    """
    rules = list(rules)
    known = _known(_ground(letter, said))
    parts = anatomy.parts(text, recipient=letter.recipient.label, sender=letter.sender.label)
    pieces = list(_pieces(text, parts))
    last = len(pieces) - 1
    return [
        DraftSentence(
            piece,
            tuple(
                rule.id
                for rule in rules
                if _shaped(rule, piece, opens=(role == "greeting"), closes=(role == "sign-off"))
                or (index == 0 and _leaves_out(rule, _OPENING))
                or (index == last and _leaves_out(rule, _CLOSING))
            ),
            unsupported=role == "body" and not set(_facts_of(piece)) <= known,
        )
        for index, (role, piece) in enumerate(pieces)
    ]


def _pieces(text: str, parts: anatomy.Parts) -> Iterator[tuple[str, str]]:
    """The greeting, the sentences and the sign-off, each with the white space after it."""
    starts: list[tuple[int, str]] = []
    at = _end_of(parts.greeting.line, text, 0) if parts.greeting else 0
    if parts.greeting and at:
        starts.append((0, "greeting"))
    for sentence in anatomy.sentences(parts.body):
        if (found := _search(sentence, text, at)) is None:
            continue
        # A list mark belongs to what it lists.
        line = text.rfind("\n", 0, found.start()) + 1
        marked = line >= at and not re.search(r"\w{3}", text[line : found.start()])
        starts.append((line if marked else found.start(), "body"))
        at = found.end()
    if parts.sign_off and (found := _search("\n".join(parts.sign_off.lines), text, at)):
        starts.append((found.start(), "sign-off"))
    for index, (start, role) in enumerate(starts):
        end = starts[index + 1][0] if index + 1 < len(starts) else len(text)
        yield role, text[0 if index == 0 else start : end]
    if not starts and text:
        yield "body", text


def _search(words: str, text: str, start: int) -> re.Match[str] | None:
    """Finds words however the white space between them is."""
    pattern = r"\s+".join(map(re.escape, words.split()))
    return re.compile(pattern).search(text, start) if pattern else None


def _end_of(words: str, text: str, start: int) -> int:
    found = _search(words, text, start)
    return found.end() if found else 0


def _shaped(rule: Rule, piece: str, *, opens: bool, closes: bool) -> bool:
    claim = rule.claim
    if claim is None or _leaves_out(rule, _OPENING | _CLOSING):
        return False
    if claim.dimension in _OPENING:
        return opens
    if claim.dimension in _CLOSING:
        return closes
    if opens or closes or claim.dimension not in _IN_A_SENTENCE or claim.value == "no":
        return False
    return claims.holds(claim, style.measure(piece)) is True


def _leaves_out(rule: Rule, dimensions: Collection[str]) -> bool:
    return bool(rule.claim and rule.claim.dimension in dimensions and rule.claim.value == "none")


# --- claims that nothing supports --------------------------------------------------------------------

_NUMBER = re.compile(r"\d[\d.,:/-]*\d|\d")
_LINK = re.compile(r"\S+@\S+|(?:https?://|www\.)\S+")
_AFTER_A_STOP = re.compile(r"(?<=[.!?:])\s+|\n+")
_WRITTEN = {
    word: str(number)
    for words in (
        "two three four five six seven eight nine ten eleven twelve",
        "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    )
    for number, word in enumerate(words.split(), 2)
}
_DAYS_WITH_A_CAPITAL = frozenset(("may", "march", "mai"))  # and verbs without
_NO_NAMES = frozenset(
    {
        *"i i'm i'll i'd i've ok pdf url e-mail email fyi asap sie ihnen ihr ihre ihren ihrem ihrer".split(),
        *(name.lower() for name in lexicon.LANGUAGES.values()),
        *lexicon.TITLES,
    }
)


def _ground(letter: Letter, said: Iterable[str]) -> Sequence[str]:
    people = [f"{person.name} {person.address}" for person in (letter.sender, *letter.to)]
    return [letter.subject, letter.context, letter.addressed_as, *people, *said]


def _known(texts: Iterable[str]) -> set[str]:
    """All that a fact may be found in, however it is spelled there."""
    known: set[str] = set()
    for text in texts:
        known |= set(_facts_of(text))
        known |= {word for word in re.findall(r"[^\W\d_]+", text.lower())}
    return known


def _facts_of(text: str) -> Iterator[str]:
    """What can be true or false and is not made up in passing: numbers, days, links, names."""
    for link in _LINK.findall(text):
        yield link.rstrip(".,;)>").lower()
    text = _LINK.sub(" ", text)
    for number in _NUMBER.findall(text):
        yield from (digits.lstrip("0") or "0" for digits in re.findall(r"\d+", number))
    german = anatomy.language(text) == "de"
    for part in _AFTER_A_STOP.split(text):
        for index, word in enumerate(anatomy.words(part)):
            lowered = re.sub(r"['’]s$", "", word.lower())
            if lowered in _WRITTEN:
                yield _WRITTEN[lowered]
            elif lowered in lexicon.CALENDAR_WORDS:
                if word[0].isupper() or lowered not in _DAYS_WITH_A_CAPITAL:
                    yield lowered
            # German writes every noun with a capital: there a capital names nothing.
            elif index and word[0].isupper() and not german and lowered not in _NO_NAMES:
                yield from re.findall(r"[^\W\d_]+", lowered)
