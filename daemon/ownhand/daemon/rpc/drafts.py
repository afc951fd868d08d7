"""DraftService over `asks.Drafts`."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from ownhand.daemon.domain import AccountName, DraftCompleted, DraftId, MessageId, OutcomeKind, RulesProposed
from ownhand.daemon.errors import Invalid
from ownhand.daemon.rpc import asks
from ownhand.daemon.rpc.convert import required
from ownhand.daemon.rpc.convert.drafts import (
    compose_from_proto,
    event_to_proto,
    outcome_kind_from_proto,
    outcome_to_proto,
    people_from_proto,
    save_from_proto,
)
from ownhand.v1 import drafts_pb2 as pb
from ownhand.v1 import drafts_pb2_grpc


class DraftServicer(drafts_pb2_grpc.DraftServiceServicer):
    def __init__(self, drafts: asks.Drafts, saver: asks.DraftSaver) -> None:
        self._drafts = drafts
        self._saver = saver

    async def ComposeDraft(
        self, request: pb.ComposeDraftRequest, context: Any
    ) -> AsyncGenerator[pb.ComposeDraftResponse, None]:
        required(request, "account", *([] if request.rules_only else ["notes"]))
        asked = compose_from_proto(request)
        events = self._drafts.compose(asked)
        try:
            async for event in events:
                yield event_to_proto(event, asked.account)
        finally:
            await _close(events)

    async def SaveDraft(self, request: pb.SaveDraftRequest, context: Any) -> pb.SaveDraftResponse:
        required(request, "account", "text")
        saved = await self._saver.save(save_from_proto(request))
        return pb.SaveDraftResponse(
            folder=saved.folder, message_id=saved.message_id, uid=saved.uid, saved_before=saved.before
        )

    async def RecordOutcome(self, request: pb.RecordOutcomeRequest, context: Any) -> pb.RecordOutcomeResponse:
        required(request, "draft_id")
        kind = outcome_kind_from_proto(request.kind)
        if kind is OutcomeKind.SENT and not request.sent_text:
            raise Invalid("say what was sent", fields={"sent_text": "must not be empty"})
        kept = self._drafts.record_outcome(
            DraftId(request.draft_id),
            kind,
            sent_text=request.sent_text,
            message_id=_message_id(request.message_id),
        )
        return pb.RecordOutcomeResponse(kept=kept)

    async def RecordSent(self, request: pb.RecordSentRequest, context: Any) -> pb.RecordSentResponse:
        required(request, "message_id", "text")
        self._drafts.record_sent(_message_id(request.message_id), request.text)
        return pb.RecordSentResponse()

    async def ListOutcomes(self, request: pb.ListOutcomesRequest, context: Any) -> pb.ListOutcomesResponse:
        required(request, "account")
        outcomes = self._drafts.outcomes(AccountName(request.account))
        return pb.ListOutcomesResponse(outcomes=map(outcome_to_proto, outcomes))

    async def DistilIntent(self, request: pb.DistilIntentRequest, context: Any) -> pb.DistilIntentResponse:
        required(request, "account", "text")
        intent = await self._drafts.distil(
            AccountName(request.account),
            request.text,
            to=people_from_proto(request.to),
            subject=request.subject,
        )
        return pb.DistilIntentResponse(points=intent.points, leak=intent.leak)


async def _close(events: AsyncIterator[RulesProposed | str | DraftCompleted]) -> None:
    if isinstance(events, AsyncGenerator):
        await events.aclose()


def _message_id(given: str) -> MessageId:
    """As it stands in the header. Some mail programs leave the brackets out."""
    bare = given.strip().strip("<>")
    return MessageId(f"<{bare}>" if bare else "")
