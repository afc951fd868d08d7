"""The nouns of the product and the rules they keep by themselves.

Imports the standard library only. Everything here is a value: frozen, compared by content.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Literal, NewType

MessageId = NewType("MessageId", str)
AccountName = NewType("AccountName", str)
IntentId = NewType("IntentId", str)
RuleId = NewType("RuleId", str)
AgentId = NewType("AgentId", str)
JobId = NewType("JobId", str)
DraftId = NewType("DraftId", str)


def text_digest(text: str) -> str:
    """A fingerprint of the words of a text; spacing and line breaks do not count."""
    return sha256(" ".join(text.split()).encode()).hexdigest()[:32]


class RecipientKind(StrEnum):
    """What can be told of a relation from addresses alone."""

    COLLEAGUE = "colleague"  # same domain as the person
    PERSONAL = "personal"  # a provider of private mailboxes
    BUSINESS = "business"  # any other domain
    GROUP = "group"  # three or more recipients, or a mailing list


# Second-level names of providers of private mailboxes.
_PRIVATE = frozenset(
    """aol bluewin btinternet comcast fastmail free freenet gmail gmx googlemail hey hotmail icloud laposte
    libero live mac mail mailbox me msn o2online orange outlook pm posteo proton protonmail sbcglobal t-online
    tuta tutanota verizon virginmedia web wp yahoo yandex zoho""".split()
)


@dataclass(frozen=True, slots=True)
class Correspondent:
    """One person on the other side."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].lower()

    @property
    def label(self) -> str:
        """A name to show or to greet: the display name, else what the local part tells of one."""
        local = self.address.partition("@")[0]
        if self.name and self.name.lower() not in (local.lower(), self.address.lower()):
            return self.name
        parts = re.split(r"[._]+", local)
        if len(parts) > 1 and all(part.isalpha() and len(part) > 1 for part in parts):
            return " ".join(part.capitalize() for part in parts)
        return local


@dataclass(frozen=True, slots=True)
class Identity:
    """An address that a person writes from, and the account whose voice its mail teaches."""

    person: Correspondent
    voice: AccountName


