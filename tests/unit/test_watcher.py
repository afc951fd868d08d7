"""When a watched server fails: how long the next look waits, and what ends the wait."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from ownhand.daemon.domain import AccountName
from ownhand.daemon.errors import LoginFailed, NotReady, OwnhandError
from ownhand.daemon.services.watcher import REFUSED_S, RETRY_S, Watcher
from ownhand.daemon.services.watchers import Watchers

FEW = 6  # failures, more than there are pauses


class Failing:
    """A source that fails at every look."""

    def __init__(self, error: OwnhandError) -> None:
        self._error = error

    async def fetch_since(self, *_: object) -> AsyncIterator[object]:
        raise self._error
        yield

    async def aclose(self) -> None: ...


class Pauses:
    """A clock that takes note of what is slept, and stops at the last pause."""

    def __init__(self, at_most: int) -> None:
        self.slept: list[float] = []
        self.enough = asyncio.Event()
        self._at_most = at_most

    def now(self) -> datetime:
        return datetime(2026, 3, 1, tzinfo=UTC)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if len(self.slept) >= self._at_most:
            self.enough.set()
            await asyncio.Event().wait()


def watcher(error: OwnhandError, clock: Pauses) -> Watcher:
    read = SimpleNamespace(cursor=lambda _: object(), known_uids=lambda *_: (), paused=lambda _: False)
    store: Any = SimpleNamespace(mailboxes=read)
    unused: Any = None
    source: Any = Failing(error)
    return Watcher(AccountName("work"), lambda: source, store=store, jobs=unused, coming=unused, clock=clock)


@pytest.mark.parametrize(
    "error, pauses",
    [(NotReady("the folder is missing"), RETRY_S), (LoginFailed("the password was refused"), REFUSED_S)],
)
async def test_pauses_grow_and_after_a_refused_password_they_are_long(
    error: OwnhandError, pauses: tuple[float, ...]
) -> None:
    clock = Pauses(FEW)
    running = asyncio.create_task(watcher(error, clock).run())

    await asyncio.wait_for(clock.enough.wait(), 10)
    running.cancel()

    assert clock.slept == [*pauses, *([pauses[-1]] * FEW)][:FEW]


def test_a_refused_password_is_tried_at_most_twice_in_a_quarter_of_an_hour() -> None:
    assert REFUSED_S[0] + REFUSED_S[1] >= 900


async def test_a_pause_ends_when_the_person_sees_that_signing_in_works() -> None:
    clock = Pauses(1)
    watched = watcher(LoginFailed("the password was refused"), clock)
    running = asyncio.create_task(watched.run())
    await asyncio.wait_for(clock.enough.wait(), 10)
    clock.enough.clear()

    watched.look_again()

    await asyncio.wait_for(clock.enough.wait(), 10)
    running.cancel()
    assert len(clock.slept) == 2


async def test_an_account_that_is_added_later_is_watched_at_once_and_all_end_together() -> None:
    clock, before = Pauses(2), asyncio.all_tasks()  # each of the two pauses once, and stays there
    watchers = Watchers(lambda *_: watcher(NotReady("the folder is missing"), clock))
    watchers.add(AccountName("first"), lambda: None)  # type: ignore[arg-type,return-value]  # never opened
    watchers.start()

    watchers.add(AccountName("second"), lambda: None)  # type: ignore[arg-type,return-value]
    await asyncio.wait_for(clock.enough.wait(), 10)
    problems = [watchers.get(AccountName(name)).problem for name in ("first", "second")]  # type: ignore[union-attr]
    await watchers.aclose()

    assert problems == ["the folder is missing"] * 2
    assert asyncio.all_tasks() == before
