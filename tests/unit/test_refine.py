"""Words about a draft become rules."""

import pytest
from ownhand.daemon.learn import claims, style
from ownhand.daemon.write.refine import rules_of

THIRTY = "Hi Bob,\n\n" + "word " * 29 + "end.\n\nCheers,\nAnna"


@pytest.mark.parametrize(
    ("words", "rules"),
    [
        ("", ()),
        ("Shorter", ("Write 11 to 25 words.",)),
        ("länger.", ("Write 51 to 80 words.",)),
        ("warmer!", ("Say please or thank you.", "Use an exclamation mark.")),
        ("mention  the weather", ("mention the weather",)),
    ],
)
def test_they_are_measurable_where_they_can_be(words: str, rules: tuple[str, ...]) -> None:
    assert rules_of(words, THIRTY) == rules


def test_the_shortest_stays_the_shortest() -> None:
    assert rules_of("shorter", "Done.") == ("Write at most 10 words.",)


def test_what_shorter_asks_for_does_not_hold_yet() -> None:
    claim = claims.read(rules_of("shorter", THIRTY)[0])
    assert claim and claims.holds(claim, style.measure(THIRTY)) is False
