"""A real server on a socket in a temporary folder, and a channel to it."""

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from fakes import FakeServices
from ownhand.daemon.rpc.endpoint import Endpoint
from ownhand.daemon.rpc.server import Server


@pytest.fixture
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("r")  # short: a socket's path has room for some hundred bytes
    folder.chmod(0o700)
    return folder


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


@pytest.fixture
async def endpoint(services: FakeServices, runtime: Path) -> AsyncIterator[Endpoint]:
    server = Server(
        services.as_asked(), endpoint_file=runtime / "endpoint.json", socket=runtime / "daemon.sock"
    )
    yield await server.start()
    await server.stop(0.5)


@pytest.fixture
async def channel(endpoint: Endpoint) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(endpoint.target) as channel:
        yield channel


@pytest.fixture(scope="package", autouse=True)
async def one_loop(anyio_backend: str) -> AsyncIterator[None]:
    """One event loop for all tests here: grpc's poller is the process's, and may still speak to an older."""
    yield
