"""Measures how well own words are found, beside other reply parsers: `make bench-own-words`.

    python benchmarks/own_words.py [--data DIRECTORY] [--peers PYTHON] [--kinds] [--wrong]

Reads cases with a known answer from a folder beside the repository; says so in one line when it is not there.
Every parser, ours too, is a process of its own that gets the same cases (`reply_parsers.py`).

The scoring rule is the folder's own. Right: a difflib ratio of 0.95 or more to any accepted answer, on text
with its white space normalised. Foreign: what share of the answer's words the nearest accepted answer does
not have. Lost: what share of that one's words is not in the answer. Both are the mean over the cases.
Untouched: of the cases of which nothing is to be taken out, not even a signature, those that come back word
for word.
"""

import argparse
import difflib
import html
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

_RIGHT = 0.95
_HERE = Path(__file__).resolve().parent
_PEERS_PYTHON = _HERE.parent / "build" / "peers" / "bin" / "python"  # made of peers.txt by the Makefile
_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")
_WORDS = re.compile(r"\w+")  # a delimiter with nothing below it, a drawn line, a control character is no word
_MOST_S = 600  # for one parser and all cases
_KINDS = {
    "peer text": "peer text",
    "peer html": "peer HTML",
    "gold webis-gmane19": "Gmane gold",
    "gold webis-enron": "Enron webis",
    "gold quagga-enron": "Enron Quagga",
}
_TOTALS = ("foreign", "lost", "untouched", "  ms")  # of all cases: in %, in %, in %, per message
_PEERS = {
    "talon": "talon",
    "quotequail": "quotequail",
    "mail-parser-reply": "mail-parser-reply",
    "email-reply-parser": "zapier email-reply-parser",
    "unquotemail": "unquotemail",
}


@dataclass(frozen=True)
class Case:
    """What is asked, and which answers are accepted; `bare` when white space says nothing at all."""

    id: str
    kind: str
    bare: bool
    accepted: tuple[str, ...]
    untouched: bool  # the whole text is the one right answer


@dataclass
class Tally:
    """Counts of some cases."""

    n: int = 0
    right: int = 0
    n_worded: int = 0  # cases whose words are counted
    foreign: float = 0.0  # the sum of their shares
    lost: float = 0.0
    n_untouched: int = 0  # cases of which nothing is to be taken out
    untouched: int = 0
    failed: int = 0
    spent_ms: float = 0.0
    wrong: list[str] = field(default_factory=list)


class NotMeasured(Exception):
    """Why a parser has no row."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=_HERE.parent.parent / "shared" / "data")
    parser.add_argument("--peers", type=Path, default=_PEERS_PYTHON, help="the Python that has the others")
    parser.add_argument("--kinds", action="store_true", help="print our counts kind by kind too")
    parser.add_argument("--wrong", action="store_true", help="list the cases we got wrong or touched")
    options = parser.parse_args(arguments)
    path = options.data / "replies" / "fixtures.jsonl"
    if not path.exists():
        print(f"nothing measured: no {path.name} under {options.data}")
        return 0
    with path.open(encoding="utf-8") as lines:
        asked = [json.loads(line) for line in lines]
    cases = [_case(case) for case in asked]
    ours = _measure(Path(sys.executable), "ownhand", asked, cases)[1]
    _print_head(cases)
    _print_row("Ownhand", ours)
    measured = options.peers.exists()
    for name, said in _PEERS.items() if measured else ():
        try:
            _print_row(*_measure(options.peers, name, asked, cases))
        except NotMeasured as why:
            print(f"{said:25}  not measured: {why}")
    if not measured:
        print(
            "other parsers: not measured; `make bench-own-words` installs them in an environment of their own"
        )
    if options.kinds:
        _print_kinds(ours)
    if options.wrong:
        print(*(case for tally in ours.values() for case in tally.wrong), sep="\n")
    return 0


def _case(case: dict[str, object]) -> Case:
    bare, is_html = bool(case["ws_free"]), case["format"] == "html"

    def read(text: object) -> str:
        return _normal(_plain(str(text)) if is_html else str(text), bare=bare)

    alternatives = case["expected_alternatives"]
    assert isinstance(alternatives, list)
    texts = [text for text in (case["expected"], case["expected_nosig"], *alternatives) if text is not None]
    right = {read(text) for text in texts[: 1 + (case["expected_nosig"] is not None)]}
    kind = f"peer {case['format']}" if case["kind"] == "peer-test" else f"gold {case['source']}"
    return Case(
        str(case["id"]),
        kind,
        bare,
        tuple(dict.fromkeys(map(read, texts))),
        untouched={read(case["input"])} == right,
    )


# --- one parser ------------------------------------------------------------------------------------


def _measure(
    python: Path, name: str, asked: Sequence[dict[str, object]], cases: Sequence[Case]
) -> tuple[str, dict[str, Tally]]:
    """What is measured, and one tally per kind of case: peers' tests by format, annotated mail by corpus."""
    tallies = {kind: Tally() for kind in _KINDS}
    answers = _answers(python, name, asked)
    said = str(next(answers)["parser"])
    for case, answer in zip(cases, answers, strict=True):
        assert answer["id"] == case.id
        _score(tallies[case.kind], case, answer)
    return said, tallies


