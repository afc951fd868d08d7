"""A stream of states -> the same stream for a reader that may be slow: it gets the latest, not a backlog."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TypeVar

State = TypeVar("State")


async def latest(states: AsyncIterator[State]) -> AsyncGenerator[State, None]:
    """The first state, then whichever is the newest each time the reader is ready, and always the last."""
    unread: list[State] = []
    changed = asyncio.Event()

    async def read() -> None:
        try:
            async for state in states:
                unread[:] = [state]
                changed.set()
        finally:
            changed.set()

    reading = asyncio.create_task(read())
    try:
        while not reading.done() or unread:
            await changed.wait()
            changed.clear()
            if unread:
                yield unread.pop()
        await reading
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
