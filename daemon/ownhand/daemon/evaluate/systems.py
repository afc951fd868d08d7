"""What predicts the rules of one mail: the agent, and what it has to be better than."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from ownhand.daemon.domain import Prediction, Situation
from ownhand.daemon.learn import claims
from ownhand.daemon.learn.history import Past
from ownhand.daemon.ports import PreferenceAgent

Predictions = tuple[Prediction, ...]
System = Callable[[Situation], Awaitable[Predictions]]

_ENOUGH = 3  # mails, for a profile of one reader


def systems(past: Past, agent: PreferenceAgent) -> dict[str, System]:
    """By name, in the order of a table. Each is given a situation with its whole history."""
    everyone = _typical([past.shown(original.message_id) for original in past.originals])

    async def none(_: Situation) -> Predictions:
        return ()

    async def profile(_: Situation) -> Predictions:
        return everyone

    async def recipient_profile(situation: Situation) -> Predictions:
        letter = situation.letter
        reader = letter.recipient.address.lower()
        for alike in (
            [o for o in past.originals if o.letter.recipient.address.lower() == reader],
            [o for o in past.originals if o.letter.kind == letter.kind],
        ):
            if len(alike) >= _ENOUGH:
                return _typical([past.shown(original.message_id) for original in alike])
        return everyone

    async def nearest_1(situation: Situation) -> Predictions:
        return _typical(situation.history.nearest[:1])

    async def nearest_3(situation: Situation) -> Predictions:
        return _typical(situation.history.nearest)

    async def alone(situation: Situation) -> Predictions:
        history = replace(situation.history, nearest=())
        return await _said(agent, replace(situation, history=history))

    async def with_nearest(situation: Situation) -> Predictions:
        return await _said(agent, situation)

    return {
        "none": none,
        "profile": profile,
        "recipient_profile": recipient_profile,
        "nearest_1": nearest_1,
        "nearest_3": nearest_3,
        "agent": alone,
        "agent_nearest": with_nearest,
    }


async def _said(agent: PreferenceAgent, situation: Situation) -> Predictions:
    return tuple([prediction async for prediction in agent.propose_rules(situation)])


def _typical(lists: Sequence[Sequence[str]]) -> Predictions:
    """In each dimension what most of the mails show, or nothing where most show nothing; with their share."""
    by_dimension = [_by_dimension(rules) for rules in lists]
    found = []
    for dimension in claims.DIMENSIONS if lists else ():
        [(rule, n)] = Counter(rules.get(dimension, "") for rules in by_dimension).most_common(1)
        found.append(Prediction(rule, n / len(lists)))
    return tuple(one for one in found if one.rule)


def _by_dimension(rules: Sequence[str]) -> Mapping[str, str]:
    return {claim.dimension: rule for rule in rules if (claim := claims.read(rule))}
