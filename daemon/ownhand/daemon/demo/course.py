"""What the demo asks of the daemon for one person, through its public API, to have their mail learned."""

import asyncio
import time
from collections.abc import Sequence
from typing import Protocol

from ownhand.daemon.cli.client import LONG_S, SHORT_S, Client
from ownhand.daemon.demo.children import Failed
from ownhand.daemon.demo.mails import Sample
from ownhand.v1 import accounts_pb2, agents_pb2, learning_pb2

_LEARNS_WITHIN_S = 1800.0  # a slow machine may take its time; a hung one may not
_NOTICES_WITHIN_S = 900.0  # new mail; a training is part of it
_LOOK_S = 0.5


class Screen(Protocol):
    """Where a job is shown while it runs."""

    def job(self, person: str, job: learning_pb2.Job) -> None: ...


async def check(client: Client, sample: Sample) -> accounts_pb2.CheckAccountResponse:
    """What the daemon finds behind the account: server, Sent folder, number of messages."""
    request = accounts_pb2.CheckAccountRequest(account=sample.account)
    found: accounts_pb2.CheckAccountResponse = await client.accounts.CheckAccount(request, timeout=LONG_S)
    return found


async def plan(client: Client, sample: Sample) -> learning_pb2.PlanLearningResponse:
    """What learning would do; refuses to go on when text would leave this machine."""
    request = learning_pb2.PlanLearningRequest(account=sample.account)
    planned: learning_pb2.PlanLearningResponse = await client.learning.PlanLearning(request, timeout=LONG_S)
    if planned.consent_needed or planned.destination != "nowhere":
        raise Failed("the daemon would send text to another machine; the demo never does")
    return planned


async def learn(client: Client, sample: Sample, screen: Screen) -> bool:
    """Sees to it that the person has an agent; whether one had to be learned now.

    An earlier run may have trained it already, or have been stopped in the middle: then the daemon went on
    with its job when it started, and that job is followed.
    """
    if job := next((job for job in await jobs(client, sample) if _runs(job)), None):
        await _followed(client, sample, job, screen)
    if await agents(client, sample):
        return job is not None
    request = learning_pb2.StartLearningRequest(account=sample.account)
    started = await client.learning.StartLearning(request, timeout=SHORT_S)
    await _followed(client, sample, started.job, screen)
    if not any(agent.current for agent in await agents(client, sample)):
        raise Failed(f"no agent was promoted for {sample.person.name}")
    return True


async def learn_unasked(client: Client, sample: Sample, screen: Screen) -> None:
    """Waits until the daemon has noticed the later mails, learned them and trained, without being asked.

    It trains when it has learned all of them: the configuration asks for as many.
    """
    until = time.monotonic() + _NOTICES_WITHIN_S
    while time.monotonic() < until:
        found = await jobs(client, sample)
        if running := next((job for job in found if _runs(job)), None):
            await _followed(client, sample, running, screen)
            continue
        if any(job.asked_by == "schedule" and _trained(job) for job in found):
            return
        await asyncio.sleep(_LOOK_S)
    raise Failed(f"the daemon did not learn the later mails of {sample.person.name} by itself")


async def jobs(client: Client, sample: Sample) -> Sequence[learning_pb2.Job]:
    """The person's jobs, newest first."""
    request = learning_pb2.ListJobsRequest(account=sample.account)
    found: Sequence[learning_pb2.Job] = (await client.learning.ListJobs(request, timeout=SHORT_S)).jobs
    return found


async def agents(client: Client, sample: Sample) -> Sequence[agents_pb2.Agent]:
    """The person's agents, newest first."""
    request = agents_pb2.ListAgentsRequest(account=sample.account)
    found: Sequence[agents_pb2.Agent] = (await client.agents.ListAgents(request, timeout=SHORT_S)).agents
    return found


async def corpus(client: Client, sample: Sample) -> learning_pb2.GetCorpusResponse:
    request = learning_pb2.GetCorpusRequest(account=sample.account)
    found: learning_pb2.GetCorpusResponse = await client.learning.GetCorpus(request, timeout=SHORT_S)
    return found


async def _followed(client: Client, sample: Sample, job: learning_pb2.Job, screen: Screen) -> None:
    """Shows a job until it ends. Fails when the job did."""
    request = learning_pb2.WatchJobRequest(job_id=job.id)
    async for answer in client.learning.WatchJob(request, timeout=_LEARNS_WITHIN_S):
        job = answer.job
        screen.job(sample.person.name, job)
    if job.state != learning_pb2.JOB_STATE_SUCCEEDED:
        why = job.message or learning_pb2.JobState.Name(job.state)
        raise Failed(f"learning from the mail of {sample.person.name} did not succeed: {why}")


def _runs(job: learning_pb2.Job) -> bool:
    return bool(job.state == learning_pb2.JOB_STATE_RUNNING)


def _trained(job: learning_pb2.Job) -> bool:
    promoted = any(stage.stage == learning_pb2.STAGE_PROMOTE for stage in job.stages)
    return promoted and job.state == learning_pb2.JOB_STATE_SUCCEEDED
