"""The training that comes unasked: whether it is due, when it is, and what it takes."""

from dataclasses import replace

from ownhand.daemon.domain import AccountName, NextTraining
from ownhand.daemon.learn.schedule import Pace, Unlearned, next_training, training_due
from ownhand.daemon.ports import Clock
from ownhand.daemon.store.sqlite import Store


class Coming:
    def __init__(self, store: Store, pace: Pace, clock: Clock, base_model: str) -> None:
        self._store = store
        self._pace = pace
        self._clock = clock
        self._base_model = base_model

    def due(self, voice: AccountName) -> bool:
        return training_due(self._pace, self._unlearned(voice), self._clock.now())

    def next(self, voice: AccountName) -> NextTraining:
        """As the last training on the same base model went."""
        coming = next_training(self._pace, self._unlearned(voice), self._clock.now())
        made = (agent.manifest for agent in self._store.agents.list(voice))
        if last := next((m for m in made if m.base_model == self._base_model), None):
            coming = replace(coming, duration_s=last.duration_s, memory_bytes=last.memory_bytes)
        return coming

    def _unlearned(self, voice: AccountName) -> Unlearned:
        agents = self._store.agents.list(voice)
        n = self._store.corpus.n_originals(voice)
        trained_at = agents[0].created_at if agents else None
        n_gone = self._store.corpus.n_removed_since(voice, trained_at) if trained_at else 0
        n_new = n - agents[0].n_originals + n_gone if agents else n
        return Unlearned(
            n_originals=n,
            n_new=max(0, n_new),
            oldest_sent_at=self._store.corpus.sent_at_from_end(voice, n_new),
            trained_at=trained_at,
            n_gone=n_gone,
        )
