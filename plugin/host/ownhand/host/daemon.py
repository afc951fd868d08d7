"""The daemon as the host sees it: where it answers, and how it is started."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from ownhand.host import failures

_STARTS_WITHIN_S = 30.0
_LOOK_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Endpoint:
    """As the daemon writes it down."""

    target: str
    token: str
    pid: int
    version: str


class Daemon:
    """A channel that is made when it is asked for, and anew when the daemon is another."""

    def __init__(self, endpoint: Path) -> None:
        self._file = endpoint
        self._endpoint: Endpoint | None = None
        self._channel: grpc.aio.Channel | None = None

    def found(self) -> Endpoint | None:
        """Where it answers; None when it does not run."""
        with contextlib.suppress(OSError, ValueError, TypeError):
            endpoint = Endpoint(**json.loads(self._file.read_text("utf-8")))
            return endpoint if _alive(endpoint.pid) else None
        return None

    async def channel(self) -> tuple[grpc.aio.Channel, list[tuple[str, str]]]:
        """The channel, and the metadata that every call carries. Raises Failure when nobody is there."""
        endpoint = self.found()
        if endpoint is None:
            await self.aclose()
            raise failures.stopped()
        if endpoint != self._endpoint or self._channel is None:
            await self.aclose()
            self._channel = grpc.aio.insecure_channel(endpoint.target, options=_OPTIONS)
            self._endpoint = endpoint
        token = [("authorization", f"Bearer {endpoint.token}")] if endpoint.token else []
        return self._channel, token

    async def start(self) -> Endpoint:
        """Starts it, and waits until it answers. Raises Failure."""
        if endpoint := self.found():
            return endpoint
        process = _launch()
        for _ in range(int(_STARTS_WITHIN_S / _LOOK_EVERY_S)):
            await asyncio.sleep(_LOOK_EVERY_S)
            if endpoint := self.found():
                return endpoint
            if process.poll() is not None:
                break
        raise failures.Failure(
            failures.START_FAILED, "the daemon could not be started", "run `ownhand serve` to see why"
        )

    async def aclose(self) -> None:
        channel, self._channel, self._endpoint = self._channel, None, None
        if channel is not None:
            await channel.close()


_OPTIONS: list[tuple[str, Any]] = [
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_receive_message_length", 16 * 2**20),
]


def _launch() -> "subprocess.Popen[bytes]":
    """It outlives us: a session of its own, and none of our pipes."""
    return subprocess.Popen(
        [sys.executable, "-m", "ownhand.daemon", "serve"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=Path.home(),
    )


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
