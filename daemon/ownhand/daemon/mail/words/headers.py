"""Header blocks inside a body: "From: … Sent: … To: …", in many languages, and the older form of Lotus Notes.

Decides about lines, cuts nothing.
"""

import re
from collections.abc import Collection, Sequence

from ownhand.daemon.mail.words.labels import field, is_technical, labelled

_ONE_LINE = re.compile(
    r"^\W*(?:From|Von|De|Da|Van)\s?:\W?.*?\b(?:Sent|Date|Gesendet|Envoyé|Enviado|Inviato|Verzonden|Datum)\s?:"
    r".*?\b(?:To|An|À|Para|A|Aan|Subject|Betreff|Objet|Asunto|Oggetto)\s?:",
    re.IGNORECASE,
)
_ADDRESSLIKE = re.compile(r"@|[;<>]|/[A-Z]{2,}|,\s*$|^[\w.'-]+, \w|mailto:|^\s*>?\s*$")
_DATELIKE = re.compile(r"\d{1,2}[:.]\d{2}|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|(?:19|20)\d\d")
_NOTES_DATE = re.compile(
    r"^\W*(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{1,2}[:.]\d{2}(?:[:.]\d{2})?)[\s,]*"
    r"(?:\d{1,2}[:.]\d{2}(?:[:.]\d{2})?)?\s*(?:[AP]\.?M\.?)?(?:\s*[A-Z]{2,5})?(?:\s*\(?[\w:+-]*\)?)\s*$",
    re.IGNORECASE,
)
_NOTES_NAME_ON_DATE = re.compile(
    r"\bon\s+\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}(?:\s+\d{1,2}:\d{2}.*)?\s*$", re.IGNORECASE
)
# Notes of 2000: sender and date in a box of their own, the other fields far below.
_NOTES_FROM = re.compile(
    r"^\s*From:\s+\S.{0,80}\s{2,}\d{1,2}/\d{1,2}/\d{2,4}\s+\d{1,2}:\d{2}\s*(?:[AP]M)?\s*$"
)
_NOTES_EXTRA = re.compile(
    r"^\s*(?:Sent by|Please respond to|Respond to|Extern|Gesendet von|Envoyé par|Enviado por)\b", re.I
)
_NAME = re.compile(r"^[\s\"'<]*[^\W\d_][\w.'’\-@/,\"<>()& +]{0,90}$")
_FULL_NAME = re.compile(r"^\s*[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){1,3}\s*$")
_SENTENCE_END = re.compile(r"[.!?:;]\s*$")
_PATCH = re.compile(r"^From [0-9a-f]{40} ")  # what git writes above the header of a patch
_MAX_BLOCK = 120  # lines; recipients' lists of a whole floor are real
_MAX_FIELDS = 20
_MAX_FIELD = 400  # characters that are looked at in one line
_MAX_GAP = 30  # wrapped lines of one field


def header_block_at(lines: Sequence[str], at: int, own: Collection[str] = ()) -> tuple[int, int] | None:
    """Where the header block begins and ends whose first labelled line is `at`; None when there is none.

    The block may begin above `at`: Lotus Notes writes a name and a date before the first label. `own` are
    the person's addresses: among labels of any language, one of them says to whom a quoted mail was sent.
    """
    if is_technical(lines[at]) and at + 1 < len(lines) and is_technical(lines[at + 1]):
        return at, at + 2
    first = field(lines[at])
    if first is None:
        if _ONE_LINE.match(lines[at][:_MAX_FIELD]):
            return at, at + 1
        return _unknown_block(lines, at, own) if own else None
    if first[0] == "other" or (at and _PATCH.match(lines[at - 1])):
        return None
    if len(lines[at]) < _MAX_FIELD and _NOTES_FROM.match(lines[at]):
        below = next((i for i in range(at + 1, min(at + 8, len(lines))) if lines[i].strip()), at)
        if (field(lines[below]) or ("",))[0] == "to":
            return at, _read_block(lines, below)[0]
    end, roles, proof = _read_block(lines, at)
    start = _notes_start(lines, at) if "from" not in roles else at
    return (start, end) if _is_header(roles, proof, start < at) else None


