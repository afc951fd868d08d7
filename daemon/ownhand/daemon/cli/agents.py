"""`ownhand agents`: the trained agents and their numbers, and which one is the current."""

from datetime import UTC

import click
from ownhand.daemon.cli.client import LONG_S, SHORT_S, connected
from ownhand.daemon.cli.plain import plain
from ownhand.daemon.cli.terminal import json_option, print_json, print_table, say
from ownhand.v1 import agents_pb2 as pb


@click.group("agents", invoke_without_command=True)
@click.option("--account", metavar="NAME", default="", help="Only agents of this account.")
@json_option
@click.pass_context
def agents_command(ctx: click.Context, account: str, as_json: bool) -> None:
    """List the agents, newest first, with their numbers on held-out mail."""
    if ctx.invoked_subcommand:
        return
    with connected() as client:
        agents = client.agents.ListAgents(pb.ListAgentsRequest(account=account), timeout=SHORT_S).agents
    if as_json:
        print_json([plain(agent) for agent in agents])
        return
    print_table(
        ["", "agent", "account", "made", "#examples", "#precision", "#recall", "#loss", "why"],
        [
            ("current" if a.current else "", a.id, a.account, _time(a), a.n_examples,
             f"{a.precision:.2f}", f"{a.recall:.2f}", f"{a.valid_loss:.3f}", a.reason)
            for a in agents
        ],
    )  # fmt: skip


@agents_command.command("promote")
@click.argument("agent_id")
@json_option
def promote(agent_id: str, as_json: bool) -> None:
    """Make an agent the current one; also how to go back."""
    with connected() as client:
        agent = client.agents.PromoteAgent(pb.PromoteAgentRequest(agent_id=agent_id), timeout=SHORT_S).agent
    if as_json:
        print_json(plain(agent))
    else:
        say(f"{agent.id} is the current agent of {agent.account}.")


@agents_command.command("delete")
@click.argument("agent_id")
@json_option
def delete(agent_id: str, as_json: bool) -> None:
    """Delete an agent and its weights."""
    with connected() as client:
        client.agents.DeleteAgent(pb.DeleteAgentRequest(agent_id=agent_id), timeout=LONG_S)
    if as_json:
        print_json({"deleted": agent_id})
    else:
        say("Deleted.")


def _time(agent: pb.Agent) -> str:
    return f"{agent.create_time.ToDatetime(UTC).astimezone():%Y-%m-%d %H:%M}"
