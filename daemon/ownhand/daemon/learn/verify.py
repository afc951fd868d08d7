"""What makes a rule hold: it leaks nothing of its mail, other mail bears it out, no better rule denies it.

Pure: counts and words in, a reason for refusal out. Reasons never repeat what they found.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from ownhand.daemon import anatomy, lexicon
from ownhand.daemon.domain import Claim, Correspondent, Letter, Receipts, Rule
from ownhand.daemon.learn import claims
from ownhand.daemon.learn.style import Style

PHRASE_WORDS = 4  # so many words in a row are taken for the mail's, not the language's
NEAR_DUPLICATE = 0.6  # shared words among all words of two inferred rules

# --- leaks -----------------------------------------------------------------------------------------


def leaks(rule_text: str, original_text: str, letter: Letter, *, measured: bool | None = None) -> str:
    """Why the rule gives away something of its mail; "" when it does not.

    A measured rule can only give away a name, as the word that greets or closes.
    """
    claim = claims.read(rule_text)
    people = {name for person in (letter.sender, *letter.to) for name in _names(person)}
    if claim if measured is None else measured:
        spoken = claim.value if claim and claim.dimension in ("greeting", "sign_off") else ""
        return "names a person" if people & {word.lower() for word in anatomy.words(spoken)} else ""
    mail = "\n".join((letter.subject, original_text, letter.context))
    rule_words = anatomy.words(rule_text)
    for reason, found in (
        ("names a person", _names_in(rule_words, people, mail)),
        ("holds an address", bool(_ADDRESS.search(rule_text))),
        ("repeats a date of the mail", _shares(rule_words, mail, lexicon.CALENDAR_WORDS)),
        ("repeats a number of the mail", _repeats_number(rule_text, rule_words, mail)),
        ("repeats a phrase of the mail", _repeats_phrase(rule_words, mail)),
    ):
        if found:
            return reason
    return ""


# A bare domain counts: "acme.example" is an address without "www".
_ADDRESS = re.compile(
    r"\S+@\S+|https?://|www\.|\b[\w-]+\.(?:com|org|net|edu|gov|io|co|de|fr|uk|eu|example|test|invalid)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d[\d.,:/-]*\d|\d")
_PHONE_DIGITS = 5
_GREETED = (phrase for some in lexicon.GREETINGS.values() for phrase in some)
_CLOSED = (phrase for some in lexicon.SIGN_OFFS.values() for phrase in some)
# Capitalised for grammar or custom and no names.
_COMMON_CAPITALS = frozenset(
    {
        *(name.lower() for name in lexicon.LANGUAGES.values()),
        *(word for phrase in (*_GREETED, *_CLOSED) for word in phrase.split()),
        *lexicon.TITLES,
        *lexicon.ABBREVIATIONS["en"],
        *"i i'm i'll i'd i've ok re ps du cc pdf url e-mail email".split(),
    }
)


def _names(person: Correspondent) -> set[str]:
    """The words of a person's name and of the address before the @."""
    found = re.split(r"[\W\d_]+", f"{person.name} {person.address.partition('@')[0]}".lower())
    return {name for name in found if len(name) > 2 and not _is_closed(name) and name not in _ROLES}


def _is_closed(word: str) -> bool:
    return any(word in listed for listed in lexicon.FUNCTION_WORDS.values()) or word in _ROLES


# Local parts that name no one.
_ROLES = frozenset(
    "info mail office team sales support hello contact admin list lists news post billing service".split()
)


def _names_in(rule_words: Sequence[str], people: set[str], mail: str) -> bool:
    lowered = {_base(word) for word in rule_words}
    if people & lowered:
        return True
    proper = _capitalised_within(mail) - _COMMON_CAPITALS - lexicon.CALENDAR_WORDS
    # A rule begins with a capital of its own; any other capital is a name or a quotation.
    return any(word[0].isupper() and _base(word) in proper for word in rule_words[1:])


def _base(word: str) -> str:
    return re.sub(r"['’]s?$", "", word.lower())


def _capitalised_within(text: str) -> set[str]:
    """Words with a capital that no sentence or line gives them."""
    found: set[str] = set()
    for line in text.split("\n"):
        for sentence in re.split(r"(?<=[.!?:])\s+", line):
            found |= {_base(word) for word in anatomy.words(sentence)[1:] if word[0].isupper()}
    return {word for word in found if not any(word in lexicon.FUNCTION_WORDS[code] for code in ("en", "de"))}


def _shares(rule_words: Iterable[str], mail: str, listed: frozenset[str]) -> bool:
    """Whether a word of the list stands in both; "may" and "march" only with a capital."""
    in_rule = {word.lower() for word in rule_words if word.lower() in listed and _is_date_like(word)}
    return bool(in_rule) and any(word.lower() in in_rule for word in anatomy.words(mail))


def _is_date_like(word: str) -> bool:
    return word[0].isupper() or word not in ("may", "march", "mai")


def _repeats_number(rule_text: str, rule_words: Sequence[str], mail: str) -> bool:
    mine, theirs = _numbers(rule_text), _numbers(mail)
    long = any(len(number) >= _PHONE_DIGITS for number in mine)
    return long or bool(mine & theirs) or _shares(rule_words, mail, lexicon.NUMBER_WORDS)