def _unknown_block(lines: Sequence[str], at: int, own: Collection[str]) -> tuple[int, int] | None:
    """Three labelled lines of which one names the person's own address and another one somebody else's."""
    values: list[str] = []
    for line in lines[at : at + _MAX_FIELDS]:
        found = labelled(line)
        if found is None:
            break
        values.append(found[1].lower())
    to_them = [any(address in value for address in own) for value in values]
    others = [value for value, theirs in zip(values, to_them, strict=True) if "@" in value and not theirs]
    return (at, at + len(values)) if len(values) >= 3 and any(to_them) and others else None


def _read_block(lines: Sequence[str], at: int) -> tuple[int, set[str], bool]:
    """Where the fields end, which roles were named, and whether a value looks like an address or a date."""
    roles: set[str] = set()
    end, gap, role, proof, n_fields = at, 0, "", False, 0
    for i in range(at, min(len(lines), at + _MAX_BLOCK)):
        line = lines[i]
        found = field(line)
        if found is not None:
            role = found[0]
            n_fields += 1
            if n_fields > _MAX_FIELDS:
                break
            if role in roles and role in ("from", "subject") and i > at + 1 and "subject" in roles:
                break
            proof = proof or _proves(role, found[1])
            roles.add(role)
            end, gap = i + 1, 0
        elif not _continues(line, role, lines, i) or gap > _MAX_GAP:
            break
        else:
            gap += 1
            if line.strip():
                end = i + 1
    return end, roles - {"other"}, proof


def _proves(role: str, value: str) -> bool:
    if role == "date":
        return bool(_DATELIKE.search(value))
    return role in ("from", "to", "cc") and "@" in value


def _continues(line: str, role: str, lines: Sequence[str], i: int) -> bool:
    if not line.strip():
        following = next((text for text in lines[i + 1 : i + 3] if text.strip()), "")
        return field(following) is not None or (role in ("to", "cc") and _names_people(following))
    if role in ("to", "cc", "from"):
        return _names_people(line)
    if role == "date":
        return line[:1].isspace() and (i + 1 < len(lines) and field(lines[i + 1]) is not None)
    # A subject wraps only at the column where programs break lines, and only once.
    return role == "subject" and 55 <= len(lines[i - 1]) <= 90 and field(lines[i - 1]) is not None


def _names_people(line: str) -> bool:
    return len(line) < 400 and bool(_ADDRESSLIKE.search(line)) and not line.rstrip().endswith((".", "!", "?"))


def _is_header(roles: set[str], proof: bool, notes: bool) -> bool:
    if notes:
        return len(roles) >= 2 or "to" in roles
    if len(roles) >= 3:
        return proof or "subject" in roles
    return len(roles) == 2 and "from" in roles and (proof or roles == {"from", "subject"})


def _notes_start(lines: Sequence[str], at: int) -> int:
    """The name and the date that Lotus Notes writes above "To:"; `at` when they are not there."""
    i, dated = at, False
    while i > 0 and at - i < 14:
        line = lines[i - 1]
        if len(line) > _MAX_FIELD:
            break
        if _NOTES_NAME_ON_DATE.search(line):
            return i - 1
        if _NOTES_EXTRA.match(line) or (not line.strip() and not dated):
            i -= 1
        elif _NOTES_DATE.match(line) and not (dated and not _NOTES_DATE.match(lines[i])):
            i, dated = i - 1, True
        else:
            if dated and not lines[i - 1].strip() and i > 1 and _FULL_NAME.match(lines[i - 2]):
                return i - 2
            above = _names_above(lines, i) if (dated or _has_extra(lines, i, at)) else i
            i = above
            break
    while i < at and not lines[i].strip():
        i += 1
    return i if dated or _has_extra(lines, i, at) else at


def _has_extra(lines: Sequence[str], start: int, end: int) -> bool:
    return any(_NOTES_EXTRA.match(line) for line in lines[start:end])


def _names_above(lines: Sequence[str], i: int) -> int:
    """Up to two lines above `i` that are a name, not a sentence."""
    for _ in range(2):
        line = lines[i - 1] if i else ""
        if not line.strip() or not _NAME.match(line) or _SENTENCE_END.search(line) or len(line.split()) > 9:
            return i
        i -= 1
    return i
