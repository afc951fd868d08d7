"""Stand-ins for what the servicers ask. Each keeps what it was asked, so that a test can look."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ownhand.daemon.domain import (
    AccountName,
    AccountState,
    AgentId,
    AgentManifest,
    AgentState,
    Checked,
    Claim,
    ComposeRequest,
    Connection,
    CorpusCounts,
    Correspondent,
    DaemonState,
    DraftCompleted,
    DraftId,
    EgressEntry,
    EgressPreview,
    EgressTotals,
    Erasure,
    Forgotten,
    Found,
    FoundBy,
    Intent,
    IntentId,
    JobId,
    JobPhase,
    JobState,
    MessageId,
    NeverEntry,
    NeverKind,
    NewAccount,
    NextTraining,
    Outcome,
    OutcomeKind,
    Plan,
    PlannedStage,
    Receipts,
    RecipientKind,
    Rule,
    RuleId,
    RuleOrigin,
    RulesProposed,
    RulesSource,
    RuleTrial,
    Sample,
    Saved,
    SaveRequest,
    Stage,
    StageProgress,
    TrainingPoint,
)
from ownhand.daemon.errors import NotFound
from ownhand.daemon.rpc.server import Services

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WORK = AccountName("work")

JOB = JobState(
    id=JobId("job1"),
    account=WORK,
    phase=JobPhase.RUNNING,
    until=Stage.PROMOTE,
    asked_by="person",
    started_at=NOON,
    stages=(StageProgress(Stage.COLLECT, 4, 9, 1), StageProgress(Stage.TRAIN, 20, 80, 0, 130.0, 800_000_000)),
    training=(TrainingPoint(10, 1.5, 1.75),),
)
RULE = Rule(
    text="Open with the first name and a comma.",
    origin=RuleOrigin.MEASURED,
    claim=Claim("greeting", "name,"),
    id=RuleId("rule1"),
    receipts=Receipts("colleague", tuple(MessageId(f"<{n}@x>") for n in range(8)), (MessageId("<9@x>"),)),
)
AGENT = AgentState(
    id=AgentId("agent1"),
    account=WORK,
    created_at=NOON,
    manifest=AgentManifest(
        AgentId("agent1"),
        "embedded",
        "torch",
        8,
        16,
        "set1",
        90,
        0.5,
        0.75,
        0.625,
        "agent0",
        95.0,
        800_000_000,
    ),
    n_originals=90,
    reason="there was no agent before",
    current=True,
)

COMING = NextTraining(7, NOON, NOON + timedelta(days=9), 95.0, 800_000_000)

CHECKED = Checked(
    Found(
        "imap.example.org:993",
        ("IDLE", "QRESYNC"),
        "Sent",
        950,
        ("INBOX", "Sent"),
        FoundBy.SPECIAL_USE,
        connection=Connection("TLSv1.3", mechanism="PLAIN"),
    ),
    source="imap",
    sample=Sample(
        n_messages=200,
        n_usable=180,
        n_skipped={"too few own words": 12, "from another sender": 8},
        n_by_language={"en": 170, "de": 10},
        n_replies=60,
        first_at=NOON,
        last_at=NOON,
        other_addresses={"ana@club.example": 8},
        n_other_addresses=1,
    ),
    n_usable=850,
    n_needed=20,
    poll_s=300.0,
    warnings=("the password is in a file",),
)


class FakeAccounts:
    def __init__(self) -> None:
        self.error: Exception | None = None  # raised by `check`
        self.checked = CHECKED
        self.imported: tuple[Path, str, AccountName] | None = None
        self.paused: bool | None = None

    def list(self) -> Sequence[AccountState]:
        person = Correspondent("ana@example.org", "Ana")
        return [AccountState(WORK, person, "imap", 90, {"no date": 2}, True, NOON, next_training=COMING)]

    async def check(self, account: AccountName) -> Checked:
        if self.error:
            raise self.error
        return self.checked

    async def update(self, account: AccountName, *, paused: bool | None) -> AccountState:
        self.paused = paused
        return replace(self.list()[0], name=account, paused=bool(paused))

    async def import_mail(self, path: Path, address: str, account: AccountName) -> JobId:
        self.imported = path, address, account
        return JOB.id


class FakeAccountSetup:
    def __init__(self) -> None:
        self.error: Exception | None = None  # raised by both
        self.added: NewAccount | None = None
        self.removed: AccountName | None = None

    async def add(self, account: NewAccount) -> tuple[AccountState, Found]:
        if self.error:
            raise self.error
        self.added = account
        state = AccountState(account.name, account.person, "imap", 0, {}, watching=True)
        return state, Found(account.host, ("IDLE",), "Sent", 95, ("INBOX", "Sent"))

    async def remove(self, account: AccountName) -> str:
        if self.error:
            raise self.error
        self.removed = account
        return "the keyring is locked"


class FakeLearning:
    def __init__(self) -> None:
        self.started: list[tuple[AccountName, Stage, str]] = []
        self.states: Sequence[JobState] = [JOB, replace(JOB, phase=JobPhase.SUCCEEDED, ended_at=NOON)]
        self.unwatched = asyncio.Event()

    def corpus(self, account: AccountName) -> CorpusCounts:
        return CorpusCounts(90, 88, 87, 40, 86, {"no date": 2}, {"en": 80, "de": 10}, {"colleague": 90})

    async def plan(self, account: AccountName, until: Stage) -> Plan:
        stages = (PlannedStage(Stage.DISTIL, 90, 90, 9000, 4500, 0.25),)
        return Plan("plan1", stages, "https://api.example.org", True, ("a sample",), 3, price_unknown=True)

    async def start(self, account: AccountName, until: Stage, *, asked_by: str) -> JobState:
        self.started.append((account, until, asked_by))
        return JOB

    def job(self, job_id: JobId) -> JobState:
        if job_id != JOB.id:
            raise NotFound("there is no such job", hint="`ownhand jobs` lists them")
        return JOB

    def jobs(self, account: AccountName | None, limit: int) -> Sequence[JobState]:
        return [JOB] * min(limit, 300)

    async def watch(self, job_id: JobId) -> AsyncIterator[JobState]:
        try:
            self.job(job_id)
            for state in self.states:
                yield state
                await asyncio.sleep(0)
        finally:
            self.unwatched.set()

    async def watch_all(self, account: AccountName | None, limit: int) -> AsyncIterator[Sequence[JobState]]:
        for state in self.states:
            yield [state] * min(limit, 2)
            await asyncio.sleep(0.05)

    async def cancel(self, job_id: JobId) -> JobState:
        return replace(self.job(job_id), phase=JobPhase.CANCELLED, ended_at=NOON)


class FakeRules:
    def __init__(self) -> None:
        self.asked: list[object] = []

    def list(
        self,
        account: AccountName,
        *,
        recipient: str,
        group: tuple[RecipientKind, str] | None,
        include_refused: bool,
    ) -> Sequence[Rule]:
        self.asked.append((account, recipient, group, include_refused))
        return [RULE] + [replace(RULE, id=RuleId("rule2"), refusal="no support")] * include_refused

    def update(
        self, rule_id: RuleId, *, muted: bool | None, pinned: bool | None, text: str | None
    ) -> tuple[AccountName, Rule]:
        self.asked.append((rule_id, muted, pinned, text))
        return WORK, replace(RULE, muted=bool(muted), pinned=bool(pinned), text=text or RULE.text)

    async def try_out(self, rule_id: RuleId, text: str) -> RuleTrial:
        self.asked.append((rule_id, text))
        return RuleTrial(
            True, n_mails=9, n_holds=7, n_held_before=2, n_drafts=8, distance=0.125, distance_before=0.25
        )

    def delete(self, rule_id: RuleId) -> None:
        self.asked.append(rule_id)


class FakeAgents:
    def __init__(self) -> None:
        self.deleted: list[AgentId] = []

    def list(self, account: AccountName | None) -> Sequence[AgentState]:
        return [AGENT] if account in (None, WORK) else []

    def get(self, agent_id: AgentId) -> AgentState:
        if agent_id != AGENT.id:
            raise NotFound("there is no such agent", hint="`ownhand agents` lists them")
        return AGENT

    def promote(self, agent_id: AgentId) -> AgentState:
        return replace(self.get(agent_id), current=True)

    async def delete(self, agent_id: AgentId) -> None:
        self.deleted.append(agent_id)


class FakeDrafts:
    def __init__(self) -> None:
        self.asked: list[object] = []
        self.endless = False
        self.error: Exception | None = None  # raised by `compose` after the rules
        self.stopped = asyncio.Event()

    async def compose(
        self, request: ComposeRequest
    ) -> AsyncGenerator[RulesProposed | str | DraftCompleted, None]:
        self.asked.append(request)
        try:
            yield RulesProposed((RULE,), RulesSource.AGENT, AGENT.id)
            if self.error:
                raise self.error
            if self.endless:
                await asyncio.Event().wait()
            yield "Sam,\n"
            yield "done."
            yield DraftCompleted(DraftId("draft1"), "Sam,\ndone.", "offline", 10, 4, ("no emoji",))
        finally:
            self.stopped.set()

    def outcomes(self, account: AccountName) -> Sequence[Outcome]:
        return [
            Outcome(NOON, OutcomeKind.SENT, 0.75, AGENT.id),
            Outcome(NOON, OutcomeKind.DISCARDED, None, AgentId("")),
        ]

    def record_sent(self, message_id: MessageId, text: str) -> None:
        self.asked.append((message_id, text))

    def record_outcome(
        self, draft_id: DraftId, kind: OutcomeKind, *, sent_text: str, message_id: MessageId
    ) -> float:
        self.asked.append((draft_id, kind, sent_text, message_id))
        return 0.75

    async def distil(
        self, account: AccountName, text: str, *, to: Sequence[Correspondent], subject: str
    ) -> Intent:
        self.asked.append((account, text, to, subject))
        return Intent(IntentId("i1"), MessageId(""), 0, ("It is done.",), 0.125)


class FakeSaver:
    def __init__(self) -> None:
        self.asked: list[SaveRequest] = []

    async def save(self, request: SaveRequest) -> Saved:
        self.asked.append(request)
        return Saved("Drafts", MessageId("<d@example.org>"), 7, before=len(self.asked) > 1)


class FakePrivacy:
    def __init__(self) -> None:
        self.asked: list[object] = []

    def egress(self, limit: int) -> tuple[Sequence[EgressEntry], EgressTotals]:
        self.asked.append(limit)
        entry = EgressEntry(NOON, "https://api.example.org", "draft@1", "m", 100, 50, 0.5, 420, "ok")
        return [entry], EgressTotals(1000, 500, 5.0)

    async def preview(self, account: AccountName, notes: str, context: str) -> EgressPreview:
        return EgressPreview("https://api.example.org", f"system\n{notes}\n{context}", False)

    def set_policy(self, destination: str, consent: bool, *, plan_id: str) -> None:
        self.asked.append((destination, consent, plan_id))

    async def forget(
        self, account: AccountName, *, message_id: MessageId, address: str, missing: bool = False
    ) -> Forgotten:
        self.asked.append((account, message_id, address, missing))
        return Forgotten(3, 1)

    def never(self) -> Sequence[NeverEntry]:
        return [NeverEntry(NeverKind.DOMAIN, "clinic.example")]

    async def add_never(self, entry: NeverEntry) -> Forgotten:
        self.asked.append(entry)
        return Forgotten(2, 1)

    def remove_never(self, entry: NeverEntry) -> None:
        self.asked.append(entry)

    async def erase(self, token: str) -> Erasure:
        return Erasure(erased=True) if token else Erasure(token="secret-word")


class FakeDaemon:
    def status(self) -> DaemonState:
        return DaemonState(
            "0.1.0", 42, NOON, "offline", "nowhere", "embedded", 1, 1, 40_000_000, "/data", "/log/daemon.log"
        )


class FakeServices:
    """All of them, each to be looked at under its own name."""

    def __init__(self) -> None:
        self.accounts = FakeAccounts()
        self.setup = FakeAccountSetup()
        self.learning = FakeLearning()
        self.rules = FakeRules()
        self.agents = FakeAgents()
        self.drafts = FakeDrafts()
        self.saver = FakeSaver()
        self.privacy = FakePrivacy()
        self.daemon = FakeDaemon()

    def as_asked(self) -> Services:
        return Services(
            self.accounts,
            self.setup,
            self.learning,
            self.rules,
            self.agents,
            self.drafts,
            self.saver,
            self.privacy,
            self.daemon,
        )
