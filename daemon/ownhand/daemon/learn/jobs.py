"""Learning jobs: runs the stages in order, counts, stops, resumes, and lets any number of people watch.

The rows are the state of the pipeline; a job only remembers who asked for what, and how far it got.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol
from uuid import uuid4

from ownhand.daemon.domain import (
    AccountName,
    AgentId,
    JobId,
    JobPhase,
    JobState,
    Stage,
    StageProgress,
    TrainingPoint,
)
from ownhand.daemon.errors import NotFound, OwnhandError
from ownhand.daemon.learn.stages import Stages
from ownhand.daemon.log import places
from ownhand.daemon.ports import Clock

log = logging.getLogger(__name__)

ORDER = tuple(Stage)
SCHEDULE = "schedule"  # who asked, when nobody did
_CALM_S = 0.2  # between two looks at all jobs: a training changes with each step


class JobStore(Protocol):
    def save(self, job: JobState) -> None: ...
    def add_training_point(self, job_id: JobId, point: TrainingPoint) -> None: ...
    def get(self, job_id: JobId) -> JobState | None: ...
    def list(self, account: AccountName | None, limit: int) -> list[JobState]: ...
    def unfinished(self) -> Sequence[JobState]: ...


class Jobs:
    """At most one job per account runs at a time."""

    def __init__(self, store: JobStore, stages: Stages, clock: Clock) -> None:
        self._store = store
        self._stages = stages
        self._clock = clock
        self._running: dict[JobId, _Running] = {}
        self._bell = _Bell()  # rings when any job changes

    def start(self, account: AccountName, until: Stage, asked_by: str, source: str = "") -> JobState:
        """Starts a job, or lets the one that runs for the account go on at least as far."""
        for running in self._running.values():
            if running.job.account == account and running.job.source == source:
                further = max(running.job.until, until, key=ORDER.index)
                running.change(until=further)
                return running.job
        job = JobState(
            id=JobId(uuid4().hex[:12]),
            account=account,
            phase=JobPhase.RUNNING,
            until=until,
            asked_by=asked_by,
            started_at=self._clock.now(),
            source=source,
        )
        return self._launch(job)

    def resume(self) -> None:
        """Goes on with what a daemon that was stopped or killed had not finished."""
        for job in self._store.unfinished():
            self._launch(replace(job, phase=JobPhase.RUNNING))

    def get(self, job_id: JobId) -> JobState:
        if running := self._running.get(job_id):
            return running.job
        if job := self._store.get(job_id):
            return job
        raise NotFound("there is no such job", hint="`ownhand jobs` lists them")

    def list(self, account: AccountName | None, limit: int) -> list[JobState]:
        live = {job_id: running.job for job_id, running in self._running.items()}
        return [live.get(job.id, job) for job in self._store.list(account, limit)]

    def n_running(self) -> int:
        return len(self._running)

    async def watch(self, job_id: JobId) -> AsyncIterator[JobState]:
        """The present state, then each change, until the job ends. A slow watcher gets the latest."""
        job = self.get(job_id)
        yield job
        while running := self._running.get(job_id):
            changed = running.bell.rung
            if running.job is job:
                await changed.wait()
            job = running.job
            yield job
        last = self.get(job_id)
        if last is not job:
            yield last

    async def watch_all(self, account: AccountName | None, limit: int) -> AsyncIterator[Sequence[JobState]]:
        """The jobs as `list` gives them, then again after each change; without end."""
        while True:
            changed = self._bell.rung
            yield self.list(account, limit)
            await changed.wait()
            await asyncio.sleep(_CALM_S)

    async def finish(self, job_id: JobId) -> JobState:
        """Waits for a job to end."""
        if running := self._running.get(job_id):
            await asyncio.wait([running.task])
        return self.get(job_id)

    async def cancel(self, job_id: JobId) -> JobState:
        if running := self._running.get(job_id):
            running.end_as = JobPhase.CANCELLED
            running.task.cancel()
            await asyncio.wait([running.task])
        return self.get(job_id)

    async def cancel_unasked(self, account: AccountName) -> None:
        """Stops what the schedule began for the account."""
        for job in [running.job for running in self._running.values()]:
            if job.account == account and job.asked_by == SCHEDULE:
                await self.cancel(job.id)

    async def cancel_all(self) -> None:
        """Stops every job for good; what they made stays."""
        for job_id in list(self._running):
            await self.cancel(job_id)

    async def aclose(self) -> None:
        """Stops every job where it is; they go on when the daemon is back."""
        tasks = [running.task for running in self._running.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _launch(self, job: JobState) -> JobState:
        self._store.save(job)
        running = _Running(job, self._store, self._bell)
        self._running[job.id] = running
        running.task = asyncio.create_task(self._run(running), name=f"job-{job.id}")
        return job

    async def _run(self, running: "_Running") -> None:
        started = time.monotonic()
        try:
            said = await self._run_stages(running)
            self._end(running, JobPhase.SUCCEEDED, message=said)
        except asyncio.CancelledError:
            self._end(running, running.end_as)
            raise
        except OwnhandError as exc:
            self._end(running, JobPhase.FAILED, message=str(exc), reason=exc.reason.name)
        except Exception as exc:
            # Its text may hold mail; the type and the place do not.
            place = places(exc)
            log.error("job broke", extra={"job": running.job.id, "error": type(exc).__name__, "at": place})
            message = f"an internal error ({type(exc).__name__}, {place}); what was made so far is kept"
            self._end(running, JobPhase.FAILED, message=message, reason="INTERNAL")
        finally:
            del self._running[running.job.id]
            running.tell()
            facts = {"job": running.job.id, "phase": running.job.phase.value}
            log.info("job ended", extra={**facts, "seconds": round(time.monotonic() - started, 1)})

    async def _run_stages(self, running: "_Running") -> str:
        said = ""
        for stage in ORDER:
            if ORDER.index(stage) > ORDER.index(running.job.until):
                break
            running.enter(stage)
            said = await self._stages.run(stage, running.job, running) or said
            running.leave()
        return said

    def _end(self, running: "_Running", phase: JobPhase, *, message: str = "", reason: str = "") -> None:
        ended_at = None if phase is JobPhase.INTERRUPTED else self._clock.now()
        running.change(phase=phase, message=message, reason=reason, ended_at=ended_at)


class _Bell:
    """Wakes all who wait, every time it is rung."""

    def __init__(self) -> None:
        self.rung = asyncio.Event()

    def ring(self) -> None:
        self.rung.set()
        self.rung = asyncio.Event()


@dataclass(eq=False)
class _Running:
    """A job with its task, its watchers and its present stage. This is the stages' `Progress`."""

    job: JobState
    store: JobStore
    everyone: _Bell
    task: "asyncio.Task[None]" = field(init=False)
    bell: _Bell = field(default_factory=_Bell)
    end_as: JobPhase = JobPhase.INTERRUPTED

    def change(
        self,
        *,
        until: Stage | None = None,
        phase: JobPhase | None = None,
        message: str | None = None,
        reason: str | None = None,
        **rest: object,
    ) -> None:
        known = {"until": until, "phase": phase, "message": message, "reason": reason}
        changes = {key: value for key, value in known.items() if value is not None} | rest
        self.job = replace(self.job, **changes)  # type: ignore[arg-type]  # keys are JobState's own
        self.store.save(self.job)
        self.tell()

    def tell(self) -> None:
        """Wakes the watchers."""
        self.bell.ring()
        self.everyone.ring()

    def enter(self, stage: Stage) -> None:
        self._put(StageProgress(stage))

    def leave(self) -> None:
        now = self.job.stages[-1]
        self._put(replace(now, done=max(now.done, now.total), total=max(now.done, now.total), left_s=0.0))

    def stage(
        self, done: int, total: int, n_failed: int = 0, left_s: float = 0.0, memory_bytes: int = 0
    ) -> None:
        now = self.job.stages[-1].stage
        self._put(StageProgress(now, done, total, n_failed, left_s, memory_bytes))

    def training(self, point: TrainingPoint) -> None:
        self.store.add_training_point(self.job.id, point)
        earlier = tuple(p for p in self.job.training if p.step < point.step)
        self.job = replace(self.job, training=(*earlier, point))
        self.tell()

    def agent(self, agent_id: AgentId) -> None:
        self.change(agent_id=agent_id)

    def waits(self, reason: str) -> None:
        self.change(message=reason)

    def _put(self, progress: StageProgress) -> None:
        others = tuple(s for s in self.job.stages if s.stage is not progress.stage)
        self.change(stages=(*others, progress))
