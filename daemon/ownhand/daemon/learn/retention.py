"""Which agents are kept. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ownhand.daemon.domain import AgentState


@dataclass(frozen=True, slots=True)
class Keep:
    """How many agents of a voice are kept to go back to, and for how long; from the configuration."""

    newest: int = 5
    max_age: timedelta = timedelta(days=90)


def outdated(agents: Sequence[AgentState], keep: Keep, now: datetime) -> list[AgentState]:
    """Agents of one voice that may go: too many are newer, or they are too old. Never the current one."""
    newest_first = sorted(agents, key=lambda agent: agent.created_at, reverse=True)
    return [
        agent
        for place, agent in enumerate(newest_first)
        if not agent.current and (place >= keep.newest or now - agent.created_at > keep.max_age)
    ]
