"""Gathers what the daemon knows at the end of the demo, as facts."""

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from statistics import fmean

from ownhand.daemon.cli.client import SHORT_S, Client
from ownhand.daemon.cli.progress import stage_name, state_name
from ownhand.daemon.demo import course
from ownhand.daemon.demo.drafting import rule_facts
from ownhand.daemon.demo.facts import (
    AgentFacts,
    JobFacts,
    MailFacts,
    PersonFacts,
    Run,
    StageFacts,
    TrainingFacts,
    TrainingPoint,
)
from ownhand.daemon.demo.mails import Sample
from ownhand.v1 import accounts_pb2, agents_pb2, daemon_pb2, learning_pb2, rules_pb2

_N_RULES = 14  # of each person: as many as a plot can show
_LIBRARIES = ("torch", "transformers", "peft", "grpcio", "pymap")


async def fingerprint(client: Client, people: Sequence[Sample]) -> str:
    """What drafts depend on: the program, the agents that are current, the mails."""
    parts = [_program()]
    for sample in people:
        parts += [agent.id for agent in await course.agents(client, sample) if agent.current]
        parts += [mail.message.message_id for mail in sample.unseen]
    return sha256("\0".join(parts).encode()).hexdigest()[:16]


async def collect(
    client: Client,
    people: Sequence[Sample],
    mails: tuple[MailFacts, ...],
    *,
    fingerprint: str,
    timings: Mapping[str, float],
    reused: Sequence[str],
) -> Run:
    """All facts of a run."""
    status = await client.daemon.GetStatus(daemon_pb2.GetStatusRequest(), timeout=SHORT_S)
    jobs = [(s, job) for s in people for job in reversed(await course.jobs(client, s))]
    agents = [(s, agent) for s in people for agent in reversed(await course.agents(client, s))]
    return Run(
        fingerprint=fingerprint,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        model=status.model,
        destination=status.destination,
        mails=mails,
        people=tuple([await _person(client, sample, mails) for sample in people]),
        training=tuple(_training(sample, job) for sample, job in jobs if job.training),
        agents=tuple(_agent(sample, agent) for sample, agent in agents),
        jobs=tuple(_job(sample, job) for sample, job in jobs),
        timings=timings,
        versions=_versions(),
        reused=tuple(reused),
    )


async def _person(client: Client, sample: Sample, mails: Sequence[MailFacts]) -> PersonFacts:
    counts = await course.corpus(client, sample)
    request = rules_pb2.ListRulesRequest(account=sample.account)
    rules = (await client.rules.ListRules(request, timeout=SHORT_S)).rules
    theirs = [mail for mail in mails if mail.account == sample.account]
    found: accounts_pb2.CheckAccountResponse = await course.check(client, sample)
    return PersonFacts(
        person=sample.person.name,
        account=sample.account,
        address=sample.person.address,
        n_messages=found.n_messages,
        n_originals=counts.n_originals,
        n_skipped=dict(counts.n_skipped),
        n_intents=counts.n_intents,
        n_zero_shot_drafts=counts.n_zero_shot_drafts,
        n_rules=counts.n_rules,
        n_examples=counts.n_examples,
        n_later=len(sample.later),
        rules=tuple(rule_facts(rule) for rule in rules[:_N_RULES]),
        zero_shot_distance=fmean(mail.zero_shot_distance for mail in theirs),
        steered_distance=fmean(mail.steered_distance for mail in theirs),
    )


def _training(sample: Sample, job: learning_pb2.Job) -> TrainingFacts:
    points = tuple(TrainingPoint(point.step, point.loss, point.valid_loss) for point in job.training)
    return TrainingFacts(sample.person.name, job.id, job.agent_id, points)


def _agent(sample: Sample, agent: agents_pb2.Agent) -> AgentFacts:
    return AgentFacts(
        person=sample.person.name,
        id=agent.id,
        current=agent.current,
        base_model=agent.base_model,
        backend=agent.backend,
        rank=agent.rank,
        alpha=agent.alpha,
        n_examples=agent.n_examples,
        valid_loss=agent.valid_loss,
        precision=agent.precision,
        recall=agent.recall,
        continued_from=agent.continued_from,
        reason=agent.reason,
    )


def _job(sample: Sample, job: learning_pb2.Job) -> JobFacts:
    took = job.end_time.ToDatetime() - job.start_time.ToDatetime() if job.HasField("end_time") else None
    return JobFacts(
        person=sample.person.name,
        id=job.id,
        asked_by=job.asked_by,
        state=state_name(job.state),
        message=job.message,
        seconds=round(took.total_seconds(), 1) if took else 0.0,
        stages=tuple(StageFacts(stage_name(s.stage), s.done, s.n_failed) for s in job.stages),
    )


def _program() -> str:
    """Changes with the daemon's code and its prompts."""
    folder = Path(str(files("ownhand.daemon")))
    known = sorted(file for file in folder.rglob("*") if file.suffix in (".py", ".md"))
    return sha256(b"\0".join(file.read_bytes() for file in known)).hexdigest()


def _versions() -> dict[str, str]:
    found = {"ownhand": metadata.version("ownhand"), "python": platform.python_version()}
    for name in _LIBRARIES:
        found[name] = metadata.version(name)
    return found | {"system": f"{platform.system()} {platform.machine()}"}
