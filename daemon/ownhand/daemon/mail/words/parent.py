"""Finds the lines of a mail that stand in the mail it answers: a quote, though no mark says so.

Knows lines of text alone. Compares what a reader would: white space, quote marks and the case of letters
make no difference, nor does where a program broke the lines.
"""

import re
from collections.abc import Iterator, Sequence

from ownhand.daemon.mail.words.quotes import cut_quotes

_MARKS = re.compile(r"^(?:\s*[>|])+\s?")
_WORD = re.compile(r"\w+")
_N_CHAIN = 8  # words in a row that two people do not both write by chance
_LONG = 8  # words of a line of running text; a sign-off or a signature has none
_MIN_LINES = 3  # lines in a row that are a quote however short they are
_MIN_WORDS = 12  # words without which one line or two say nothing: both may have written "See you on Monday."
# Bounds on what is compared, and on how often a common line is looked for.
_MAX_WORDS, _MAX_PLACES = 30_000, 8

_Words = tuple[str, ...]


def lines_from(parent: str, lines: Sequence[str]) -> frozenset[int]:
    """Which of `lines` stand in the text of the answered mail: long ones, and runs of short ones.

    What the answered mail quotes may be the person's own: of that, a run needs a line of running text, so
    that a sign-off or a signature they always use is not lost.
    """
    everything = parent.splitlines()
    new = [line for run in cut_quotes(everything).own for line in run]
    written = {i: words for i, line in enumerate(lines) if (words := _words(line))}
    found = (
        *_same_lines(_said(new), written, min_lines=_MIN_LINES),
        *_same_lines(_said(everything), written),
        *_same_chains(_said(everything), written),
    )
    return frozenset(found)


def _said(lines: Sequence[str]) -> list[_Words]:
    return [words for line in lines if (words := _words(line))]


def _words(line: str) -> _Words:
    return tuple(_WORD.findall(_MARKS.sub("", line).lower()))


def _same_lines(said: Sequence[_Words], written: dict[int, _Words], min_lines: int = 0) -> Iterator[int]:
    """Runs of lines that follow one another in both mails."""
    places: dict[_Words, list[int]] = {}
    for place, words in enumerate(said):
        if len(known := places.setdefault(words, [])) < _MAX_PLACES:
            known.append(place)
    at, mine = list(written), list(written.values())
    k = 0
    while k < len(mine):
        n = max((_n_same(said, place, mine, k) for place in places.get(mine[k], ())), default=0)
        run = mine[k : k + n]
        if _is_text(run) or (min_lines and n >= min_lines and sum(map(len, run)) > n):
            yield from at[k : k + n]
        k += max(1, n)


def _n_same(said: Sequence[_Words], place: int, mine: Sequence[_Words], k: int) -> int:
    n = 0
    while place + n < len(said) and k + n < len(mine) and said[place + n] == mine[k + n]:
        n += 1
    return n


def _is_text(run: Sequence[_Words]) -> bool:
    return sum(map(len, run)) >= _MIN_WORDS and any(len(words) >= _LONG for words in run)


def _same_chains(said: Sequence[_Words], written: dict[int, _Words]) -> Iterator[int]:
    """Lines whose every word stands in a chain of words of the parent, wherever its lines were broken."""
    theirs = [word for words in said for word in words][:_MAX_WORDS]
    chains = {tuple(theirs[i : i + _N_CHAIN]) for i in range(len(theirs) - _N_CHAIN + 1)}
    mine = [word for words in written.values() for word in words][:_MAX_WORDS]
    covered = bytearray(len(mine))
    for i in range(len(mine) - _N_CHAIN + 1):
        if tuple(mine[i : i + _N_CHAIN]) in chains:
            covered[i : i + _N_CHAIN] = b"\1" * _N_CHAIN
    run: list[int] = []
    end = 0
    for i, words in written.items():
        start, end = end, end + len(words)
        if end <= len(mine) and all(covered[start:end]):
            run.append(i)
            continue
        if _is_text([written[k] for k in run]):
            yield from run
        run = []
    if _is_text([written[k] for k in run]):
        yield from run
