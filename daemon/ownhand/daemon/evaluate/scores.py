"""Rules against the rules that a mail shows, a draft against the mail, and how sure a difference is."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean

_RESAMPLED = 2000


@dataclass(frozen=True, slots=True)
class OnMail:
    """What one system did for one mail."""

    n_right: int
    n_said: int
    n_shown: int  # by the mail
    distance: float  # of the draft's style from the mail's
    odds: tuple[tuple[float, bool], ...] = ()  # of each rule: its probability, and whether the mail shows it


@dataclass(frozen=True, slots=True)
class Score:
    """One system for one person: all rules of all mails together; the mean distance."""

    precision: float
    recall: float
    f1: float
    distance: float
    n: int  # mails


def on_mail(said: Mapping[str, float], shown: Sequence[str], distance: float) -> OnMail:
    """`said`: rules with their probabilities."""
    odds = tuple((probability, rule in shown) for rule, probability in said.items())
    return OnMail(sum(held for _, held in odds), len(said), len(set(shown)), distance, odds)


def score(mails: Sequence[OnMail]) -> Score:
    right = sum(mail.n_right for mail in mails)
    said, shown = sum(mail.n_said for mail in mails), sum(mail.n_shown for mail in mails)
    return Score(
        precision=right / said if said else 0.0,
        recall=right / shown if shown else 0.0,
        f1=2 * right / (said + shown) if said + shown else 0.0,
        distance=fmean(mail.distance for mail in mails),
        n=len(mails),
    )


@dataclass(frozen=True, slots=True)
class Band:
    """Rules that were said about as surely, of all people."""

    said: float  # their mean probability
    held: float  # the share that the mails show
    n: int


def calibration(people: Mapping[str, Sequence[OnMail]]) -> list[Band]:
    """How honest the probabilities of one system are, by tenths."""
    bands: dict[int, list[tuple[float, bool]]] = {}
    for mails in people.values():
        for mail in mails:
            for probability, held in mail.odds:
                bands.setdefault(min(int(probability * 10), 9), []).append((probability, held))
    return [
        Band(fmean(p for p, _ in odds), fmean(held for _, held in odds), len(odds))
        for _, odds in sorted(bands.items())
    ]


Measure = Callable[[Sequence[OnMail]], float]
Results = Mapping[str, Mapping[str, Sequence[OnMail]]]  # system -> person -> mails


def table(results: Results) -> dict[str, dict[str, dict[str, float]]]:
    """System -> person -> its numbers."""
    return {
        name: {person: asdict(score(mails)) for person, mails in people.items()}
        for name, people in results.items()
    }


@dataclass(frozen=True, slots=True)
class Lead:
    """By how much one system is better than another, averaged over people, with 95 % of the bootstrap."""

    mean: float
    low: float
    high: float
    n_better: int  # people


def leads(results: Results, ours: str) -> dict[str, dict[str, Lead]]:
    """Other system -> "f1" and "distance" -> our lead; more is better in both."""
    return {
        other: {"f1": _lead(results, ours, other, _f1), "distance": _lead(results, ours, other, _nearness)}
        for other in results
        if other != ours
    }


def _f1(mails: Sequence[OnMail]) -> float:
    return score(mails).f1


def _nearness(mails: Sequence[OnMail]) -> float:
    return -score(mails).distance


def _lead(results: Results, ours: str, other: str, measure: Measure) -> Lead:
    """Mails are drawn again within each person, the people again among themselves."""
    dice = random.Random(f"{ours} {other}")
    pairs = [(results[ours][person], results[other][person]) for person in results[ours]]

    def by(mine: Sequence[OnMail], theirs: Sequence[OnMail]) -> float:
        return measure(mine) - measure(theirs)

    drawn = []
    for _ in range(_RESAMPLED):
        people = dice.choices(pairs, k=len(pairs))
        drawn.append(fmean(by(*_again(mine, theirs, dice)) for mine, theirs in people))
    drawn.sort()
    each = [by(mine, theirs) for mine, theirs in pairs]
    return Lead(
        fmean(each),
        drawn[int(0.025 * _RESAMPLED)],
        drawn[int(0.975 * _RESAMPLED)],
        sum(one > 0 for one in each),
    )


def _again(
    mine: Sequence[OnMail], theirs: Sequence[OnMail], dice: random.Random
) -> tuple[list[OnMail], list[OnMail]]:
    """The same mails for both."""
    chosen = dice.choices(range(len(mine)), k=len(mine))
    return [mine[i] for i in chosen], [theirs[i] for i in chosen]
