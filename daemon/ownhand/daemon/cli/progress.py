"""Follows a job with progress bars, until it ends."""

import sys
from typing import Any

from ownhand.daemon.cli.client import SHORT_S, Client
from ownhand.daemon.cli.plain import plain, short_name
from ownhand.daemon.cli.terminal import Failed, print_json, say
from ownhand.v1 import learning_pb2 as pb

_DOES = {
    "collect": "collect mail",
    "distil": "distil intents",
    "draft": "zero-shot drafts",
    "infer": "infer rules",
    "verify": "verify rules",
    "compile": "compile training set",
    "train": "train agent",
    "promote": "promote agent",
}


def stage_name(stage: int) -> str:
    return short_name(pb.Stage.DESCRIPTOR, stage)


def state_name(state: int) -> str:
    return short_name(pb.JobState.DESCRIPTOR, state)


def follow(client: Client, job_id: str, *, as_json: bool) -> pb.Job:
    """Shows a job on stderr until it ends, and gives it back. Fails when the job did."""
    watching = client.learning.WatchJob(pb.WatchJobRequest(job_id=job_id))
    try:
        job = _shown(watching)
    except KeyboardInterrupt:
        watching.cancel()
        hint = f"`ownhand jobs watch {job_id}` follows it, `ownhand jobs cancel {job_id}` stops it"
        raise Failed(f"not watching any more; the job goes on: {hint}") from None
    if as_json:
        print_json(plain(job))
    if job.state != pb.JOB_STATE_SUCCEEDED:
        raise Failed(f"the job {state_name(job.state)}" + (f": {job.message}" if job.message else ""))
    if job.message:
        say(job.message)
    return job


def _shown(watching: Any) -> pb.Job:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    job = pb.Job()
    bars: dict[int, Any] = {}
    with Progress(
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    ) as progress:
        for answer in watching:
            job = answer.job
            for stage in job.stages:
                if stage.stage not in bars:
                    name = stage_name(stage.stage)
                    bars[stage.stage] = progress.add_task(_DOES.get(name, name), total=None, note="")
                progress.update(
                    bars[stage.stage], completed=stage.done, total=stage.total or None, note=_note(stage, job)
                )
    return job


def _note(stage: pb.StageProgress, job: pb.Job) -> str:
    notes = [f"{stage.n_failed} left out"] if stage.n_failed else []
    if stage.stage == pb.STAGE_TRAIN and stage.memory_bytes:
        notes.append(takes(stage.left_s, stage.memory_bytes) if stage.left_s else "")
    if stage.stage == pb.STAGE_TRAIN and job.training:
        notes.append(f"loss {job.training[-1].loss:.2f}")
    return ", ".join(filter(None, notes))


def takes(seconds: float, memory_bytes: int) -> str:
    """Time and memory of a training in words: they are estimates."""
    minutes = round(seconds / 60)
    time = (
        "less than a minute"
        if seconds < 45
        else f"about {max(1, minutes)} minute{'s' if minutes > 1 else ''}"
        if minutes < 120
        else f"about {seconds / 3600:.0f} hours"
    )
    return f"{time} and {memory_bytes / 1e9:.1f} GB of memory" if memory_bytes else time


def job_of(client: Client, job_id: str) -> pb.Job:
    job: pb.Job = client.learning.GetJob(pb.GetJobRequest(job_id=job_id), timeout=SHORT_S).job
    return job
