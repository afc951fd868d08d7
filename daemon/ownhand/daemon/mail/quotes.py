"""Tells the lines a person wrote from the lines they quoted or forwarded.

Works on plain text. A quote with marks ends with its marks; a quote without marks lasts to the end of the
mail, so that nothing foreign is kept when the two cannot be told apart.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ownhand.daemon.mail.attribution import (
    attribution_at,
    begins_attribution,
    introduces_quote,
    is_marker,
)
from ownhand.daemon.mail.headers import header_block_at

_MARK = re.compile(r"^\s*>")
_ONE_MARK = re.compile(r"^\s*> ?")
_INITIALS = re.compile(r"^\s{0,3}([A-Za-z]{1,4})>{1,3}(?:\s|$)")
_BAR = re.compile(r"^\s{0,3}([|:#%}+])(?:\s|$)")
_LINK = re.compile(r"^\(?<?https?://\S+(?:\s*[>)]){0,2}$|^\S*[=&%_]\S*$")
_RULE = re.compile(r"^\s*[-_=*~#+•.]{3,}\s*$")
# Where programs break lines: a quoted line this long may have lost its tail to the next, unmarked line.
_WRAP_COLUMN = 65
_TAIL = 40


@dataclass(frozen=True, slots=True)
class Cut:
    """A mail in two: runs of own lines, one for each place between quotes, and the quoted lines."""

    own: tuple[tuple[str, ...], ...]
    quoted: tuple[str, ...]  # one mark taken off


def cut_quotes(lines: Sequence[str]) -> Cut:
    """Own and quoted lines, in order. Attributions, header blocks and forwarding lines are in neither."""
    lines = _unescaped(lines)
    foreign = _marked(lines)
    introductions: set[int] = set()
    i = 0
    while i < len(lines):
        found = None if foreign[i] or not lines[i].strip() else _introduction(lines, foreign, i)
        if found is None:
            i += 1
            continue
        start, end = found
        introductions.update(range(start, end))
        following = next((k for k in range(end, len(lines)) if lines[k].strip()), len(lines))
        if following < len(lines) and not foreign[following]:
            introductions.update(_rules_above(lines, start))
            foreign[end:] = [True] * (len(lines) - end)
            break
        i = end
    return _split(lines, foreign, introductions)


def _unescaped(lines: Sequence[str]) -> list[str]:
    """Lines without the mark that mailboxes in the mbox format put before "From "; it quotes nothing."""
    out = list(lines)
    for i, line in enumerate(lines):
        beside = (*lines[max(0, i - 1) : i], *lines[i + 1 : i + 2])
        if line.startswith(">From ") and not any(map(_MARK.match, beside)) and not _introduced(lines, i):
            out[i] = line[1:]
    return out


def _marked(lines: Sequence[str]) -> list[bool]:
    marked = [bool(_MARK.match(line)) and not is_marker(line) for line in lines]
    for pattern, needs_introduction in ((_INITIALS, False), (_BAR, True)):
        _mark_prefixed(lines, marked, pattern, needs_introduction)
    _mark_tails(lines, marked)
    return marked


def _mark_prefixed(
    lines: Sequence[str], marked: list[bool], pattern: re.Pattern[str], needs_introduction: bool
) -> None:
    """Marks runs of lines that begin with the same initials ("JD> ") or, once introduced, the same bar."""
    i = 0
    while i < len(lines):
        found = pattern.match(lines[i])
        if found is None or marked[i]:
            i += 1
            continue
        end = i
        while end < len(lines) and lines[end].lstrip().startswith(found[1]) and pattern.match(lines[end]):
            end += 1
        if end - i >= 2 and not (needs_introduction and not _introduced(lines, i)):
            marked[i:end] = [True] * (end - i)
        i = end


def _introduced(lines: Sequence[str], at: int) -> bool:
    above = [line.strip() for line in lines[max(0, at - 4) : at] if line.strip()]
    return any(introduces_quote(" ".join(above[-n:])) for n in (1, 2) if len(above) >= n)


def _mark_tails(lines: Sequence[str], marked: list[bool]) -> None:
    """Marks what a program broke off a quoted line and left without a mark."""
    i = 1
    while i < len(lines):
        end = i
        while end < len(lines) and not marked[end] and lines[end].strip():
            end += 1
        enclosed = end < len(lines) and marked[end]
        if end > i and marked[i - 1] and _is_tail(lines[i - 1], lines[i:end], enclosed):
            marked[i:end] = [True] * (end - i)
        i = end + 1


def _is_tail(quoted: str, run: Sequence[str], enclosed: bool) -> bool:
    text = run[0].strip()
    if quoted.rstrip().endswith((".", "!", "?", ":", ">")):
        return enclosed and len(run) == 1 and bool(_LINK.match(text))
    wrapped, short = len(quoted) >= _WRAP_COLUMN, len(run) == 1 and len(text) <= _TAIL
    if enclosed and ((wrapped and short) or (len(run) == 1 and _LINK.match(text))):
        return True
    return wrapped and text[0].islower() and (enclosed or short)


def _introduction(lines: Sequence[str], foreign: Sequence[bool], i: int) -> tuple[int, int] | None:
    """The lines at `i` by which a program says that a quote follows."""
    if is_marker(lines[i]):
        return i, _past_headers(lines, i + 1)
    block = header_block_at(lines, i)
    if block is not None:
        return block
    n = attribution_at(lines, i)
    if n:
        inner = any(attribution_at(lines, i + k) == n - k for k in range(1, n) if lines[i + k].strip())
        return None if inner and not begins_attribution(lines[i]) else (i, i + n)
    return _above_marks(lines, foreign, i)


def _past_headers(lines: Sequence[str], i: int) -> int:
    """The end of the header block below a forwarding line, which may be wrapped; `i` when there is none."""
    for k in range(i, min(i + 10, len(lines))):
        block = header_block_at(lines, k) if lines[k].strip() else None
        if block is not None:
            return block[1]
    while i < len(lines) and _RULE.match(lines[i]):
        i += 1
    return i


def _above_marks(lines: Sequence[str], foreign: Sequence[bool], i: int) -> tuple[int, int] | None:
    for n in (1, 2, 3):
        end = i + n
        if end > len(lines) or foreign[end - 1] or not lines[end - 1].strip():
            return None
        below = next((k for k in range(end, min(end + 2, len(lines))) if lines[k].strip()), None)
        if below is not None and foreign[below]:
            whole, inner = (" ".join(line.strip() for line in lines[k:end]) for k in (i, i + 1))
            # The shortest run of lines wins: prose right above an attribution is not part of it.
            complete = n == 1 or begins_attribution(lines[i]) or not introduces_quote(inner)
            return (i, end) if complete and introduces_quote(whole) else None
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
    for i, line in enumerate(lines):
        if i in introductions or foreign[i]:
            if any(text.strip() for text in run):
                own.append(tuple(run))
            run = []
        if i in introductions:
            continue
        if foreign[i]:
            quoted.append((_ONE_MARK if _MARK.match(line) else _INITIALS).sub("", line, count=1))
        else:
            run.append(line)
    if any(text.strip() for text in run):
        own.append(tuple(run))
    return Cut(tuple(own), tuple(quoted))
