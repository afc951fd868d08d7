"""When a training goes on from the agent in use, and when it begins with the base model."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from fakes import AGENT
from invented import original
from ownhand.daemon.domain import AgentId, AgentState, Example, IntentId, Situation
from ownhand.daemon.learn.lineage import GENERATIONS, parent
from ownhand.daemon.learn.trainingset import TrainingSet

SITUATION = Situation(original(1, "Tiles.").letter, ("Say it.",))
LEARNED = frozenset(f"old{n}" for n in range(90))


def examples(*ids: str) -> tuple[Example, ...]:
    return tuple(Example(IntentId(i), SITUATION, ()) for i in ids)


def training_set(n_new: int = 10, held_out: Sequence[str] = ("unseen",)) -> TrainingSet:
    train = (*sorted(LEARNED), *(f"new{n}" for n in range(n_new)))
    return TrainingSet(examples(*train), examples(*held_out), examples("later"))


def agent(name: str, before: str = "", base_model: str = "embedded") -> AgentState:
    made = replace(AGENT.manifest, agent_id=AgentId(name), continued_from=before, base_model=base_model)
    return replace(AGENT, id=AgentId(name), manifest=made)


def line(length: int) -> list[AgentState]:
    """Newest first; the oldest began with the base."""
    return [agent(f"a{n}", f"a{n - 1}" if n else "") for n in reversed(range(length))]


def goes_on_from(
    agents: list[AgentState], compiled: TrainingSet, *, base_model: str = "embedded"
) -> AgentId | None:
    return parent(agents[0], agents, compiled, base_model=base_model, learned=LEARNED)


def test_new_mail_is_learned_by_the_agent_in_use() -> None:
    assert goes_on_from(line(1), training_set()) == "a0"


@pytest.mark.parametrize("length", range(1, GENERATIONS + 2))
def test_now_and_then_it_begins_with_the_base(length: int) -> None:
    expected = f"a{length - 1}" if length <= GENERATIONS else None

    assert goes_on_from(line(length), training_set()) == expected


def test_a_line_that_cannot_be_followed_to_its_beginning_is_left() -> None:
    assert goes_on_from(line(3)[:2], training_set()) is None


def test_another_base_begins_anew() -> None:
    assert goes_on_from([agent("a", base_model="/models/other")], training_set()) is None
    assert goes_on_from(line(1), training_set(), base_model="/models/other") is None


def test_a_person_of_whom_far_more_is_known_is_learned_anew() -> None:
    assert goes_on_from(line(1), training_set(n_new=44)) == "a0"
    assert goes_on_from(line(1), training_set(n_new=45)) is None


def test_an_agent_is_never_measured_on_what_it_learned() -> None:
    assert goes_on_from(line(1), training_set(held_out=("unseen", "old7"))) is None


def test_where_it_is_not_known_what_the_agent_learned_it_begins_anew() -> None:
    [current] = line(1)

    assert parent(current, [current], training_set(), base_model="embedded", learned=()) is None
    assert parent(None, [], training_set(), base_model="embedded", learned=LEARNED) is None


def test_after_one_that_went_on_and_was_no_better_it_begins_anew() -> None:
    current, tried = agent("a"), agent("b", "a")

    assert parent(current, [tried, current], training_set(), base_model="embedded", learned=LEARNED) is None
