"""Finds what a mail program broke off a quoted line and left below it without a mark."""

import re
from collections.abc import Sequence

# Where programs break lines: a quoted line this long may have lost its tail to the next, unmarked line.
_WRAP_COLUMN = 65
_TAIL = 40
_LONGEST = 400  # characters of a link; what is longer is not looked at
_LINK = re.compile(r"^\(?<?https?://\S+(?:\s*[>)]){0,2}$|^\S*[=&%_]\S*$")


def mark_tails(lines: Sequence[str], marked: list[bool]) -> None:
    """Marks the tails of quoted lines in `marked`."""
    i = 1
    while i < len(lines):
        if marked[i] or not marked[i - 1]:
            i += 1
            continue
        end = i
        while end < len(lines) and not marked[end] and lines[end].strip():
            end += 1
        if end > i:
            enclosed = end < len(lines) and marked[end]
            n = _length(lines[i - 1], lines[i:end], enclosed)
            marked[i : i + n] = [True] * n
        i = end + 1


def _length(quoted: str, run: Sequence[str], enclosed: bool) -> int:
    """How many lines of `run`, which stands below a quoted line, belong to it."""
    text = run[0].strip()
    if len(text) > _LONGEST:
        return 0
    alone = len(run) == 1
    if quoted.rstrip().endswith((".", "!", "?", ":", ">")):
        return int(enclosed and alone and bool(_LINK.match(text)))
    wrapped, short = len(quoted) >= _WRAP_COLUMN, len(text) <= _TAIL
    if enclosed and alone and ((wrapped and short) or _LINK.match(text)):
        return 1
    if not (wrapped and text[0].islower()):
        return 0
    if short:
        return 1  # what stands below the tail is the answer
    return len(run) if enclosed else 0
