"""Measurable claims: says each as a rule, reads it back, and tests it on a measured style.

The rules are a closed language of imperative sentences: the preference agent learns to write it, the offline
large model carries it out, and whatever is said in it can be checked in code.
"""

import re
from collections.abc import Iterator

from ownhand.daemon import lexicon
from ownhand.daemon.domain import Claim
from ownhand.daemon.learn import dimensions, style
from ownhand.daemon.learn.style import Style

MAX_CONTRAST = 10  # rules of one mail; the paper's lists have eight to ten
_MAX_PHRASE = 5  # words in a greeting or a sign-off: "Sehr geehrte Damen und Herren"

_RULES: tuple[tuple[str, str, str], ...] = (
    ("greeting", "none", "Do not greet; begin with the matter."),
    ("greeting", "name", "Greet with the name alone."),
    ("greeting_name", "first", "Use the recipient's first name in the greeting."),
    ("greeting_name", "surname", "Use the recipient's title and surname in the greeting."),
    ("greeting_name", "full", "Use the recipient's full name in the greeting."),
    ("greeting_name", "none", "Use no name in the greeting."),
    ("greeting_mark", "comma", "End the greeting with a comma."),
    ("greeting_mark", "exclamation", "End the greeting with an exclamation mark."),
    ("greeting_mark", "colon", "End the greeting with a colon."),
    ("greeting_mark", "dash", "End the greeting with a dash."),
    ("greeting_mark", "none", "End the greeting without punctuation."),
    ("sign_off", "none", "Use no sign-off phrase."),
    ("sign_name", "first", "Sign with the first name."),
    ("sign_name", "full", "Sign with the full name."),
    ("sign_name", "initial", "Sign with the initial."),
    ("sign_name", "none", "Do not sign with a name."),
    ("words", "1-10", "Write at most 10 words."),
    ("words", "11-25", "Write 11 to 25 words."),
    ("words", "26-50", "Write 26 to 50 words."),
    ("words", "51-80", "Write 51 to 80 words."),
    ("words", "81-120", "Write 81 to 120 words."),
    ("words", "121-200", "Write 121 to 200 words."),
    ("words", "201-", "Write more than 200 words."),
    ("sentence_words", "1-7", "Keep sentences to at most 7 words on average."),
    ("sentence_words", "8-12", "Write sentences of 8 to 12 words on average."),
    ("sentence_words", "13-18", "Write sentences of 13 to 18 words on average."),
    ("sentence_words", "19-25", "Write sentences of 19 to 25 words on average."),
    ("sentence_words", "26-", "Write sentences of more than 25 words on average."),
    ("paragraphs", "1", "Write one paragraph."),
    ("paragraphs", "2", "Write two paragraphs."),
    ("paragraphs", "3", "Write three paragraphs."),
    ("paragraphs", "4-", "Write four or more paragraphs."),
    ("contractions", "yes", "Use contractions."),
    ("contractions", "no", "Write contractions out in full."),
    ("case", "lower", "Write in lower case."),
    ("case", "sentence", "Begin sentences with a capital letter."),
    ("case", "upper", "Write in capitals."),
    ("exclamation", "yes", "Use an exclamation mark."),
    ("exclamation", "no", "Use no exclamation marks."),
    ("question", "yes", "Put something as a question."),
    ("question", "no", "Ask no questions."),
    ("dash", "yes", "Use dashes between thoughts."),
    ("dash", "no", "Use no dashes between thoughts."),
    ("ellipsis", "yes", "Use an ellipsis."),
    ("ellipsis", "no", "Use no ellipses."),
    ("semicolon", "yes", "Use a semicolon."),
    ("semicolon", "no", "Use no semicolons."),
    ("parenthesis", "yes", "Use parentheses."),
    ("parenthesis", "no", "Use no parentheses."),
    ("full_stop", "yes", "End sentences with full stops."),
    ("full_stop", "no", "Leave out the full stop at the end."),
    ("bullets", "yes", "Use a bullet list."),
    ("bullets", "no", "Use no bullet list."),
    ("hedges", "yes", "Soften what you say with hedges."),
    ("hedges", "no", "Use no hedges."),
    ("politeness", "yes", "Say please or thank you."),
    ("politeness", "no", "Leave out please and thank you."),
    ("emoji", "yes", "Use an emoji."),
    ("emoji", "no", "Use no emoji."),
    ("abbreviations", "yes", "Use abbreviations."),
    ("abbreviations", "no", "Write abbreviations out in full."),
    ("address", "du", "Address the reader with du."),
    ("address", "sie", "Address the reader with Sie."),
    *(("language", code, f"Write in {name}.") for code, name in lexicon.LANGUAGES.items()),
)
ALL_FIXED: tuple[Claim, ...] = tuple(Claim(dimension, value) for dimension, value, _ in _RULES)
DIMENSIONS: tuple[str, ...] = tuple(dict.fromkeys(claim.dimension for claim in ALL_FIXED))
_OPEN = {"greeting": "Greet with", "sign_off": "Sign off with"}

_TEXTS = {Claim(dimension, value): text for dimension, value, text in _RULES}


