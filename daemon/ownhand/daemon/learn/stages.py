"""What each stage of a learning job does. Stopping between any two rows loses nothing."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from ownhand.daemon.domain import (
    AccountName,
    AgentId,
    AgentManifest,
    AgentState,
    Intent,
    JobState,
    MessageId,
    RuleId,
    Stage,
    TrainingPoint,
)
from ownhand.daemon.errors import NotReady, Reason
from ownhand.daemon.learn import collect as collecting
from ownhand.daemon.learn.collect import collect
from ownhand.daemon.learn.drafts import DraftStore, draft_zero_shot
from ownhand.daemon.learn.extract import Mailbox
from ownhand.daemon.learn.history import Histories
from ownhand.daemon.learn.intents import IntentStore, distil_intents
from ownhand.daemon.learn.lineage import parent
from ownhand.daemon.learn.receipts import ReceiptStore, take_receipts
from ownhand.daemon.learn.retention import Keep, outdated
from ownhand.daemon.learn.rules import RuleStore, infer_rules
from ownhand.daemon.learn.trainingset import TrainingSet, compile_examples, learned_from, write
from ownhand.daemon.ports import AgentBackend, Clock, LargeModel, MailSource, Occasion, Quiet

Decide = Callable[[AgentManifest, AgentManifest | None], tuple[bool, str]]


class CorpusStore(collecting.CorpusStore, Protocol):
    def n_removed_since(self, voice: AccountName, at: datetime) -> int: ...


class LearningStore(IntentStore, DraftStore, RuleStore, ReceiptStore, Protocol):
    def intents(self, account: AccountName) -> list[Intent]: ...
    def receipts(self, account: AccountName) -> dict[RuleId, dict[MessageId, bool]]: ...


class AgentStore(Protocol):
    def add(self, agent: AgentState, *, promoted: bool, asked_by: str) -> None: ...
    def get(self, agent_id: AgentId) -> AgentState | None: ...
    def current(self, account: AccountName) -> AgentState | None: ...
    def list(self, account: AccountName | None) -> list[AgentState]: ...


class Sources(Protocol):
    def mailbox(self, account: AccountName) -> Mailbox: ...
    def open(self, job: JobState) -> MailSource: ...


class Progress(Protocol):
    """Where a running job tells how far it is."""

    def stage(
        self, done: int, total: int, n_failed: int = 0, left_s: float = 0.0, memory_bytes: int = 0
    ) -> None: ...
    def training(self, point: TrainingPoint) -> None: ...
    def agent(self, agent_id: AgentId) -> None: ...
    def waits(self, reason: str) -> None: ...


@dataclass(frozen=True, slots=True)
class LearningSettings:
    """From the configuration."""

    min_mails: int = 20
    intents: int = 3  # variants of each, where the model samples
    contrast: bool = True  # make zero-shot drafts and contrast with them
    base_model: str = "embedded"  # as the trainer is told
    keep: Keep = field(default_factory=Keep)


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages of one account's job, over what the composition root hands in."""

    corpus: CorpusStore
    mailboxes: collecting.MailboxStore
    learning: LearningStore
    agents: AgentStore
    model: LargeModel
    backend: AgentBackend
    clock: Clock
    sources: Sources
    decide: Decide
    discard: Callable[[AgentId], Awaitable[None]]
    histories: Histories
    occasion: Occasion
    trainingsets: Path
    settings: LearningSettings
    turns: dict[AccountName, asyncio.Lock] = field(default_factory=dict)

    async def run(self, stage: Stage, job: JobState, progress: Progress) -> str:
        """Runs one stage to its end, for each voice that the account teaches. May give a sentence."""
        if stage is Stage.COLLECT:
            return await self._collect(job, progress)
        said, problems = "", []
        voices = self.sources.mailbox(job.account).voices
        for voice in voices:
            try:
                # Two accounts may teach one voice at a time.
                async with self.turns.setdefault(voice, asyncio.Lock()):
                    said = await self._run(stage, replace(job, account=voice), progress) or said
            except NotReady as exc:
                problems.append(exc)
        if len(problems) == len(voices):
            raise problems[0]
        return said

    async def _run(self, stage: Stage, job: JobState, progress: Progress) -> str:
        match stage:
            case Stage.DISTIL:
                await distil_intents(
                    self.learning,
                    self.model,
                    job.account,
                    variants=self.settings.intents,
                    report=progress.stage,
                )
            case Stage.DRAFT if self.settings.contrast:
                await draft_zero_shot(self.learning, self.model, job.account, report=progress.stage)
            case Stage.INFER:
                await infer_rules(
                    self.learning, self.model, job.account,
                    contrast=self.settings.contrast, report=progress.stage,
                )  # fmt: skip
            case Stage.VERIFY:
                originals = self.corpus.originals(job.account)
                await take_receipts(self.learning, self.model, job.account, originals, report=progress.stage)
            case Stage.COMPILE:
                training_set = await self._compile(job.account)
                progress.stage(len(training_set.train), len(training_set.train))
            case Stage.TRAIN:
                return await self._train(job, progress)
        return ""

    async def _collect(self, job: JobState, progress: Progress) -> str:
        source = self.sources.open(job)
        try:
            collected = await collect(
                self.corpus, self.mailboxes, source, self.sources.mailbox(job.account),
                key=job.source, clock=self.clock, report=progress.stage,
            )  # fmt: skip
        finally:
            await source.aclose()
        if collected.n_forgotten:
            # Compiled again from what is left, when there is to be a training.
            await asyncio.to_thread(shutil.rmtree, self.trainingsets, ignore_errors=True)
        return str(collected)

    async def _examples(self, account: AccountName) -> TrainingSet:
        originals = self.corpus.originals(account)
        return await asyncio.to_thread(
            compile_examples,
            originals,
            self.learning.intents(account),
            self.learning.rules(account),
            self.learning.findings(account),
            self.learning.receipts(account),
            await self.histories.past(account, originals),
            await self._learned(self.agents.current(account)),
        )

    async def _learned(self, agent: AgentState | None) -> frozenset[str]:
        """The examples that an agent learned, as far as that is known."""
        if agent is None:
            return frozenset()
        return await asyncio.to_thread(learned_from, self.trainingsets / agent.manifest.training_set)

    async def _compile(self, account: AccountName) -> TrainingSet:
        """The training set as it is now, written down. Raises NotReady where there is too little."""
        n = self.corpus.n_originals(account)
        if n < self.settings.min_mails:
            raise NotReady(
                f"{n} usable mails are too few for an agent; {self.settings.min_mails - n} more are needed",
                hint="until then drafts use the rules found so far (`ownhand rules`), without an agent",
                reason=Reason.TOO_LITTLE_MAIL,
            )
        training_set = await self._examples(account)
        if not training_set.train or not training_set.valid:
            raise NotReady(
                "no rule is borne out by enough mails yet",
                hint="learn again when more has been sent",
                reason=Reason.TOO_LITTLE_MAIL,
            )
        await asyncio.to_thread(write, training_set, self.trainingsets)
        return training_set

    async def _train(self, job: JobState, progress: Progress) -> str:
        """Trains on the training set as it is now, compares with the current agent, and records both."""
        training_set = await self._compile(job.account)
        agent_id = self._agent_id(job.account, training_set.hash)
        progress.agent(agent_id)
        if known := self.agents.get(agent_id):
            return f"nothing new to train on; {known.reason}"
        current = self.agents.current(job.account)
        quiet = Quiet(self.occasion, progress.waits) if job.asked_by == "schedule" else None
        reports = self.backend.train(
            agent_id,
            self.trainingsets / training_set.hash,
            current.id if current else None,
            quiet,
            parent=await self._parent(current, training_set),
        )
        async for report in reports:
            if report.loss:
                progress.training(TrainingPoint(report.step, report.loss, report.valid_loss))
            progress.stage(report.step, report.max_steps, 0, report.left_s, report.memory_bytes)
            if report.manifest is not None:
                return await self._record(job, report.manifest, report.current)
        raise NotReady("the training ended without an agent", reason=Reason.TRAINER_FAILED)

    async def _parent(self, current: AgentState | None, training_set: TrainingSet) -> AgentId | None:
        """The agent to go on from; weights that learned what is to be forgotten are begun anew."""
        if current is None or current.id in self._tainted(current.account):
            return None
        return parent(
            current, self.agents.list(current.account), training_set,
            base_model=self.settings.base_model, learned=await self._learned(current),
        )  # fmt: skip

    async def _record(self, job: JobState, made: AgentManifest, current: AgentManifest | None) -> str:
        """Keeps the new agent, lets it go live if it should, and discards what may not or need not stay."""
        promoted, reason = self.decide(made, current)
        tainted = self._tainted(job.account)
        if tainted:
            promoted, reason = True, "The agents before had learned from mail that was deleted since."
        agent = AgentState(
            id=made.agent_id,
            account=job.account,
            created_at=self.clock.now(),
            manifest=made,
            n_originals=self.corpus.n_originals(job.account),
            reason=reason,
        )
        wanted = job.until is Stage.PROMOTE
        self.agents.add(agent, promoted=promoted and wanted, asked_by=job.asked_by)
        for old in tainted if wanted else ():
            await self.discard(old)
        await self._tidy(job.account)
        return reason

    async def _tidy(self, account: AccountName) -> None:
        """Old agents go with what they were trained on."""
        for old in outdated(self.agents.list(account), self.settings.keep, self.clock.now()):
            await self.discard(old.id)
            used = {agent.manifest.training_set for agent in self.agents.list(None)}
            if old.manifest.training_set not in used:
                folder = self.trainingsets / old.manifest.training_set
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    def _tainted(self, account: AccountName) -> list[AgentId]:
        """Agents that learned from mail which was deleted since: weights cannot forget, so they must go."""
        agents = self.agents.list(account)
        return [a.id for a in agents if self.corpus.n_removed_since(account, a.created_at)]

    def _agent_id(self, account: AccountName, training_set: str) -> AgentId:
        """The same training set on the same base model is the same agent: training it twice is no use."""
        key = f"{account}\0{training_set}\0{self.settings.base_model}"
        return AgentId(sha256(key.encode()).hexdigest()[:16])