def recipient_kind(sender: Correspondent, recipients: Sequence[Correspondent]) -> RecipientKind:
    """What the addresses tell of the relation between the person and those who are written to."""
    if len(recipients) > 2:
        return RecipientKind.GROUP
    theirs = recipients[0].domain if recipients else ""
    if theirs.split(".")[-2:-1] and theirs.split(".")[-2] in _PRIVATE:
        return RecipientKind.PERSONAL
    return RecipientKind.COLLEAGUE if theirs == sender.domain else RecipientKind.BUSINESS


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything about a mail but its words: to whom, on what, in answer to what."""

    sender: Correspondent
    to: tuple[Correspondent, ...]
    kind: RecipientKind
    subject: str = ""
    reply: bool = False
    context: str = ""  # the mail that is answered, as plain text
    language: str = "en"  # ISO 639-1
    addressed_as: str = ""  # as the writer has greeted the first recipient before: "Ms Okonjo"
    # How the writer has signed before, the most frequent first: ("initial", "AM"), ("first", "Anne").
    signs_as: tuple[tuple[str, str], ...] = ()

    @property
    def recipient(self) -> Correspondent:
        """The first recipient; an empty one when there is none."""
        return self.to[0] if self.to else Correspondent("")


@dataclass(frozen=True, slots=True)
class Original:
    """The words one person wrote in one sent message, without quotes and signature."""

    message_id: MessageId
    account: AccountName
    sent_at: datetime  # aware, UTC
    thread: MessageId  # the first message of the thread as far as is known
    letter: Letter
    text: str

    def __post_init__(self) -> None:
        if self.sent_at.tzinfo is None:
            raise ValueError("sent_at must be aware")

    @property
    def digest(self) -> str:
        """The same for two copies of one mail, whatever ids they were saved under."""
        people = ",".join(sorted(person.address.lower() for person in self.letter.to))
        return text_digest(f"{self.text} {people} {self.sent_at:%Y%m%d%H%M}")


@dataclass(frozen=True, slots=True)
class Intent:
    """What an original says, without how: first-person content points."""

    id: IntentId
    message_id: MessageId
    variant: int  # 0, 1, 2
    points: tuple[str, ...]
    leak: float = 0.0  # share of its three-word runs that stand in the original, 0 to 1


@dataclass(frozen=True, slots=True)
class Claim:
    """A measurable statement about a text: a dimension of style and its value.

    `learn/claims.py` says each as a rule, reads it back, and tests it on a text.
    """

    dimension: str
    value: str


class RuleOrigin(StrEnum):
    """Where a rule came from."""

    MEASURED = "measured"
    INFERRED = "inferred"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Receipts:
    """The mails of a scope that support a rule and those that contradict it, newest first."""

    scope: str = "everyone"  # a recipient's name, a kind of recipient, or "everyone"
    supporting: tuple[MessageId, ...] = ()
    contradicting: tuple[MessageId, ...] = ()
    trend: tuple[float, ...] = ()  # shares that support it, of equal parts, the oldest first; empty for few

    @property
    def support(self) -> int:
        return len(self.supporting)

    @property
    def against(self) -> int:
        return len(self.contradicting)


@dataclass(frozen=True, slots=True)
class Rule:
    """One imperative sentence about how this person writes, with its receipts."""

    text: str
    origin: RuleOrigin = RuleOrigin.MEASURED
    claim: Claim | None = None  # None for what cannot be measured
    id: RuleId = RuleId("")
    receipts: Receipts = field(default_factory=Receipts)
    refusal: str = ""  # why it was refused; empty when accepted
    muted: bool = False
    pinned: bool = False  # proposed for every mail, whatever the agent foresees


@dataclass(frozen=True, slots=True)
class RuleTrial:
    """What a rule in new words does on mail that was sent, beside the rule as it is."""

    measurable: bool  # the new wording; all that follows says nothing of one that is not
    n_mails: int = 0  # that give an occasion to tell
    n_holds: int = 0
    n_held_before: int = 0
    n_drafts: int = 0  # behind the distances
    distance: float = 0.0  # mean style distance of drafts with it from the mails that were sent
    distance_before: float = 0.0


@dataclass(frozen=True, slots=True)
class Prediction:
    """A rule that a mail is expected to show, and how probable that is."""

    rule: str
    probability: float


@dataclass(frozen=True, slots=True)
class Habit:
    """A rule, and the share of the mails that show it."""

    rule: str
    share: float


@dataclass(frozen=True, slots=True)
class History:
    """What the person's other mails show."""

    n_before: int = 0  # earlier mails to this reader
    usual: tuple[Habit, ...] = ()
    with_reader: tuple[Habit, ...] = ()
    nearest: tuple[tuple[str, ...], ...] = ()  # the rules that each shows, the nearest mail first


@dataclass(frozen=True, slots=True)
class Situation:
    """What the preference agent is told: what to say, and to whom."""

    letter: Letter
    points: tuple[str, ...]
    hour: int = 0  # 1 to 24, 0 when it is not known
    history: History = History()


@dataclass(frozen=True, slots=True)
class Example:
    """One training pair: a situation and the rules that the original shows."""

    id: str
    situation: Situation
    rules: tuple[str, ...]


# --- what a large model is asked and answers -------------------------------------------------


@dataclass(frozen=True, slots=True)
class DistilTask:
    """Say what this mail says."""

    text: str
    letter: Letter


@dataclass(frozen=True, slots=True)
class DraftTask:
    """Write a mail that says these points, keeping these rules."""

    points: tuple[str, ...]
    letter: Letter
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class InferTask:
    """Say how this mail is written, as rules."""

    text: str
    letter: Letter
    draft: str | None = None  # the zero-shot draft it is contrasted with, if any


@dataclass(frozen=True, slots=True)
class JudgeTask:
    """Say which of these rules hold in this mail."""

    text: str
    rules: tuple[str, ...]


