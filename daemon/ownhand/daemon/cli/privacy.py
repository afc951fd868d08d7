"""`ownhand egress`, `forget` and `erase`."""

import sys
from datetime import UTC

import click
from ownhand.daemon.cli.client import LONG_S, SHORT_S, connected
from ownhand.daemon.cli.plain import plain
from ownhand.daemon.cli.terminal import (
    Failed,
    account_option,
    confirmed,
    json_option,
    print_json,
    print_table,
    say,
)
from ownhand.v1 import privacy_pb2 as pb

_WORD = "erase"  # to be typed in full before everything goes


@click.group("egress", invoke_without_command=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many.")
@json_option
@click.pass_context
def egress_command(ctx: click.Context, limit: int, as_json: bool) -> None:
    """List what was sent to large models, newest first: where, when and how much, never the text."""
    if ctx.invoked_subcommand:
        return
    with connected() as client:
        listed = client.privacy.ListEgress(pb.ListEgressRequest(page_size=limit), timeout=SHORT_S)
    if as_json:
        print_json(plain(listed))
        return
    print_table(
        ["time", "destination", "template", "#tokens in", "#tokens out", "#bytes", "#cost"],
        [
            (f"{e.time.ToDatetime(UTC).astimezone():%Y-%m-%d %H:%M:%S}", e.destination, e.template,
             e.input_tokens, e.output_tokens, e.n_bytes, f"${e.cost_usd:.4f}")
            for e in listed.entries
        ],
    )  # fmt: skip
    say(f"In all {listed.input_tokens} tokens in, {listed.output_tokens} out, ${listed.cost_usd:.2f}.")


@egress_command.command("revoke")
@click.argument("destination")
@json_option
def revoke(destination: str, as_json: bool) -> None:
    """Take back the consent to a destination, as `ownhand status` names it."""
    with connected() as client:
        request = pb.SetPolicyRequest(destination=destination, consent=False)
        answer = client.privacy.SetPolicy(request, timeout=SHORT_S)
    if as_json:
        print_json(plain(answer))
    else:
        say(f"No text goes to {answer.destination} any more.")


@egress_command.command("preview")
@account_option
@json_option
def preview(account: str, as_json: bool) -> None:
    """Show the exact text that a draft from the notes on stdin would send out. Sends nothing."""
    with connected() as client:
        request = pb.PreviewEgressRequest(account=client.account(account), notes=sys.stdin.read())
        shown = client.privacy.PreviewEgress(request, timeout=SHORT_S)
    if as_json:
        print_json(plain(shown))
        return
    click.echo(shown.text)
    say(f"It would go to {shown.destination}" + ("." if shown.consented else ", if you consent."))


@click.command("forget")
@click.option("--message-id", default="", metavar="ID", help="One message.")
@click.option("--address", default="", metavar="ADDRESS", help="Everything written to this address.")
@click.option("--missing", is_flag=True, help="All that is in its mail folder no more.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@account_option
@json_option
def forget_command(
    message_id: str, address: str, missing: bool, yes: bool, account: str, as_json: bool
) -> None:
    """Forget a message, or all mail to one address, with all that was made of it."""
    if [bool(message_id), bool(address), missing].count(True) != 1:
        raise click.UsageError("give one of --message-id, --address and --missing")
    with connected() as client:
        name = client.account(account)
        question = "Forget it, with the rules and agents that were learned from it?"
        if not confirmed(question, yes=yes):
            raise click.Abort
        request = pb.ForgetRequest(account=name)
        if missing:
            request.missing = True
        elif message_id:
            request.message_id = message_id
        else:
            request.address = address
        forgotten = client.privacy.Forget(request, timeout=LONG_S)
    if as_json:
        print_json(plain(forgotten))
    else:
        say(
            f"Forgot {forgotten.n_originals} mails and deleted {forgotten.n_agents} agents learned from them."
        )


@click.group("never", invoke_without_command=True)
@json_option
@click.pass_context
def never_command(ctx: click.Context, as_json: bool) -> None:
    """List the people, domains and folders that are never learned from."""
    if ctx.invoked_subcommand:
        return
    with connected() as client:
        listed = client.privacy.ListNever(pb.ListNeverRequest(), timeout=SHORT_S)
    if as_json:
        print_json(plain(listed))
        return
    print_table(["kind", "what"], [(_kind(entry), entry.what) for entry in listed.entries])


_WHAT = click.argument("what", metavar="ADDRESS|DOMAIN")
_FOLDER = click.option("--folder", is_flag=True, help="It is the name of a mail folder.")


@never_command.command("add")
@_WHAT
@_FOLDER
@json_option
def add_never(what: str, folder: bool, as_json: bool) -> None:
    """Never learn from mail to this address or domain; forget what was learned from it."""
    with connected() as client:
        added = client.privacy.AddNever(pb.AddNeverRequest(entry=_entry(what, folder)), timeout=LONG_S)
    if as_json:
        print_json(plain(added))
        return
    say("It is never learned from again.")
    if added.n_originals:
        say(f"Forgot {added.n_originals} mails and deleted {added.n_agents} agents learned from them.")


@never_command.command("remove")
@_WHAT
@_FOLDER
@json_option
def remove_never(what: str, folder: bool, as_json: bool) -> None:
    """Take an entry off the list. What was left out so far stays out."""
    with connected() as client:
        client.privacy.RemoveNever(pb.RemoveNeverRequest(entry=_entry(what, folder)), timeout=SHORT_S)
    if as_json:
        print_json({"removed": what})
    else:
        say("It is learned from again, beginning with the next mail.")


def _entry(what: str, folder: bool) -> pb.NeverEntry:
    kind = "FOLDER" if folder else "PERSON" if "@" in what.strip("@") else "DOMAIN"
    return pb.NeverEntry(kind=f"NEVER_KIND_{kind}", what=what)


def _kind(entry: pb.NeverEntry) -> str:
    return pb.NeverKind.Name(entry.kind).removeprefix("NEVER_KIND_").lower()


@click.command("erase")
@click.option("--confirm", default="", metavar="WORD", help=f'Type "{_WORD}" here instead of being asked.')
@json_option
def erase_command(confirm: str, as_json: bool) -> None:
    """Erase all that was ever learned: originals, rules, agents. The configuration stays."""
    with connected() as client:
        if not confirm and sys.stdin.isatty():
            say("This erases everything that was learned from your mail. It cannot be undone.")
            confirm = click.prompt(f'Type "{_WORD}" to go on', default="", show_default=False, err=True)
        if confirm.strip().lower() != _WORD:
            raise Failed(f'nothing was erased; type "{_WORD}" to confirm')
        token = client.privacy.EraseData(pb.EraseDataRequest(), timeout=SHORT_S).token
        answer = client.privacy.EraseData(pb.EraseDataRequest(token=token), timeout=LONG_S)
    if as_json:
        print_json({"erased": answer.erased})
    else:
        say("Everything that was learned is erased.")
