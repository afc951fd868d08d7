"""What calls cost."""

import pytest
from ownhand.daemon.model.usage import cost_usd, known


def test_a_call_costs_what_is_read_and_what_is_written() -> None:
    assert cost_usd("claude-sonnet-5", 1_000_000, 100_000) == pytest.approx(2.0 + 1.0)


def test_a_model_without_a_price_costs_nothing_and_is_not_known() -> None:
    assert cost_usd("llama3.2:3b", 1_000_000, 1_000_000) == 0.0
    assert not known("llama3.2:3b") and not known("")


@pytest.mark.parametrize(
    ("name", "usd"),
    [
        ("claude-opus-4-5-20251101", 5.0),  # a dated name of a newer family
        ("claude-opus-4-20250514", 15.0),  # and of an older one
        ("claude-opus-4-1", 15.0),
        ("claude-opus-5-5", 4.0),
        ("gpt-5-mini", 0.25),
        ("gpt-5", 1.25),
        ("anthropic/claude-haiku-4-5", 1.0),  # as routers say it
        ("Gemini-2.5-Flash", 0.3),
    ],
)
def test_the_longest_family_that_fits_a_name_gives_the_price(name: str, usd: float) -> None:
    assert known(name)
    assert cost_usd(name, 1_000_000, 0) == pytest.approx(usd)


def test_a_newer_model_is_not_taken_for_the_older_whose_name_begins_the_same() -> None:
    assert not known("gpt-5.9") and not known("gpt-4ox")
