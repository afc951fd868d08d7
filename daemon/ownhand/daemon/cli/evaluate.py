"""`ownhand eval`: how good the rules are, on mail that was not learned from. It needs no daemon."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from ownhand.daemon.cli.terminal import Failed, json_option, print_json, print_table, say

if TYPE_CHECKING:
    from ownhand.daemon.evaluate.scores import Band, Lead

_OURS = "agent_nearest"
_MBOX = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("eval")
def eval_command() -> None:
    """Measure on mail that was not learned from."""


@eval_command.command("rules")
@click.option(
    "--people", "first", type=_MBOX, multiple=True, metavar="MBOX...", help="Sent mail, a file a person."
)
@click.argument("more", type=_MBOX, nargs=-1, metavar="")
@click.option("--backend", default="auto", show_default=True, help="What trains the agents.")
@click.option("--threads", type=click.IntRange(0), default=0, help="CPU threads; 0 means all.")
@json_option
def eval_rules_command(
    first: tuple[Path, ...], more: tuple[Path, ...], backend: str, threads: int, as_json: bool
) -> None:
    """Predict the rules of each person's newest mails from the earlier ones.

    Trains an agent on the first four fifths of each mailbox, and compares its rules, and the offline drafts
    that they steer, with the last fifth; beside profiles and nearest mails, which need no training. Nothing
    is kept.
    """
    from ownhand.daemon.evaluate.rules import evaluate
    from ownhand.daemon.evaluate.scores import calibration, leads, table

    files = [*first, *more]
    if not files:
        raise Failed("name at least one mbox file of sent mail after --people", 2)
    if len({file.stem for file in files}) < len(files):
        raise Failed("two of the files have the same name, by which people are told apart; rename one", 2)
    results = asyncio.run(evaluate(files, backend=backend, threads=threads, report=say))
    scores, ahead, bands = table(results), leads(results, _OURS), calibration(results[_OURS])
    if as_json:
        told = {name: {what: asdict(lead) for what, lead in by.items()} for name, by in ahead.items()}
        honest = {_OURS: [asdict(band) for band in bands]}
        print_json({"systems": scores, "leads": {_OURS: told}, "calibration": honest})
        return
    _print(scores, ahead, len(files))
    _print_calibration(bands)


def _print(
    scores: dict[str, dict[str, dict[str, float]]], ahead: dict[str, dict[str, "Lead"]], n_people: int
) -> None:
    people = list(next(iter(scores.values())))
    rows = []
    for name, by_person in scores.items():
        mean = {
            key: sum(one[key] for one in by_person.values()) / len(people) for key in by_person[people[0]]
        }
        rows.append((name, *(f"{mean[key]:.3f}" for key in ("precision", "recall", "f1", "distance"))))
    print_table(["system", "#precision", "#recall", "#F1", "#distance"], rows)
    print_table(
        [f"{_OURS} ahead of", "#F1", "#95 %", "#people", "#distance", "#95 %", "#people"],
        [(name, *_told(by["f1"], n_people), *_told(by["distance"], n_people)) for name, by in ahead.items()],
    )
    print_table(
        ["F1", *(f"#{name}" for name in scores)],
        [(person, *(f"{scores[name][person]['f1']:.3f}" for name in scores)) for person in people],
    )
    print_table(
        ["distance", *(f"#{name}" for name in scores)],
        [(person, *(f"{scores[name][person]['distance']:.3f}" for name in scores)) for person in people],
    )


def _told(lead: "Lead", n_people: int) -> tuple[str, str, str]:
    return f"{lead.mean:+.3f}", f"{lead.low:+.3f} to {lead.high:+.3f}", f"{lead.n_better}/{n_people}"


def _print_calibration(bands: list["Band"]) -> None:
    rows = [(f"{band.said:.2f}", f"{band.held:.2f}", str(band.n)) for band in bands]
    print_table([f"{_OURS} said with", "#held", "#rules"], rows)
