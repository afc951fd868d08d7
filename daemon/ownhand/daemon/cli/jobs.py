"""`ownhand jobs`: lists learning jobs, shows, watches and cancels one."""

from datetime import UTC

import click
from ownhand.daemon.cli.client import LONG_S, SHORT_S, connected
from ownhand.daemon.cli.plain import plain
from ownhand.daemon.cli.progress import follow, job_of, stage_name, state_name, takes
from ownhand.daemon.cli.terminal import json_option, print_facts, print_json, print_table, say
from ownhand.v1 import learning_pb2 as pb


@click.group("jobs", invoke_without_command=True)
@click.option("--account", metavar="NAME", default="", help="Only jobs of this account.")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="How many.")
@json_option
@click.pass_context
def jobs_command(ctx: click.Context, account: str, limit: int, as_json: bool) -> None:
    """List learning jobs, newest first."""
    if ctx.invoked_subcommand:
        return
    with connected() as client:
        request = pb.ListJobsRequest(account=account, page_size=limit)
        jobs = client.learning.ListJobs(request, timeout=SHORT_S).jobs
    if as_json:
        print_json([plain(job) for job in jobs])
        return
    print_table(
        ["job", "account", "state", "stage", "started", "by", "result"],
        [(j.id, j.account, state_name(j.state), _stage(j), _time(j), j.asked_by, j.message) for j in jobs],
    )


@jobs_command.command("show")
@click.argument("job_id")
@json_option
def show(job_id: str, as_json: bool) -> None:
    """Show one job with its stages."""
    with connected() as client:
        job = job_of(client, job_id)
    if as_json:
        print_json(plain(job))
        return
    print_facts(
        [
            ("job", job.id),
            ("account", job.account),
            ("state", state_name(job.state)),
            ("started", f"{_time(job)} by the {job.asked_by}"),
            ("result", job.message),
            ("agent", job.agent_id),
        ]
    )
    print_table(
        ["stage", "#done", "#of", "#left out"],
        [(stage_name(s.stage), s.done, s.total, s.n_failed) for s in job.stages],
    )
    for s in job.stages:
        if job.state == pb.JOB_STATE_RUNNING and s.left_s:
            say(f"The {stage_name(s.stage)} stage takes {takes(s.left_s, s.memory_bytes)} more.")


@jobs_command.command("watch")
@click.argument("job_id")
@json_option
def watch(job_id: str, as_json: bool) -> None:
    """Follow one job until it ends."""
    with connected() as client:
        follow(client, job_id, as_json=as_json)


@jobs_command.command("cancel")
@click.argument("job_id")
@json_option
def cancel(job_id: str, as_json: bool) -> None:
    """Stop a job. What it made stays; the next job goes on from there."""
    with connected() as client:
        job = client.learning.CancelJob(pb.CancelJobRequest(job_id=job_id), timeout=LONG_S).job
    if as_json:
        print_json(plain(job))
    else:
        say(f"The job is {state_name(job.state)}.")


def _stage(job: pb.Job) -> str:
    return stage_name(job.stages[-1].stage) if job.stages else ""


def _time(job: pb.Job) -> str:
    return f"{job.start_time.ToDatetime(UTC).astimezone():%Y-%m-%d %H:%M}"
