"""Situation -> rules: what the agent proposes and the person's own mail bears out.

Without an agent the profile answers: the best supported rules for such a reader.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ownhand.daemon.domain import (
    AccountName,
    AgentId,
    AgentState,
    Letter,
    MessageId,
    Original,
    Prediction,
    Rule,
    RuleId,
    RuleOrigin,
    RulesProposed,
    RulesSource,
    Situation,
)
from ownhand.daemon.learn import claims, style, verify
from ownhand.daemon.learn.history import Histories
from ownhand.daemon.learn.ledger import Ledger
from ownhand.daemon.learn.rules import identified
from ownhand.daemon.learn.worth import pays
from ownhand.daemon.ports import AgentBackend, PreferenceAgent

MAX_RULES = 12


class RuleStore(Protocol):
    def rules(self, account: AccountName, *, deleted: bool = False) -> list[Rule]: ...
    def receipts(
        self, account: AccountName, rules: Sequence[RuleId] | None = None
    ) -> dict[RuleId, dict[MessageId, bool]]: ...


class AgentStore(Protocol):
    def current(self, account: AccountName) -> AgentState | None: ...


@dataclass(slots=True)
class Proposer:
    """Proposes the rules for one letter: the agent's, or the profile's where there is no agent."""

    rules: RuleStore
    agents: AgentStore
    backend: AgentBackend
    histories: Histories
    _open: tuple[AgentId, PreferenceAgent] | None = None

    async def propose(
        self, account: AccountName, situation: Situation, originals: Sequence[Original]
    ) -> RulesProposed:
        known = {rule.id: rule for rule in self.rules.rules(account, deleted=True)}
        proposed = await self._foreseen(account, situation, originals, known)
        pinned = [rule for rule in known.values() if rule.pinned and not rule.muted]
        ledger = Ledger(originals, self.rules.receipts(account, [rule.id for rule in pinned]))
        return replace(proposed, rules=_with_pinned(proposed.rules, ledger.judged(pinned, situation.letter)))

    async def _foreseen(
        self,
        account: AccountName,
        situation: Situation,
        originals: Sequence[Original],
        known: Mapping[RuleId, Rule],
    ) -> RulesProposed:
        current = self.agents.current(account)
        if current is None:
            ledger = Ledger(originals, self.rules.receipts(account))
            living = self.rules.rules(account)
            return RulesProposed(_profile(living, ledger, situation.letter), RulesSource.PROFILE)
        past = await self.histories.past(account, originals)
        situation = replace(situation, history=past.history(situation.letter, situation.points))
        agent = await self._agent(current.id)
        said = [prediction async for prediction in agent.propose_rules(situation)]
        rules = [rule for one in said if (rule := _worth_saying(account, one, known)) is not None]
        receipts = self.rules.receipts(account, [rule.id for rule in rules])
        await _test_unknown(rules, receipts, originals)
        accepted = Ledger(originals, receipts).accepted(rules, situation.letter)
        return RulesProposed(accepted[:MAX_RULES], RulesSource.AGENT, current.id)

    async def _agent(self, agent_id: AgentId) -> PreferenceAgent:
        if self._open and self._open[0] != agent_id:
            await self._open[1].aclose()
            self._open = None
        if self._open is None:
            self._open = agent_id, await self.backend.open(agent_id)
        return self._open[1]


def _with_pinned(foreseen: Sequence[Rule], pinned: Sequence[Rule]) -> tuple[Rule, ...]:
    """The pinned ones first; what is foreseen of the same dimension gives way."""
    said = {rule.claim.dimension for rule in pinned if rule.claim}
    ids = {rule.id for rule in pinned}
    rest = [r for r in foreseen if r.id not in ids and not (r.claim and r.claim.dimension in said)]
    return tuple(replace(rule, refusal="") for rule in pinned) + tuple(rest)


def _profile(rules: Sequence[Rule], ledger: Ledger, letter: Letter) -> tuple[Rule, ...]:
    """The best supported rules for such a letter."""
    able = [rule for rule in rules if not rule.muted]
    accepted = [rule for rule in ledger.accepted(able, letter) if rule.receipts.support >= 2]
    accepted.sort(key=lambda r: r.receipts.against - r.receipts.support)
    return tuple(accepted[:MAX_RULES])


def _worth_saying(account: AccountName, prediction: Prediction, known: Mapping[RuleId, Rule]) -> Rule | None:
    """The rule that the agent said, as the store knows it; None for what it is not sure enough of.

    None as well for what the person muted or deleted, and for what no mail ever had that its zero-shot draft
    lacked: large models do that unasked.
    """
    rule = identified(account, Rule(prediction.rule, RuleOrigin.MEASURED, claims.read(prediction.rule)))
    if rule.id not in known or known[rule.id].muted or not pays(rule.claim, prediction.probability):
        return None
    return known[rule.id]


async def _test_unknown(
    rules: Sequence[Rule], receipts: dict[RuleId, dict[MessageId, bool]], originals: Sequence[Original]
) -> None:
    """Tests measurable rules that no mail ever showed: a trained model may say anything."""
    new = [rule for rule in rules if rule.id not in receipts and rule.claim is not None]
    if not new:
        return

    def test() -> None:
        for original in originals:
            measured = style.measure(original.text, original.letter.recipient, original.letter.sender)
            for rule in new:
                assert rule.claim is not None
                holds = verify.bears_out(rule.claim, measured)
                if holds is not None:
                    receipts.setdefault(rule.id, {})[original.message_id] = holds

    await asyncio.to_thread(test)
