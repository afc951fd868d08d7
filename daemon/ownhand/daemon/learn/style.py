"""Text -> measured style, and the distance of two styles.

Nothing here looks at what a mail says: every dimension counts layout, marks and closed word lists.
`dimensions.py` defines each; `docs/style.md` shows them at work.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

from ownhand.daemon import anatomy, contractions, lexicon
from ownhand.daemon.domain import Correspondent
from ownhand.daemon.learn.dimensions import DIMENSIONS, Dimension, Kind

Profile = tuple[tuple[str, float], ...]  # function word, its share of all function words


@dataclass(frozen=True, slots=True)
class Style:
    """What was measured in one text. None: the text gave no occasion to measure it."""

    language: str
    greeting: str  # "none", "name" (a name alone), else the greeting words
    greeting_name: str | None  # "first", "surname", "full", "none"
    greeting_mark: str | None  # "comma", "exclamation", "colon", "dash", "stop", "none"
    sign_off: str  # "none", else the phrase
    sign_name: str  # "first", "surname", "full", "initial", "none"
    address: str | None  # German: "du", "sie"
    words: float
    sentence_words: float | None
    sentence_spread: float | None
    paragraphs: float
    contractions: float | None
    case: float | None
    capitals: float | None
    exclamation: float | None
    question: float | None
    dash: float | None
    ellipsis: float | None
    semicolon: float | None
    colon: float | None
    comma: float | None
    parenthesis: float | None
    full_stop: float | None
    bullets: float | None
    hedges: float | None
    politeness: float | None
    emoji: float | None
    abbreviations: float | None
    first_person: float | None
    word_length: float | None
    function_words: Profile | None


def measure(text: str, recipient: Correspondent | None = None, sender: Correspondent | None = None) -> Style:
    """The style of a mail's own words. The people, where known, tell the forms of names."""
    parts = anatomy.parts(
        text, recipient=recipient.label if recipient else "", sender=sender.label if sender else ""
    )
    body = "\n\n".join(anatomy.paragraphs(parts.body))
    language = anatomy.language(text)
    sentences, words = anatomy.sentences(parts.body), anatomy.words(body)
    lengths = [n for n in (len(anatomy.words(sentence)) for sentence in sentences) if n]
    contracted, open_forms = contractions.contraction_counts(body, language)
    return Style(
        language=language,
        greeting=_greeting(parts.greeting),
        greeting_name=_name_form(parts.greeting.name, recipient) if parts.greeting else None,
        greeting_mark=_MARKS.get(parts.greeting.mark, "none") if parts.greeting else None,
        sign_off=(parts.sign_off.phrase if parts.sign_off else "") or "none",
        sign_name=signed_form(parts.sign_off.name if parts.sign_off else "", sender),
        address=_address(sentences) if language == "de" else None,
        words=float(len(words)),
        sentence_words=fmean(lengths) if lengths else None,
        sentence_spread=pstdev(lengths) / fmean(lengths) if len(lengths) > 1 else None,
        paragraphs=float(len(anatomy.paragraphs(parts.body))),
        contractions=contracted / (contracted + open_forms) if contracted + open_forms else None,
        case=_lower_starts(parts.body, parts.greeting, language),
        capitals=_share(words, lambda word: len(word) > 1 and word.isupper() and not _DIGIT.search(word)),
        full_stop=_full_stops(parts.body),
        bullets=_bullets(body),
        politeness=_politeness(body, words, language, parts.sign_off),
        first_person=_share(words, lambda word: word.lower() in _FIRST_PERSON),
        word_length=_word_length(words),
        function_words=_profile(words, language),
        **_per_sentence(body, len(sentences)),
        **_per_hundred(body, len(words), language),
    )


def differences(a: Style, b: Style) -> Mapping[str, float]:
    """Per dimension, how far two styles are apart, 0 to 1. A dimension that both lack is left out."""
    found = {}
    for dimension in DIMENSIONS:
        apart = unscaled(dimension, a, b)
        if apart is not None:
            found[dimension.name] = min(1.0, apart / dimension.scale)
        elif getattr(a, dimension.name) is not getattr(b, dimension.name):
            found[dimension.name] = _UNKNOWN
    return found


def distance(a: Style, b: Style) -> float:
    """How far two styles are apart, 0 to 1: the weighted mean of their differences."""
    found = differences(a, b)
    weights = [dimension.weight for dimension in DIMENSIONS if dimension.name in found]
    return fmean(found.values(), weights) if found else 0.0


