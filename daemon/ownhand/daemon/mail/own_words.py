"""Cuts a sent message down to the words its author wrote.

Knows what a mail is made of: own words, quotes, a signature. Knows nothing of MIME.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ownhand.daemon.mail.html import text_of_html
from ownhand.daemon.mail.quotes import cut_quotes
from ownhand.daemon.mail.signature import cut_signature

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
_SPACES = re.compile(r"[\u00a0\u2000-\u200a\u202f\u205f]")


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What a person wrote in one mail, and what stood beside it."""

    text: str  # greeting and sign-off are in it; empty for a mere forward
    signature: str | None = None
    quoted: str = ""  # the mail that was answered, without marks and without what it quoted itself
    refused: str | None = None  # why the text must not be learned from, though something was found


def own_words(message_text: str, *, html: bool = False) -> OwnWords:
    """The author's own words. Any text gives an answer, and giving that answer again changes nothing."""
    before = clean(text_of_html(message_text) if html else message_text)[:_MAX_CHARACTERS]
    before = "\n".join(before.split("\n")[:_MAX_LINES])
    text, signature, quoted = _cut(before)
    # Cutting may bring lines together that now read as a quote's introduction; each pass only shortens.
    for _ in range(_MAX_PASSES):
        if text == before:
            return OwnWords(text, signature or None, _quoted(quoted), _still_foreign(text))
        before = text
        text, more, _ = _cut(text)
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
    shown = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))
    return _IDLE_JOINERS.sub("", _SPACES.sub(" ", shown))


def _cut(text: str) -> tuple[str, str, Sequence[str]]:
    """Own words, signature, quoted lines."""
    cut = cut_quotes(text.split("\n"))
    end = len(cut.own) - 1 if cut.ends_own else -1
    runs = [cut_signature(run, last=i == end) for i, run in enumerate(cut.own)]
    own = "\n\n".join(_joined(run.text) for run in runs if run.text)
    signature = next((_joined(run.signature) for run in runs if run.signature), "")
    return own, signature, cut.quoted


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


_MARKED = re.compile(r"^\s*(?:>|&gt;)", re.MULTILINE)
_ADDRESS_LABEL = re.compile(
    r"^\W{0,4}(?:from|von|de|da|van|från|fra|od|от|发件人|差出人)\s?[:：].*@", re.IGNORECASE | re.MULTILINE
)
# What an attribution and a header block look like in a language that no table has.
_SOME_ATTRIBUTION = re.compile(r"^(?=.*\d).*<[^<>\s]+@[^<>\s]+>.{0,60}[:：]\s*$", re.MULTILINE)
_SOME_HEADER = re.compile(
    r"^\W{0,3}[^\W\d][\w .]{0,20}[:：].*<[^<>\s]+@[^<>\s]+>[ \t]*\n\W{0,3}[^\W\d][\w .]{0,20}[:：] ",
    re.MULTILINE,
)
_RAW_HTML = re.compile(r"<(?:html|body|blockquote|div|br|table)\b[^>]*>", re.IGNORECASE)
_ARMOUR = re.compile(r"^-----BEGIN (?:PGP|CERTIFICATE)", re.MULTILINE)
# What must stand in a text that shows the sign, which is quick to see; the sign; what is said of it.
_SIGNS = (
    (">", _MARKED, "a quote mark is left"),
    ("&gt;", _MARKED, "a quote mark is left"),
    ("@", _ADDRESS_LABEL, "a header line is left"),
    ("@", _SOME_HEADER, "a header line is left"),
    ("@", _SOME_ATTRIBUTION, "an attribution is left"),
    ("<", _RAW_HTML, "HTML is left"),
    ("-----BEGIN ", _ARMOUR, "armour is left"),
)


def _still_foreign(text: str) -> str | None:
    """Why this text may still hold another's words. It fails closed: such a mail is not learned from."""
    return next((why for needs, sign, why in _SIGNS if needs in text and sign.search(text)), None)
