"""`ownhand learn`: shows the plan, asks for consent where text would leave, and follows the job."""

import click
from ownhand.daemon.cli.client import LONG_S, SHORT_S, Client, connected
from ownhand.daemon.cli.plain import plain
from ownhand.daemon.cli.progress import follow, stage_name, takes
from ownhand.daemon.cli.terminal import (
    account_option,
    confirmed,
    json_option,
    print_json,
    print_table,
    say,
)
from ownhand.v1 import learning_pb2 as pb
from ownhand.v1 import privacy_pb2

STAGES = [value.name.removeprefix("STAGE_").lower() for value in pb.Stage.DESCRIPTOR.values if value.number]


@click.command("learn")
@click.option("--plan", "plan_only", is_flag=True, help="Only say what would be done and what would leave.")
@click.option("--until", type=click.Choice(STAGES), help="Stop after this stage.")
@click.option("--yes", is_flag=True, help="Consent to what the plan says would leave this machine.")
@account_option
@json_option
def learn_command(plan_only: bool, until: str | None, yes: bool, account: str, as_json: bool) -> None:
    """Learn from the sent mail: collect it, find the rules, train an agent."""
    stage = f"STAGE_{until.upper()}" if until else "STAGE_UNSPECIFIED"
    with connected() as client:
        name = client.account(account)
        if plan_only:
            _show(_plan(client, name, stage), as_json=as_json)
            return
        if not _consented(client, name, stage, yes=yes, as_json=as_json):
            say("Nothing was sent. `ownhand learn --until collect` collects mail without sending any text.")
            raise click.Abort
        request = pb.StartLearningRequest(account=name, until=stage)
        job = client.learning.StartLearning(request, timeout=LONG_S).job
        follow(client, job.id, as_json=as_json)


def _consented(client: Client, account: str, until: str, *, yes: bool, as_json: bool) -> bool:
    """Whether the job may run: nothing leaves, or the person saw what would and agreed."""
    plan = _plan(client, account, until)
    if until == "STAGE_COLLECT" or not plan.consent_needed:
        return True
    corpus = client.learning.GetCorpus(pb.GetCorpusRequest(account=account), timeout=SHORT_S)
    if corpus.n_originals == 0:
        # Consent is given to text that was seen, and there is none yet. Collecting sends nothing.
        say("Collecting first, so that you can see what would leave this machine.")
        request = pb.StartLearningRequest(account=account, until=pb.STAGE_COLLECT)
        job = client.learning.StartLearning(request, timeout=LONG_S).job
        follow(client, job.id, as_json=False)
        plan = _plan(client, account, until)
    if not as_json:
        _show(plan, as_json=False)
    if not confirmed(f"Send text like this to {plan.destination}?", yes=yes):
        return False
    policy = privacy_pb2.SetPolicyRequest(destination=plan.destination, consent=True, plan_id=plan.plan_id)
    client.privacy.SetPolicy(policy, timeout=SHORT_S)
    return True


def _plan(client: Client, account: str, until: str) -> pb.PlanLearningResponse:
    request = pb.PlanLearningRequest(account=account, until=until)
    answer: pb.PlanLearningResponse = client.learning.PlanLearning(request, timeout=LONG_S)
    return answer


def _show(plan: pb.PlanLearningResponse, *, as_json: bool) -> None:
    if as_json:
        print_json(plain(plan))
        return
    print_table(
        ["stage", "#mails", "#calls", "#tokens in", "#tokens out", "#cost"],
        [
            (stage_name(s.stage), s.n_items, s.n_calls, s.input_tokens, s.output_tokens, f"${s.cost_usd:.2f}")
            for s in plan.stages
        ],
    )
    for stage in plan.stages:
        if stage.duration_s:
            say(f"The training on this machine takes {takes(stage.duration_s, stage.memory_bytes)}.")
    if plan.destination == "nowhere":
        say("Nothing would leave this machine.")
    else:
        say(f"Text would go to {plan.destination}. This is how it would look:")
        for sample in plan.samples:
            say("-" * 60)
            say(sample)
        say("-" * 60)
    if plan.price_unknown:
        say("What this model costs is not known here: the costs are shown as 0, and no monthly limit holds.")
    if plan.n_missing:
        say(f"{plan.n_missing} more usable mails are needed before an agent can be trained.")
