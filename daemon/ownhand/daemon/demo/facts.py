"""What a run of the demo found out: written to demo.json, shown on the screen and in the report."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, TypeVar, get_args, get_type_hints

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """A rule with its receipts: the mails of a scope that support it and that contradict it."""

    text: str
    support: int
    against: int
    scope: str

    @property
    def receipts(self) -> str:
        """For people: "17 of 18 to Ruth"."""
        scopes = {"everyone": "in all mail", "group": "to groups", "personal": "to private addresses"}
        plurals = {"colleague": "to colleagues", "business": "to other organisations"}
        where = (scopes | plurals).get(self.scope, f"to {self.scope}")
        return f"{self.support} of {self.support + self.against} {where}"


@dataclass(frozen=True, slots=True)
class MailFacts:
    """One mail that nothing was learned from: what it says, two drafts of it, and what was really sent."""

    person: str
    account: str
    message_id: str
    sent_at: str  # ISO 8601
    language: str
    recipient: str
    recipient_kind: str
    subject: str
    reply: bool
    intent: str  # one point a line
    rules: tuple[RuleFacts, ...]
    rules_source: str  # "agent" or "profile"
    agent_id: str
    zero_shot: str
    steered: str
    sent: str
    zero_shot_distance: float  # of style to what was sent, 0 to 1
    steered_distance: float
    zero_shot_differences: Mapping[str, float]  # the same for each dimension that could be measured
    steered_differences: Mapping[str, float]
    unmet: tuple[str, ...] = ()  # rules that the large model could not carry out


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What was learned about one person."""

    person: str
    account: str
    address: str
    n_messages: int  # in the Sent folder
    n_originals: int
    n_skipped: Mapping[str, int]  # by reason
    n_intents: int
    n_zero_shot_drafts: int
    n_rules: int
    n_examples: int
    n_later: int  # mails that arrived after the first agent and were learned unasked
    rules: tuple[RuleFacts, ...]  # the best supported
    zero_shot_distance: float  # means over the unseen mails
    steered_distance: float

    @property
    def nearer(self) -> bool:
        return self.steered_distance < self.zero_shot_distance


@dataclass(frozen=True, slots=True)
class TrainingPoint:
    step: int
    loss: float
    valid_loss: float  # 0 where it was not measured


@dataclass(frozen=True, slots=True)
class TrainingFacts:
    """One training, with its points for a plot."""

    person: str
    job_id: str
    agent_id: str
    points: tuple[TrainingPoint, ...]


@dataclass(frozen=True, slots=True)
class AgentFacts:
    person: str
    id: str
    current: bool
    base_model: str
    backend: str
    rank: int
    alpha: int
    n_examples: int
    valid_loss: float
    precision: float
    recall: float
    continued_from: str  # the agent whose weights it began with; empty for the base
    reason: str


@dataclass(frozen=True, slots=True)
class StageFacts:
    stage: str
    done: int
    n_failed: int


@dataclass(frozen=True, slots=True)
class JobFacts:
    person: str
    id: str
    asked_by: str  # "person" or "schedule"
    state: str
    message: str
    seconds: float
    stages: tuple[StageFacts, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """Everything."""

    fingerprint: str  # of what the drafts were made from: program, agents, mails
    made_at: str
    model: str
    destination: str  # where text went: "nowhere"
    mails: tuple[MailFacts, ...]
    people: tuple[PersonFacts, ...]
    training: tuple[TrainingFacts, ...]
    agents: tuple[AgentFacts, ...]
    jobs: tuple[JobFacts, ...]
    timings: Mapping[str, float]  # seconds by step, of the run in which it was done
    versions: Mapping[str, str]
    reused: tuple[str, ...] = ()  # what this run found done already

    @property
    def zero_shot_distance(self) -> float:
        return fmean(mail.zero_shot_distance for mail in self.mails)

    @property
    def steered_distance(self) -> float:
        return fmean(mail.steered_distance for mail in self.mails)

    @property
    def verdict(self) -> str:
        """Whether steering brought the drafts nearer to what was really sent."""
        nearer = [person.person for person in self.people if person.nearer]
        whom = "both people" if len(self.people) == 2 else f"all {len(self.people)} people"
        claim = "nearer in style to what was really sent than zero-shot drafts"
        if len(nearer) == len(self.people):
            return f"Steered drafts are {claim}, for {whom}."
        if nearer:
            return f"Steered drafts are {claim} for {' and '.join(nearer)} only."
        return f"Steered drafts are NOT {claim}, for none of {whom}."


def write(run: Run, file: Path) -> None:
    """Writes the facts whole or not at all."""
    temporary = file.with_name(file.name + ".tmp")
    temporary.write_text(json.dumps(asdict(run), ensure_ascii=False, indent=1) + "\n", "utf-8")
    os.replace(temporary, file)


def read(file: Path) -> Run | None:
    """The facts of an earlier run; None when there are none, or those of another version."""
    try:
        return _made(Run, json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _made(kind: type[_T], value: Any) -> _T:
    """A dataclass from what JSON keeps of it."""
    hints = get_type_hints(kind)
    return kind(**{name: _value(hint, value[name]) for name, hint in hints.items()})


def _value(hint: Any, value: Any) -> Any:
    if not isinstance(value, list):
        return value
    kind: type[Any] = get_args(hint)[0]
    return tuple(_made(kind, one) if hasattr(kind, "__dataclass_fields__") else one for one in value)
