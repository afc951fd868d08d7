"""The signature that a person repeats at the end of mail after mail, found by counting. Pure.

What closes a mail and who signs it are the person's own words and stay, however often they are repeated:
a signature is what stands below them. Only digests of lines are kept between two counts.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from ownhand.daemon import anatomy

_TAIL = 16  # filled lines at the end that are looked at: a signature, and the sign-off above it
_LONGEST = 200  # characters of a line that are looked at
_MIN_TIMES = 4  # mails that end alike …
_WITHIN = 80  # … among so many, sent one after the other: an old signature was a habit of its time
_MAX_STRANGE = 2  # lines inside a signature that this mail alone has: a new number, a date
_ABOVE = 4  # lines that a sign-off above a signature may take
_SIGNED_WORDS = 6  # the most in a line of a sign-off
_TITLE_WORDS = 6  # the most in a title, or the name of a company
_CONTACT = re.compile(r"\S@\S|\bat [\w.-]+\.[a-z]{2,}\b|https?:|www\.|\+?(?:\d[\s./()-]{0,3}){6,}")
_DIGITS = re.compile(r"\d+")
_DRAWN = re.compile(r"([^\w\s])\1+")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Endings:
    """Lines that one person is known to repeat at the end, as digests of one line below another."""

    digests: frozenset[str] = frozenset()

    @classmethod
    def load(cls, packed: str) -> "Endings":
        return cls(frozenset(json.loads(packed))) if packed else cls()

    def packed(self) -> str:
        return json.dumps(sorted(self.digests))

    def counted(self, texts: Sequence[str]) -> "Endings":
        """With what these mails, in the order in which they were sent, end on again and again."""
        seen: dict[bytes, list[int]] = {}
        for n, text in enumerate(texts):
            lines = _tail(text)
            for digest in set(_pairs(lines, _filled(lines)).values()):
                seen.setdefault(digest, []).append(n)
        return Endings(self.digests.union(digest.hex() for digest, at in seen.items() if _is_habit(at)))

    def cut(self, text: str, *, name: str = "") -> tuple[str, str]:
        """The text without the person's signature, and the signature; empty where there is none.

        `name` is the person's: it tells "ana" from the first line of a signature.
        """
        lines = text.rstrip().split("\n")
        repeated = self._repeated(lines) if self.digests else []
        keep = _n_kept(lines, repeated, name) if repeated else 0
        # A mail that is nothing but a signature is left to be judged as it is.
        if keep == len(repeated) or not any(map(str.strip, lines[: repeated[keep]])):
            return text, ""
        at = repeated[keep]
        return "\n".join(lines[:at]).rstrip(), "\n".join(lines[at:]).strip()

    def _repeated(self, lines: Sequence[str]) -> list[int]:
        """Where the repeated last lines are, with the few among them that this mail alone has."""
        filled = _filled(lines)
        known = {k for k, digest in _pairs(lines, filled).items() if digest.hex() in self.digests}
        n, strange, first = len(filled), 0, len(filled)
        for k in reversed(range(n)):
            # A line is known with the one above or below it; the last by itself, too.
            if {k, k + 1} & known:
                strange, first = 0, k
                continue
            strange += 1
            if strange > _MAX_STRANGE or not _may_vary(lines[filled[k]], last=first == n):
                break
        return filled[first:]


def _tail(text: str) -> list[str]:
    """The last lines, at a cost that does not grow with the text."""
    return text.rstrip()[-_TAIL * _LONGEST :].split("\n")


def _filled(lines: Sequence[str]) -> list[int]:
    """The places of the last lines with something in them."""
    found: list[int] = []
    for i in reversed(range(len(lines))):
        if lines[i].strip():
            found.append(i)
            if len(found) == _TAIL:
                break
    return found[::-1]


def _pairs(lines: Sequence[str], filled: Sequence[int]) -> dict[int, bytes]:
    """A digest for each line but the first, with the one above it; after these one for the last by itself."""
    plain = [_plain(lines[i]) for i in filled]
    joined = {k: f"{plain[k - 1]}\n{plain[k]}" for k in range(1, len(plain))}
    if plain:
        joined[len(plain)] = plain[-1]
    return {k: blake2b(pair.encode("utf-8", "replace"), digest_size=8).digest() for k, pair in joined.items()}


def _plain(line: str) -> str:
    """The line without what changes from mail to mail: case, spaces, dates, the length of drawn lines."""
    return " ".join(_DIGITS.sub("0", _DRAWN.sub(r"\1", line[:_LONGEST].casefold())).split())


def _is_habit(places: Sequence[int]) -> bool:
    return any(later - one < _WITHIN for one, later in zip(places, places[_MIN_TIMES - 1 :], strict=False))


def _may_vary(line: str, *, last: bool) -> bool:
    """Whether a line that was not seen before may stand in a signature: a new number, another title."""
    return bool(_CONTACT.search(line)) or not (last or _is_sentence(line) or len(line.split()) > _TITLE_WORDS)


def _n_kept(lines: Sequence[str], ends: Sequence[int], name: str) -> int:
    """How many of the repeated last lines, at these places, are the person's own words all the same."""
    below = [lines[i] for i in ends]
    if len(below) == 1 and _is_name(below[0]):
        return 1  # what most people's mails end on
    off = _sign_off(lines, ends, name)
    if off is None:
        prose = next((k for k, line in enumerate(below) if not _is_sentence(line)), len(below))
        return prose if _is_card(below[prose:]) else len(below)
    keep, sure = off
    if len(below) - keep == 1 and _is_name(below[keep]):
        return len(below)  # "Best, Ana", and her full name
    return keep if sure or _is_card(below[keep:]) else len(below)