Task = DistilTask | DraftTask | InferTask | JudgeTask


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question to a large model.

    `system` is the same for every prompt of a template (providers cache it); `text` is the question.
    `task` is the same question as data, for a model that is a program and not a network.
    """

    template: str  # name@version, e.g. "intent@1"
    system: str
    text: str
    task: Task
    max_tokens: int = 1024
    temperature: float | None = None  # None: the model's own
    people: tuple[Correspondent, ...] = ()  # in the text beside those of the task's letter


@dataclass(frozen=True, slots=True)
class Completion:
    """What a large model gave back, and the record of how. The text has no reasoning in it."""

    text: str
    model: str
    template: str
    input_tokens: int = 0
    output_tokens: int = 0
    unmet: tuple[str, ...] = ()  # rules that the model says it could not carry out
    cut: bool = False  # it ran into the limit of tokens: the end is missing


@dataclass(frozen=True, slots=True)
class AgentManifest:
    """What an adapter is and how good it was on held-out mail."""

    agent_id: AgentId
    base_model: str
    backend: str
    rank: int
    alpha: int
    training_set: str
    n_examples: int
    valid_loss: float  # nats per completion token
    precision: float  # of predicted rules on held-out mail, 0 to 1
    recall: float
    continued_from: str = ""  # the agent whose weights it began with; empty for the base model
    duration_s: float = 0.0  # of the training; 0 when not known, as below
    memory_bytes: int = 0  # most that it held


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """One report of a running training; `manifest` comes with the last one.

    So does `current`: the agent that was live, as measured on the held-out mail of the new one.
    """

    step: int
    max_steps: int
    loss: float = 0.0
    valid_loss: float = 0.0  # 0 when not measured at this step
    left_s: float = 0.0
    memory_bytes: int = 0  # that the training takes, as it said when it began
    manifest: AgentManifest | None = None
    current: AgentManifest | None = None


# --- mail as it comes --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cursor:
    """Which part of a folder has been read: from `first_uid` to `last_uid`.

    UIDs of another `uidvalidity` mean nothing. A folder is read newest first and down to where the person's
    limit ends; what arrives later is above it.
    """

    folder: str
    uidvalidity: int
    last_uid: int
    first_uid: int = 1
    modseq: int = 0  # HIGHESTMODSEQ (RFC 7162) when it was last compared as a whole; 0 where there is none


@dataclass(frozen=True, slots=True)
class Place:
    """Where a copy of a message stands in an account; UID 0 when it came from a file."""

    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that was fetched and not read yet, packed as it is kept until then."""

    n: int
    source: str  # path of an imported file; empty for the account's own server
    place: Place
    message: str


class FoundBy(StrEnum):
    """How the Sent folder was told from the others."""

    SETTINGS = "settings"  # the person named it
    SPECIAL_USE = "special_use"  # the server marks it (RFC 6154)
    XLIST = "xlist"  # the same, as Gmail did before
    NAME = "name"  # it is called as mail programs call it


@dataclass(frozen=True, slots=True)
class Connection:
    """How the link to a server is secured, and how the account signed in."""

    tls: str = ""  # "TLSv1.3"; empty without TLS, which is for servers of this machine only
    pinned: bool = False  # by the one certificate that the person accepted, not by an authority
    mechanism: str = ""  # "PLAIN", "XOAUTH2" …


