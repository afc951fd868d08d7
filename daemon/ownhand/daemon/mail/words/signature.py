"""Signatures: what stands below a mail about its author, by their program's hand or out of habit.

A sign-off and the name that signs it are the person's own words and stay.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ownhand.daemon.mail.words.footers import (
    disclaimer_start,
    footer_start,
    is_rule,
    names_attachments_only,
    without_mobile_lines,
)

_DELIMITER = re.compile(r"^\s{0,2}(?:--|—|–)\s*$")
_CODE_FENCE = re.compile(r"^\s*(?:```|~~~)")
_UNDERLINE = re.compile(r"^\s*_{3,}\s*$")
_FULL_WIDTH = 60  # characters; a drawn line this long closes a mail off, it does not underline a heading
_MAX_SIGNATURE = 20  # lines; below a delimiter there may be verse, but not a letter
_MAX_VERSE = 6  # lines below a delimiter that are a signature however long they are
_MAX_CONTACTS = 14
_N_ADVERTISING = 8  # lines below a drawn one that end on a link
_CONTACT = re.compile(
    r"(?:\b(?:tel|phone|ph|fax|facsimile|cell|cellular|mobile|mob|office|work|home|pager|direct|telefon"
    r"|handy|téléphone"
    r"|tél|portable|teléfono|móvil|telefone|telefono|cellulare|telefoon|mobiel|skype|e-?mail|mail|web|www"
    r"|url|icq|xmpp|pgp|gpg)\b\.?\s*(?:\(.{0,12}\))?\s*[:#.=]"
    r"|(?:\+?\d{1,3}[\s.-]?)?\(?\d{2,4}\)?[\s./-]{1,2}\d{3}[\s.-]?\d{2,5}|\bx\d{4,5}\b"
    r"|^\s*<?https?://\S+>?\s*$"
    r"|^\s*<?www\.\S+>?\s*$|^\s*<?[^\s@<>]+@[^\s@<>]+\.\w+>?\s*$|\b[A-Z]{2}\s+\d{5}(?:-\d{4})?\b"
    r"|\bP\.?\s?O\.? box\b|^\s*\d+\s+[A-Z]\w+.{0,30}\b(?:street|st\.?|road|rd\.?|avenue|ave\.?|blvd|lane"
    r"|drive|suite)\b)",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"^\s*[-–—~]?\s*[^\W\d_a-z][\w.'’-]*(?:,? [^\W\d_a-z][\w.'’-]*){0,4}(?:, [\w.]{2,6})*\s*$"
)
# "Ana Ruiz  <ana@ruiz.example>", "Ana Ruiz -- 020 555 0100"
_PERSON_AND_WAY = re.compile(
    r"^\s*[^\W\d_a-z][\w.'’-]*(?: [^\W\d_a-z][\w.'’-]*){1,3}(?:\s{2,}|\s*[<|•·(]|,? -)"
)
_LINKED = re.compile(r"(?:https?://|www\.|mailto:)\S+\s*$|<mailto:")
_CLOSING = re.compile(
    r"^\W*(?:(?:kind|best|warm|many|with|my)\b.{0,20}|regards|cheers|thanks|thank you|thx|sincerely|yours"
    r"|love|best"
    r"|cordially|respectfully|ciao|mfg|lg|vg|(?:viele|beste|liebe|freundliche|mit|herzliche|schöne).{0,25}"
    r"|grüße|gruß"
    r"|gruss|cordialement|bien à|amicalement|merci|saludos|un saludo|atentamente|gracias|abraços?"
    r"|atenciosamente"
    r"|obrigad[oa]|cordiali saluti|saluti|grazie|groet(?:en|jes)?|met vriendelijke.{0,10}|mvh"
    r"|vänliga.{0,15}|hilsen"
    r"|med .{0,20}hilsen|pozdrawiam|s pozdravem|с уважением|спасибо|terveisin|üdvözlettel)\b[^.]{0,40}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Signed:
    """A run of own lines in two."""

    text: tuple[str, ...]
    signature: tuple[str, ...]


def cut_signature(lines: Sequence[str], *, last: bool = False) -> Signed:
    """Splits off what stands below the person's words; `last` says that nothing of the mail stands below.

    A line drawn at the very end of a mail, with nothing below it, is left where its author drew it.
    """
    if names_attachments_only(lines):
        return Signed((), ())
    whole = _trimmed(lines)
    kept = _without_trailing_rules(whole)
    drawn = _drawn_at_end(whole, len(kept)) if last else []
    n, below = len(kept), list[str]()
    for cut_at in (footer_start, disclaimer_start, _delimiter_at, _underline_at):
        at = cut_at(kept)
        below = kept[at:] + below if cut_at in (_delimiter_at, _underline_at) else below
        kept = _without_trailing_rules(kept[:at])
    kept = _without_trailing_rules(without_mobile_lines(kept))
    at = _contacts_start(kept)
    if at < n and drawn and drawn[0]:
        drawn = []  # it closes the frame of what was cut
    signature = [line for line in (*kept[at:], *below) if not (_DELIMITER.match(line) or is_rule(line))]
    return Signed(tuple(_trimmed([*kept[:at], *drawn])), tuple(_trimmed(signature)))


def _drawn_at_end(lines: Sequence[str], end: int) -> list[str]:
    """The drawn line on which a mail ends, with the empty lines above it; none when more is drawn."""
    drawn = list(lines[end:])
    return drawn if sum(map(bool, drawn)) == 1 and is_rule(drawn[-1]) else []


def _trimmed(lines: Sequence[str]) -> list[str]:
    kept = [line.rstrip() for line in lines]
    while kept and not kept[-1]:
        kept.pop()
    while kept and not kept[0]:
        del kept[0]
    return kept


def _without_trailing_rules(lines: Sequence[str]) -> list[str]:
    kept = list(lines)
    while kept and (not kept[-1].strip() or is_rule(kept[-1]) or _DELIMITER.match(kept[-1])):
        kept.pop()
    return kept


def _delimiter_at(lines: Sequence[str]) -> int:
    filled = [i for i, line in enumerate(lines) if line.strip()]
    for i in filled[-_MAX_SIGNATURE - 1 :]:
        if not _DELIMITER.match(lines[i]):
            continue
        rest = [text for text in lines[i + 1 :] if text.strip()]
        if (len(rest) <= _MAX_VERSE or not _is_prose(rest)) and (i > filled[0] or len(rest) <= 5):
            return i
    return len(lines)


def _is_prose(lines: Sequence[str]) -> bool:
    """Three full lines of running text in a row are a paragraph, not a signature."""
    full = [len(line) > 60 and len(line.split()) >= 8 for line in lines]
    return any(all(full[i : i + 3]) for i in range(len(full) - 2))


def _underline_at(lines: Sequence[str]) -> int:
    """A drawn line that only a few short lines follow, which say how to reach someone or something."""
    first = max(1, len(lines) - _MAX_CONTACTS)
    ruled = [i for i in range(first, len(lines)) if is_rule(lines[i])]
    if not ruled or any(_CODE_FENCE.match(line) for line in lines):
        return len(lines)
    for i in ruled:
        rest = [line for line in lines[i + 1 :] if line.strip() and not is_rule(line)]
        if any(len(line) > 90 and "://" not in line for line in rest) or len(rest) > _MAX_CONTACTS:
            continue
        n_ways = sum(1 for line in rest if "://" in line or _CONTACT.search(line))
        advertising = len(lines[i]) >= _FULL_WIDTH and len(rest) <= _N_ADVERTISING and "://" in rest[-1]
        if (n_ways and 3 * n_ways >= len(rest)) or advertising:
            return i
        if _UNDERLINE.match(lines[i]) and len(rest) <= 4:
            return i
    return len(lines)


def _contacts_start(lines: Sequence[str]) -> int:
    """Where a block of title, address and numbers begins that stands below the words, without a delimiter."""
    end = len(lines)
    begin = end
    while begin > 0 and end - begin < _MAX_CONTACTS and _is_short(lines[begin - 1]):
        begin -= 1
    ways = [i for i in range(begin, end) if _is_way(lines[i])]
    if len(ways) < 2:
        return end
    for i in range(begin, ways[-2] + 1):
        top = i > 0 and (not lines[i - 1].strip() or _CLOSING.match(lines[i - 1]))
        if not top or not any(line.strip() for line in lines[:i]):
            continue
        if _PERSON.match(lines[i]) and _is_card(lines[i + 1 :]):
            return i + 1 if _signs(lines, i) else i
        if i in ways and _PERSON_AND_WAY.match(lines[i]) and _is_card(lines[i:]):
            return i
    return end


def _is_way(line: str) -> bool:
    """Whether a line says how to reach someone or where to look."""
    return bool(_CONTACT.search(line) or _LINKED.search(line))


def _signs(lines: Sequence[str], at: int) -> bool:
    """Whether the name above a card signs the mail, or belongs to the card."""
    above = next((line for line in reversed(lines[:at]) if line.strip()), "")
    name = lines[at].strip()
    if _CLOSING.match(above) or name[0] in "-–—~":
        return True
    # Who has signed already does so again only on their card, and nobody signs with all their initials.
    return not _PERSON.match(above) and len(name.split()) <= 2


def _is_card(lines: Sequence[str]) -> bool:
    """Whether these lines are a visiting card: at least a third of them are ways to reach someone."""
    block = [line for line in lines if line.strip()]
    n_ways = sum(map(_is_way, block))
    gaps = sum(1 for line, following in pairwise(lines) if not line.strip() and following.strip())
    return n_ways >= 2 and 3 * n_ways >= len(block) and gaps <= 1 and not any("=" in line for line in block)


def _is_short(line: str) -> bool:
    text = line.strip()
    if len(text) > 75 and not (len(text) < 140 and _LINKED.search(text)):
        return False
    return not text.endswith(("?", "!", ",", ":", ";")) and len(text.split()) <= 12