def _answers(python: Path, name: str, asked: Sequence[dict[str, object]]) -> Iterator[dict[str, object]]:
    lines = "".join(
        json.dumps({key: case[key] for key in ("id", "format", "input")}) + "\n" for case in asked
    )
    try:
        made = subprocess.run(
            [python, _HERE / "reply_parsers.py", name],
            input=lines, capture_output=True, text=True, encoding="utf-8", timeout=_MOST_S,
        )  # fmt: skip
    except FileNotFoundError:
        raise NotMeasured(f"no {python}") from None
    except subprocess.TimeoutExpired:
        raise NotMeasured(f"not done after {_MOST_S} s") from None
    if made.returncode:
        raise NotMeasured((made.stderr.strip().splitlines() or ["it ended without a word"])[-1])
    return (json.loads(line) for line in made.stdout.splitlines())


def _score(tally: Tally, case: Case, answer: dict[str, object]) -> None:
    given = _normal(str(answer["answer"] or ""), bare=case.bare)
    best, nearest = _nearest(given, case.accepted)
    tally.n += 1
    tally.failed += answer["answer"] is None
    tally.spent_ms += float(str(answer["ms"]))
    tally.right += best >= _RIGHT
    tally.n_untouched += case.untouched
    touched = case.untouched and not _same_words(given, case.accepted[0])
    tally.untouched += case.untouched and not touched
    if best < _RIGHT or touched:
        tally.wrong.append(f"{best:.2f} {len(given)} {len(nearest)} {case.id}{' touched' * touched}")
    if not case.bare:
        _count_words(tally, given.split(), nearest.split())


def _nearest(given: str, accepted: Sequence[str]) -> tuple[float, str]:
    """The accepted answer that is most like this one, and how much."""
    best, nearest = -1.0, ""
    for text in accepted:
        matcher = difflib.SequenceMatcher(None, given, text, autojunk=False)
        # Both are upper bounds, and cost next to nothing.
        if given != text and (matcher.real_quick_ratio() <= best or matcher.quick_ratio() <= best):
            continue
        ratio = 1.0 if given == text else matcher.ratio()
        if ratio > best:
            best, nearest = ratio, text
    return best, nearest


def _count_words(tally: Tally, given: list[str], wanted: list[str]) -> None:
    matcher = difflib.SequenceMatcher(None, given, wanted, autojunk=False)
    same = sum(block.size for block in matcher.get_matching_blocks())
    tally.n_worded += 1
    tally.foreign += (len(given) - same) / max(1, len(given))
    tally.lost += (len(wanted) - same) / max(1, len(wanted))


def _same_words(one: str, other: str) -> bool:
    return one == other or _WORDS.findall(one) == _WORDS.findall(other)


def _plain(text: str) -> str:
    return html.unescape(_TAG.sub(" ", text))


def _normal(text: str, *, bare: bool) -> str:
    return "".join(text.split()) if bare else " ".join(text.split())


# --- what is printed -------------------------------------------------------------------------------


def _print_head(cases: Sequence[Case]) -> None:
    counts = [sum(case.kind == kind for case in cases) for kind in _KINDS]
    heads = (*_KINDS.values(), *_TOTALS)
    of = (*map(str, counts), "", "", str(sum(case.untouched for case in cases)), "")
    print(f"{'right, in %':25}" + "".join(f"  {said}" for said in heads))
    print(
        f"{'of so many cases':25}" + "".join(f"  {n:>{len(said)}}" for n, said in zip(of, heads, strict=True))
    )


def _print_row(name: str, tallies: dict[str, Tally]) -> None:
    total = _total(tallies.values())
    heads = (*_KINDS.values(), *_TOTALS)
    values = (
        *(f"{_percent(tallies[kind].right, tallies[kind].n):.1f}" for kind in _KINDS),
        f"{_percent(total.foreign, total.n_worded):.1f}",
        f"{_percent(total.lost, total.n_worded):.1f}",
        f"{_percent(total.untouched, total.n_untouched):.1f}",
        f"{total.spent_ms / max(1, total.n):.2f}",
    )
    columns = "".join(f"  {value:>{len(said)}}" for value, said in zip(values, heads, strict=True))
    print(f"{name:25}{columns}{f'  failed on {total.failed}' * bool(total.failed)}", flush=True)


def _print_kinds(tallies: dict[str, Tally]) -> None:
    print(f"\n{'ours, kind by kind':26} {'cases':>5} {'right':>6} {'foreign':>8} {'lost':>6} {'ms':>6}")
    for kind, tally in {**tallies, "all": _total(tallies.values())}.items():
        print(
            f"{_KINDS.get(kind, kind):26} {tally.n:5} {_percent(tally.right, tally.n):6.1f}"
            f" {_percent(tally.foreign, tally.n_worded):8.1f} {_percent(tally.lost, tally.n_worded):6.1f}"
            f" {tally.spent_ms / max(1, tally.n):6.2f}"
        )


def _total(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        for one in fields(Tally):
            setattr(total, one.name, getattr(total, one.name) + getattr(tally, one.name))
    return total


def _percent(part: float, whole: int) -> float:
    return 100 * part / max(1, whole)


if __name__ == "__main__":
    sys.exit(main())
