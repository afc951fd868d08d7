"""Cuts a sent message down to the words its author wrote.

Knows what a mail is made of: own words, quotes, a signature. Knows nothing of MIME.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ownhand.daemon.mail.words.html import text_of_html
from ownhand.daemon.mail.words.leftovers import still_foreign
from ownhand.daemon.mail.words.parent import lines_from
from ownhand.daemon.mail.words.quotes import cut_quotes
from ownhand.daemon.mail.words.signature import cut_signature

_MAX_QUOTED = 8_000  # characters of the answered mail that are kept as context
_MAX_PASSES = 5
# More than this is not read: what stands below is a thread or a log, and every line costs time.
_MAX_LINES, _MAX_CHARACTERS = 4_000, 200_000
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Characters that show nothing: they hide instructions from the reader, and patterns from us. The joiners
# stay inside words of scripts that need them, and inside emoji.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_IDLE_JOINERS = re.compile(
    r"[\u200c\u200d]{2,}|(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])"
)
_ASCII = {**dict.fromkeys((*range(9), *range(14, 32), 127)), 11: "\n", 12: "\n"}
_SPACES = re.compile(r"[\u00a0\u2000-\u200a\u202f\u205f]")


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What a person wrote in one mail, and what stood beside it."""

    text: str  # greeting and sign-off are in it; empty for a mere forward
    signature: str | None = None
    quoted: str = ""  # the mail that was answered, without marks and without what it quoted itself
    refused: str | None = None  # why the text must not be learned from, though something was found


def own_words(
    text: str, *, html: bool = False, parent: str | None = None, addresses: Collection[str] = ()
) -> OwnWords:
    """The author's own words. Any text gives an answer, and giving that answer again changes nothing.

    `parent` is the text of the mail that is answered: what stands in it is a quote, marked or not.
    `addresses` are the author's own: they show what was sent to them, and in a signature they are no
    sign of somebody else.
    """
    before = _bounded(text_of_html(text) if html else text)
    own = tuple(address.lower() for address in addresses if "@" in address)
    known = lines_from(clean(parent[:_MAX_CHARACTERS]), before.split("\n")) if parent else frozenset[int]()
    words, signature, quoted = _cut(before, known, own)
    # Cutting may bring lines together that now read as a quote's introduction; each pass only shortens.
    for _ in range(_MAX_PASSES):
        if words == before:
            return OwnWords(words, signature or None, _quoted(quoted), still_foreign(words, own))
        before = words
        words, more, _ = _cut(words, (), own)
        signature = signature or more
    return OwnWords("", refused="quotes too entangled")


def own_words_lines(lines: Iterable[str]) -> Iterator[str]:
    """JSON lines {"id", "format": "text" or "html", "input"} -> JSON lines {"id", "own_words"}."""
    for line in lines:
        if line.strip():
            case = json.loads(line)
            words = own_words(case["input"], html=case.get("format") == "html")
            yield json.dumps({"id": case["id"], "own_words": words.text}, ensure_ascii=False)


def clean(text: str) -> str:
    """One kind of line end and of space, and nothing invisible."""
    if text.isascii():
        return text.replace("\r\n", "\n").replace("\r", "\n").translate(_ASCII)
    shown = _SPACES.sub(" ", _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text)))
    return _IDLE_JOINERS.sub("", shown) if "\u200c" in shown or "\u200d" in shown else shown


def _bounded(text: str) -> str:
    return "\n".join(clean(text)[:_MAX_CHARACTERS].split("\n")[:_MAX_LINES])


def _cut(text: str, known: Collection[int], own: Collection[str]) -> tuple[str, str, Sequence[str]]:
    """Own words, signature, quoted lines."""
    cut = cut_quotes(text.split("\n"), known=known, own=own)
    end = len(cut.own) - 1 if cut.ends_own else -1
    runs = [cut_signature(run, last=i == end) for i, run in enumerate(cut.own)]
    words = "\n\n".join(_joined(run.text) for run in runs if run.text)
    signature = next((_joined(run.signature) for run in runs if run.signature), "")
    return words, signature, cut.quoted


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n")


def _quoted(lines: Sequence[str]) -> str:
    inner = cut_quotes(_first(lines, 2 * _MAX_QUOTED))
    for _ in range(_MAX_PASSES):
        if inner.own or not inner.quoted:
            break
        # Its attribution stands inside the quote, or everything has one more mark.
        inner = cut_quotes(inner.quoted)
    runs = [cut_signature(run).text for run in inner.own]
    return "\n\n".join(_joined(run) for run in runs if run)[:_MAX_QUOTED].strip()


def _first(lines: Sequence[str], n_characters: int) -> Sequence[str]:
    for i, line in enumerate(lines):
        n_characters -= len(line) + 1
        if n_characters < 0:
            return lines[: i + 1]
    return lines
