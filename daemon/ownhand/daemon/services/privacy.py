"""What left the machine, what may leave, and what must be forgotten."""

import asyncio
import secrets
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from ownhand.daemon import prompts
from ownhand.daemon.domain import (
    AccountName,
    AgentId,
    DraftTask,
    EgressEntry,
    EgressPreview,
    EgressTotals,
    Erasure,
    Forgotten,
    MessageId,
    Prompt,
)
from ownhand.daemon.errors import Invalid
from ownhand.daemon.learn.ledger import letter_to
from ownhand.daemon.ports import Clock
from ownhand.daemon.services.sources import Sources
from ownhand.daemon.store.sqlite import Store
from ownhand.daemon.write.steer import points_of

TOKEN_S = 300.0  # an erasure token is good for five minutes


class Privacy:
    def __init__(
        self,
        store: Store,
        sources: Sources,
        clock: Clock,
        *,
        destination: str,
        leaving: Callable[[Prompt], str],
        shown: Mapping[str, str],
        adapter: Callable[[AgentId], Path],
        folders: Sequence[Path],
        quiet: Callable[[], Awaitable[None]],
    ) -> None:
        self._store = store
        self._sources = sources
        self._clock = clock
        self._destination = destination
        self._leaving = leaving
        self._shown = shown
        self._adapter = adapter
        self._folders = folders
        self._quiet = quiet
        self._token: tuple[str, float] | None = None

    def egress(self, limit: int) -> tuple[list[EgressEntry], EgressTotals]:
        return self._store.privacy.egress(limit), self._store.privacy.egress_totals()

    async def preview(self, account: AccountName, notes: str, context: str) -> EgressPreview:
        """A draft without rules and examples, which are known only when the recipient is."""
        sender = self._sources.person(account)
        letter = letter_to((), sender, self._store.corpus.originals(account), context=context)
        text = self._leaving(prompts.draft(DraftTask(points_of(notes), letter)))
        return EgressPreview(self._destination, text, self._store.privacy.consented(self._destination))

    def set_policy(self, destination: str, consent: bool, *, plan_id: str) -> None:
        if consent and self._shown.get(plan_id) != destination:
            raise Invalid(
                "consent is given to a plan that was shown for this destination",
                hint="ask for a plan first (`ownhand learn --plan`)",
                fields={"plan_id": "unknown, or made for another destination"},
            )
        self._store.privacy.set_consent(destination, consent, plan_id=plan_id, at=self._clock.now())

    async def forget(self, account: AccountName, *, message_id: MessageId, address: str) -> Forgotten:
        """Agents learned from what is forgotten, and weights cannot forget: they go too, with their files."""
        self._sources.person(account)
        await self._quiet()
        n = self._store.corpus.forget(account, message_id=message_id, address=address)
        agents = self._store.agents.list(account) if n else []
        for agent in agents:
            self._store.agents.delete(agent.id)
            await asyncio.to_thread(shutil.rmtree, self._adapter(agent.id), ignore_errors=True)
        if n:
            await asyncio.to_thread(shutil.rmtree, self._folders[0], ignore_errors=True)
        return Forgotten(n, len(agents))

    async def erase(self, token: str) -> Erasure:
        if not token:
            self._token = secrets.token_hex(8), time.monotonic() + TOKEN_S
            return Erasure(token=self._token[0])
        if self._token is None or token != self._token[0] or time.monotonic() > self._token[1]:
            raise Invalid(
                "the erasure token is wrong or too old",
                hint="ask for a new one",
                fields={"token": "not valid"},
            )
        self._token = None
        await self._quiet()
        self._store.erase()
        for folder in self._folders:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        return Erasure(erased=True)