@dataclass(frozen=True, slots=True)
class Sample:
    """What mail of an account shows when it is read as for learning, in counts."""

    n_messages: int = 0
    n_usable: int = 0
    n_skipped: dict[str, int] = field(default_factory=dict)  # by reason
    n_by_language: dict[str, int] = field(default_factory=dict)  # of the usable, as all below
    n_replies: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    # Addresses in From that are none of the account's: the person may have forgotten to name one. Only those
    # that several mails come from, and few: where there are many, the folder is no Sent folder.
    other_addresses: dict[str, int] = field(default_factory=dict)
    n_other_addresses: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at an account found out, for `CheckAccount`."""

    server: str
    capabilities: tuple[str, ...]
    sent_folder: str
    n_messages: int
    folders: tuple[str, ...]
    found_by: FoundBy | None = None
    other_sent_folders: tuple[str, ...] = ()  # that could be it as well
    connection: Connection | None = None
    max_message_bytes: int = 0  # that a submission server takes; 0 where it does not say
    relay_running: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found, and what it means for learning."""

    found: Found
    source: str  # as in AccountState
    sample: Sample | None = None  # None where there is no mail to look at
    n_usable: int = 0  # in all, estimated from the sample
    n_needed: int = 0  # for an agent
    n_learned: int = 0  # so far, by the voice that the account teaches
    poll_s: float = 0.0  # between two looks, where the server does not push
    warnings: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether there is enough for an agent. A relay is usable before anything was sent through it."""
        return self.source == "relay" or max(self.n_usable, self.n_learned) >= self.n_needed


# --- what the services are asked and answer (rpc/asks.py) -----------------------------------------


class Stage(StrEnum):
    """The arrows of learning, in their order."""

    COLLECT = "collect"
    DISTIL = "distil"
    DRAFT = "draft"
    INFER = "infer"
    VERIFY = "verify"
    COMPILE = "compile"
    TRAIN = "train"
    PROMOTE = "promote"


class JobPhase(StrEnum):
    """Where a job is in its life. An interrupted one goes on when the daemon is back."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class StageProgress:
    stage: Stage
    done: int = 0
    total: int = 0  # 0 while unknown
    n_failed: int = 0  # items that could not be used, counted and left out
    left_s: float = 0.0  # 0 while unknown
    memory_bytes: int = 0  # of a training


@dataclass(frozen=True, slots=True)
class TrainingPoint:
    step: int
    loss: float
    valid_loss: float = 0.0  # 0 where it was not measured


@dataclass(frozen=True, slots=True)
class JobState:
    """A learning job as it stands."""

    id: JobId
    account: AccountName
    phase: JobPhase
    until: Stage
    asked_by: str  # "person" or "schedule"
    started_at: datetime
    ended_at: datetime | None = None
    message: str = ""
    reason: str = ""  # name of a Reason when it failed
    source: str = ""  # path of an imported file; empty for the account's own server
    stages: tuple[StageProgress, ...] = ()
    training: tuple[TrainingPoint, ...] = ()
    agent_id: AgentId = AgentId("")


@dataclass(frozen=True, slots=True)
class NextTraining:
    """When a voice is trained again unasked, and what that takes."""

    n_mails: int  # still to be sent before it; 0 when there are enough
    not_before: datetime | None = None
    at_latest: datetime | None = None  # with the next mail after this, however few are new
    duration_s: float = 0.0  # as the last training on this base model took; 0 when there was none
    memory_bytes: int = 0


@dataclass(frozen=True, slots=True)
class AccountState:
    name: AccountName
    person: Correspondent
    source: str  # "imap", "relay", "files", or "identity" for a voice that only other accounts teach
    n_originals: int
    n_skipped: dict[str, int]
    watching: bool = False
    collected_at: datetime | None = None
    problem: str = ""
    voice: AccountName = AccountName("")  # the account whose corpus, rules and agent it shares; its own name
    addresses: tuple[str, ...] = ()  # that the person writes from, the account's own first
    next_training: NextTraining | None = None
    paused: bool = False


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account as a mail client hands it over, with its secret, which is shown nowhere."""

    name: AccountName
    person: Correspondent
    host: str
    port: int = 0
    tls: Literal["verify", "starttls", "plaintext-loopback"] = "verify"
    tls_pin: str = ""
    user: str = ""
    sent: str = "auto"
    identities: tuple[Identity, ...] = ()  # beside the person; an empty voice is the account's
    voice: AccountName = AccountName("")  # empty: its own
    secret: str = field(default="", repr=False)  # empty: the keyring has it


class NeverKind(StrEnum):
    """What a person can keep out of learning for good."""

    PERSON = "person"  # anyone at this address, as a recipient
    DOMAIN = "domain"  # every recipient at this domain and below it
    FOLDER = "folder"  # a folder of mail


@dataclass(frozen=True, slots=True)
class NeverEntry:
    """One line of the never-learn list."""

    kind: NeverKind
    what: str  # as it is compared: lower case, but for a folder


@dataclass(frozen=True, slots=True)
class CorpusCounts:
    n_originals: int
    n_intents: int
    n_zero_shot_drafts: int
    n_rules: int
    n_examples: int
    n_skipped: dict[str, int]
    n_by_language: dict[str, int]
    n_by_recipient_kind: dict[str, int]


@dataclass(frozen=True, slots=True)
class PlannedStage:
    stage: Stage
    n_items: int
    n_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    duration_s: float = 0.0  # of the training, about
    memory_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a learning job would do, and what text would leave this machine."""

    id: str
    stages: tuple[PlannedStage, ...]
    destination: str
    consent_needed: bool
    samples: tuple[str, ...]
    n_missing: int  # usable mails still missing before an agent can be trained
    price_unknown: bool = False  # of a model that text would leave for: costs are 0, and no limit holds


