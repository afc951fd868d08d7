"""What a person sees while the demo runs and at its end, on a terminal or in a log."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ownhand.daemon.cli.progress import stage_name
from ownhand.daemon.demo.facts import MailFacts, PersonFacts, Run
from ownhand.v1 import learning_pb2
from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

_WIDTH = 132  # where nobody's terminal says how wide it is
_DOES = {
    "collect": "collect sent mail",
    "distil": "distil intents",
    "draft": "zero-shot drafts",
    "infer": "infer rules",
    "verify": "verify rules",
    "compile": "compile training set",
    "train": "train agent",
    "promote": "promote agent",
}


class Screen:
    """Talk goes to stderr, results to stdout."""

    def __init__(self) -> None:
        self._talk = _console(stderr=True)
        self._out = _console(stderr=False)
        self._progress: Progress | None = None
        self._bars: dict[tuple[str, str, int], TaskID] = {}
        self._told: set[tuple[str, int, int]] = set()

    def step(self, title: str) -> None:
        self._talk.print()
        self._talk.print(Text(title, style="bold"))

    def note(self, text: str) -> None:
        self._talk.print(Padding(Text(text), (0, 0, 0, 2), expand=False))

    def failed(self, text: str) -> None:
        self._talk.print(Text(f"The demo failed: {text}", style="bold red"))

    @contextmanager
    def bars(self) -> Iterator[None]:
        """Within it, jobs are shown as progress bars."""
        with Progress(
            TextColumn("  {task.fields[person]:<12}{task.description:<21}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}", style="dim"),
            console=self._talk,
            disable=not self._talk.is_terminal,
        ) as self._progress:
            try:
                yield
            finally:
                self._progress = None

    def job(self, person: str, job: learning_pb2.Job) -> None:
        """Shows how far a job is, and what came of it when it has ended."""
        running = job.state == learning_pb2.JOB_STATE_RUNNING
        for n, stage in enumerate(job.stages):
            over = n + 1 < len(job.stages) or not running
            if not stage.done and not stage.total:
                continue  # nothing to do in it, or not yet known
            if self._talk.is_terminal:
                self._draw(person, job, stage, over=over)
            else:
                self._tell(person, job, stage, over=over)
        if job.message and not running:
            self.note(f"{person}: {job.message}")

    def _tell(
        self, person: str, job: learning_pb2.Job, stage: learning_pb2.StageProgress, *, over: bool
    ) -> None:
        """A line for each stage that ends, and for each quarter of a training, where no bars can be drawn."""
        part = 4 if over else 4 * stage.done // stage.total if stage.total else 0
        key = (job.id, stage.stage, part)
        if key not in self._told and (over or (part and stage.stage == learning_pb2.STAGE_TRAIN)):
            self._told.add(key)
            self.note(f"{person:<12}{_does(stage):<21} {stage.done:>4}  {_note(stage, job)}".rstrip())

    def _draw(
        self, person: str, job: learning_pb2.Job, stage: learning_pb2.StageProgress, *, over: bool
    ) -> None:
        if self._progress is None:
            return
        key = (person, job.id, stage.stage)
        if key not in self._bars:
            self._bars[key] = self._progress.add_task(_does(stage), person=person, note="", total=None)
        done = (stage.total or stage.done) if over else stage.done
        self._progress.update(
            self._bars[key], completed=done, total=stage.total or None, note=_note(stage, job)
        )

    def results(self, run: Run, report: Path, facts: Path) -> None:
        """The comparison of every mail, the means, and where the rest is to be read."""
        for mail in run.mails:
            self._out.print()
            self._out.print(_comparison(mail))
        self._out.print()
        self._out.print(_distances(run))
        self._out.print(Text(run.verdict, style="bold"))
        self._out.print(Text(f"Report: {report}"), soft_wrap=True)
        self._out.print(Text(f"Facts:  {facts}"), soft_wrap=True)


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _WIDTH
    return console


def _does(stage: learning_pb2.StageProgress) -> str:
    name = stage_name(stage.stage)
    return _DOES.get(name, name)


def _note(stage: learning_pb2.StageProgress, job: learning_pb2.Job) -> str:
    notes = [f"{stage.n_failed} left out"] if stage.n_failed else []
    if stage.stage == learning_pb2.STAGE_TRAIN and job.training:
        notes.append(f"loss {job.training[-1].loss:.2f}")
        held_out = [point.valid_loss for point in job.training if point.valid_loss]
        notes += [f"on held-out mail {held_out[-1]:.2f}"] if held_out else []
    return ", ".join(notes)


def _comparison(mail: MailFacts) -> Panel:
    drafts = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
    for heading in (
        f"zero-shot draft · distance {mail.zero_shot_distance:.2f}",
        f"steered draft · distance {mail.steered_distance:.2f}",
        "really sent",
    ):
        drafts.add_column(heading, ratio=1, overflow="fold")
    drafts.add_row(Text(mail.zero_shot), Text(mail.steered), Text(mail.sent))
    parts: list[RenderableType] = [
        Text("Intent", style="bold"),
        *(Text(f"- {point}") for point in mail.intent.splitlines()),
        Text(),
        Text(f"Rules proposed by the {mail.rules_source}", style="bold"),
        _rules(mail),
        drafts,
    ]
    title = f"{mail.person} to {mail.recipient} ({mail.recipient_kind}): {mail.subject}"
    return Panel(Group(*parts), title=Text(title), title_align="left", padding=(1, 2))


def _rules(mail: MailFacts) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(overflow="fold")
    table.add_column(style="dim", overflow="fold")
    for rule in mail.rules:
        table.add_row(Text(f"- {rule.text}"), Text(rule.receipts))
    if not mail.rules:
        table.add_row(Text("- none"), Text())
    return table


def _distances(run: Run) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("style distance to what was really sent (0 same, 1 another hand)", overflow="fold")
    table.add_column("zero-shot", justify="right")
    table.add_column("steered", justify="right")
    for person in run.people:
        for mail in run.mails:
            if mail.account == person.account:
                row = (mail.zero_shot_distance, mail.steered_distance)
                _add(table, f"  {mail.person}: {mail.subject}", *row)
        _add(table, f"{person.person}, mean of {_n_mails(run, person)}",
             person.zero_shot_distance, person.steered_distance, style="bold")  # fmt: skip
    _add(table, "all, mean", run.zero_shot_distance, run.steered_distance, style="bold")
    return table


def _add(table: Table, name: str, zero_shot: float, steered: float, style: str = "") -> None:
    table.add_row(Text(name), f"{zero_shot:.3f}", f"{steered:.3f}", style=style)


def _n_mails(run: Run, person: PersonFacts) -> int:
    return sum(mail.account == person.account for mail in run.mails)
