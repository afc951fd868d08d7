"""The daemon as the demo runs it: its configuration, its process, and a client of its public API."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from ownhand.daemon.cli.client import Client
from ownhand.daemon.demo.children import Failed, child, ended
from ownhand.daemon.demo.mails import Sample
from ownhand.daemon.demo.provider import HOST, Provider
from ownhand.daemon.paths import Paths, find_paths
from ownhand.daemon.rpc.endpoint import Endpoint, read_endpoint

_STARTS_WITHIN_S = 60.0
_STOPS_WITHIN_S = 40.0


def paths_of(home: Path) -> Paths:
    return find_paths(_environ(home))


def configure(home: Path, provider: Provider, samples: Sequence[Sample], *, new_mails: int) -> None:
    """Writes config.toml: an account for each person, the offline model, and an eager schedule."""
    accounts = [
        f"""[[account]]
name = {json.dumps(sample.account)}
address = {json.dumps(sample.person.address)}
display_name = {json.dumps(sample.person.name)}
host = "{HOST}"
port = {provider.port}
tls = "plaintext-loopback"
password = {{ file = {json.dumps(str(provider.password_file))} }}
"""
        for sample in samples
    ]
    rest = f"""[model]
kind = "offline"

[learning]
new_mails = {new_mails}
quiet = false
min_interval_hours = 0.0  # a person's own daemon trains at most once a day
max_age_days = 36500.0    # the sample's mail is old: only its number may start a training
"""
    file = paths_of(home).config_file
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_text("\n".join((*accounts, rest)), "utf-8")
    file.chmod(0o600)


@asynccontextmanager
async def daemon(home: Path, output: Path) -> AsyncIterator[Client]:
    """`ownhand serve` as a child process; a client of it once it is healthy."""
    paths = paths_of(home)
    await _end_left_over(paths)
    command = [sys.executable, "-m", "ownhand.daemon", "serve"]
    async with child(command, output, _environ(home)) as process:
        try:
            async with asyncio.timeout(_STARTS_WITHIN_S):
                endpoint = await _endpoint(process, paths, output)
        except TimeoutError:
            raise Failed(f"the daemon does not answer; its log is {paths.log_file}") from None
        async with grpc.aio.insecure_channel(endpoint.target) as channel:
            await _await_health(channel, paths)
            yield Client(channel)


async def _endpoint(process: asyncio.subprocess.Process, paths: Paths, output: Path) -> Endpoint:
    while True:
        if process.returncode is not None:
            raise ended(process, "the daemon", output)
        endpoint = read_endpoint(paths.endpoint)
        if endpoint is not None and endpoint.pid == process.pid:
            return endpoint
        await asyncio.sleep(0.05)


async def _await_health(channel: grpc.aio.Channel, paths: Paths) -> None:
    try:
        answer = await health_pb2_grpc.HealthStub(channel).Check(
            health_pb2.HealthCheckRequest(), timeout=_STARTS_WITHIN_S, wait_for_ready=True
        )
    except grpc.aio.AioRpcError as exc:
        raise Failed(f"the daemon does not answer ({exc.code().name}); its log is {paths.log_file}") from None
    if answer.status != health_pb2.HealthCheckResponse.SERVING:
        raise Failed(f"the daemon is not healthy; its log is {paths.log_file}")


async def _end_left_over(paths: Paths) -> None:
    """Ends the daemon of a demo that was killed. The demo's lock says that no other one is running here."""
    endpoint = read_endpoint(paths.endpoint)
    if endpoint is None or not await _is_ours(endpoint):
        return
    os.kill(endpoint.pid, signal.SIGTERM)
    with suppress(TimeoutError, ProcessLookupError):
        async with asyncio.timeout(_STOPS_WITHIN_S):
            while True:
                os.kill(endpoint.pid, 0)
                await asyncio.sleep(0.1)


async def _is_ours(endpoint: Endpoint) -> bool:
    """Whether a daemon answers there: the number of a dead one may be another program's by now."""
    async with grpc.aio.insecure_channel(endpoint.target) as channel:
        with suppress(grpc.aio.AioRpcError):
            await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=5)
            return True
    return False


def _environ(home: Path) -> dict[str, str]:
    return {"OWNHAND_HOME": str(home)}
