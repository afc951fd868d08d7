"""Short and full forms: finds phrases and abbreviations, opens contractions and makes them.

Counting and changing share one set of patterns: a text counts as contracted as far as it can be opened.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from ownhand.daemon import lexicon


@lru_cache(maxsize=64)
def phrase_pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Finds any of the phrases as whole words; `phrases` must stand longest first."""
    alternatives = "|".join(
        re.escape(phrase).replace("'", "['’]").replace(r"\ ", r"\s+") for phrase in phrases
    )
    return re.compile(rf"(?<![\w'’])(?:{alternatives})(?![\w’]|'\w)", re.IGNORECASE)


def count_phrases(text: str, phrases: tuple[str, ...]) -> int:
    """How often any of the phrases stands in the text."""
    return sum(1 for _ in phrase_pattern(phrases).finditer(text)) if phrases else 0


def abbreviations(text: str, language: str) -> tuple[str, ...]:
    """The abbreviations of the text as written; single letters count only in lower case."""
    listed = _LISTED_ABBREVIATIONS.get(language, ())
    found = (match.group() for match in phrase_pattern(listed).finditer(text)) if listed else ()
    return tuple(short for short in found if len(short) > 1 or short.islower())


def open_contractions(text: str, language: str) -> str:
    """Writes contractions out in full: "don't" -> "do not"; possessives stay."""
    return _replaced(text, _OPENERS.get(language, ()))[0]


def contract(text: str, language: str) -> str:
    """Uses a contraction wherever a native writer could; "yes, I am." stays."""
    return _replaced(text, _CONTRACTORS.get(language, ()))[0]


def contraction_counts(text: str, language: str) -> tuple[int, int]:
    """How many contractions stand in the text, and how many full forms could be contracted."""
    return (
        _replaced(text, _OPENERS.get(language, ()))[1],
        _replaced(text, _CONTRACTORS.get(language, ()))[1],
    )


_Replacement = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def _replaced(text: str, replacements: tuple[_Replacement, ...]) -> tuple[str, int]:
    n = 0
    for pattern, replacement in replacements:
        text, made = pattern.subn(replacement, text)
        n += made
    return text, n


def _like(model: str, new: str) -> str:
    """`new` with the case of `model`: "Don't" -> "Do not", "DON'T" -> "DO NOT"."""
    if len(model) > 2 and model.replace("'", "").replace("’", "").isupper():
        return new.upper()
    return new[:1].upper() + new[1:] if model[:1].isupper() else new


def _pattern(pattern: str) -> re.Pattern[str]:
    """A pattern in which ~ stands for either apostrophe."""
    return re.compile(pattern.replace("~", "['’]"), re.IGNORECASE)


def _apostrophes(phrases: Iterable[str]) -> list[str]:
    """Escaped for `_pattern`, longest first."""
    return [re.escape(phrase).replace("'", "~") for phrase in sorted(phrases, key=len, reverse=True)]


def _i(text: str) -> str:
    return re.sub(r"^i(?=$|\s|')", "I", text)


# --- opening ---------------------------------------------------------------------------------------

_STEMS = {
    short.removesuffix("n't"): full.removesuffix(" not")
    for full, short in lexicon.NEGATIVES.items()
    if full not in ("cannot", "can not")
}
_NEGATIVE = rf"(?P<stem>{'|'.join(sorted(_STEMS, key=len, reverse=True))}|ca)n~t"
_PARTICIPLE = rf"(?:{'|'.join(sorted(lexicon.PARTICIPLES - lexicon.ADVERBS))})"
# After these participles "he's" is "he has"; "it's done" and "she's gone" are states and stay with "is".
_HAS = "been|got|had|become|bought|brought|found|heard|told|asked|forgotten|decided|thought|received|arrived"
_ADVERB = rf"(?:(?:{'|'.join(sorted(lexicon.ADVERBS))}) )?"


def _open_negative(match: re.Match[str]) -> str:
    stem = match["stem"].lower()
    return _like(match.group(), "cannot" if stem == "ca" else f"{_STEMS[stem]} not")


def _open_question(match: re.Match[str]) -> str:
    """ "don't you" -> "do you not"; "can't you" -> "can you not"."""
    stem = match["stem"].lower()
    return _like(match["verb"], "can" if stem == "ca" else _STEMS[stem]) + f" {match['who']} not"


def _open_clitic(match: re.Match[str]) -> str:
    host, clitic, after = match["host"], match["clitic"].lower(), match.string[match.end() :]
    verb = {"m": "am", "re": "are", "ve": "have", "ll": "will", "s": "is", "d": "would"}[clitic]
    perfect = re.match(rf"\s+{_ADVERB}(?:been|had|{_PARTICIPLE})\b", after, re.IGNORECASE)
    if clitic == "s" and re.match(rf"\s+{_ADVERB}(?:{_HAS})\b", after, re.IGNORECASE):
        verb = "has"
    if clitic == "d" and (perfect or re.match(r"\s+(?:better|rather have)\b", after, re.IGNORECASE)):
        verb = "had"
    return f"{host} {verb.upper() if len(host) > 1 and host.isupper() else verb}"


