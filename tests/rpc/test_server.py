"""The server itself: who may call, health, reflection, streams that end early, and its end."""

import asyncio
import json
import os
import stat
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import grpc
import pytest
from fakes import JOB, NOON, FakeServices
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from ownhand.daemon.domain import JobPhase, Stage, StageProgress
from ownhand.daemon.rpc.endpoint import Endpoint, read_endpoint
from ownhand.daemon.rpc.server import Server
from ownhand.v1 import (
    daemon_pb2,
    daemon_pb2_grpc,
    drafts_pb2,
    drafts_pb2_grpc,
    learning_pb2,
    learning_pb2_grpc,
)

SERVING = health_pb2.HealthCheckResponse.SERVING


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
async def tcp(services: FakeServices, runtime: Path) -> AsyncIterator[Endpoint]:
    server = Server(services.as_asked(), endpoint_file=runtime / "endpoint.json", socket=None)
    yield await server.start()
    await server.stop(0.5)


async def test_socket_and_endpoint_are_for_their_owner_alone(endpoint: Endpoint, runtime: Path) -> None:
    assert stat.S_ISSOCK((runtime / "daemon.sock").lstat().st_mode)
    assert _mode(runtime / "daemon.sock") == 0o600
    assert _mode(runtime / "endpoint.json") == 0o600


async def test_the_endpoint_file_says_where_the_daemon_answers(endpoint: Endpoint, runtime: Path) -> None:
    assert read_endpoint(runtime / "endpoint.json") == endpoint
    assert set(json.loads((runtime / "endpoint.json").read_text())) == {"target", "token", "pid", "version"}
    assert (endpoint.pid, endpoint.token) == (os.getpid(), "")
    assert _names(runtime) == {"endpoint.json", "daemon.sock"}


async def test_the_umask_is_put_back(endpoint: Endpoint, runtime: Path) -> None:
    (runtime / "other").touch()
    mask = os.umask(0)
    os.umask(mask)
    assert _mode(runtime / "other") == 0o666 & ~mask


async def test_a_socket_left_by_a_killed_daemon_is_replaced(services: FakeServices, runtime: Path) -> None:
    killed = runtime / "daemon.sock"
    process = await asyncio.create_subprocess_exec(
        "python3", "-c", f"import socket; socket.socket(socket.AF_UNIX).bind({str(killed)!r})"
    )
    await process.wait()
    server = Server(services.as_asked(), endpoint_file=runtime / "endpoint.json", socket=killed)
    endpoint = await server.start()
    async with grpc.aio.insecure_channel(endpoint.target) as channel:
        await daemon_pb2_grpc.DaemonServiceStub(channel).GetStatus(daemon_pb2.GetStatusRequest())
    await server.stop(0.5)


async def test_after_the_stop_neither_socket_nor_endpoint_is_left(
    services: FakeServices, runtime: Path
) -> None:
    server = Server(
        services.as_asked(), endpoint_file=runtime / "endpoint.json", socket=runtime / "daemon.sock"
    )
    await server.start()
    await server.stop(0.5)
    assert _names(runtime) == set()


async def test_health_is_serving_for_all_and_for_each(channel: grpc.aio.Channel) -> None:
    stub = health_pb2_grpc.HealthStub(channel)
    for name in ("", "ownhand.v1.DraftService", "ownhand.v1.DaemonService"):
        assert (await stub.Check(health_pb2.HealthCheckRequest(service=name))).status == SERVING


