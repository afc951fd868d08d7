"""What is to be written, and what comes of it."""

from collections.abc import Iterable

from ownhand.daemon.domain import (
    AccountName,
    ComposeRequest,
    Correspondent,
    DraftCompleted,
    DraftId,
    MessageId,
    Outcome,
    OutcomeKind,
    RulesProposed,
    SaveRequest,
)
from ownhand.daemon.errors import Invalid
from ownhand.daemon.rpc.convert import to_timestamp
from ownhand.daemon.rpc.convert.rules import rule_to_proto
from ownhand.v1 import (
    drafts_pb2,
)


def people_from_proto(people: Iterable[drafts_pb2.Correspondent]) -> tuple[Correspondent, ...]:
    found = tuple(Correspondent(person.address, person.name) for person in people)
    if not all(person.address for person in found):
        raise Invalid("every recipient needs an address", fields={"to": "has an empty address"})
    return found


def compose_from_proto(request: drafts_pb2.ComposeDraftRequest) -> ComposeRequest:
    return ComposeRequest(
        account=AccountName(request.account),
        to=people_from_proto(request.to),
        subject=request.subject,
        notes=request.notes,
        context=request.context,
        reply=request.reply,
        rules_only=request.rules_only,
        zero_shot=request.zero_shot,
        without_rules=tuple(request.without_rules),
        with_rules=tuple(request.with_rules),
        refine=request.refine,
        previous=request.previous,
    )


def event_to_proto(
    event: RulesProposed | str | DraftCompleted, account: AccountName
) -> drafts_pb2.ComposeDraftResponse:
    match event:
        case str():
            return drafts_pb2.ComposeDraftResponse(text_delta=drafts_pb2.TextDelta(text=event))
        case RulesProposed():
            return drafts_pb2.ComposeDraftResponse(
                rules_proposed=drafts_pb2.RulesProposed(
                    rules=[rule_to_proto(rule, account) for rule in event.rules],
                    source=f"RULES_SOURCE_{event.source.name}",
                    agent_id=event.agent_id,
                )
            )
        case DraftCompleted():
            return drafts_pb2.ComposeDraftResponse(
                draft_completed=drafts_pb2.DraftCompleted(
                    draft_id=event.draft_id,
                    text=event.text,
                    model=event.model,
                    input_tokens=event.input_tokens,
                    output_tokens=event.output_tokens,
                    unmet=event.unmet,
                    sentences=[
                        drafts_pb2.DraftSentence(
                            text=one.text, rule_ids=one.rules, unsupported=one.unsupported
                        )
                        for one in event.sentences
                    ],
                )
            )


def save_from_proto(request: drafts_pb2.SaveDraftRequest) -> SaveRequest:
    return SaveRequest(
        account=AccountName(request.account),
        draft_id=DraftId(request.draft_id),
        text=request.text,
        to=people_from_proto(request.to),
        cc=people_from_proto(request.cc),
        subject=request.subject,
        answered=request.message,
        answered_id=MessageId(request.message_id),
        reply_all=request.reply_all,
        quote=not request.no_quote,
    )


def outcome_kind_from_proto(kind: "drafts_pb2.OutcomeKind") -> OutcomeKind:
    match kind:
        case drafts_pb2.OUTCOME_KIND_SENT:
            return OutcomeKind.SENT
        case drafts_pb2.OUTCOME_KIND_DISCARDED:
            return OutcomeKind.DISCARDED
    raise Invalid("say what became of the draft", fields={"kind": "must be sent or discarded"})


def outcome_to_proto(outcome: Outcome) -> drafts_pb2.Outcome:
    return drafts_pb2.Outcome(
        time=to_timestamp(outcome.at),
        kind=f"OUTCOME_KIND_{outcome.kind.name}",
        kept=outcome.kept,
        agent_id=outcome.agent_id,
    )
