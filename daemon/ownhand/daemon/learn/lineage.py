"""Whether a training goes on from the agent in use or begins with the base model. Pure."""

from collections.abc import Collection, Sequence

from ownhand.daemon.domain import AgentId, AgentState
from ownhand.daemon.learn.trainingset import TrainingSet

GENERATIONS = 4  # that follow one from the base: what each forgets or exaggerates adds up
GROWN = 1.5  # times as many examples: the person is known anew


def parent(
    current: AgentState | None,
    agents: Sequence[AgentState],
    training_set: TrainingSet,
    *,
    base_model: str,
    learned: Collection[str],
) -> AgentId | None:
    """The agent to go on from; None for the base model.

    `agents` are all of the voice, `learned` the examples that the current one learned, none where they are
    not known any more. An agent that learned what is to be forgotten must not be handed in as the current.
    """
    if current is None or not learned or current.manifest.base_model != base_model:
        return None
    if any(example.id in learned for example in (*training_set.valid, *training_set.test)):
        return None  # it would be measured on what it knows
    if len(training_set.train) >= GROWN * current.manifest.n_examples:
        return None
    if any(agent.manifest.continued_from == current.id for agent in agents):
        return None  # one went on from it, and was no better
    return current.id if _generation(current, agents) < GENERATIONS else None


def _generation(agent: AgentState, agents: Sequence[AgentState]) -> int:
    """How many trainings lie between it and the base; too many where one of them is gone."""
    known = {one.id: one for one in agents}
    for generation in range(GENERATIONS):
        if not agent.manifest.continued_from:
            return generation
        before = known.get(AgentId(agent.manifest.continued_from))
        if before is None:
            break
        agent = before
    return GENERATIONS
