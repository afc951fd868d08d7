"""`ownhand rules`: what was learned about how the person writes, with its receipts."""

import click
from ownhand.daemon.cli.client import LONG_S, SHORT_S, connected
from ownhand.daemon.cli.plain import plain, short_name
from ownhand.daemon.cli.terminal import account_option, json_option, print_json, print_table, say
from ownhand.v1 import rules_pb2 as pb


@click.group("rules", invoke_without_command=True)
@click.option("--recipient", metavar="ADDRESS", default="", help="Only for mail to this address.")
@click.option("--refused", is_flag=True, help="Also those that were refused, and why.")
@account_option
@json_option
@click.pass_context
def rules_command(ctx: click.Context, recipient: str, refused: bool, account: str, as_json: bool) -> None:
    """List the rules, best supported first."""
    if ctx.invoked_subcommand:
        return
    with connected() as client:
        request = pb.ListRulesRequest(
            account=client.account(account), recipient=recipient, include_refused=refused
        )
        rules = client.rules.ListRules(request, timeout=SHORT_S).rules
    if as_json:
        print_json([plain(rule) for rule in rules])
        return
    print_table(
        ["id", "rule", "#for", "#against", "in mail to", "from", ""],
        [(r.id, r.text, r.support, r.against, r.scope, _origin(r), _note(r)) for r in rules],
    )


@rules_command.command("mute")
@click.argument("rule_id")
@json_option
def mute(rule_id: str, as_json: bool) -> None:
    """Keep a rule out of drafts and training."""
    _update(pb.UpdateRuleRequest(rule_id=rule_id, muted=True), as_json)


@rules_command.command("unmute")
@click.argument("rule_id")
@json_option
def unmute(rule_id: str, as_json: bool) -> None:
    """Let a muted rule count again."""
    _update(pb.UpdateRuleRequest(rule_id=rule_id, muted=False), as_json)


@rules_command.command("pin")
@click.argument("rule_id")
@json_option
def pin(rule_id: str, as_json: bool) -> None:
    """Propose a rule for every mail, whatever the agent foresees."""
    _update(pb.UpdateRuleRequest(rule_id=rule_id, pinned=True), as_json)


@rules_command.command("unpin")
@click.argument("rule_id")
@json_option
def unpin(rule_id: str, as_json: bool) -> None:
    """Leave a pinned rule to the agent again."""
    _update(pb.UpdateRuleRequest(rule_id=rule_id, pinned=False), as_json)


@rules_command.command("reword")
@click.argument("rule_id")
@click.argument("text")
@json_option
def reword(rule_id: str, text: str, as_json: bool) -> None:
    """Say a rule in your own words. It is verified anew, pinned, and gets an id of its own."""
    _update(pb.UpdateRuleRequest(rule_id=rule_id, text=text), as_json)


@rules_command.command("try")
@click.argument("rule_id")
@click.argument("text")
@json_option
def try_rule(rule_id: str, text: str, as_json: bool) -> None:
    """See what a rule would do in other words, on your newest mails. Nothing is changed."""
    with connected() as client:
        told = client.rules.TryRule(pb.TryRuleRequest(rule_id=rule_id, text=text), timeout=LONG_S)
    if as_json:
        print_json(plain(told))
    elif not told.measurable:
        say("This wording cannot be measured; it would be given to the model as it is.")
    else:
        say(f"It holds in {told.n_holds} of {told.n_mails} of your newest mails, the rule as it is in")
        say(f"{told.n_held_before}. Drafts are {told.distance:.3f} from the mails you sent, instead of")
        say(f"{told.distance_before:.3f}; 0 is the same style ({told.n_drafts} drafts).")


@rules_command.command("delete")
@click.argument("rule_id")
@json_option
def delete(rule_id: str, as_json: bool) -> None:
    """Delete a rule and never learn it again."""
    with connected() as client:
        client.rules.DeleteRule(pb.DeleteRuleRequest(rule_id=rule_id), timeout=SHORT_S)
    if as_json:
        print_json({"deleted": rule_id})
    else:
        say("Deleted.")


def _update(request: pb.UpdateRuleRequest, as_json: bool) -> None:
    with connected() as client:
        rule = client.rules.UpdateRule(request, timeout=SHORT_S).rule
    if as_json:
        print_json(plain(rule))
    else:
        say(f"{rule.id}: {rule.text}" + (f" ({_note(rule)})" if _note(rule) else ""))


def _origin(rule: pb.Rule) -> str:
    return short_name(pb.RuleOrigin.DESCRIPTOR, rule.origin)


def _note(rule: pb.Rule) -> str:
    return "muted" if rule.muted else "pinned" if rule.pinned else rule.refusal
