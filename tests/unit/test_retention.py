"""Which agents are kept to go back to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from fakes import AGENT
from ownhand.daemon.domain import AgentId, AgentState
from ownhand.daemon.learn.retention import Keep, outdated

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def agent(name: str, days: float, *, current: bool = False) -> AgentState:
    return replace(AGENT, id=AgentId(name), created_at=NOW - timedelta(days=days), current=current)


def gone(agents: list[AgentState], keep: Keep) -> list[str]:
    return [one.id for one in outdated(agents, keep, NOW)]


def test_the_newest_are_kept_and_the_others_go() -> None:
    agents = [agent("c", 3), agent("a", 1), agent("d", 4), agent("b", 2)]

    assert gone(agents, Keep(newest=2)) == ["c", "d"]


def test_the_current_one_stays_however_old_it_is() -> None:
    agents = [agent("a", 1), agent("b", 2), agent("old", 400, current=True)]

    assert gone(agents, Keep(newest=1, max_age=timedelta(days=90))) == ["b"]


def test_what_is_too_old_goes_even_if_there_is_room() -> None:
    assert gone([agent("a", 1, current=True), agent("b", 91)], Keep(newest=5)) == ["b"]


def test_nothing_goes_while_there_is_room() -> None:
    assert gone([agent("a", 1, current=True), agent("b", 89)], Keep()) == []