# One text shows what the other had no occasion for: halfway between the same and another.
_UNKNOWN = 0.5


def unscaled(dimension: Dimension, a: Style, b: Style) -> float | None:
    """The difference in the dimension's own unit; None where either text gave no occasion."""
    one, other = getattr(a, dimension.name), getattr(b, dimension.name)
    return None if one is None or other is None else _apart(dimension.kind, one, other)


def _apart(kind: Kind, one: float | str | Profile, other: float | str | Profile) -> float:
    if isinstance(one, str) or isinstance(other, str):
        return float(one != other)
    if isinstance(one, tuple) or isinstance(other, tuple):
        assert isinstance(one, tuple) and isinstance(other, tuple)
        first, second = dict(one), dict(other)
        keys = sorted({*first, *second})
        return 0.5 * sum(abs(first.get(word, 0.0) - second.get(word, 0.0)) for word in keys)
    if kind is Kind.COUNT:
        return abs(math.log1p(one) - math.log1p(other))
    return abs(one - other)


# --- opening and closing ---------------------------------------------------------------------------

_MARKS = {
    ",": "comma",
    "!": "exclamation",
    ":": "colon",
    "-": "dash",
    "–": "dash",
    "—": "dash",
    ".": "stop",
}
_JOINERS = frozenset(("and", "und", "&", "et", "y", "e", "og", "och", "en", "i"))
_BASE_FORM = {form: base for base, forms in lexicon.GREETING_FORMS.items() for form in forms}


def _greeting(greeting: anatomy.Greeting | None) -> str:
    if greeting is None:
        return "none"
    return base_form(greeting.word) or "name"


def base_form(greeting: str) -> str:
    """Inflected greetings are one habit: "lieber" and "liebe" are both "liebe"."""
    return _BASE_FORM.get(greeting, greeting)


def _name_form(name: str, reader: Correspondent | None) -> str | None:
    tokens = [token.strip(",.").lower() for token in name.split()]
    if not tokens:
        return "none"
    if any(token in lexicon.TITLES for token in tokens):
        return "surname"
    several = "," in name or "/" in name or any(token in _JOINERS for token in tokens)
    given, family = _halves(reader)
    if len(tokens) == 1 or (several and len(tokens) <= 3):
        return None if family == tokens[0] != given else "first"
    return "first" if family and family not in tokens and given in tokens else "full"


def signed_form(name: str, writer: Correspondent | None) -> str:
    """The form in which a writer signs: "first", "surname", "full", "initial", or "none"."""
    tokens = [token.strip(".").lower() for token in name.split()]
    if not tokens:
        return "none"
    given, family = _halves(writer)
    if len(tokens) > 1:
        return "initial" if all(len(token) == 1 for token in tokens) else "full"
    letters = re.sub(r"\W", "", tokens[0])
    if len(letters) == 1 or (len(letters) <= 3 and name.isupper() and letters != given):
        return "initial"
    return "surname" if family == letters != given else "first"


def _halves(person: Correspondent | None) -> tuple[str, str]:
    """First and last name in lower case, as far as a display name or an address tells them."""
    if person is None:
        return "", ""
    label = re.sub(r"[\"'(].*?[\"')]", " ", person.label)
    if "," in label:
        label = " ".join(reversed(label.split(",", 1)))
    tokens = [token.lower() for token in re.split(r"[\s._]+", label) if token]
    return (tokens[0], tokens[-1]) if len(tokens) > 1 else ("".join(tokens), "")


_DIGIT = re.compile(r"\d")
_DU = frozenset("du dich dir dein deine deinen deinem deiner deins euch euer eure euren eurem".split())
_SIE = frozenset("Sie Ihnen Ihr Ihre Ihren Ihrem Ihrer".split())


def _address(sentences: Sequence[str]) -> str | None:
    """A capital "Sie" that opens a sentence may be "they": only those further in are counted."""
    later = [word for sentence in sentences for word in anatomy.words(sentence)[1:]]
    every = [word.lower() for sentence in sentences for word in anatomy.words(sentence)]
    familiar, formal = sum(word in _DU for word in every), sum(word in _SIE for word in later)
    return None if familiar == formal else "du" if familiar > formal else "sie"


# --- marks and words -------------------------------------------------------------------------------

