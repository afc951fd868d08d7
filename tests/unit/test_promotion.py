"""When a new agent goes live."""

from dataclasses import replace

import pytest
from ownhand.daemon.agents.training import decide
from ownhand.daemon.domain import AgentId, AgentManifest

NOW = AgentManifest(AgentId("now"), "embedded", "torch", 16, 32, "a1", 90, 0.8, 0.6, 0.6)


def test_the_first_agent_goes_live_when_it_predicts_anything() -> None:
    goes_live, reason = decide(NOW, None)

    assert goes_live
    assert reason == (
        "The new agent finds 60 % of the rules of your held-out mail, and 60 % of those that it proposes are"
        " right; there was no agent before."
    )


def test_an_agent_that_predicts_nothing_never_goes_live() -> None:
    nothing = replace(NOW, precision=0.0, recall=0.0)

    assert decide(nothing, None) == (
        False,
        "The new agent predicts none of the rules of your held-out mail.",
    )
    assert not decide(nothing, nothing)[0]


@pytest.mark.parametrize(
    ("f1", "valid_loss", "goes_live", "why"),
    [
        (0.70, 2.0, True, "better than the agent before (F1 0.70; before 0.60)"),
        (0.50, 0.1, False, "worse than the agent before (F1 0.50; before 0.60)"),
        (0.595, 0.8, True, "as good as the agent before (F1 0.59; before 0.60), and not less sure"),
        (0.605, 0.9, False, "but less sure (loss 0.900; before 0.800)"),
    ],
)
def test_a_later_agent_goes_live_when_it_is_not_worse(
    f1: float, valid_loss: float, goes_live: bool, why: str
) -> None:
    candidate = replace(NOW, precision=f1, recall=f1, valid_loss=valid_loss)

    verdict, reason = decide(candidate, NOW)

    assert verdict is goes_live
    assert why in reason


def test_losses_on_different_base_models_are_not_compared() -> None:
    candidate = replace(NOW, base_model="/models/small", valid_loss=3.0)

    assert decide(candidate, NOW)[0]
