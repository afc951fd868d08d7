"""The agents as the person sees them: their numbers, and which one is the current."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

from ownhand.daemon.domain import AccountName, AgentId, AgentState
from ownhand.daemon.errors import NotFound, NotReady
from ownhand.daemon.ports import Clock
from ownhand.daemon.services.sources import Sources
from ownhand.daemon.store.sqlite import Store


class Agents:
    def __init__(
        self, store: Store, sources: Sources, clock: Clock, adapter: Callable[[AgentId], Path]
    ) -> None:
        self._store = store
        self._sources = sources
        self._clock = clock
        self._adapter = adapter

    def list(self, account: AccountName | None) -> list[AgentState]:
        return self._store.agents.list(self._sources.voice(account) if account else None)

    def get(self, agent_id: AgentId) -> AgentState:
        if agent := self._store.agents.get(agent_id):
            return agent
        raise NotFound("there is no such agent", hint="`ownhand agents` lists them")

    def promote(self, agent_id: AgentId) -> AgentState:
        """Makes it the current one; also how one goes back."""
        if not self.get(agent_id).current:
            self._store.agents.promote(
                agent_id, asked_by="person", reason="chosen by the person", at=self._clock.now()
            )
        return self.get(agent_id)

    async def delete(self, agent_id: AgentId) -> None:
        if self.get(agent_id).current:
            raise NotReady("this agent is the current one", hint="promote another one first")
        self._store.agents.delete(agent_id)
        await asyncio.to_thread(shutil.rmtree, self._adapter(agent_id), ignore_errors=True)
