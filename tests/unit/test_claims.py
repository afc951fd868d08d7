"""The closed language of measurable rules."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ownhand.daemon import lexicon
from ownhand.daemon.domain import Claim
from ownhand.daemon.learn import claims, style

_FORMAL = """Dear Mr Brandt,

The parts have not arrived. It is a pity. I would be grateful if you could tell me when they will be sent.

Kind regards,
Maren Holt"""
_CASUAL = "hey bob\n\nparts here?? i'm stuck w/o them :) call me asap\n\nx m"

_PHRASES = st.lists(
    st.one_of(
        st.text(alphabet="abcdefghijklmnopqrstuvwxyzäöüßéñł&'", min_size=1, max_size=9),
        st.sampled_from(["hi", "mit", "grüßen", "kind", "regards", "x"]),
    ),
    min_size=1,
    max_size=4,
).map(" ".join)


def _speakable(phrase: str) -> bool:
    return any(letter.isalnum() for letter in phrase) and phrase not in ("none", "name")


@pytest.mark.parametrize("claim", claims.ALL_FIXED, ids=lambda claim: f"{claim.dimension}={claim.value}")
def test_every_fixed_claim_reads_back(claim: Claim) -> None:
    rule = claims.say(claim)
    assert claims.read(rule) == claim
    assert claims.read(f"  {rule.upper().removesuffix('.')} ") == claim


def test_no_two_claims_are_said_alike() -> None:
    assert len({claims.say(claim).lower() for claim in claims.ALL_FIXED}) == len(claims.ALL_FIXED)


@settings(deadline=None)
@given(st.sampled_from(["greeting", "sign_off"]), _PHRASES.filter(_speakable))
def test_every_phrase_reads_back(dimension: str, phrase: str) -> None:
    claim = Claim(dimension, style.base_form(phrase) if dimension == "greeting" else phrase)
    assert claims.read(claims.say(claim)) == claim


@pytest.mark.parametrize(
    ("rule", "claim"),
    [
        ('Greet with "Hi".', Claim("greeting", "hi")),
        ("greet with “Hi”", Claim("greeting", "hi")),
        ("Greet with „Lieber“.", Claim("greeting", "liebe")),
        ('Sign off with "Kind regards,"', Claim("sign_off", "kind regards")),
        ('Sign off with "Viele Grüße".', Claim("sign_off", "viele grüße")),
        ('Sign off with "x".', Claim("sign_off", "x")),
        ("use the recipient’s first name in the greeting", Claim("greeting_name", "first")),
    ],
)
def test_case_curly_quotes_and_the_last_full_stop_do_not_matter(rule: str, claim: Claim) -> None:
    assert claims.read(rule) == claim


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "Be kind.",
        'Greet with "".',
        'Greet with "one two three four five six".',
        'Greet with "Hi" or "Hey".',
        "Write 5 words.",
    ],
)
def test_what_is_not_in_the_language_is_no_claim(rule: str) -> None:
    assert claims.read(rule) is None


@pytest.mark.parametrize(
    "claim", [Claim("words", "5-6"), Claim("greeting", ""), Claim("greeting", "Hi"), Claim("mood", "glad")]
)
def test_an_unknown_claim_cannot_be_said(claim: Claim) -> None:
    with pytest.raises(ValueError, match="no such claim"):
        claims.say(claim)


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        ('Greet with "Hi".', "Hi Bob,\n\nok", True),
        ('Greet with "Dear".', "Hi Bob,\n\nok", False),
        ("Greet with the name alone.", "Bob,\n\nok then", True),
        ("Do not greet; begin with the matter.", "ok then", True),
        ("Use no name in the greeting.", "ok then", None),
        ("End the greeting with a comma.", "Hi Bob,\n\nok", True),
        ("Use no sign-off phrase.", "ok\n\nBob", True),
        ("Sign with the initial.", "ok then\n\nb", True),
        ("Write at most 10 words.", "ok then", True),
        ("Write 11 to 25 words.", "ok then", False),
        ("Write more than 200 words.", "word " * 201, True),
        ("Write 121 to 200 words.", "word " * 200, True),
        ("Keep sentences to at most 7 words on average.", "Five words are in here.", True),
        ("Write two paragraphs.", "It is one.\n\nIt is two.", True),
        ("Use contractions.", "I don't.", True),
        ("Write contractions out in full.", "I don't. It is late.", False),
        ("Use contractions.", "Tuesday works.", None),
        ("Write in lower case.", "ok. fine.", True),
        ("Write in capitals.", "CALL ME NOW", True),
        ("Use no emoji.", "ok then", True),
        ("Use no emoji.", "ok :)", False),
        ("Leave out the full stop at the end.", "ok then", True),
        ("Leave out the full stop at the end.", "ok?", None),
        ("Leave out please and thank you.", "ok\n\nThanks,\nBob", None),
        ("Address the reader with du.", "ok then", None),
        ("Write in German.", "Die Ware ist noch nicht da.", True),
    ],
)
def test_a_claim_holds_where_the_text_does_what_it_says(rule: str, text: str, expected: bool | None) -> None:
    claim = claims.read(rule)
    assert claim is not None
    assert claims.holds(claim, style.measure(text)) is expected


@pytest.mark.parametrize("text", [_FORMAL, _CASUAL, "ok", ""])
def test_every_claim_of_a_text_holds_in_it_and_there_is_one_for_each_dimension(text: str) -> None:
    measured = style.measure(text)
    shown = claims.claims_of(measured)
    assert all(claims.holds(claim, measured) for claim in shown)
    assert len({claim.dimension for claim in shown}) == len(shown)


@settings(deadline=None)
@given(st.text(alphabet="abIi xX,.!?:-–'’\n()d.H", max_size=80))
def test_of_all_values_of_a_dimension_at_most_one_holds(text: str) -> None:
    measured = style.measure(text)
    for dimension in claims.DIMENSIONS:
        held = [
            claim
            for claim in claims.ALL_FIXED
            if claim.dimension == dimension and claims.holds(claim, measured)
        ]
        assert len(held) <= 1


def test_contrast_says_what_the_original_does_and_the_draft_does_not() -> None:
    said = [claims.say(claim) for claim in claims.contrast(style.measure(_FORMAL), style.measure(_CASUAL))]
    assert {'Greet with "Hey".', 'Sign off with "x".', "Write in lower case.", "Use contractions."} <= set(
        said
    )
    assert "Use no semicolons." not in said


def test_contrast_has_at_most_ten_claims_in_the_order_of_the_rules() -> None:
    found = claims.contrast(style.measure(_CASUAL), style.measure(_FORMAL))
    order = [claims.DIMENSIONS.index(claim.dimension) for claim in found]
    assert len(found) == claims.MAX_CONTRAST
    assert order == sorted(order)


def test_a_text_does_not_differ_from_itself() -> None:
    assert claims.contrast(style.measure(_FORMAL), style.measure(_FORMAL)) == ()


def test_fifty_and_fifty_one_words_do_not_really_differ() -> None:
    found = claims.contrast(style.measure("Word " * 50), style.measure("Word " * 51))
    assert "words" not in {claim.dimension for claim in found}


def test_the_form_of_a_name_is_news_to_a_draft_that_does_not_greet() -> None:
    found = claims.contrast(style.measure("It is so."), style.measure("Hi Bob,\n\nIt is so."))
    assert [claims.say(claim) for claim in found] == [
        'Greet with "Hi".',
        "Use the recipient's first name in the greeting.",
        "End the greeting with a comma.",
    ]


def test_only_ranges_side_by_side_are_neighbours() -> None:
    assert claims.neighbours("words", "11-25", "26-50")
    assert not claims.neighbours("words", "1-10", "26-50")
    assert not claims.neighbours("case", "lower", "sentence")


def test_every_language_can_be_asked_for() -> None:
    assert {c.value for c in claims.ALL_FIXED if c.dimension == "language"} == set(lexicon.LANGUAGES)
