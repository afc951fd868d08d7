"""What the servicers ask for, one Protocol per service, in the words of the domain.

What only reads or writes the store is a plain method; what waits on files, servers or models is a coroutine.
Where a name or an id is unknown, each raises NotFound. An account is always named: to leave it out when there
is only one is for clients.
"""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Protocol

from ownhand.daemon.domain import (
    AccountName,
    AccountState,
    AgentId,
    AgentState,
    Checked,
    ComposeRequest,
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
    Intent,
    JobId,
    JobState,
    MessageId,
    NeverEntry,
    NewAccount,
    Outcome,
    OutcomeKind,
    Plan,
    RecipientKind,
    Rule,
    RuleId,
    RulesProposed,
    RuleTrial,
    Saved,
    SaveRequest,
    Stage,
)


class Accounts(Protocol):
    def list(self) -> Sequence[AccountState]: ...

    async def check(self, account: AccountName) -> Checked: ...

    async def update(self, account: AccountName, *, paused: bool | None) -> AccountState:
        """None leaves a property as it is. A pause stops what was begun unasked."""
        ...

    async def import_mail(self, path: Path, address: str, account: AccountName) -> JobId:
        """Starts a job that collects a file or folder; makes the account if there is none of this name."""
        ...


class AccountSetup(Protocol):
    async def add(self, account: NewAccount) -> tuple[AccountState, Found]:
        """The account as it is from now on, and what was found. Nothing is kept when it raises."""
        ...

    async def remove(self, account: AccountName) -> str:
        """What could not be forgotten, for people."""
        ...


class Learning(Protocol):
    def corpus(self, account: AccountName) -> CorpusCounts: ...

    async def plan(self, account: AccountName, until: Stage) -> Plan: ...

    async def start(self, account: AccountName, until: Stage, *, asked_by: str) -> JobState:
        """Starts a job, or gives the one that runs for this account already."""
        ...

    def job(self, job_id: JobId) -> JobState: ...

    def jobs(self, account: AccountName | None, limit: int) -> Sequence[JobState]:
        """Newest first; of all accounts when none is named."""
        ...

    def watch(self, job_id: JobId) -> AsyncIterator[JobState]:
        """The present state, then each change, ending with the state the job ended in."""
        ...

    def watch_all(self, account: AccountName | None, limit: int) -> AsyncIterator[Sequence[JobState]]:
        """The jobs, then again after each change; without end."""
        ...

    async def cancel(self, job_id: JobId) -> JobState:
        """Stops a job and gives the state it ended in. A job that has ended stays as it is."""
        ...


class Rules(Protocol):
    def list(
        self,
        account: AccountName,
        *,
        recipient: str,
        group: tuple[RecipientKind, str] | None,
        include_refused: bool,
    ) -> Sequence[Rule]:
        """Best supported first; for an address, for a kind of recipient in a language, or for everyone."""
        ...

    def update(
        self, rule_id: RuleId, *, muted: bool | None, pinned: bool | None, text: str | None
    ) -> tuple[AccountName, Rule]:
        """None leaves a property as it is. A reworded rule is a new one, with its own id and receipts."""
        ...

    async def try_out(self, rule_id: RuleId, text: str) -> RuleTrial:
        """What the rule would do in these words."""
        ...

    def delete(self, rule_id: RuleId) -> None: ...


class Agents(Protocol):
    def list(self, account: AccountName | None) -> Sequence[AgentState]:
        """Newest first; of all accounts when none is named."""
        ...

    def get(self, agent_id: AgentId) -> AgentState: ...

    def promote(self, agent_id: AgentId) -> AgentState: ...

    async def delete(self, agent_id: AgentId) -> None:
        """Removes the row and the weights. Raises NotReady for the current agent."""
        ...


class Drafts(Protocol):
    def compose(self, request: ComposeRequest) -> AsyncIterator[RulesProposed | str | DraftCompleted]:
        """The rules, then the text in pieces, then one DraftCompleted. Closing it stops the model's call."""
        ...

    def outcomes(self, account: AccountName) -> Sequence[Outcome]:
        """Oldest first."""
        ...

    def record_sent(self, message_id: MessageId, text: str) -> None:
        """The exact own words of a mail that was sent."""
        ...

    def record_outcome(
        self, draft_id: DraftId, kind: OutcomeKind, *, sent_text: str, message_id: MessageId
    ) -> float:
        """Gives the share of the sent words that stood in the draft, 0 to 1."""
        ...

    async def distil(
        self, account: AccountName, text: str, *, to: Sequence[Correspondent], subject: str
    ) -> Intent:
        """The intent of a mail that is not kept."""
        ...


class DraftSaver(Protocol):
    async def save(self, request: SaveRequest) -> Saved: ...


class Privacy(Protocol):
    def egress(self, limit: int) -> tuple[Sequence[EgressEntry], EgressTotals]:
        """The newest entries, and the totals of all."""
        ...

    async def preview(self, account: AccountName, notes: str, context: str) -> EgressPreview: ...

    def set_policy(self, destination: str, consent: bool, *, plan_id: str) -> None:
        """Raises Invalid for a consent to a plan that was not shown, or that was for another destination."""
        ...

    async def forget(
        self, account: AccountName, *, message_id: MessageId, address: str, missing: bool = False
    ) -> Forgotten:
        """Exactly one of the three is given."""
        ...

    def never(self) -> Sequence[NeverEntry]: ...

    async def add_never(self, entry: NeverEntry) -> Forgotten: ...

    def remove_never(self, entry: NeverEntry) -> None: ...

    async def erase(self, token: str) -> Erasure: ...


class Daemon(Protocol):
    def status(self) -> DaemonState: ...
