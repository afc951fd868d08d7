"""The worker: ownhand.worker.v1 on a Unix socket, one agent in memory at a time."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health
from ownhand.trainer import lifeline
from ownhand.trainer.backends import base
from ownhand.trainer.backends.serving import Serving
from ownhand.trainer.errors import AdapterMismatch, MalformedAnswer, NotReady, TrainerError
from ownhand.worker.v1 import training_pb2, worker_pb2, worker_pb2_grpc

_GRACE_S = 0.5

_CODES = (
    (NotReady, grpc.StatusCode.FAILED_PRECONDITION),
    (AdapterMismatch, grpc.StatusCode.FAILED_PRECONDITION),
    (MalformedAnswer, grpc.StatusCode.DATA_LOSS),
    (TrainerError, grpc.StatusCode.INTERNAL),
)


def serve(socket: Path) -> NoReturn:
    """Answers until standard input ends or SIGTERM comes."""
    socket.unlink(missing_ok=True)
    asyncio.run(_serve(socket))
    socket.unlink(missing_ok=True)
    # A thread that still computes would hold the process, and all it does is in memory.
    os._exit(0)


async def _serve(socket: Path) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def end() -> None:
        loop.call_soon_threadsafe(stop.set)

    lifeline.watch(end)
    server = grpc.aio.server()
    worker_pb2_grpc.add_WorkerServiceServicer_to_server(Worker(), server)
    healthy = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(healthy, server)
    await healthy.set("", health_pb2.HealthCheckResponse.SERVING)
    os.umask(0o177)  # the socket is 0600 from its first instant
    server.add_insecure_port(f"unix:{socket}")
    os.umask(0o077)  # a folder that is made later must be one that can be entered
    await server.start()
    await stop.wait()
    await server.stop(_GRACE_S)


class Worker(worker_pb2_grpc.WorkerServiceServicer):
    """One thread computes; models are not safe to share, and one core is all it should take."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model")
        self._serving = Serving()
        self._generator: base.Generator | None = None
        self._opened: worker_pb2.OpenAgentRequest | None = None

    async def OpenAgent(
        self, request: worker_pb2.OpenAgentRequest, context: grpc.aio.ServicerContext
    ) -> worker_pb2.OpenAgentResponse:
        loop = asyncio.get_running_loop()
        try:
            generator = await loop.run_in_executor(self._thread, self._open, request)
        except TrainerError as exc:
            await context.abort(_code(exc), str(exc))
        return worker_pb2.OpenAgentResponse(manifest=generator.manifest)

    async def ProposeRules(
        self, request: worker_pb2.ProposeRulesRequest, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[worker_pb2.ProposeRulesResponse]:
        generator = self._generator
        if generator is None or generator.manifest.agent_id != request.agent_id:
            await context.abort(
                grpc.StatusCode.FAILED_PRECONDITION, "this agent is not open; call OpenAgent first"
            )
            return
        try:
            async for rule in self._proposed(generator, request.situation):
                yield worker_pb2.ProposeRulesResponse(rule=rule.text, log_probability=rule.log_probability)
        except TrainerError as exc:
            await context.abort(_code(exc), str(exc))

    def _open(self, request: worker_pb2.OpenAgentRequest) -> base.Generator:
        if self._generator is None or request != self._opened:
            self._generator = None  # the memory of the old one first
            self._generator = self._serving.load(request.backend, request.base_model, Path(request.adapter))
            self._opened = request
        return self._generator

    async def _proposed(
        self, generator: base.Generator, situation: training_pb2.Situation
    ) -> AsyncIterator[base.ProposedRule]:
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[base.ProposedRule | None] = asyncio.Queue()
        cancelled = threading.Event()

        def compute() -> None:
            try:
                for rule in generator.propose(situation, cancelled.is_set):
                    loop.call_soon_threadsafe(queue.put_nowait, rule)
            finally:
                loop.call_soon_threadsafe(queue.put_nowait, None)

        work = loop.run_in_executor(self._thread, compute)
        try:
            while (rule := await queue.get()) is not None:
                yield rule
            await work
        finally:
            cancelled.set()


def _code(exc: TrainerError) -> grpc.StatusCode:
    return next(code for kind, code in _CODES if isinstance(exc, kind))