def _open_slurred(match: re.Match[str]) -> str:
    return _i(_like(match.group(), lexicon.SLURRED[match.group().lower().replace("’", "'")]))


_HOSTS = "|".join(sorted({host for hosts in lexicon.BE_HOSTS.values() for host in hosts} | {"why", "when"}))
_QUESTION_START = (
    r"(?:(?<=^)|(?<=[.!?,;:\n(\"] )|(?<=[.!?\n(\"])"
    r"|(?<=\bwhy )|(?<=\bhow )|(?<=\band )|(?<=\bbut )|(?<=\bso ))"
)
_OPEN_ENGLISH: tuple[_Replacement, ...] = (
    (
        _pattern(rf"{_QUESTION_START}(?P<verb>{_NEGATIVE}) (?P<who>i|you|he|she|it|we|they|this|that)\b"),
        _open_question,
    ),
    (_pattern(rf"(?<![\w'’])(?P<verb>{_NEGATIVE})(?!\w)"), _open_negative),
    (_pattern(r"(?<![\w'’])let~s(?!\w)"), lambda match: _like(match.group(), "let us")),
    (_pattern(rf"(?<![\w'’])(?P<host>{_HOSTS})~(?P<clitic>m|re|ve|ll|s|d)(?!\w)"), _open_clitic),
    (
        _pattern(rf"(?<![\w'’-])(?:{'|'.join(_apostrophes(lexicon.SLURRED))})(?![\w'’-])"),
        _open_slurred,
    ),
)

# --- making ----------------------------------------------------------------------------------------


def _make_negative(match: re.Match[str]) -> str:
    full = " ".join(match.group().lower().split())
    return _like(match.group(), lexicon.NEGATIVES[full])


def _make_clitic(match: re.Match[str]) -> str:
    clitic = lexicon.CLITICS[match["verb"].lower()]
    return match["host"] + (clitic.upper() if match["verb"].isupper() else clitic)


# A verb that ends its clause keeps its vowel ("as good as it is."), and so does one before these.
_GOES_ON = r"(?=[ \t]+(?!(?:and|or|but|if|when|then|than|because)\b)[\w\"'(])"
_NOT_EMBEDDED = r"(?<!\bwho )(?<!\bwhat )(?<!\bhow )(?<!\bwhere )(?<!\bas )(?<!\bthan )(?<!\bwhether )"
_NOT_QUESTION = r"(?! (?:i|you|he|she|it|we|they)\b)"


def _clitic_pattern(verb: str, hosts: tuple[str, ...]) -> re.Pattern[str]:
    goes_on = rf"(?= (?:{'|'.join(sorted(lexicon.PARTICIPLES))})\b)" if verb == "have" else _GOES_ON
    return _pattern(
        rf"(?<![\w'’-]){_NOT_EMBEDDED}(?P<host>{'|'.join(hosts)}) (?P<verb>{verb})\b{goes_on}{_NOT_QUESTION}"
    )


_CONTRACT_ENGLISH: tuple[_Replacement, ...] = (
    (
        # "do not only" and "can not only" are not negations; "have not" before a noun is rare enough.
        _pattern(rf"(?<![\w'’-])(?:{'|'.join(_apostrophes(lexicon.NEGATIVES))})\b(?! only\b)"),
        _make_negative,
    ),
    (
        # "please let us know" asks; only a sentence that begins with it proposes.
        _pattern(r"(?:(?<=^)|(?<=[.!?\n] ))let us\b(?= (?!know|have|in\b))"),
        lambda match: match.group()[:3] + "'s",
    ),
    *((_clitic_pattern(verb, hosts), _make_clitic) for verb, hosts in lexicon.BE_HOSTS.items()),
)

# --- German ----------------------------------------------------------------------------------------


def _table(table: dict[str, str]) -> tuple[_Replacement, ...]:
    pattern = _pattern(rf"(?<![\w'’])(?:{'|'.join(_apostrophes(table))})(?![\w'’])")
    lower = {key.replace("’", "'"): value for key, value in table.items()}

    def replace(match: re.Match[str]) -> str:
        return _like(match.group(), lower[match.group().lower().replace("’", "'")])

    return ((pattern, replace),)


_LISTED_ABBREVIATIONS = {
    language: tuple(sorted(known, key=lambda short: (-len(short), short)))
    for language, known in lexicon.ABBREVIATIONS.items()
}
_OPENERS: dict[str, tuple[_Replacement, ...]] = {
    "en": _OPEN_ENGLISH,
    "de": _table({short: full for full, short in lexicon.GERMAN_CLITICS.items()}),
}
_CONTRACTORS: dict[str, tuple[_Replacement, ...]] = {
    "en": _CONTRACT_ENGLISH,
    "de": _table(dict(lexicon.GERMAN_CLITICS)),
}
