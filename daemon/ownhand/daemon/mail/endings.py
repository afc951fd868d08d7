"""The signature that a person repeats at the end of mail after mail, found by counting. Pure.

What closes a mail and who signs it are the person's own words and stay, however often they are repeated:
a signature is what stands below them. Only digests of lines are kept between two counts.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from ownhand.daemon import anatomy

_MAX_LINES = 12
_MIN_TIMES = 4  # mails that end on it
_MIN_SHARE = 0.2  # of the mails between the first and the last that end on it
_ABOVE = 4  # lines that a sign-off above a signature may take
_CONTACT = re.compile(r"\S@\S|https?://|www\.|(?:\d[\s./()-]{0,2}){6,}")


@dataclass(frozen=True, slots=True)
class Endings:
    """Blocks of last lines that one person is known to repeat, as digests."""

    digests: frozenset[str] = frozenset()

    @classmethod
    def load(cls, packed: str) -> "Endings":
        return cls(frozenset(json.loads(packed))) if packed else cls()

    def packed(self) -> str:
        return json.dumps(sorted(self.digests))

    def counted(self, texts: Sequence[str]) -> "Endings":
        """With what these mails, in the order in which they were sent, end on again and again."""
        seen: dict[str, list[int]] = {}
        for n, text in enumerate(texts):
            for digest in _blocks(_last_lines(text)):
                seen.setdefault(digest, []).append(n)
        found = (digest for digest, places in seen.items() if _is_habit(places))
        return Endings(self.digests.union(found))

    def cut(self, text: str) -> tuple[str, str]:
        """The text without the person's signature, and the signature; empty where there is none."""
        lines = text.split("\n")
        filled = [i for i, line in enumerate(lines) if line.strip()]
        blocks = list(_blocks([lines[i] for i in filled[-_MAX_LINES:]]))
        known = [n for n, digest in enumerate(blocks, 1) if digest in self.digests]
        if not known or len(filled) <= known[-1]:
            return text, ""  # a mail that is nothing but a signature is left to be judged as it is
        ends = filled[-known[-1] :]
        keep = _n_kept(lines, ends)
        if keep == len(ends):
            return text, ""
        at = ends[keep]
        return "\n".join(lines[:at]).rstrip(), "\n".join(lines[at:]).strip()


def _last_lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()][-_MAX_LINES:]


def _blocks(lines: Sequence[str]) -> Iterator[str]:
    """A digest for the last line, the last two lines, and so on."""
    digest = b""
    for line in reversed(lines):
        plain = " ".join(line.casefold().split()).encode()
        digest = blake2b(plain, digest_size=16, key=digest).digest()
        yield digest.hex()


def _is_habit(places: Sequence[int]) -> bool:
    times = len(places)
    return times >= _MIN_TIMES and times >= _MIN_SHARE * (places[-1] - places[0] + 1)


def _n_kept(lines: Sequence[str], ends: Sequence[int]) -> int:
    """How many of the repeated last lines, at these places, are the person's own words all the same."""
    last = [*(i - 1 for i in ends[:1]), *ends]  # the line on which a sign-off might end
    offs = [_signs_off(lines[max(0, i - _ABOVE) : i + 1]) for i in last]
    signed = [k for k, off in enumerate(offs) if off and off.name]
    closed = [k for k, off in enumerate(offs) if off]
    below = [lines[i] for i in ends]
    if signed or closed:
        keep = (signed or closed)[0]
        return len(ends) if len(below) - keep == 1 and _is_name(below[keep]) else keep
    return 0 if _is_card(below) else len(ends)


def _signs_off(lines: Sequence[str]) -> anatomy.SignOff | None:
    """The sign-off on which these lines end. A line before them keeps them from being read as a greeting."""
    if not any(map(str.strip, lines)) or _CONTACT.search(lines[-1]):
        return None
    return anatomy.parts("\n".join(("It is so.", "", *lines))).sign_off


def _is_name(line: str) -> bool:
    words = line.split()
    return len(words) <= 4 and not _CONTACT.search(line) and all(word[:1].isupper() for word in words)


def _is_card(lines: Sequence[str]) -> bool:
    """Whether lines that nobody signed above are about the writer, and not a sentence to end on."""
    prose = sum(line.rstrip().endswith((".", "!", "?")) and len(line.split()) > 4 for line in lines)
    return any(map(_CONTACT.search, lines)) or (len(lines) >= 3 and not prose)
