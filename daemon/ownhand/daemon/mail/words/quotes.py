"""Tells the lines a person wrote from the lines they quoted or forwarded.

Works on plain text. A quote with marks ends with its marks; a quote without marks lasts to the end of the
mail, so that nothing foreign is kept when the two cannot be told apart.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ownhand.daemon.mail.words.attribution import (
    MAX_REACH,
    attribution_at,
    begins_attribution,
    introduces_quote,
    is_marker,
    may_end_attribution,
)
from ownhand.daemon.mail.words.headers import header_block_at
from ownhand.daemon.mail.words.tails import mark_tails

_ONE_MARK = re.compile(r"^\s*> ?")
_INITIALS = re.compile(r"^\s{0,3}([A-Za-z]{1,4})>{1,3}(?:\s|$)")
_GUILLEMET = re.compile(
    r"^\s{0,3}([»›])(?:\s|$)"
)  # what some programs mark quotes with, and scanned paper has
_BAR = re.compile(r"^\s{0,3}([|:#%}+])(?:\s|$)")
_BARS = frozenset("|:#%}+")
_RULE = re.compile(r"^\s*[-_=*~#+•.]{3,}\s*$")
_GROUPWISE = re.compile(r"^\s*>{2,}.*\d.*>{2,}\s*$")  # ">>> Mira Holm 03/04/25 09:12AM >>>" is no quoted line
_NEAR = 3  # lines above a quote that may say whose it is


@dataclass(frozen=True, slots=True)
class Cut:
    """A mail in two: runs of own lines, one for each place between quotes, and the quoted lines."""

    own: tuple[tuple[str, ...], ...]
    quoted: tuple[str, ...]  # one mark taken off
    ends_own: bool = True  # whether the last line that is not empty is an own one


@dataclass(frozen=True, slots=True)
class _Introduction:
    """The lines by which a program says that a quote follows."""

    start: int
    end: int
    final: bool  # all that follows is the quote, marked or not


class _Look(NamedTuple):
    """A line, and what may begin at it besides a marker or a header block."""

    at: int
    may_attribute: bool
    above_quote: bool


def cut_quotes(lines: Sequence[str], *, known: Collection[int] = (), own: Collection[str] = ()) -> Cut:
    """Own and quoted lines, in order. Attributions, header blocks and forwarding lines are in neither.

    `known` are lines that are foreign whatever they look like, `own` the person's addresses.
    """
    lines = _unescaped(lines)
    foreign = _marked(lines)
    for i in known:
        foreign[i] = True
    introductions: set[int] = set()
    past = 0
    for look in _worth_a_look(lines, foreign):
        found = _introduction(lines, foreign, look, own) if look.at >= past else None
        if found is None:
            continue
        past = found.end
        introductions.update(range(found.start, found.end))
        following = next((k for k in range(past, len(lines)) if lines[k].strip()), len(lines))
        if following < len(lines) and (found.final or not foreign[following]):
            introductions.update(_rules_above(lines, found.start))
            foreign[past:] = [True] * (len(lines) - past)
            break
    return _split(lines, foreign, introductions)


def _unescaped(lines: Sequence[str]) -> list[str]:
    """Lines without the mark that mailboxes in the mbox format put before "From "; it quotes nothing."""
    out = list(lines)
    for i, line in enumerate(lines):
        if not line.startswith(">From "):
            continue
        beside = (*lines[max(0, i - 1) : i], *lines[i + 1 : i + 2])
        if not any(map(_ONE_MARK.match, beside)) and not _introduced(lines, i):
            out[i] = line[1:]
    return out


def _marked(lines: Sequence[str]) -> list[bool]:
    marked = [line.lstrip()[:1] == ">" and not _is_groupwise(line) for line in lines]
    if any(">" in line[:9] for line in lines):
        _mark_prefixed(lines, marked, _INITIALS, needs_introduction=False)
    if any(line.lstrip()[:1] in "»›" for line in lines if line):
        _mark_prefixed(lines, marked, _GUILLEMET, needs_introduction=False)
    if any(line.lstrip()[:1] in _BARS for line in lines if line):
        _mark_prefixed(lines, marked, _BAR, needs_introduction=True)
    mark_tails(lines, marked)
    return marked


def _is_groupwise(line: str) -> bool:
    return line.rstrip()[-1:] == ">" and is_marker(line) and bool(_GROUPWISE.match(line))


def _mark_prefixed(
    lines: Sequence[str], marked: list[bool], pattern: re.Pattern[str], *, needs_introduction: bool
) -> None:
    """Marks runs of lines that begin with the same initials ("JD> ") or, once introduced, the same bar."""
    found = {i: match[1] for i, line in enumerate(lines) if line and (match := pattern.match(line))}
    i = -1
    for at, prefix in found.items():
        if at <= i or marked[at]:
            continue
        i = at
        while found.get(i + 1) == prefix:
            i += 1
        if i > at and not (needs_introduction and not _introduced(lines, at)):
            marked[at : i + 1] = [True] * (i + 1 - at)


def _introduced(lines: Sequence[str], at: int) -> bool:
    above = [line.strip() for line in lines[max(0, at - 4) : at] if line.strip()]
    return any(introduces_quote(" ".join(above[-n:])) for n in (1, 2) if len(above) >= n)


def _worth_a_look(lines: Sequence[str], foreign: Sequence[bool]) -> Iterator[_Look]:
    """Lines at which an introduction may begin. The rest, nearly all, cost no more than this."""
    reach = near = 0
    found: list[_Look] = []
    for i in range(len(lines) - 1, -1, -1):
        line = lines[i]
        if foreign[i]:
            # The end of an address that was broken off looks like a mark: "> wrote:".
            broken = i > 0 and not foreign[i - 1] and may_end_attribution(line)
            reach, near = (MAX_REACH - 1 if broken else 0), _NEAR + 1
            continue
        if not line or line.isspace():
            # An empty line ends what may be an attribution, unless an address stands alone below it.
            below = lines[i + 1].lstrip()[:1] if i + 1 < len(lines) else ""
            reach, near = (0 if below not in ("", "<") else max(0, reach - 1)), max(0, near - 1)
            continue
        if may_end_attribution(line):
            reach = MAX_REACH
        if reach or near or ":" in line or "：" in line or is_marker(line):
            found.append(_Look(i, reach > 0, near > 0))
        reach, near = reach and reach - 1, near and near - 1
    return reversed(found)


def _introduction(
    lines: Sequence[str], foreign: Sequence[bool], look: _Look, own: Collection[str]
) -> _Introduction | None:
    i = look.at
    if is_marker(lines[i]):
        return _Introduction(i, _past_headers(lines, i + 1, own), final=True)
    block = header_block_at(lines, i, own)
    if block is not None:
        return _Introduction(*block, final=True)
    n = attribution_at(lines, i, own) if look.may_attribute else 0
    if n:
        inner = any(attribution_at(lines, i + k, own) == n - k for k in range(1, n) if lines[i + k].strip())
        if inner and not begins_attribution(lines[i]):
            return None
        return _Introduction(i, i + n, final=False)
    return _above_marks(lines, foreign, i) if look.above_quote else None


def _past_headers(lines: Sequence[str], i: int, own: Collection[str]) -> int:
    """The end of the header block below a forwarding line, which may be wrapped; `i` when there is none."""
    for k in range(i, min(i + 10, len(lines))):
        block = header_block_at(lines, k, own) if lines[k].strip() else None
        if block is not None:
            return block[1]
    while i < len(lines) and _RULE.match(lines[i]):
        i += 1
    return i


def _above_marks(lines: Sequence[str], foreign: Sequence[bool], i: int) -> _Introduction | None:
    for n in range(1, _NEAR + 1):
        end = i + n
        if end > len(lines) or foreign[end - 1] or not lines[end - 1].strip():
            return None
        below = next((k for k in range(end, min(end + 2, len(lines))) if lines[k].strip()), None)
        if below is not None and foreign[below]:
            whole, inner = (" ".join(line.strip() for line in lines[k:end]) for k in (i, i + 1))
            # The shortest run of lines wins: prose right above an attribution is not part of it.
            complete = n == 1 or begins_attribution(lines[i]) or not introduces_quote(inner)
            return _Introduction(i, end, final=False) if complete and introduces_quote(whole) else None
    return None


def _rules_above(lines: Sequence[str], start: int) -> range:
    i = start
    while i > 0 and (not lines[i - 1].strip() or _RULE.match(lines[i - 1])):
        i -= 1
    return range(i, start)


def _split(lines: Sequence[str], foreign: Sequence[bool], introductions: set[int]) -> Cut:
    own: list[tuple[str, ...]] = []
    quoted: list[str] = []
    run: list[str] = []
    written = False  # whether the run has anything but empty lines
    for i, line in enumerate(lines):
        if i in introductions or foreign[i]:
            if written:
                own.append(tuple(run))
            run, written = [], False
            if i not in introductions:
                quoted.append(_unquoted(line))
        else:
            run.append(line)
            written = written or bool(line.strip())
    if written:
        own.append(tuple(run))
    return Cut(tuple(own), tuple(quoted), ends_own=written)


def _unquoted(line: str) -> str:
    if line[:1] == ">":
        return line[2:] if line[1:2] == " " else line[1:]
    return (_ONE_MARK if line.lstrip()[:1] == ">" else _INITIALS).sub("", line, count=1)
