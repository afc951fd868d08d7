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
        self._tasks: dict[AccountName, asyncio.Task[None]] = {}
        self._running = False

    def get(self, account: AccountName) -> Watcher | None:
        return self._watchers.get(account)

    def add(self, account: AccountName, open_source: OpenSource) -> None:
        assert account not in self._watchers
        self._watchers[account] = self._make(account, open_source)
        if self._running:
            self._begin(account)

    async def remove(self, account: AccountName) -> None:
        """Ends what it does, at once; a job that runs goes on."""
        self._watchers.pop(account, None)
        if task := self._tasks.pop(account, None):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def start(self) -> None:
        self._running = True
        for account in self._watchers:
            self._begin(account)

    async def aclose(self) -> None:
        self._running = False
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _begin(self, account: AccountName) -> None:
        self._tasks[account] = asyncio.create_task(_watched(self._watchers[account]))


async def _watched(watcher: Watcher) -> None:
    """A watcher that breaks ends alone, and the log says where."""
    try:
        await watcher.run()
    except Exception as exc:
        log.error("watcher broke", extra={"error": type(exc).__name__, "at": places(exc)})
        raise
