"""AgentBackend over the trainer's processes: the worker for rules, a child of its own for each training.

The worker holds the only weights in memory. It is started on the first question, ends after a while without
one, and is started again when it died.
"""

import asyncio
import math
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

import grpc
from ownhand.daemon.agents import child, pausing, training
from ownhand.daemon.domain import AgentId, Habit, Prediction, Situation, TrainingProgress
from ownhand.daemon.errors import NotReady, OwnhandError, Reason
from ownhand.daemon.ports import Quiet
from ownhand.worker.v1 import training_pb2, worker_pb2, worker_pb2_grpc

_CONTEXT_CHARS = 400  # more than the trainer's template takes
_QUICKLY = [
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 200),
    ("grpc.use_local_subchannel_pool", 1),
]


class TrainerBackend:
    """Runs and trains preference agents in other processes."""

    def __init__(
        self,
        python: str,
        adapters: Path,
        runtime: Path,
        base_model: str = "embedded",
        backend: str = "auto",
        *,
        idle_s: float = 600.0,
        start_timeout_s: float = 60.0,
        max_steps: int = 0,
        threads: int = 1,
        seed: int = 0,
        others: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        """`others` names base models, with the bytes that a training takes, for when one is too large."""
        self._command = [python, "-m", "ownhand.trainer"]
        self._adapters = adapters
        self._runtime = runtime
        self._base_model = base_model
        self._backend = backend
        self._max_steps = max_steps
        self._threads = threads
        self._seed = seed
        self._others_of = others
        self._worker = _Worker(self._command, runtime, idle_s=idle_s, start_timeout_s=start_timeout_s)

    async def open(self, agent: AgentId) -> "WorkerAgent":
        """The agent, loaded: what does not fit is said here and not at the first draft."""
        opened = WorkerAgent(self._worker, self._request(agent))
        await opened.load()
        return opened

    async def train(
        self,
        agent: AgentId,
        training_set: Path,
        current: AgentId | None = None,
        quiet: Quiet | None = None,
        parent: AgentId | None = None,
    ) -> AsyncGenerator[TrainingProgress, None]:
        """Reports until the last one carries the manifest. A finished training is reported, not repeated."""
        if done := training.finished(self._adapters, agent):
            yield done
            return
        launch = training.Launch(self._command, self._runtime, self._runtime / "train.log")
        job = self._job(agent, training_set, current, parent)
        job.others.extend(await asyncio.to_thread(self._others))
        while True:
            if quiet is not None:
                await pausing.occasion(quiet)
            try:
                async with aclosing(training.run(launch, job, quiet)) as reports:
                    async for report in reports:
                        yield report
                return
            except training.GivenBack:
                continue

    async def aclose(self) -> None:
        await self._worker.aclose()

    def _others(self) -> list[training_pb2.BaseChoice]:
        several = self._others_of().items()
        return [training_pb2.BaseChoice(name=name, memory_bytes=size) for name, size in several]

    def _request(self, agent: AgentId) -> worker_pb2.OpenAgentRequest:
        adapter = self._adapters / agent
        if not (adapter / "manifest.json").is_file():
            raise NotReady("this agent has no finished adapter", hint="learn again", reason=Reason.NO_AGENT)
        # On the base that it was trained on: the person may have chosen another for the next training.
        made = training.manifest_of(adapter)
        base_model = made.base_model if made else self._base_model
        return worker_pb2.OpenAgentRequest(adapter=str(adapter), base_model=base_model, backend=self._backend)

    def _job(
        self, agent: AgentId, training_set: Path, current: AgentId | None, parent: AgentId | None
    ) -> training_pb2.TrainingJob:
        return training_pb2.TrainingJob(
            agent_id=agent,
            training_set=str(training_set),
            training_set_hash=training_set.name,
            adapters=str(self._adapters),
            base_model=self._base_model,
            backend=self._backend,
            max_steps=self._max_steps,
            seed=self._seed,
            threads=self._threads,
            current_adapter=str(self._adapters / current) if current else "",
            continue_from=str(self._adapters / parent) if parent else "",
        )


class WorkerAgent:
    """PreferenceAgent whose weights are in the worker."""

    def __init__(self, worker: "_Worker", request: worker_pb2.OpenAgentRequest) -> None:
        self._worker = worker
        self._request = request
        self._agent_id = Path(request.adapter).name

    async def load(self) -> None:
        await self._worker.ask(self._opened)

    async def propose_rules(self, situation: Situation) -> AsyncGenerator[Prediction, None]:
        """Rules, each as soon as it is whole. A worker that dies is started again, once."""
        question = worker_pb2.ProposeRulesRequest(situation=to_proto(situation), agent_id=self._agent_id)
        given = 0
        for last_try in (False, True):
            try:
                async with aclosing(self._worker.answers(self._opened, question)) as answers:
                    # The same question has the same answers: those that were given are not given again.
                    position = 0
                    async for answer in answers:
                        position += 1
                        if position > given:
                            given = position
                            yield Prediction(answer.rule, math.exp(answer.log_probability))
                return
            except _WorkerGone as gone:
                if last_try:
                    raise gone.error from None

    async def aclose(self) -> None:
        """Nothing to do: the worker keeps one agent in memory, and ends when idle."""

    async def _opened(self, stub: Any) -> None:
        await stub.OpenAgent(self._request)


def to_proto(situation: Situation) -> training_pb2.Situation:
    """The same facts as in a line of a training set."""
    letter = situation.letter
    return training_pb2.Situation(
        recipient=letter.recipient.label,
        recipient_kind=str(letter.kind),
        n_recipients=len(letter.to),
        reply=letter.reply,
        language=letter.language,
        subject=letter.subject,
        context=letter.context[:_CONTEXT_CHARS],
        points=situation.points,
        hour=situation.hour,
        n_before=situation.history.n_before,
        usual=[_habit(habit) for habit in situation.history.usual],
        with_recipient=[_habit(habit) for habit in situation.history.with_reader],
        nearest=[training_pb2.Shown(rules=rules) for rules in situation.history.nearest],
    )


def _habit(habit: Habit) -> training_pb2.Habit:
    return training_pb2.Habit(rule=habit.rule, share=habit.share)


class _WorkerGone(Exception):
    """The worker ended while it was asked; another may do better."""

    def __init__(self, error: OwnhandError) -> None:
        self.error = error


class _Worker:
    """The worker's process: there when it is needed."""

    def __init__(self, command: list[str], runtime: Path, *, idle_s: float, start_timeout_s: float) -> None:
        self._command = command
        self._runtime = runtime
        self._idle_s = idle_s
        self._start_timeout_s = start_timeout_s
        self._lock = asyncio.Lock()  # one question is begun at a time, or agents would be mixed up
        self._process: Process | None = None
        self._channel: grpc.aio.Channel | None = None
        self._n_busy = 0
        self._idle: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None

    async def ask(self, opened: Any) -> None:
        """Runs one call that has one answer; a worker that died is started again, once."""
        for last_try in (False, True):
            try:
                async with self._lock:
                    await self._call(opened)
                return
            except _WorkerGone as gone:
                if last_try:
                    raise gone.error from None

    async def answers(
        self, opened: Any, question: worker_pb2.ProposeRulesRequest
    ) -> AsyncGenerator[worker_pb2.ProposeRulesResponse, None]:
        """The answers to one question, after the agent was opened for it."""
        self._n_busy += 1
        call = None
        try:
            async with self._lock:
                stub = await self._call(opened)
                call = stub.ProposeRules(question)
                answer = await self._read(call)  # from here on the worker holds on to this agent
            while answer is not grpc.aio.EOF:
                yield answer
                answer = await self._read(call)
        finally:
            if call is not None:
                call.cancel()
            self._n_busy -= 1
            self._rest()

    async def aclose(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        if self._ending is not None:
            await self._ending
        await self._end()

    async def _call(self, opened: Any) -> Any:
        if self._idle is not None:
            self._idle.cancel()
        stub = await self._ready()
        try:
            await opened(stub)
        except grpc.aio.AioRpcError as exc:
            raise await self._translated(exc) from None
        self._rest()
        return stub

    async def _read(self, call: Any) -> Any:
        try:
            return await call.read()
        except grpc.aio.AioRpcError as exc:
            raise await self._translated(exc) from None

    async def _ready(self) -> Any:
        if self._ending is not None:
            await self._ending
            self._ending = None
        if self._process is None or self._process.returncode is not None:
            await self._end()
            await self._begin()
        return worker_pb2_grpc.WorkerServiceStub(self._channel)

    async def _begin(self) -> None:
        socket = child.new_socket(self._runtime)
        command = [*self._command, "serve", "--socket", str(socket)]
        self._process = await child.start(command, log=self._runtime / "worker.log", events=False)
        self._channel = grpc.aio.insecure_channel(f"unix:{socket}", options=_QUICKLY)
        ready = asyncio.ensure_future(self._channel.channel_ready())
        gone = asyncio.ensure_future(self._process.wait())
        try:
            await asyncio.wait(
                {ready, gone}, timeout=self._start_timeout_s, return_when=asyncio.FIRST_COMPLETED
            )
            if ready.done():
                return
            error = (
                child.ended("the worker", gone.result())
                if gone.done()
                else child.too_slow(self._start_timeout_s)
            )
        finally:
            ready.cancel()
            gone.cancel()
            await asyncio.gather(ready, gone, return_exceptions=True)
        await self._end()
        raise error

    async def _end(self) -> None:
        process, channel = self._process, self._channel
        self._process = self._channel = None
        if channel is not None:
            await channel.close()
        if process is not None:
            await child.stop(process)

    def _rest(self) -> None:
        """From the last answer on the time counts."""
        if self._idle is not None:
            self._idle.cancel()
        if self._n_busy == 0 and self._process is not None:
            self._idle = asyncio.get_running_loop().call_later(self._idle_s, self._end_idle)

    def _end_idle(self) -> None:
        if self._n_busy == 0 and not self._lock.locked():
            self._ending = asyncio.create_task(self._end())

    async def _translated(self, exc: grpc.aio.AioRpcError) -> Exception:
        if exc.code() is grpc.StatusCode.FAILED_PRECONDITION:
            return NotReady(exc.details() or "", hint="learn again", reason=Reason.NO_AGENT)
        if exc.code() is grpc.StatusCode.DATA_LOSS:
            hint = "draft again; if it stays, learn again or choose another base: ownhand model list"
            return NotReady(exc.details() or "", hint=hint, reason=Reason.BAD_COMPLETION)
        if exc.code() is grpc.StatusCode.UNAVAILABLE and self._process is not None:
            process = self._process
            await child.stop(process)  # it is gone already, or it hangs
            return _WorkerGone(child.ended("the worker", process.returncode or 0))
        return NotReady(
            f"the worker failed ({exc.code().name})",
            hint="try again; if it stays, see the trainer's log",
            reason=Reason.TRAINER_FAILED,
        )
