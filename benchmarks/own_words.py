"""Measures how well own words are found: `python benchmarks/own_words.py [--data DIRECTORY]`.

Reads cases with a known answer from a folder beside the repository; says so in one line when it is not there.
The scoring rule is the folder's own: right means a difflib ratio of 0.95 or more to any accepted answer, on
text with its white space normalised.
"""

import argparse
import difflib
import html
import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ownhand.daemon.mail.own_words import own_words

_RIGHT = 0.95
_REPOSITORY = Path(__file__).resolve().parent.parent
_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")


@dataclass
class Tally:
    """Counts of one kind of case."""

    n: int = 0
    right: int = 0
    foreign: int = 0  # words in the answer that no accepted answer has
    lost: int = 0  # words of the nearest accepted answer that are missing
    n_words: int = 0
    refused: int = 0
    spent_s: float = 0.0
    wrong: list[str] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=_REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--wrong", action="store_true", help="list the ids of the cases that came out wrong")
    options = parser.parse_args(arguments)
    path = options.data / "replies" / "fixtures.jsonl"
    if not path.exists():
        print(f"nothing measured: no {path.name} under {options.data}")
        return 0
    with path.open(encoding="utf-8") as lines:
        tallies = measure([json.loads(line) for line in lines])
    _print(tallies)
    if options.wrong:
        print(*(case for tally in tallies.values() for case in tally.wrong), sep="\n")
    return 0


def measure(cases: Sequence[dict[str, object]]) -> dict[str, Tally]:
    """One tally per kind of case: peers' tests by format, hand-annotated mail by corpus."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for case in cases:
        peer = case["kind"] == "peer-test"
        tally = tallies[f"peer {case['format']}" if peer else f"gold {case['source']}"]
        started = time.perf_counter()
        words = own_words(str(case["input"]), html=case["format"] == "html")
        tally.spent_s += time.perf_counter() - started
        tally.refused += words.refused is not None
        _score(tally, case, words.text)
    return dict(sorted(tallies.items()))


def _score(tally: Tally, case: dict[str, object], answer: str) -> None:
    bare = bool(case["ws_free"])
    given = _normal(answer, bare=bare)
    alternatives = case["expected_alternatives"]
    assert isinstance(alternatives, list)
    accepted = [
        _normal(_plain(str(text)) if case["format"] == "html" else str(text), bare=bare)
        for text in (case["expected"], case["expected_nosig"], *alternatives)
        if text is not None
    ]
    ratios = [difflib.SequenceMatcher(None, given, text, autojunk=False).ratio() for text in accepted]
    best = max(ratios)
    nearest = accepted[ratios.index(best)]
    tally.n += 1
    tally.right += best >= _RIGHT
    if best < _RIGHT:
        tally.wrong.append(f"{best:.2f} {len(given)} {len(nearest)} {case['id']}")
    if not bare:
        _count_words(tally, given.split(), nearest.split())


def _count_words(tally: Tally, given: list[str], wanted: list[str]) -> None:
    matcher = difflib.SequenceMatcher(None, given, wanted, autojunk=False)
    same = sum(block.size for block in matcher.get_matching_blocks())
    tally.foreign += len(given) - same
    tally.lost += len(wanted) - same
    tally.n_words += len(wanted)


def _plain(text: str) -> str:
    return html.unescape(_TAG.sub(" ", text))


def _normal(text: str, *, bare: bool) -> str:
    return "".join(text.split()) if bare else " ".join(text.split())


def _print(tallies: dict[str, Tally]) -> None:
    print(f"{'kind':24} {'cases':>5} {'right':>6} {'foreign':>8} {'lost':>6} {'refused':>8} {'ms':>6}")
    total = Tally()
    for kind, tally in tallies.items():
        _print_row(kind, tally)
        for name in ("n", "right", "foreign", "lost", "n_words", "refused", "spent_s"):
            setattr(total, name, getattr(total, name) + getattr(tally, name))
    _print_row("all", total)


def _print_row(kind: str, tally: Tally) -> None:
    words = max(1, tally.n_words)
    print(
        f"{kind:24} {tally.n:5} {100 * tally.right / tally.n:5.1f}% {100 * tally.foreign / words:7.1f}%"
        f" {100 * tally.lost / words:5.1f}% {tally.refused:8} {1000 * tally.spent_s / tally.n:6.2f}"
    )


if __name__ == "__main__":
    sys.exit(main())
