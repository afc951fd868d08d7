"""Runs a program as a child process that ends with the block, however the block ends."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

_ENDS_WITHIN_S = 30.0  # the daemon itself gives calls and trainings time to end


class Failed(Exception):
    """Ends the demo; says what was so and what to do."""


@asynccontextmanager
async def child(
    command: Sequence[str], output: Path, environ: Mapping[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A running child whose stdin stays open while we live, and whose talk goes to `output`."""
    output.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with output.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=file,
            stderr=file,
            env={**os.environ, **environ},
            start_new_session=True,  # Ctrl-C is ours: the children are told in order
        )
    try:
        yield process
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_ENDS_WITHIN_S):
            await process.wait()
    except (TimeoutError, asyncio.CancelledError):
        with suppress(ProcessLookupError):
            process.kill()
        raise


def ended(process: asyncio.subprocess.Process, what: str, output: Path) -> Failed:
    """For a child that ended before its time."""
    return Failed(f"{what} ended with exit code {process.returncode}; what it said is in {output}")
