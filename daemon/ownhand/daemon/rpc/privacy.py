"""PrivacyService over `asks.Privacy`."""

from typing import Any

from ownhand.daemon.domain import AccountName, MessageId
from ownhand.daemon.errors import Invalid
from ownhand.daemon.rpc import asks
from ownhand.daemon.rpc.convert import page_size, required
from ownhand.daemon.rpc.convert.privacy import egress_to_proto, never_from_proto, never_to_proto
from ownhand.v1 import privacy_pb2 as pb
from ownhand.v1 import privacy_pb2_grpc


class PrivacyServicer(privacy_pb2_grpc.PrivacyServiceServicer):
    def __init__(self, privacy: asks.Privacy) -> None:
        self._privacy = privacy

    async def ListEgress(self, request: pb.ListEgressRequest, context: Any) -> pb.ListEgressResponse:
        size = page_size(request.page_size, default=100, most=1000)
        entries, totals = self._privacy.egress(size)
        return pb.ListEgressResponse(
            entries=map(egress_to_proto, entries),
            input_tokens=totals.input_tokens,
            output_tokens=totals.output_tokens,
            cost_usd=totals.cost_usd,
        )

    async def PreviewEgress(self, request: pb.PreviewEgressRequest, context: Any) -> pb.PreviewEgressResponse:
        required(request, "account", "notes")
        preview = await self._privacy.preview(AccountName(request.account), request.notes, request.context)
        return pb.PreviewEgressResponse(
            destination=preview.destination, text=preview.text, consented=preview.consented
        )

    async def SetPolicy(self, request: pb.SetPolicyRequest, context: Any) -> pb.SetPolicyResponse:
        required(request, "destination", *(["plan_id"] if request.consent else []))
        self._privacy.set_policy(request.destination, request.consent, plan_id=request.plan_id)
        return pb.SetPolicyResponse(destination=request.destination, consent=request.consent)

    async def Forget(self, request: pb.ForgetRequest, context: Any) -> pb.ForgetResponse:
        required(request, "account")
        if not (request.message_id or request.address or request.missing):
            raise Invalid("say what to forget", fields={"what": "must be a message id or an address"})
        forgotten = await self._privacy.forget(
            AccountName(request.account),
            message_id=MessageId(request.message_id),
            address=request.address,
            missing=request.missing,
        )
        return pb.ForgetResponse(n_originals=forgotten.n_originals, n_agents=forgotten.n_agents)

    async def ListNever(self, request: pb.ListNeverRequest, context: Any) -> pb.ListNeverResponse:
        return pb.ListNeverResponse(entries=map(never_to_proto, self._privacy.never()))

    async def AddNever(self, request: pb.AddNeverRequest, context: Any) -> pb.AddNeverResponse:
        entry = never_from_proto(request.entry)
        forgotten = await self._privacy.add_never(entry)
        return pb.AddNeverResponse(
            entry=never_to_proto(entry),
            n_originals=forgotten.n_originals,
            n_agents=forgotten.n_agents,
        )

    async def RemoveNever(self, request: pb.RemoveNeverRequest, context: Any) -> pb.RemoveNeverResponse:
        self._privacy.remove_never(never_from_proto(request.entry))
        return pb.RemoveNeverResponse()

    async def EraseData(self, request: pb.EraseDataRequest, context: Any) -> pb.EraseDataResponse:
        erasure = await self._privacy.erase(request.token)
        return pb.EraseDataResponse(token=erasure.token, erased=erasure.erased)
