"""What is measured in a mail: one table, each dimension with its unit, range, scale and source.

Knows no text; `style.py` measures.
"""

import math
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How two values of a dimension are compared, before scaling."""

    COUNT = "count"  # |ln((1 + a) / (1 + b))|: ten words more matter in a note, not in a letter
    RATE = "rate"  # |a - b|
    SHARE = "share"  # |a - b|, both between 0 and 1
    CATEGORICAL = "categorical"  # 0 when equal, else 1
    PROFILE = "profile"  # half the sum of |a - b| over the words of both


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing that is measured. `scale` is the difference that counts as a whole one."""

    name: str
    counted: str
    unit: str
    low: float  # the range of values
    high: float
    kind: Kind
    scale: float
    source: str = ""
    weight: float = 1.0


_MAIL = (
    "openings and closings: de Vel et al. 2001, SIGMOD Record 30(4); Waldvogel 2007, "
    "J. Computer-Mediated Communication 12(2)"
)
_MARK = "punctuation as a habit: Chaski 2005, Int. J. Digital Evidence 4(1); Stamatatos 2009, JASIST 60(3)"
_ZHENG = "length and layout of online messages: Zheng et al. 2006, JASIST 57(3)"
_YULE = "sentence length of an author: Yule 1939, Biometrika 30"
_HYLAND = "hedges and boosters: Hyland 1998, Text 18(3)"
_NETSPEAK = "writing online: Crystal 2006, Language and the Internet"
_ANY = math.inf


def _opening(name: str, counted: str) -> Dimension:
    return Dimension(name, counted, "form", 0, 1, Kind.CATEGORICAL, 1, _MAIL)


def _mark(name: str, counted: str, scale: float, *, weight: float = 0.5) -> Dimension:
    return Dimension(name, counted, "per sentence", 0, _ANY, Kind.RATE, scale, _MARK, weight)


def _rate(name: str, counted: str, scale: float, source: str) -> Dimension:
    return Dimension(name, counted, "per 100 words", 0, 100, Kind.RATE, scale, source, 0.5)


def _share_of(name: str, counted: str, scale: float, source: str = "", *, weight: float = 1) -> Dimension:
    return Dimension(name, counted, "share", 0, 1, Kind.SHARE, scale, source, weight)


# Scales are twice the median difference of two mails by different people, among those that differ, at most 1
# for a share; printed by `python benchmarks/style.py` over seven people's sent mail, 2026-11-23. The same
# print shows what separates people: what does not (AUC below 0.53) weighs half, but openings and closings.
DIMENSIONS: tuple[Dimension, ...] = (
    _opening("greeting", "the words that greet"),
    _opening("greeting_name", "the form in which the reader is named"),
    _opening("greeting_mark", "the mark after the greeting"),
    _opening("sign_off", "the phrase that closes"),
    _opening("sign_name", "the form in which the writer signs"),
    Dimension("words", "words of the body", "words", 0, _ANY, Kind.COUNT, 2.3, _ZHENG),
    Dimension("sentence_words", "mean words of a sentence", "words", 1, _ANY, Kind.COUNT, 0.76, _YULE, 0.5),
    Dimension(
        "sentence_spread",
        "standard deviation of sentence lengths over their mean",
        "ratio",
        0,
        _ANY,
        Kind.RATE,
        0.54,
        _YULE,
    ),
    Dimension("paragraphs", "blocks between blank lines", "paragraphs", 0, _ANY, Kind.COUNT, 1.4, _ZHENG),
    _share_of("contractions", "contracted among all forms that can be contracted", 1, "Biber 1988"),
    _share_of("case", "sentences that begin in lower case", 0.67, _NETSPEAK),
    _share_of("capitals", "words of two or more letters in capitals", 0.052, _NETSPEAK),
    _mark("exclamation", "runs of exclamation marks", 0.22),
    _mark("question", "runs of question marks", 0.5),
    _mark("dash", "dashes between words, not in ranges and compounds", 0.24),
    _mark("ellipsis", "runs of two dots or more", 0.2),
    _mark("semicolon", "semicolons", 0.24),
    _mark("colon", "colons after a word", 0.27, weight=1),
    _mark("comma", "commas", 0.94, weight=1),
    _mark("parenthesis", "pairs of parentheses", 0.34, weight=1),
    _share_of("full_stop", "full stops among paragraphs that end in a statement", 1, _NETSPEAK),
    _share_of("bullets", "list lines among all lines", 0.73, _ZHENG, weight=0.5),
    _rate("hedges", "phrases that soften a claim", 2.9, _HYLAND),
    _rate("politeness", "please and thanks in the body", 5.0, "Brown & Levinson 1987"),
    _rate("emoji", "pictures and faces", 5.9, _NETSPEAK),
    _rate("abbreviations", "abbreviations of common words", 2.5, _NETSPEAK),
    _share_of("first_person", "I and we in all forms among the words", 0.084, "Pennebaker 2011", weight=0.5),
    Dimension(
        "word_length",
        "mean letters of a word",
        "letters",
        1,
        _ANY,
        Kind.RATE,
        1.1,
        "Mendenhall 1887, Science 9",
    ),
    Dimension(
        "function_words",
        "how often each function word, of all function words",
        "shares",
        0,
        1,
        Kind.PROFILE,
        1,
        "Mosteller & Wallace 1964; Burrows 2002, Literary and Linguistic Computing 17(3)",
    ),
    Dimension("address", "German: du or Sie", "form", 0, 1, Kind.CATEGORICAL, 1, "Brown & Gilman 1960"),
    Dimension(
        "language", "function words of ten languages", "code", 0, 1, Kind.CATEGORICAL, 1, "Dunning 1994"
    ),
)
