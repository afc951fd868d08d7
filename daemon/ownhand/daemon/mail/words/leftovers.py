"""What in a text of own words still looks like somebody else's: the last look, which fails closed.

Knows the shapes of quotes and headers in any language, not their words. Cuts nothing.
"""

import re
from collections.abc import Collection, Sequence

_MARKED = re.compile(r"\s*(?:>|&gt;)")
_ADDRESS_LABEL = re.compile(
    r"\W{0,4}(?:from|von|de|da|van|från|fra|od|от|发件人|差出人)\s?[:：].*@", re.IGNORECASE
)
_MAILBOX = r"<[^<>\s@]+@[^<>\s@]+>"
# What an attribution and a header block look like in a language that no table has.
_ATTRIBUTION = re.compile(rf".*{_MAILBOX}.{{0,60}}[:：]\s*$")
_HEADER = re.compile(rf"\W{{0,3}}[^\W\d][\w .]{{0,20}}[:：].*{_MAILBOX}[ \t]*$")
_FIELD = re.compile(r"\W{0,3}[^\W\d][\w .]{0,20}[:：] ")
_HTML = re.compile(r"<(?:html|body|blockquote|div|br|table)\b[^>]*>", re.IGNORECASE)
_ARMOUR = re.compile(r"-----BEGIN (?:PGP|CERTIFICATE)")
_LONGEST = 1_000  # characters of a line that are looked at: what programs write is shorter


def still_foreign(text: str, own: Collection[str] = ()) -> str | None:
    """Why this text may still hold another's words: such a mail is not learned from. None when it is clean.

    `own` are the person's addresses; a line that names one of them and nobody else says nothing.
    """
    if not any(sign in text for sign in ">@<&-"):
        return None
    lines = [line[:_LONGEST] for line in text.split("\n")]
    reasons = (_reason(lines, i, own) for i in range(len(lines)))
    return next((reason for reason in reasons if reason), None)


def _reason(lines: Sequence[str], i: int, own: Collection[str]) -> str | None:
    line = lines[i]
    if (">" in line or "&gt;" in line) and _MARKED.match(line):
        return "a quote mark is left"
    if "<" in line and _HTML.search(line):
        return "HTML is left"
    if line.startswith("-----BEGIN ") and _ARMOUR.match(line):
        return "armour is left"
    if "@" not in line or _names_only(line, own):
        return None
    if _ADDRESS_LABEL.match(line):
        return "a header line is left"
    if ">" not in line:
        return None
    if _HEADER.match(line) and i + 1 < len(lines) and _FIELD.match(lines[i + 1]):
        return "a header line is left"
    return "an attribution is left" if _ATTRIBUTION.match(line) and any(map(str.isdigit, line)) else None


def _names_only(line: str, own: Collection[str]) -> bool:
    rest = line.lower()
    for address in own:
        rest = rest.replace(address, "")
    return "@" not in rest
