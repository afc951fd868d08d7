"""Which rules shaped which sentence, and which sentences say what nobody said."""

import pytest
from ownhand.daemon.domain import Correspondent, Letter, RecipientKind, Rule, RuleId, RuleOrigin
from ownhand.daemon.learn import claims
from ownhand.daemon.write.shaped import sentences

BOB = Correspondent("bob@example.org", "Bob Miller")
ANNA = Correspondent("anna@example.org", "Anna Meyer")
DRAFT = (
    "Hi Bob,\n\nThe contract is done. Could you look at it tomorrow?\n\n- It can't wait!\n\nCheers,\nAnna\n"
)


def letter(**kwargs: str) -> Letter:
    return Letter(ANNA, (BOB,), RecipientKind.COLLEAGUE, **kwargs)


def rule(text: str) -> Rule:
    return Rule(text, RuleOrigin.MEASURED, claims.read(text), id=RuleId(text))


def shaped(
    draft: str, *texts: str, said: tuple[str, ...] = ("contract done", "look tomorrow")
) -> dict[str, tuple[str, ...]]:
    return {one.text.strip(): one.rules for one in sentences(draft, map(rule, texts), letter(), said)}


@pytest.mark.parametrize(
    "draft", [DRAFT, "", "one", "No greeting here. And no end", "  \n Hi Bob,\n", "- a b\n- c d\n"]
)
def test_the_pieces_make_the_draft(draft: str) -> None:
    assert "".join(one.text for one in sentences(draft, [], letter(), [])) == draft


def test_every_part_has_its_rules() -> None:
    found = shaped(
        DRAFT,
        'Greet with "hi".',
        'Sign off with "cheers".',
        "Put something as a question.",
        "Use an exclamation mark.",
        "Use contractions.",
        "Write 11 to 25 words.",
    )
    assert found == {
        "Hi Bob,": ('Greet with "hi".',),
        "The contract is done.": (),
        "Could you look at it tomorrow?": ("Put something as a question.",),
        "- It can't wait!": ("Use an exclamation mark.", "Use contractions."),
        "Cheers,\nAnna": ('Sign off with "cheers".',),
    }


def test_what_is_left_out_shows_where_it_would_stand() -> None:
    found = shaped(
        "It is done. Have a look.", "Do not greet; begin with the matter.", "Do not sign with a name."
    )
    assert found == {
        "It is done.": ("Do not greet; begin with the matter.",),
        "Have a look.": ("Do not sign with a name.",),
    }


@pytest.mark.parametrize(
    ("sentence", "said", "unsupported"),
    [
        ("It is ready on Tuesday.", "ready tuesday", False),
        ("It is ready on Tuesday.", "ready soon", True),
        ("It costs 4,000 euros.", "costs 4.000", False),
        ("It costs 5,000 euros.", "costs 4.000", True),
        ("I met Clara there.", "met clara", False),
        ("I met Clara there.", "met her", True),
        ("See https://example.org/a.", "see the page", True),
        ("We need two weeks.", "needs 2 weeks", False),
        ("We need three weeks.", "needs 2 weeks", True),
        ("I may come, Bob.", "come", False),
        ("Der Vertrag ist für die Abteilung fertig.", "vertrag fertig", False),
    ],
)  # fmt: skip
def test_facts_that_nobody_gave_are_marked(sentence: str, said: str, unsupported: bool) -> None:
    (one,) = sentences(sentence, [], letter(), [said])
    assert one.unsupported is unsupported


def test_the_answered_mail_supports_what_it_says() -> None:
    (one,) = sentences("Friday suits me.", [], letter(context="Would friday or monday suit you?"), ["suits"])
    assert not one.unsupported