# Between words; "2 - 4", "2–4" and "built-in" are none.
_DASH = re.compile(
    r"(?<=[^\s\d]) (?:-{1,3}|[–—])(?=\s|$)|(?<=\d) (?:-{1,3}|[–—])(?=\s+\D)"
    r"|(?<=\w)(?:--|—)(?=\w)|(?<=[^\W\d])–(?=[^\W\d])"
)
_MARKS_COUNTED = {
    "exclamation": re.compile(r"!+"),
    "question": re.compile(r"\?+"),
    "dash": _DASH,
    "ellipsis": re.compile(r"\.{2,}|…"),
    "semicolon": re.compile(r"(?<![&#\w]\w);|(?<=\w);(?=\s|$)"),
    "colon": re.compile(r"(?<=\w):(?=\s|$)"),
    "comma": re.compile(r","),
    "parenthesis": re.compile(r"\((?![\w]\))[^()\n]+\)"),
}
_EMOJI = re.compile(lexicon.EMOJI, re.MULTILINE)
_LINK = re.compile(r"(?<!\S)[^\s@]{1,64}@\S{1,128}|(?:https?://|www\.)\S+")
_FIRST_PERSON = frozenset(
    """i me my mine we us our ours i'm i've i'll i'd we're we've we'll ich mich mir mein meine meinen
    wir uns unser unsere je me moi nous yo nosotros io noi ik wij eu nós jag vi jeg ja my""".split()
)


def _per_sentence(body: str, n_sentences: int) -> dict[str, float | None]:
    marks = _EMOJI.sub("", _LINK.sub("link", body))
    return {
        name: len(pattern.findall(marks)) / n_sentences if n_sentences else None
        for name, pattern in _MARKS_COUNTED.items()
    }


def _per_hundred(body: str, n_words: int, language: str) -> dict[str, float | None]:
    counts = {
        "hedges": contractions.count_phrases(body, lexicon.HEDGES.get(language, ())),
        "emoji": len(_EMOJI.findall(body)),
        "abbreviations": len(contractions.abbreviations(body, language)),
    }
    return {name: 100 * n / n_words if n_words else None for name, n in counts.items()}


def _politeness(
    body: str, words: Sequence[str], language: str, sign_off: anatomy.SignOff | None
) -> float | None:
    """None when the thanks are the sign-off's: then a body without them leaves nothing out."""
    listed = lexicon.POLITENESS.get(language, ())
    n = contractions.count_phrases(body, listed)
    if not words or (n == 0 and sign_off and contractions.count_phrases(sign_off.phrase, listed)):
        return None
    return 100 * n / len(words)


def _lower_starts(body: str, greeting: anatomy.Greeting | None, language: str) -> float | None:
    """List lines may begin small, and German goes on so after a greeting's comma: neither tells anything."""
    listed = set(anatomy.bullets(body))
    sentences = anatomy.sentences("\n".join(line for line in body.split("\n") if line not in listed))
    if language == "de" and greeting and greeting.mark == "," and len(sentences) > 1:
        sentences = sentences[1:]
    first = [match.group() for s in sentences if (match := re.match(r"\W*([^\W\d_])", s))]
    return fmean(start[-1].islower() for start in first) if first else None


def _full_stops(body: str) -> float | None:
    """Of the paragraphs that end in a statement, the share that end with a full stop."""
    ends = [paragraph.split("\n")[-1] for paragraph in anatomy.paragraphs(body)]
    listed = set(anatomy.bullets(body))
    plain = [_EMOJI.sub("", end).rstrip(" \t\"'”’)]*") for end in ends if end not in listed]
    statements = [end for end in plain if end and not re.search(r"(?:[?!:;,–—-]|\.\.|…)$", end)]
    return fmean(end.endswith(".") for end in statements) if statements else None


def _bullets(body: str) -> float | None:
    lines = [line for line in body.split("\n") if line.strip()]
    return len(anatomy.bullets(body)) / len(lines) if lines else None


def _share(words: Sequence[str], counts: Callable[[str], bool]) -> float | None:
    return fmean(counts(word) for word in words) if words else None


def _word_length(words: Sequence[str]) -> float | None:
    letters = [len(word) for word in words if word.isalpha()]
    return fmean(letters) if letters else None


_ENOUGH = 10  # function words in a text; a profile of fewer is chance


def _profile(words: Sequence[str], language: str) -> Profile | None:
    listed = lexicon.FUNCTION_WORDS[language]
    counts = Counter(word.lower() for word in words if word.lower() in listed)
    total = counts.total()
    return tuple(sorted((word, n / total) for word, n in counts.items())) if total >= _ENOUGH else None