@dataclass(frozen=True, slots=True)
class AgentState:
    """A trained agent with its numbers on held-out mail."""

    id: AgentId
    account: AccountName
    created_at: datetime
    manifest: AgentManifest
    n_originals: int  # of the account when it was trained
    reason: str  # why it was promoted or not
    current: bool = False


@dataclass(frozen=True, slots=True)
class ComposeRequest:
    account: AccountName
    to: tuple[Correspondent, ...]
    subject: str
    notes: str
    context: str = ""
    reply: bool = False
    rules_only: bool = False
    zero_shot: bool = False
    without_rules: tuple[str, ...] = ()
    with_rules: tuple[str, ...] = ()
    refine: str = ""  # what is asked of the draft as it stands, in the person's words
    previous: str = ""  # that draft


@dataclass(frozen=True, slots=True)
class SaveRequest:
    """A draft that is to be put in the account's Drafts folder."""

    account: AccountName
    draft_id: DraftId
    text: str
    to: tuple[Correspondent, ...] = ()  # of an answer: only where it goes to others than asked
    cc: tuple[Correspondent, ...] = ()
    subject: str = ""
    answered: bytes = b""  # the mail that is answered, as it came
    answered_id: MessageId = MessageId("")  # or its id, to be looked for in the account
    reply_all: bool = False
    quote: bool = True


@dataclass(frozen=True, slots=True)
class Saved:
    """Where a draft stands now."""

    folder: str
    message_id: MessageId
    uid: int = 0  # 0 where the server does not say
    before: bool = False  # it stood there already


class RulesSource(StrEnum):
    AGENT = "agent"
    PROFILE = "profile"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class RulesProposed:
    rules: tuple[Rule, ...]
    source: RulesSource
    agent_id: AgentId = AgentId("")


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """A piece of a draft, with the white space after it; all of them joined are the draft."""

    text: str
    rules: tuple[RuleId, ...] = ()  # that shaped it; the others hold for the whole draft
    unsupported: bool = False  # it names a number, day, link or person that stands nowhere in what was given


@dataclass(frozen=True, slots=True)
class DraftCompleted:
    draft_id: DraftId
    text: str
    model: str
    input_tokens: int = 0
    output_tokens: int = 0
    unmet: tuple[str, ...] = ()
    sentences: tuple[DraftSentence, ...] = ()


class OutcomeKind(StrEnum):
    SENT = "sent"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a draft."""

    at: datetime
    kind: OutcomeKind
    kept: float | None  # share of the sent words that stood in the draft; None where it is not known
    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class EgressEntry:
    """One call to a large model, as the ledger keeps it; never the text."""

    at: datetime
    destination: str
    template: str  # name@version
    model: str
    input_tokens: int
    output_tokens: int
    cost_usd: float
    n_bytes: int
    outcome: str  # how the call ended


@dataclass(frozen=True, slots=True)
class EgressTotals:
    """What all calls together came to."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class EgressPreview:
    """The exact text that would leave, and whether it may."""

    destination: str
    text: str
    consented: bool


@dataclass(frozen=True, slots=True)
class Forgotten:
    n_originals: int
    n_agents: int  # trained on what is forgotten, and deleted with it


@dataclass(frozen=True, slots=True)
class Erasure:
    """Either a token to be sent back within five minutes, or the word that all is erased."""

    token: str = ""
    erased: bool = False


@dataclass(frozen=True, slots=True)
class DaemonState:
    version: str
    pid: int
    started_at: datetime
    model: str
    destination: str
    backend: str
    n_accounts: int
    n_running_jobs: int
    memory_bytes: int  # resident
    data_folder: str
    log_file: str
