"""The watchers of all accounts: what each is doing, and the tasks in which they run."""

import asyncio
import logging
from collections.abc import Callable

from ownhand.daemon.domain import AccountName
from ownhand.daemon.log import places
from ownhand.daemon.services.sources import OpenSource
from ownhand.daemon.services.watcher import Watcher

log = logging.getLogger(__name__)


class Watchers:
    """One for each account with a server. Those that are added after `start` run at once."""

    def __init__(self, make: Callable[[AccountName, OpenSource], Watcher]) -> None:
        self._make = make
        self._watchers: dict[AccountName, Watcher] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._running = False

    def get(self, account: AccountName) -> Watcher | None:
        return self._watchers.get(account)

    def add(self, account: AccountName, open_source: OpenSource) -> None:
        assert account not in self._watchers
        self._watchers[account] = watcher = self._make(account, open_source)
        if self._running:
            self._begin(watcher)

    def start(self) -> None:
        self._running = True
        for watcher in self._watchers.values():
            self._begin(watcher)

    async def aclose(self) -> None:
        self._running = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, watcher: Watcher) -> None:
        self._tasks.append(asyncio.create_task(_watched(watcher)))


async def _watched(watcher: Watcher) -> None:
    """A watcher that breaks ends alone, and the log says where."""
    try:
        await watcher.run()
    except Exception as exc:
        log.error("watcher broke", extra={"error": type(exc).__name__, "at": places(exc)})
        raise
