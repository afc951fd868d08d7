"""How well measured style tells people apart: the between-people scales and the sanity table.

    python benchmarks/style.py [--data ../shared/data/senders] [--pairs 4000] [--seed 7]

Reads one JSON line per sent mail (`authored`, `sender`, `from_name`, `from_addr`, `to`); prints numbers only.
AUC is the probability that two mails of one person are nearer than two mails of different people, ties half.
"""

import argparse
import json
import random
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from email.utils import getaddresses
from pathlib import Path

from ownhand.daemon.domain import Correspondent
from ownhand.daemon.learn import style
from ownhand.daemon.learn.dimensions import DIMENSIONS, Dimension, Kind
from ownhand.daemon.learn.style import Style

Pair = tuple[Style, Style]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared/data/senders")
    parser.add_argument("--pairs", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    files = sorted(asked.data.glob("*.jsonl")) if asked.data.is_dir() else []
    if not files:
        print(f"skipped: no sent mail in {asked.data}")
        return
    people = [measured(file) for file in files]
    same, other = sampled(people, asked.pairs, random.Random(asked.seed))
    n_mails = sum(map(len, people))
    print(f"{len(people)} people, {n_mails} mails, {asked.pairs} pairs of each kind, seed {asked.seed}")
    print()
    print("\n".join(table(same, other)))
    print()
    print("\n".join(together(people, asked.pairs, random.Random(asked.seed))))


def measured(file: Path) -> list[Style]:
    """The styles of one person's mails. A text sent several times counts once."""
    styles: dict[str, Style] = {}
    for line in file.read_text("utf-8").splitlines():
        mail = json.loads(line)
        if mail["authored"].strip():
            styles[mail["authored"]] = style.measure(mail["authored"], _reader(mail["to"]), _writer(mail))
    return list(styles.values())


def _reader(to: str | None) -> Correspondent | None:
    addresses = [pair for pair in getaddresses([to or ""]) if pair[1]]
    return Correspondent(addresses[0][1], addresses[0][0]) if addresses else None


def _writer(mail: dict[str, str | None]) -> Correspondent:
    return Correspondent(mail["from_addr"] or "", mail["from_name"] or "")


def sampled(
    people: Sequence[Sequence[Style]], n: int, chance: random.Random
) -> tuple[list[Pair], list[Pair]]:
    """Pairs of mails by one person and by two; every person is as likely as any other."""
    same, other = [], []
    for _ in range(n):
        first, second = chance.sample(chance.choice(people), 2)
        same.append((first, second))
        one, two = chance.sample(people, 2)
        other.append((chance.choice(one), chance.choice(two)))
    return same, other


def table(same: Sequence[Pair], other: Sequence[Pair]) -> list[str]:
    """A Markdown table: per dimension and in all."""
    rows = [
        "| dimension | AUC | one person | two people | pairs that differ | scale | scale in use | weight |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for dimension in DIMENSIONS:
        near, far = _unscaled(dimension, same), _unscaled(dimension, other)
        if not near or not far or not any(far):
            rows.append(f"| {dimension.name} | – | | | 0 % | | {dimension.scale:g} | {dimension.weight:g} |")
            continue
        differing = [value for value in far if value > 0]
        rows.append(
            f"| {dimension.name} | {auc(near, far):.3f}"
            f" | {statistics.fmean(near):.3g} | {statistics.fmean(far):.3g}"
            f" | {100 * len(differing) / len(far):.0f} % | {_scale(dimension, differing):.2g}"
            f" | {dimension.scale:g} | {dimension.weight:g} |"
        )
    near, far = [style.distance(*pair) for pair in same], [style.distance(*pair) for pair in other]
    means = f"{statistics.fmean(near):.3f} | {statistics.fmean(far):.3f}"
    rows.append(f"| **all** | **{auc(near, far):.3f}** | {means} | | | | |")
    return rows


def together(people: Sequence[Sequence[Style]], n: int, chance: random.Random) -> list[str]:
    """How often a handful of mails tells whose they are: the mean distance to k mails of one or another."""
    rows = ["| mails on the other side | AUC |", "|---|---|"]
    for k in (1, 3, 10, 30):
        near, far = [], []
        for _ in range(n // 4):
            one, two = chance.sample(people, 2)
            mail, *own = chance.sample(one, k + 1)
            near.append(_mean_distance(mail, own))
            far.append(_mean_distance(mail, chance.sample(two, k)))
        rows.append(f"| {k} | {auc(near, far):.3f} |")
    return rows


def _mean_distance(mail: Style, others: Sequence[Style]) -> float:
    return statistics.fmean(style.distance(mail, other) for other in others)


def _unscaled(dimension: Dimension, pairs: Sequence[Pair]) -> list[float]:
    apart = (style.unscaled(dimension, *pair) for pair in pairs)
    return [value for value in apart if value is not None]


def _scale(dimension: Dimension, differing: Sequence[float]) -> float:
    if dimension.kind is Kind.CATEGORICAL:
        return 1.0
    scale = 2 * statistics.median(differing)
    return min(1.0, scale) if dimension.kind in (Kind.SHARE, Kind.PROFILE) else scale


def auc(near: Sequence[float], far: Sequence[float]) -> float:
    """The probability that a value of `far` is above one of `near`; ties count half."""
    ordered = sorted(near)
    below = ((bisect_left(ordered, value) + bisect_right(ordered, value)) / 2 for value in far)
    return statistics.fmean(below) / len(ordered)


if __name__ == "__main__":
    main()
