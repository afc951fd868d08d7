"""Watches one Sent folder, learns what is new in it, and trains when it is time. Nobody needs to ask.

An account that was never learned from is left alone: the first learning is the person's to start.
"""

import asyncio
import logging
from collections.abc import Callable

from ownhand.daemon.domain import AccountName, JobPhase, Stage
from ownhand.daemon.errors import LoginFailed, NotReady, OwnhandError, Reason, Unreachable
from ownhand.daemon.learn.jobs import SCHEDULE, Jobs
from ownhand.daemon.ports import Clock, MailSource
from ownhand.daemon.services.coming import Coming
from ownhand.daemon.store.sqlite import Store

log = logging.getLogger(__name__)

FIRST_LEARNING_S = 2.0  # between two looks whether the person has begun
RETRY_S = (5.0, 15.0, 60.0, 300.0, 900.0)  # after failures in a row
# A server that refused a password locks the account of who tries on and on.
REFUSED_S = (60.0, 900.0, 3600.0, 21600.0)


class Watcher:
    """One per account; `run` never returns."""

    def __init__(
        self,
        account: AccountName,
        open_source: Callable[[], MailSource],
        *,
        store: Store,
        jobs: Jobs,
        coming: Coming,
        clock: Clock,
    ) -> None:
        self._account = account
        self._open_source = open_source
        self._store = store
        self._jobs = jobs
        self._coming = coming
        self._clock = clock
        self.watching = False
        self.problem = ""  # of the last look, for people; empty when all is well
        self._again = asyncio.Event()

    async def run(self) -> None:
        failures = 0
        while True:
            await self._begun()
            try:
                await self._watch()
            except OwnhandError as exc:
                self.watching, self.problem = False, str(exc)
                pauses = REFUSED_S if isinstance(exc, LoginFailed) else RETRY_S
                pause = pauses[min(failures, len(pauses) - 1)]
                if isinstance(exc, Unreachable):
                    pause = max(pause, exc.retry_after_s)
                failures += 1
                log.warning("watching paused", extra={"reason": exc.reason.name, "seconds": pause})
                await self._rest(pause)
            else:
                failures = 0

    def look_again(self) -> None:
        """Ends a pause: the person saw that signing in works now."""
        self._again.set()

    async def _rest(self, seconds: float) -> None:
        self._again.clear()
        waiting = {
            asyncio.ensure_future(self._clock.sleep(seconds)),
            asyncio.ensure_future(self._again.wait()),
        }
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _begun(self) -> None:
        mailboxes = self._store.mailboxes
        while mailboxes.cursor(self._account) is None or mailboxes.paused(self._account):
            await self._clock.sleep(FIRST_LEARNING_S)

    async def _watch(self) -> None:
        """Looks, learns, waits, as long as the connection holds and the person wants it."""
        source = self._open_source()
        try:
            while not self._store.mailboxes.paused(self._account):
                await self._learn(source)
                self.watching, self.problem = True, ""
                await source.wait()
        finally:
            self.watching = False
            await source.aclose()

    async def _learn(self, source: MailSource) -> None:
        """Runs a job when there is something new in the folder, or something left over from before."""
        if not await self._news(source):
            return
        job = await self._jobs.finish(self._jobs.start(self._account, Stage.VERIFY, SCHEDULE).id)
        if job.phase is JobPhase.SUCCEEDED and self._due():
            job = await self._jobs.finish(self._jobs.start(self._account, Stage.PROMOTE, SCHEDULE).id)
        if job.phase is JobPhase.FAILED:
            raise NotReady(job.message, reason=Reason[job.reason or "INTERNAL"])

    async def _news(self, source: MailSource) -> bool:
        """Whether there is something in the folder that was not read, or that is there no more."""
        before = self._store.mailboxes.cursor(self._account)
        known = self._store.mailboxes.known_uids(self._account, before)
        async for batch in source.fetch_since(before, known):
            emptied = before is not None and before.last_uid > 0 and batch.cursor.last_uid == 0
            if batch.messages or batch.gone or emptied:
                return True
        if self._store.mailboxes.n_waiting(self._account):
            return True
        return any(self._store.learning.n_unfinished(voice) > 0 for voice in self._voices)

    @property
    def _voices(self) -> tuple[AccountName, ...]:
        return tuple(dict.fromkeys(i.voice for i in self._store.corpus.identities(self._account)))

    def _due(self) -> bool:
        return any(self._coming.due(voice) for voice in self._voices)
