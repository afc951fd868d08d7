"""Two drafts of a mail that nobody learned from, and how near each comes to what was really sent."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from ownhand.daemon import anatomy
from ownhand.daemon.cli.client import LONG_S, Client
from ownhand.daemon.demo.facts import MailFacts, RuleFacts
from ownhand.daemon.demo.mails import Sample, Sent
from ownhand.daemon.domain import recipient_kind
from ownhand.daemon.learn import style
from ownhand.v1 import drafts_pb2, rules_pb2

_SOURCES = {drafts_pb2.RULES_SOURCE_AGENT: "agent", drafts_pb2.RULES_SOURCE_PROFILE: "profile"}


@dataclass(frozen=True, slots=True)
class Drafted:
    """What came back for one draft."""

    proposed: drafts_pb2.RulesProposed
    completed: drafts_pb2.DraftCompleted


async def compare(client: Client, sample: Sample, mail: Sent) -> MailFacts:
    """Distils what the mail says, has it written with and without rules, and measures both drafts."""
    to = [drafts_pb2.Correspondent(address=one.address, name=one.name) for one in mail.to]
    intent = await client.drafts.DistilIntent(
        drafts_pb2.DistilIntentRequest(
            account=sample.account, text=mail.words.text, to=to, subject=mail.message.subject
        ),
        timeout=LONG_S,
    )
    request = drafts_pb2.ComposeDraftRequest(
        account=sample.account,
        to=to,
        subject=mail.message.subject,
        notes="\n".join(intent.points),
        context=mail.words.quoted,
        reply=mail.message.in_reply_to is not None,
    )
    steered = await _drafted(client.drafts.ComposeDraft(request, timeout=LONG_S))
    request.zero_shot = True
    zero_shot = await _drafted(client.drafts.ComposeDraft(request, timeout=LONG_S))
    return _facts(sample, mail, request, zero_shot.completed.text, steered)


async def _drafted(events: AsyncIterator[drafts_pb2.ComposeDraftResponse]) -> Drafted:
    proposed, completed = drafts_pb2.RulesProposed(), drafts_pb2.DraftCompleted()
    async for event in events:
        match event.WhichOneof("event"):
            case "rules_proposed":
                proposed = event.rules_proposed
            case "draft_completed":
                completed = event.draft_completed
    return Drafted(proposed, completed)


def _facts(
    sample: Sample, mail: Sent, request: drafts_pb2.ComposeDraftRequest, zero_shot: str, steered: Drafted
) -> MailFacts:
    recipient = mail.to[0]
    real, plain, own = (
        style.measure(text, recipient=recipient, sender=sample.person)
        for text in (mail.words.text, zero_shot, steered.completed.text)
    )
    return MailFacts(
        person=sample.person.name,
        account=sample.account,
        message_id=mail.message.message_id,
        sent_at=mail.message.sent_at.isoformat() if mail.message.sent_at else "",
        language=real.language,
        recipient=recipient.label,
        recipient_kind=recipient_kind(sample.person, mail.to).value,
        subject=mail.message.subject,
        reply=request.reply,
        intent=request.notes,
        rules=tuple(rule_facts(rule) for rule in steered.proposed.rules),
        rules_source=_SOURCES.get(steered.proposed.source, "none"),
        agent_id=steered.proposed.agent_id,
        zero_shot=zero_shot,
        steered=steered.completed.text,
        sent="\n\n".join(anatomy.paragraphs(mail.words.text)),  # as drafts are written: not wrapped
        zero_shot_distance=style.distance(plain, real),
        steered_distance=style.distance(own, real),
        zero_shot_differences=dict(style.differences(plain, real)),
        steered_differences=dict(style.differences(own, real)),
        unmet=tuple(steered.completed.unmet),
    )


def rule_facts(rule: rules_pb2.Rule) -> RuleFacts:
    """A rule of the API as the demo keeps it."""
    return RuleFacts(rule.text, rule.support, rule.against, rule.scope)
