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
    NeverEntry,
    NeverKind,
    Prompt,
)
from ownhand.daemon.errors import Invalid, NotFound
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
        know_again: Callable[[], None],
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
        self._know_again = know_again
        self._token: tuple[str, float] | None = None

    def egress(self, limit: int) -> tuple[list[EgressEntry], EgressTotals]:
        return self._store.privacy.egress(limit), self._store.privacy.egress_totals()

    async def preview(self, account: AccountName, notes: str, context: str) -> EgressPreview:
        """A draft without rules and examples, which are known only when the recipient is."""
        sender = self._sources.person(account)
        originals = self._store.corpus.originals(self._sources.voice(account))
        letter = letter_to((), sender, originals, context=context)
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

    async def forget(
        self, account: AccountName, *, message_id: MessageId, address: str, missing: bool = False
    ) -> Forgotten:
        """Agents learned from what is forgotten, and weights cannot forget: they go too, with their files."""
        voice = self._sources.voice(account)
        await self._quiet()
        self._store.corpus.forget_written()
        if missing:
            gone = self._store.mailboxes.missing(account)
            n = {v: self._store.corpus.remove(v, [i for w, i in gone if w == v]) for v, _ in gone}
        else:
            ids = self._store.corpus.written_to(voice, address) if address else [message_id]
            n = {voice: self._store.corpus.remove(voice, ids, "forgotten")}
        n_agents = sum([await self._forget_agents(voice) for voice, removed in n.items() if removed])
        return Forgotten(sum(n.values()), n_agents)

    async def _forget_agents(self, voice: AccountName) -> int:
        agents = self._store.agents.list(voice)
        for agent in agents:
            self._store.agents.delete(agent.id)
            await asyncio.to_thread(shutil.rmtree, self._adapter(agent.id), ignore_errors=True)
        await asyncio.to_thread(shutil.rmtree, self._folders[0], ignore_errors=True)
        return len(agents)

    def never(self) -> list[NeverEntry]:
        return self._store.privacy.never()

    async def add_never(self, entry: NeverEntry) -> Forgotten:
        """Never learns from this again, and forgets what was learned from it."""
        self._store.privacy.add_never(entry, at=self._clock.now())
        forgotten = Forgotten(0, 0)
        if entry.kind is NeverKind.FOLDER:
            return forgotten
        address = entry.what if entry.kind is NeverKind.PERSON else f"@{entry.what}"
        for name, _, _ in self._store.corpus.accounts():
            more = await self.forget(name, message_id=MessageId(""), address=address)
            forgotten = Forgotten(
                forgotten.n_originals + more.n_originals, forgotten.n_agents + more.n_agents
            )
        return forgotten

    def remove_never(self, entry: NeverEntry) -> None:
        if not self._store.privacy.remove_never(entry):
            raise NotFound("this is not on the never-learn list", hint="`ownhand never` shows the list")

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
        self._know_again()
        for folder in self._folders:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        return Erasure(erased=True)
