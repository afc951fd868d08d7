"""Learning as the person sees it: what there is, what would be done, and the jobs that do it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from hashlib import sha256

from ownhand.daemon import prompts
from ownhand.daemon.domain import (
    AccountName,
    CorpusCounts,
    DistilTask,
    DraftTask,
    InferTask,
    JobId,
    JobState,
    Original,
    Plan,
    PlannedStage,
    Prompt,
    Stage,
)
from ownhand.daemon.learn.jobs import ORDER, Jobs
from ownhand.daemon.learn.stages import Stages
from ownhand.daemon.ports import LargeModel
from ownhand.daemon.services.sources import Sources
from ownhand.daemon.store.sqlite import Store

NOWHERE = "nowhere"
_N_SAMPLES = 3
_CHARACTERS_PER_TOKEN = 4  # of English prose; good to some ten percent
_ANSWER_TOKENS = {Stage.DISTIL: 250, Stage.DRAFT: 200, Stage.INFER: 700}

Price = Callable[[str, int, int], float]
Foresee = Callable[[int], tuple[float, int]]  # mails -> seconds and bytes of a training


class Learning:
    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        stages: Stages,
        sources: Sources,
        *,
        model: LargeModel,
        price: Price,
        price_known: Callable[[str], bool],
        leaving: Callable[[Prompt], str],
        foresee: Foresee,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._stages = stages
        self._sources = sources
        self._model = model
        self._price = price
        self._price_known = price_known
        self._leaving = leaving
        self._foresee = foresee
        self.shown: dict[str, str] = {}  # plans that were shown, and where their text would go

    def corpus(self, account: AccountName) -> CorpusCounts:
        collected, account = account, self._sources.voice(account)
        corpus, learning = self._store.corpus, self._store.learning
        current = self._store.agents.list(account)
        return CorpusCounts(
            n_originals=corpus.n_originals(account),
            n_intents=learning.n_intents(account),
            n_zero_shot_drafts=learning.n_drafts(account),
            n_rules=learning.n_rules(account),
            n_examples=current[0].manifest.n_examples if current else 0,
            n_skipped=corpus.n_skipped(collected),
            n_by_language=corpus.n_by(account, "language"),
            n_by_recipient_kind=corpus.n_by(account, "kind"),
        )

    async def plan(self, account: AccountName, until: Stage) -> Plan:
        """What a job would do with the mail collected so far; collecting itself is not done for it."""
        account = self._sources.voice(account)
        originals = self._store.corpus.originals(account)
        destination = self._model.destination
        wanted = [stage for stage in ORDER if ORDER.index(stage) <= ORDER.index(until)]
        stages = tuple(self._planned(stage, account, originals) for stage in wanted)
        if originals and Stage.TRAIN in wanted:
            duration_s, memory_bytes = await asyncio.to_thread(self._foresee, len(originals))
            stages = tuple(
                replace(s, duration_s=duration_s, memory_bytes=memory_bytes) if s.stage is Stage.TRAIN else s
                for s in stages
            )
        leaves = destination != NOWHERE
        samples = [self._leaving(p) for o in originals[-_N_SAMPLES:] for p in [_prompts(o)[Stage.DISTIL]]]
        plan_id = sha256(f"{account}\0{destination}\0{stages}".encode()).hexdigest()[:16]
        self.shown[plan_id] = destination
        return Plan(
            id=plan_id,
            stages=stages,
            destination=destination,
            consent_needed=leaves and not self._store.privacy.consented(destination),
            samples=tuple(samples) if leaves else (),
            price_unknown=leaves and not self._price_known(self._model.name),
            n_missing=max(0, self._stages.settings.min_mails - len(originals)),
        )

    async def start(self, account: AccountName, until: Stage, *, asked_by: str) -> JobState:
        self._sources.person(account)
        return self._jobs.start(account, until, asked_by)

    def job(self, job_id: JobId) -> JobState:
        return self._jobs.get(job_id)

    def jobs(self, account: AccountName | None, limit: int) -> list[JobState]:
        return self._jobs.list(account, limit)

    def watch(self, job_id: JobId) -> AsyncIterator[JobState]:
        self._jobs.get(job_id)
        return self._jobs.watch(job_id)

    def watch_all(self, account: AccountName | None, limit: int) -> AsyncIterator[Sequence[JobState]]:
        return self._jobs.watch_all(account, limit)

    async def cancel(self, job_id: JobId) -> JobState:
        return await self._jobs.cancel(job_id)

    def _planned(self, stage: Stage, account: AccountName, originals: list[Original]) -> PlannedStage:
        learning, settings = self._store.learning, self._stages.settings
        variants = settings.intents if self._model.samples else 1
        match stage:
            case Stage.DISTIL:
                n = learning.n_without_intent(account, variants, model=self._model.name)
            case Stage.DRAFT:
                n = len(originals) - learning.n_drafts(account) if settings.contrast else 0
            case Stage.INFER:
                n = len(originals) - learning.n_looked_at(account)
            case Stage.VERIFY | Stage.COMPILE | Stage.TRAIN:
                return PlannedStage(stage, len(originals))
            case _:
                return PlannedStage(stage, 0)
        size = sum(len(p.system) + len(p.text) for p in (_prompts(o)[stage] for o in originals))
        asked = int(size / max(1, len(originals)) * n / _CHARACTERS_PER_TOKEN)
        answered = n * _ANSWER_TOKENS[stage]
        return PlannedStage(stage, n, n, asked, answered, self._price(self._model.name, asked, answered))


def _prompts(original: Original) -> dict[Stage, Prompt]:
    """What the model would be asked about one mail; what is not made yet is taken to be as long."""
    text, letter = original.text, original.letter
    return {
        Stage.DISTIL: prompts.distil(DistilTask(text, letter), None),
        Stage.DRAFT: prompts.draft(DraftTask((text,), letter)),
        Stage.INFER: prompts.infer(InferTask(text, letter, text)),
    }