def _sign_off(lines: Sequence[str], ends: Sequence[int], name: str) -> tuple[int, bool] | None:
    """How many of the last lines a sign-off takes, and whether it surely ends the mail. None without one.

    After "Thanks" alone a mail may go on, and a name alone may be the first of a list.
    """
    closed = None
    for keep, i in enumerate((_above(lines, ends[0]), *ends)):
        line = lines[i].strip() if i >= 0 else ""
        if _CONTACT.search(line) or not _WORD.search(line):
            if keep:
                break  # a signature has begun
            continue
        off = _signs_off(lines, i, name) if i > 0 and len(line.split()) <= _SIGNED_WORDS else None
        if off and off.name:
            below = lines[ends[keep]] if keep < len(ends) else ""
            return keep, bool(off.phrase) or _is_hers(off.name, name) or _opens(off.name, below)
        if off and closed is None:
            closed = keep
    return None if closed is None else (closed, False)


def _is_hers(signed: str, name: str) -> bool:
    """Whether this is the person's name, a part of it or its initials."""
    parts, words = _words(name), _words(signed)
    initials = len(words) == 1 and all(any(part[0] == letter for part in parts) for letter in words[0])
    return bool(set(parts) & set(words)) or (bool(parts) and initials)


def _opens(signed: str, below: str) -> bool:
    """Whether the line below gives the whole name of who signed with a part of it."""
    words, whole = _words(signed), _words(below)
    return len(words) == 1 and len(whole) > 1 and words == whole[:1]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _above(lines: Sequence[str], i: int) -> int:
    """The place of the line on which a sign-off above might end; -1 when there is none."""
    return next((j for j in reversed(range(i)) if lines[j].strip()), -1)


def _signs_off(lines: Sequence[str], i: int, name: str) -> anatomy.SignOff | None:
    """The sign-off that ends on this line. A line before it keeps it from being read as a greeting."""
    above = "\n".join(lines[max(0, i - _ABOVE) : i])
    if not above.strip() and not any(map(str.strip, lines[:i])):
        return None  # the first line of a mail
    off = anatomy.parts(f"It is so.\n\n{above}\n{lines[i]}", sender=name).sign_off
    # "Bob," and "Bob:" greet, whoever stands above.
    greets = off is not None and not off.phrase and lines[i].rstrip().endswith((",", ":"))
    return None if greets else off


def _is_name(line: str) -> bool:
    words = line.split()
    return len(words) <= 4 and not _CONTACT.search(line) and all(word[:1].isupper() for word in words)


def _is_sentence(line: str) -> bool:
    text = line.strip()
    return not _CONTACT.search(text) and (
        text.endswith((",", ":")) or (text.endswith((".", "!", "?", ";")) and len(text.split()) > 3)
    )


def _is_card(lines: Sequence[str]) -> bool:
    """Whether lines that nobody signed above are about the writer, and not words to end on."""
    if not lines or any(map(_is_sentence, lines)):
        return False
    drawn = len(lines) > 1 and not _WORD.search(lines[0])
    return drawn or any(map(_CONTACT.search, lines))
