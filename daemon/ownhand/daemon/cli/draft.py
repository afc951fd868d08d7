"""`ownhand draft`: notes on stdin, a draft on stdout, so that any editor or mail program can call it."""

import sys
from collections.abc import Iterable, Sequence
from email.utils import getaddresses
from pathlib import Path
from typing import Any

import click
from ownhand.daemon.cli.client import LONG_S, connected
from ownhand.daemon.cli.plain import plain
from ownhand.daemon.cli.terminal import Failed, account_option, json_option, print_json, say
from ownhand.v1 import drafts_pb2 as pb


@click.command("draft")
@click.option("--to", "to", multiple=True, metavar="ADDRESS", help='Like "Sam <sam@example.org>".')
@click.option("--subject", default="", help="What it is about.")
@click.option("--reply-to", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
              help="The mail that is answered: a message as it came, or its plain text.")  # fmt: skip
@click.option(
    "--save", is_flag=True, help="Put the draft in the Drafts folder of the account. Nothing is sent."
)
@click.option("--all", "reply_all", is_flag=True, help="With --save: answer everybody.")
@click.option("--no-quote", is_flag=True, help="With --save: leave the answered mail out of the draft.")
@click.option("--rules-only", is_flag=True, help="Only the rules for this mail; write nothing.")
@click.option("--zero-shot", is_flag=True, help="Without rules: what the large model does by itself.")
@click.option("--with-rule", multiple=True, metavar="TEXT", help="A further rule for this draft alone.")
@click.option("--without-rule", multiple=True, metavar="TEXT", help="A rule to leave out of this draft.")
@account_option
@json_option
def draft_command(
    to: Sequence[str],
    subject: str,
    reply_to: Path | None,
    save: bool,
    reply_all: bool,
    no_quote: bool,
    rules_only: bool,
    zero_shot: bool,
    with_rule: Sequence[str],
    without_rule: Sequence[str],
    account: str,
    as_json: bool,
) -> None:
    """Write a draft from the notes on stdin, one point a line. Nothing is sent.

    The draft goes to stdout, the rules it keeps to stderr. With --save it goes to the Drafts folder too.
    """
    if save and rules_only:
        raise click.UsageError("--rules-only writes no draft that could be saved")
    if sys.stdin.isatty():
        say("What should the mail say? One point a line; end with Ctrl-D.")
    request = pb.ComposeDraftRequest(
        notes=sys.stdin.read(),
        to=_people(to),
        subject=subject,
        rules_only=rules_only,
        zero_shot=zero_shot,
        with_rules=with_rule,
        without_rules=without_rule,
    )
    if reply_to:
        _answer(request, reply_to.read_bytes())
    if not request.notes.strip() and not rules_only:
        raise Failed("there are no notes on stdin; say what the mail should say", 2)
    with connected() as client:
        request.account = client.account(account)
        events = client.drafts.ComposeDraft(request)
        proposed, completed = _shown(events, as_json=as_json, rules_only=rules_only)
        saved = pb.SaveDraftResponse()
        if save:
            asked = pb.SaveDraftRequest(
                account=request.account,
                draft_id=completed.draft_id,
                text=completed.text,
                to=_people(to),
                subject=subject,
                reply_all=reply_all,
                no_quote=no_quote,
            )
            if reply_to:
                asked.message = reply_to.read_bytes()
            saved = client.drafts.SaveDraft(asked, timeout=LONG_S)
    if as_json:
        facts = {} if rules_only else plain(completed)
        print_json({**plain(proposed), **facts, **({"saved": plain(saved)} if save else {})})
    elif save:
        say(f'Saved in "{saved.folder}". Nothing was sent.')


def _shown(
    events: Iterable[Any], *, as_json: bool, rules_only: bool
) -> tuple[pb.RulesProposed, pb.DraftCompleted]:
    """Shows a draft as it is written; gives its rules and the whole of it."""
    proposed, completed = pb.RulesProposed(), pb.DraftCompleted()
    for event in events:
        match event.WhichOneof("event"):
            case "rules_proposed":
                proposed = event.rules_proposed
                if not as_json:
                    _show_rules(proposed, err=not rules_only)
            case "text_delta" if not as_json:
                click.echo(event.text_delta.text, nl=False)
            case "draft_completed":
                completed = event.draft_completed
    if not as_json and not rules_only:
        click.echo("" if completed.text.endswith("\n") else "\n", nl=False)
        for unmet in completed.unmet:
            say(f"not kept: {unmet}")
    return proposed, completed


def _show_rules(proposed: pb.RulesProposed, *, err: bool) -> None:
    for rule in proposed.rules:
        receipts = f"  ({rule.support} for, {rule.against} against, {rule.scope})" if rule.support else ""
        click.echo(f"- {rule.text}{receipts}", err=err)
    if err:
        say()


def _people(written: Sequence[str]) -> list[pb.Correspondent]:
    people = [pb.Correspondent(address=address, name=name) for name, address in getaddresses(list(written))]
    if not all("@" in person.address for person in people):
        raise Failed("--to takes mail addresses, like sam@example.org", 2)
    return people


def _answer(request: pb.ComposeDraftRequest, raw: bytes) -> None:
    """Takes from the mail that is answered what the person did not say."""
    from ownhand.daemon.mail.mime import read_message
    from ownhand.daemon.mail.words.html import text_of_html

    request.reply = True
    message = read_message(raw)
    if not message.sender[0]:
        request.context = raw.decode("utf-8", "replace")
        return
    request.context = message.text if message.text is not None else text_of_html(message.html or "")
    if not request.to:
        request.to.append(pb.Correspondent(address=message.sender[0], name=message.sender[1]))
    if not request.subject and message.subject:
        already = message.subject.lower().startswith(("re:", "aw:"))
        request.subject = message.subject if already else f"Re: {message.subject}"