def _bare(text: str) -> str:
    text = text.strip().translate(str.maketrans("“”„«»’‘", '"""""\'\''))
    return " ".join(text.split()).removesuffix(".").rstrip().lower()


_CLAIMS = {_bare(text): claim for claim, text in _TEXTS.items()}
_QUOTED = re.compile(rf"(?P<verb>{'|'.join(map(str.lower, _OPEN.values()))}) \"(?P<phrase>[^\"]+?)[.,!]?\"")


def say(claim: Claim) -> str:
    """The rule that states the claim."""
    if claim in _TEXTS:
        return _TEXTS[claim]
    if claim.dimension not in _OPEN or not _is_phrase(claim.value):
        raise ValueError(f"no such claim about {claim.dimension}")
    return f'{_OPEN[claim.dimension]} "{lexicon.written(claim.value)}".'


def read(text: str) -> Claim | None:
    """The claim that a rule states, or None for a rule that cannot be measured."""
    bare = _bare(text)
    if bare in _CLAIMS:
        return _CLAIMS[bare]
    quoted = _QUOTED.fullmatch(bare)
    if not quoted or not _is_phrase(quoted["phrase"]):
        return None
    dimension = next(name for name, verb in _OPEN.items() if verb.lower() == quoted["verb"])
    value = quoted["phrase"]
    return Claim(dimension, style.base_form(value) if dimension == "greeting" else value)


def _is_phrase(value: str) -> bool:
    return (
        value == " ".join(value.split()).lower()
        and 1 <= len(value.split()) <= _MAX_PHRASE
        and value not in ("none", "name")
        and not re.search(r"[\"“”„\n]", value)
        and re.search(r"\w", value) is not None
        and value[-1] not in ".,!"
    )


# --- testing ---------------------------------------------------------------------------------------


def value_of(dimension: str, measured: Style) -> str | None:
    """The value that a style has in a dimension of claims; None without an occasion or between two values."""
    found = getattr(measured, dimension)
    if found is None or isinstance(found, str):
        return found
    match dimension:
        case "words" | "sentence_words" | "paragraphs":
            return _bucket(dimension, found)
        case "case":
            capitals = (measured.capitals or 0.0) >= 0.8
            return "upper" if capitals else "lower" if found > 0.5 else "sentence"
        case "contractions":
            return "yes" if found >= 0.5 else "no" if found == 0 else None
        case "full_stop":
            return "yes" if found > 0.5 else "no"
        case _:
            return "yes" if found > 0 else "no"


def holds(claim: Claim, measured: Style) -> bool | None:
    """Whether the text does what the claim says; None when it gave no occasion to."""
    if getattr(measured, claim.dimension) is None:
        return None
    return value_of(claim.dimension, measured) == claim.value


def claims_of(measured: Style) -> tuple[Claim, ...]:
    """All claims that a text shows, in the order of the rules."""
    return tuple(_shown(measured))


def _shown(measured: Style) -> Iterator[Claim]:
    for dimension in DIMENSIONS:
        value = value_of(dimension, measured)
        claim = Claim(dimension, value) if value is not None else None
        if claim and (claim in _TEXTS or (dimension in _OPEN and _is_phrase(claim.value))):
            yield claim


_BOUNDS = {
    dimension: tuple(
        (float(value.partition("-")[0]), value) for name, value, _ in _RULES if name == dimension
    )
    for dimension in ("words", "sentence_words", "paragraphs")
}


def _bucket(dimension: str, number: float) -> str | None:
    """The highest range whose lower bound the rounded number reaches; halves round up."""
    reached = [value for low, value in _BOUNDS[dimension] if int(number + 0.5) >= low]
    return reached[-1] if reached else None


def neighbours(dimension: str, one: str, other: str) -> bool:
    """Whether two values are ranges side by side."""
    ranges = [value for _, value in _BOUNDS.get(dimension, ())]
    return one in ranges and other in ranges and abs(ranges.index(one) - ranges.index(other)) == 1


# --- contrast --------------------------------------------------------------------------------------

# A mail of 50 words and one of 51 fall in different ranges and do not differ.
_REAL = 0.1
# Without a greeting or German a draft cannot show these, and the original's claim is still news. Elsewhere
# a draft that gave no occasion contradicts nothing.
_TELLING_ALONE = frozenset(("greeting_name", "greeting_mark", "address"))
_WEIGHTS = {dimension.name: dimension.weight for dimension in dimensions.DIMENSIONS}


def contrast(draft: Style, original: Style) -> tuple[Claim, ...]:
    """The claims of the original that do not hold in the draft, at most ten, in the order of the rules.

    When there are more, those of the largest weighted differences stay.
    """
    apart = style.differences(draft, original)
    news = [claim for claim in claims_of(original) if _is_news(claim, draft, apart.get(claim.dimension, 0.0))]
    telling = sorted(news, key=lambda claim: -_WEIGHTS[claim.dimension] * apart[claim.dimension])
    kept = set(telling[:MAX_CONTRAST])
    return tuple(claim for claim in news if claim in kept)


def _is_news(claim: Claim, draft: Style, apart: float) -> bool:
    held = holds(claim, draft)
    if held is None:
        return claim.dimension in _TELLING_ALONE
    return not held and apart >= _REAL