def _numbers(text: str) -> set[str]:
    """Digits only, so that 4,000 and 4000 are one; of a date or a range, each part as well."""
    found = _NUMBER.findall(text)
    whole = {re.sub(r"\D", "", number) for number in found}
    return whole | {
        part for number in found for part in re.split(r"[:/-]|\.(?=\d)", number) if part.isdigit()
    }


def _repeats_phrase(rule_words: Sequence[str], mail: str) -> bool:
    mine = set(_phrases(rule_words))
    return bool(mine) and not mine.isdisjoint(_phrases(anatomy.words(mail)))


def _phrases(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    lowered = [word.lower().replace("’", "'") for word in words]
    return (tuple(lowered[i : i + PHRASE_WORDS]) for i in range(len(lowered) - PHRASE_WORDS + 1))


# --- receipts --------------------------------------------------------------------------------------


def bears_out(claim: Claim, measured: Style) -> bool | None:
    """Whether a mail speaks for a claim, against it, or neither.

    Ranges of length are narrow beside how much one person's mails vary: a mail in the range next to the
    claimed one speaks neither for nor against.
    """
    held = claims.holds(claim, measured)
    if held is False:
        value = claims.value_of(claim.dimension, measured)
        if value is None or claims.neighbours(claim.dimension, claim.value, value):
            return None
    return held


def verdict(rule: Rule, receipts: Receipts) -> str:
    """Why the person's other mail does not bear the rule out; "" when it does."""
    if receipts.support == 0:
        return "no other mail supports it"
    return (
        "" if support_share(receipts) >= 0.5 else "other mail contradicts it more often than it supports it"
    )


def support_share(receipts: Receipts) -> float:
    """The share of mails that support, drawn towards one half while they are few (rule of succession).

    The mail that a rule came from is not among them. At one half that mail decides: a tie is accepted. The
    pull matters where rules compete: eight of nine outweigh one of one.
    """
    return (receipts.support + 1) / (receipts.support + receipts.against + 2)


# --- conflicts and duplicates ----------------------------------------------------------------------


def resolve(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules for one letter without duplicates; of two that exclude each other the better supported stays.

    The loser is kept, refused. Muted and refused rules take no part.
    """
    merged: list[Rule] = []
    for rule in rules:
        twin = next((i for i, other in enumerate(merged) if _same(rule, other)), None)
        if twin is None:
            merged.append(rule)
        else:
            merged[twin] = _merge(merged[twin], rule)
    best: dict[str, Rule] = {}
    for rule in merged:
        if rule.claim and _competes(rule):
            rival = best.get(rule.claim.dimension)
            if rival is None or _strength(rule) > _strength(rival):
                best[rule.claim.dimension] = rule
    return tuple(_judged(rule, best) for rule in merged)


def _judged(rule: Rule, best: dict[str, Rule]) -> Rule:
    if rule.claim is None or not _competes(rule) or best[rule.claim.dimension] is rule:
        return rule
    return replace(rule, refusal="contradicts a better supported rule")


def _competes(rule: Rule) -> bool:
    return not rule.refusal and not rule.muted


def _strength(rule: Rule) -> tuple[float, int]:
    return support_share(rule.receipts), rule.receipts.support


def _same(one: Rule, other: Rule) -> bool:
    if bool(one.refusal) != bool(other.refusal) or one.muted != other.muted:
        return False
    if one.claim or other.claim:
        return one.claim == other.claim
    mine, theirs = _content(one.text), _content(other.text)
    shared, every = mine.keys() & theirs.keys(), mine.keys() | theirs.keys()
    if _opposed(mine.keys() - shared, theirs.keys() - shared):
        return False
    # "the request before the reason" and "the reason before the request" share all words.
    if [word for word in mine if word in shared] != [word for word in theirs if word in shared]:
        return False
    return len(shared) >= NEAR_DUPLICATE * len(every) > 0


def _content(text: str) -> dict[str, None]:
    """The words of a rule that tell it from another, in order: "never" and "before" do, "the" does not."""
    words = (_base(word) for word in anatomy.words(text))
    return dict.fromkeys(word for word in words if not _is_closed(word) or word in _TURNING)


_OPPOSITES = frozenset(
    frozenset(pair.split("/"))
    for pair in """short/long shorter/longer before/after first/last more/less more/fewer most/least
    always/never formal/informal begin/end start/end opening/closing open/close few/many
    early/late direct/indirect with/without avoid/use avoid/include avoid/give top/bottom
    single/several one/several above/below""".split()
)
_NEGATIONS = frozenset("no not never don't without avoid nicht kein keine nie ohne".split())
_TURNING = _NEGATIONS | {word for pair in _OPPOSITES for word in pair}


def _opposed(mine: Collection[str], theirs: Collection[str]) -> bool:
    if (_NEGATIONS & set(mine)) or (_NEGATIONS & set(theirs)):
        return True
    return any(frozenset((one, other)) in _OPPOSITES for one in mine for other in theirs)


def _merge(one: Rule, other: Rule) -> Rule:
    """The better supported wording with the receipts of both; support outweighs in a mail that has both."""
    kept, lost = (one, other) if _strength(one) >= _strength(other) else (other, one)
    supporting = tuple(dict.fromkeys((*kept.receipts.supporting, *lost.receipts.supporting)))
    against = dict.fromkeys((*kept.receipts.contradicting, *lost.receipts.contradicting))
    contradicting = tuple(i for i in against if i not in set(supporting))
    return replace(kept, receipts=replace(kept.receipts, supporting=supporting, contradicting=contradicting))
