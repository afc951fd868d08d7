"""The worker over its socket, with a model that speaks when the test lets it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

import grpc
import pytest
from ownhand.trainer.backends.base import ProposedRule, never
from ownhand.trainer.errors import MalformedAnswer
from ownhand.trainer.serve import Worker
from ownhand.worker.v1 import training_pb2 as pb
from ownhand.worker.v1 import worker_pb2, worker_pb2_grpc

WARM = ["Use contractions.", 'Sign off with "Cheers".']
IN_TIME_S = 10


class Hesitant:
    """Says one rule, waits to be let on, and says the other; or nothing, if it was cancelled meanwhile."""

    manifest = pb.AdapterManifest(agent_id="one")

    def __init__(self, *, fails: bool = False) -> None:
        self.goes_on, self.ended = threading.Event(), threading.Event()
        self._fails = fails

    def propose(
        self, situation: pb.Situation, cancelled: Callable[[], bool] = never
    ) -> Iterator[ProposedRule]:
        yield ProposedRule(WARM[0], -0.5)
        while not self.goes_on.wait(0.01) and not cancelled():
            pass
        self.ended.set()
        if self._fails:
            raise MalformedAnswer(1, 1)
        if not cancelled():
            yield ProposedRule(WARM[1], -0.5)

    def loss(self, examples: Sequence[pb.Example]) -> float:
        return 0.0


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[tuple[Worker, worker_pb2_grpc.WorkerServiceStub]]:
    served, server = Worker(), grpc.aio.server()
    worker_pb2_grpc.add_WorkerServiceServicer_to_server(served, server)
    server.add_insecure_port(f"unix:{tmp_path}/s")
    await server.start()
    async with grpc.aio.insecure_channel(f"unix:{tmp_path}/s") as channel:
        yield served, worker_pb2_grpc.WorkerServiceStub(channel)
    await server.stop(0)


Fixture = tuple[Worker, worker_pb2_grpc.WorkerServiceStub]
QUESTION = worker_pb2.ProposeRulesRequest(agent_id="one")


async def test_a_rule_is_here_before_the_next_is_thought_of(worker: Fixture) -> None:
    served, stub = worker
    model = served._generator = Hesitant()
    answers = aiter(stub.ProposeRules(QUESTION))

    first = await asyncio.wait_for(anext(answers), IN_TIME_S)
    was_still_thinking = not model.ended.is_set()
    model.goes_on.set()

    assert (first.rule, was_still_thinking) == (WARM[0], True)
    assert [answer.rule async for answer in answers] == WARM[1:]


async def test_who_hangs_up_stops_the_model(worker: Fixture) -> None:
    served, stub = worker
    model = served._generator = Hesitant()
    answers = stub.ProposeRules(QUESTION)
    await asyncio.wait_for(answers.read(), IN_TIME_S)

    answers.cancel()

    assert await asyncio.to_thread(model.ended.wait, IN_TIME_S)


async def test_rules_before_a_malformed_line_arrive_and_then_the_error(worker: Fixture) -> None:
    served, stub = worker
    model = served._generator = Hesitant(fails=True)
    model.goes_on.set()
    answers = stub.ProposeRules(QUESTION)

    first = await asyncio.wait_for(answers.read(), IN_TIME_S)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await asyncio.wait_for(answers.read(), IN_TIME_S)

    assert first.rule == WARM[0]
    assert caught.value.code() is grpc.StatusCode.DATA_LOSS


async def test_an_agent_that_is_not_open_is_refused(worker: Fixture) -> None:
    served, stub = worker
    served._generator = Hesitant()

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.ProposeRules(worker_pb2.ProposeRulesRequest(agent_id="two")).read()

    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
