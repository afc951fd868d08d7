"""RuleService over `asks.Rules`."""

from typing import Any

from ownhand.daemon.domain import AccountName, RuleId
from ownhand.daemon.errors import Invalid
from ownhand.daemon.rpc import asks
from ownhand.daemon.rpc.convert import required
from ownhand.daemon.rpc.convert.rules import group_from_proto, rule_to_proto, trial_to_proto
from ownhand.v1 import rules_pb2 as pb
from ownhand.v1 import rules_pb2_grpc


class RuleServicer(rules_pb2_grpc.RuleServiceServicer):
    def __init__(self, rules: asks.Rules) -> None:
        self._rules = rules

    async def ListRules(self, request: pb.ListRulesRequest, context: Any) -> pb.ListRulesResponse:
        required(request, "account")
        account = AccountName(request.account)
        rules = self._rules.list(
            account,
            recipient=request.recipient,
            group=group_from_proto(request.recipient_kind, request.language),
            include_refused=request.include_refused,
        )
        return pb.ListRulesResponse(rules=[rule_to_proto(rule, account) for rule in rules])

    async def UpdateRule(self, request: pb.UpdateRuleRequest, context: Any) -> pb.UpdateRuleResponse:
        required(request, "rule_id")
        muted = request.muted if request.HasField("muted") else None
        text = request.text.strip() if request.HasField("text") else None
        if text == "":
            raise Invalid("a rule needs words; delete or mute it instead", fields={"text": "is empty"})
        pinned = request.pinned if request.HasField("pinned") else None
        account, rule = self._rules.update(RuleId(request.rule_id), muted=muted, pinned=pinned, text=text)
        return pb.UpdateRuleResponse(rule=rule_to_proto(rule, account))

    async def TryRule(self, request: pb.TryRuleRequest, context: Any) -> pb.TryRuleResponse:
        required(request, "rule_id", "text")
        return trial_to_proto(await self._rules.try_out(RuleId(request.rule_id), request.text))

    async def DeleteRule(self, request: pb.DeleteRuleRequest, context: Any) -> pb.DeleteRuleResponse:
        required(request, "rule_id")
        self._rules.delete(RuleId(request.rule_id))
        return pb.DeleteRuleResponse()
