"""Rules with their receipts, and agents with their numbers."""

from ownhand.daemon.domain import (
    AccountName,
    AgentState,
    RecipientKind,
    Rule,
    RuleTrial,
)
from ownhand.daemon.errors import Invalid
from ownhand.daemon.rpc.convert import to_timestamp
from ownhand.v1 import (
    agents_pb2,
    rules_pb2,
)

_SHOWN_RECEIPTS = 5  # of each kind; the counts say how many there are


def rule_to_proto(rule: Rule, account: AccountName) -> rules_pb2.Rule:
    receipts = rule.receipts
    return rules_pb2.Rule(
        id=rule.id,
        account=account,
        text=rule.text,
        origin=f"RULE_ORIGIN_{rule.origin.name}",
        verdict=rules_pb2.RULE_VERDICT_REFUSED if rule.refusal else rules_pb2.RULE_VERDICT_ACCEPTED,
        refusal=rule.refusal,
        support=receipts.support,
        against=receipts.against,
        scope=receipts.scope,
        muted=rule.muted,
        pinned=rule.pinned,
        supporting_ids=receipts.supporting[:_SHOWN_RECEIPTS],
        contradicting_ids=receipts.contradicting[:_SHOWN_RECEIPTS],
        trend=receipts.trend,
        dimension=rule.claim.dimension if rule.claim else "",
    )


def trial_to_proto(trial: RuleTrial) -> rules_pb2.TryRuleResponse:
    return rules_pb2.TryRuleResponse(
        measurable=trial.measurable,
        n_mails=trial.n_mails,
        n_holds=trial.n_holds,
        n_held_before=trial.n_held_before,
        n_drafts=trial.n_drafts,
        distance=trial.distance,
        distance_before=trial.distance_before,
    )


def group_from_proto(kind: str, language: str) -> tuple[RecipientKind, str] | None:
    """A kind of recipient and a language; None when neither is named."""
    if not kind and not language:
        return None
    if not language or kind not in set(RecipientKind):
        raise Invalid(
            "rules for a kind of recipient need the kind and the language",
            hint=f"kinds are {', '.join(RecipientKind)}",
            fields={"recipient_kind": "unknown, or without a language"},
        )
    return RecipientKind(kind), language


def agent_to_proto(agent: AgentState) -> agents_pb2.Agent:
    manifest = agent.manifest
    return agents_pb2.Agent(
        id=agent.id,
        account=agent.account,
        create_time=to_timestamp(agent.created_at),
        current=agent.current,
        base_model=manifest.base_model,
        backend=manifest.backend,
        rank=manifest.rank,
        alpha=manifest.alpha,
        n_examples=manifest.n_examples,
        training_set=manifest.training_set,
        valid_loss=manifest.valid_loss,
        precision=manifest.precision,
        recall=manifest.recall,
        reason=agent.reason,
        duration_s=manifest.duration_s,
        memory_bytes=manifest.memory_bytes,
        continued_from=manifest.continued_from,
    )
