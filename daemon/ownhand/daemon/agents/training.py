"""Runs one training as a child process and reads its events; decides whether a new agent goes live."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from google.protobuf.json_format import Parse, ParseError
from ownhand.daemon.agents import child, pausing
from ownhand.daemon.domain import AgentId, AgentManifest, TrainingProgress
from ownhand.daemon.errors import NotReady, Reason
from ownhand.daemon.ports import Quiet
from ownhand.worker.v1 import training_pb2 as pb

TOLERANCE = 0.01  # of F1: less is noise, on held-out sets of a few dozen mails


def decide(
    candidate: AgentManifest, current: AgentManifest | None, *, tolerance: float = TOLERANCE
) -> tuple[bool, str]:
    """Whether a new agent goes live, and why in words. Pure.

    Both must have been measured on the same held-out mail.
    """
    if candidate.recall <= 0:
        return False, "The new agent predicts none of the rules of your held-out mail."
    now = f"The new agent finds {_percent(candidate.recall)} of the rules of your held-out mail, and "
    now += f"{_percent(candidate.precision)} of those that it proposes are right"
    if current is None:
        return True, f"{now}; there was no agent before."
    before = f"(F1 {f1(candidate):.2f}; before {f1(current):.2f})"
    gain = f1(candidate) - f1(current)
    if gain > tolerance:
        return True, f"{now}: better than the agent before {before}."
    if gain < -tolerance:
        return False, f"{now}: worse than the agent before {before}."
    return _by_loss(candidate, current, f"{now}: as good as the agent before {before}")


def f1(manifest: AgentManifest) -> float:
    """The harmonic mean of precision and recall, 0 to 1."""
    both = manifest.precision + manifest.recall
    return 2 * manifest.precision * manifest.recall / both if both else 0.0


def _by_loss(candidate: AgentManifest, current: AgentManifest, so_far: str) -> tuple[bool, str]:
    """Between equals the surer one goes live; losses compare only on one base model."""
    if (candidate.base_model, candidate.backend) != (current.base_model, current.backend):
        return True, f"{so_far}, and it has learned from newer mail."
    losses = f"loss {candidate.valid_loss:.3f}; before {current.valid_loss:.3f}"
    if candidate.valid_loss <= current.valid_loss:
        return True, f"{so_far}, and not less sure ({losses})."
    return False, f"{so_far}, but less sure ({losses})."


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


# --- one training --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Launch:
    """How the trainer is started."""

    command: Sequence[str]  # up to "train"
    runtime: Path
    log: Path


class GivenBack(Exception):
    """A pause took so long that the training was ended, to be taken up from its checkpoint."""


async def run(
    launch: Launch, job: pb.TrainingJob, quiet: Quiet | None = None
) -> AsyncGenerator[TrainingProgress, None]:
    """Every report of a training, the last with the manifest. Leaving early ends the child."""
    path = launch.runtime / f"train-{job.agent_id}.json"
    child.write_job(path, job)
    process = await child.start([*launch.command, "train", str(path)], log=launch.log, low_priority=True)
    assert process.stdout is not None
    last: TrainingProgress | None = None
    minding = asyncio.ensure_future(pausing.mind(process, quiet)) if quiet else None
    try:
        started = pb.TrainingStarted()
        async for line in process.stdout:
            event = _event(line)
            if event.WhichOneof("event") == "started":
                started = event.started
            if event.WhichOneof("event") == "failed":
                raise _failure(event.failed)
            last = _progress(event, started, Path(job.adapters))
            yield last
        status = await process.wait()
        if minding is not None and await minding:
            raise GivenBack
    finally:
        if minding is not None:
            minding.cancel()
            await asyncio.gather(minding, return_exceptions=True)
        await child.stop(process)
        path.unlink(missing_ok=True)
    if last is None or last.manifest is None:
        raise child.ended("the training", status)


def finished(adapters: Path, agent: AgentId) -> TrainingProgress | None:
    """The last report of a training that came to its end, perhaps unnoticed."""
    made = manifest_of(adapters / agent)
    return _last_report(made, adapters) if made else None


def to_domain(manifest: pb.AdapterManifest) -> AgentManifest:
    return AgentManifest(
        agent_id=AgentId(manifest.agent_id),
        base_model=manifest.base_model,
        backend=manifest.backend,
        rank=manifest.rank,
        alpha=manifest.alpha,
        training_set=manifest.training_set_hash,
        n_examples=manifest.n_examples,
        valid_loss=manifest.valid_loss,
        precision=manifest.precision,
        recall=manifest.recall,
        continued_from=manifest.continued_from,
        duration_s=manifest.duration_s,
        memory_bytes=manifest.memory_bytes,
    )


def _progress(event: pb.TrainingEvent, started: pb.TrainingStarted, adapters: Path) -> TrainingProgress:
    if event.WhichOneof("event") == "finished":
        return _last_report(event.finished.manifest, adapters)
    if event.WhichOneof("event") == "started":
        return TrainingProgress(
            started.resumed_at_step,
            started.max_steps,
            left_s=started.duration_s,
            memory_bytes=started.memory_bytes,
        )
    step = event.step
    return TrainingProgress(
        step.step, started.max_steps, step.loss, step.valid_loss, step.left_s, started.memory_bytes
    )


def _last_report(made: pb.AdapterManifest, adapters: Path) -> TrainingProgress:
    return TrainingProgress(
        step=made.steps,
        max_steps=made.steps,
        loss=made.train_loss,
        valid_loss=made.valid_loss,
        manifest=to_domain(made),
        current=_current(made, adapters),
    )


def _current(made: pb.AdapterManifest, adapters: Path) -> AgentManifest | None:
    """The agent that was live, with the numbers it has on the new agent's held-out mail."""
    if not made.HasField("current"):
        return None
    its = manifest_of(adapters / made.current.agent_id) or pb.AdapterManifest(agent_id=made.current.agent_id)
    return replace(
        to_domain(its),
        valid_loss=made.current.valid_loss,
        precision=made.current.precision,
        recall=made.current.recall,
    )


def manifest_of(adapter: Path) -> pb.AdapterManifest | None:
    """What a finished adapter says of itself; None when there is none that can be read."""
    with contextlib.suppress(FileNotFoundError, ParseError):
        text = (adapter / "manifest.json").read_text("utf-8")
        return Parse(text, pb.AdapterManifest(), ignore_unknown_fields=True)
    return None


def _event(line: bytes) -> pb.TrainingEvent:
    try:
        return Parse(line, pb.TrainingEvent(), ignore_unknown_fields=True)
    except ParseError:
        message = "the trainer wrote a line that is no event"
        raise NotReady(message, hint="is it of another version?", reason=Reason.TRAINER_FAILED) from None


def _failure(failed: pb.TrainingFailed) -> NotReady:
    hints = {
        "NOT_READY": "put that right and learn again",
        "BAD_JOB": "learn again; if it stays, see the trainer's log",
        "OUT_OF_MEMORY": "close other programs or choose a smaller base model",
    }
    hint = hints.get(failed.reason, "learn again; if it stays, see the trainer's log")
    return NotReady(failed.message, hint=hint, reason=Reason.TRAINER_FAILED)