async def test_health_says_when_the_daemon_is_going(services: FakeServices, runtime: Path) -> None:
    services.drafts.endless = True
    server = Server(
        services.as_asked(), endpoint_file=runtime / "endpoint.json", socket=runtime / "daemon.sock"
    )
    endpoint = await server.start()
    async with grpc.aio.insecure_channel(endpoint.target) as channel:
        watching = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        assert (await watching.read()).status == SERVING
        stopping = asyncio.create_task(server.stop(0.5))
        assert (await watching.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        await stopping


async def test_health_does_not_know_what_is_not_there(channel: grpc.aio.Channel) -> None:
    stub = health_pb2_grpc.HealthStub(channel)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.Check(health_pb2.HealthCheckRequest(service="ownhand.v1.NoService"))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_reflection_names_every_service(channel: grpc.aio.Channel) -> None:
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    requests = [reflection_pb2.ServerReflectionRequest(list_services="")]
    [answer] = [a async for a in stub.ServerReflectionInfo(iter(requests))]
    names = {service.name for service in answer.list_services_response.service}
    ours = {f"ownhand.v1.{n}Service" for n in "Account Learning Rule Agent Draft Privacy Daemon".split()}
    assert names >= ours | {"grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}


async def test_on_loopback_a_caller_without_the_token_is_refused(tcp: Endpoint) -> None:
    async with grpc.aio.insecure_channel(tcp.target) as channel:
        stub = daemon_pb2_grpc.DaemonServiceStub(channel)
        for metadata in (None, [("authorization", "Bearer wrong")]):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await stub.GetStatus(daemon_pb2.GetStatusRequest(), metadata=metadata)
            assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_on_loopback_a_stream_without_the_token_is_refused(
    tcp: Endpoint, services: FakeServices
) -> None:
    async with grpc.aio.insecure_channel(tcp.target) as channel:
        request = drafts_pb2.ComposeDraftRequest(account="work", notes="done")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await drafts_pb2_grpc.DraftServiceStub(channel).ComposeDraft(request).read()
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert services.drafts.asked == []


async def test_on_loopback_reflection_needs_the_token_too(tcp: Endpoint) -> None:
    async with grpc.aio.insecure_channel(tcp.target) as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        requests = [reflection_pb2.ServerReflectionRequest(list_services="")]
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            [_ async for _ in stub.ServerReflectionInfo(iter(requests))]
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_on_loopback_the_token_of_the_endpoint_file_opens(tcp: Endpoint, runtime: Path) -> None:
    found = read_endpoint(runtime / "endpoint.json")
    assert found is not None and found.target.startswith("127.0.0.1:")
    async with grpc.aio.insecure_channel(found.target) as channel:
        status = await daemon_pb2_grpc.DaemonServiceStub(channel).GetStatus(
            daemon_pb2.GetStatusRequest(), metadata=[("authorization", f"Bearer {found.token}")]
        )
    assert status.pid == 42


async def test_a_cancelled_draft_stops_the_writing_behind_it(
    channel: grpc.aio.Channel, services: FakeServices
) -> None:
    services.drafts.endless = True
    call = drafts_pb2_grpc.DraftServiceStub(channel).ComposeDraft(
        drafts_pb2.ComposeDraftRequest(account="work", notes="done")
    )
    await call.read()
    assert not services.drafts.stopped.is_set()
    call.cancel()
    await asyncio.wait_for(services.drafts.stopped.wait(), 10)


async def test_a_draft_in_flight_ends_with_the_daemon(services: FakeServices, runtime: Path) -> None:
    services.drafts.endless = True
    server = Server(
        services.as_asked(), endpoint_file=runtime / "endpoint.json", socket=runtime / "daemon.sock"
    )
    endpoint = await server.start()
    async with grpc.aio.insecure_channel(endpoint.target) as channel:
        request = drafts_pb2.ComposeDraftRequest(account="work", notes="done")
        call = drafts_pb2_grpc.DraftServiceStub(channel).ComposeDraft(request)
        await call.read()
        await server.stop(0.1)
        with pytest.raises(grpc.aio.AioRpcError):
            await call.read()
        await asyncio.wait_for(services.drafts.stopped.wait(), 10)


async def test_a_watcher_sees_the_job_until_it_ends(channel: grpc.aio.Channel) -> None:
    stub = learning_pb2_grpc.LearningServiceStub(channel)
    seen = [answer.job.state async for answer in stub.WatchJob(learning_pb2.WatchJobRequest(job_id="job1"))]
    assert seen[-1] == learning_pb2.JOB_STATE_SUCCEEDED


async def test_watching_a_job_that_is_not_there_is_an_error(channel: grpc.aio.Channel) -> None:
    stub = learning_pb2_grpc.LearningServiceStub(channel)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.WatchJob(learning_pb2.WatchJobRequest(job_id="none")).read()
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_watcher_that_falls_behind_gets_the_latest_and_no_backlog(
    channel: grpc.aio.Channel, services: FakeServices
) -> None:
    steps = range(20_000)
    states = [replace(JOB, stages=(StageProgress(Stage.COLLECT, n, len(steps)),)) for n in steps]
    services.learning.states = [*states, replace(states[-1], phase=JobPhase.SUCCEEDED, ended_at=NOON)]
    call = learning_pb2_grpc.LearningServiceStub(channel).WatchJob(
        learning_pb2.WatchJobRequest(job_id="job1")
    )
    seen = [(await call.read()).job]
    # Every state comes and goes, and none of them is read.
    await asyncio.wait_for(services.learning.unwatched.wait(), 60)
    while (answer := await call.read()) is not grpc.aio.EOF:
        seen.append(answer.job)
    assert len(seen) < len(steps) / 2
    assert seen[-1].state == learning_pb2.JOB_STATE_SUCCEEDED
    done = [job.stages[0].done for job in seen]
    assert done == sorted(done)


async def test_a_watcher_that_leaves_is_not_watched_for(
    channel: grpc.aio.Channel, services: FakeServices
) -> None:
    services.learning.states = [JOB] * 1_000_000
    call = learning_pb2_grpc.LearningServiceStub(channel).WatchJob(
        learning_pb2.WatchJobRequest(job_id="job1")
    )
    await call.read()
    call.cancel()
    await asyncio.wait_for(services.learning.unwatched.wait(), 10)
