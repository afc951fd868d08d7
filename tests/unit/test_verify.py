"""Refusing rules that leak, lack support or contradict."""

import pytest
from ownhand.daemon.domain import (
    Claim,
    Correspondent,
    Letter,
    MessageId,
    Receipts,
    RecipientKind,
    Rule,
    RuleOrigin,
)
from ownhand.daemon.learn import claims, style, verify

_LETTER = Letter(
    Correspondent("maren.holt@cycles.example", "Maren Holt"),
    (Correspondent("k.brandt@works.example", "Klaus Brandt"), Correspondent("info@mill.example", "")),
    RecipientKind.BUSINESS,
    subject="Order 25-0417",
    context="Could the rest wait for the second half of June?",
)
_MAIL = """Hello Klaus,

The 4,000 cups from Solingen are late. By Friday our assembly waits for these parts; eleven people stand idle.
At the end of the week I may call. See works.example/orders.

Thanks,
Maren"""


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("Thank Klaus before anything else.", "names a person"),
        ("Mention brandt in the opening.", "names a person"),
        ("Sign as maren would.", "names a person"),
        ("Speak warmly of Solingen.", "names a person"),
        ("Write to k.someone@works.test directly.", "holds an address"),
        ("Point to works.example for details.", "holds an address"),
        ("Ask for an answer by Friday.", "repeats a date of the mail"),
        ("Give the order number 25-0417.", "repeats a number of the mail"),
        ("Give the amount as 4000 at once.", "repeats a number of the mail"),
        ("Give the phone number 01632 960142.", "repeats a number of the mail"),
        ("Say that eleven of them wait.", "repeats a number of the mail"),
        ("Say that our assembly waits for these parts.", "repeats a phrase of the mail"),
        ("Promise the second half of june briefly.", "repeats a date of the mail"),
        ("Say whether the rest could wait for the second half.", "repeats a phrase of the mail"),
        ('Greet with "Hi Klaus".', "names a person"),
        ('Sign off with "Thanks maren".', "names a person"),
    ],
)
def test_a_rule_that_gives_away_something_of_its_mail_is_refused(rule: str, reason: str) -> None:
    assert verify.leaks(rule, _MAIL, _LETTER) == reason


@pytest.mark.parametrize(
    "rule",
    [
        "State the reason before the request.",
        "Keep the ask to one sentence.",
        "Put the request last.",
        "Name the delay plainly and without blame.",
        "Thank the reader in advance.",
        "Write German dates in full.",
        "You may leave the verb out.",
        "Use at most 3 sentences.",
    ],
)
def test_a_rule_about_style_is_no_leak(rule: str) -> None:
    assert verify.leaks(rule, _MAIL, _LETTER) == ""


@pytest.mark.parametrize("claim", claims.ALL_FIXED, ids=lambda claim: f"{claim.dimension}={claim.value}")
def test_a_measured_rule_leaks_nothing(claim: Claim) -> None:
    text = claims.say(claim)
    mail = f"Hello Klaus,\n\n{text} 7 8 10 11 12 25"
    assert verify.leaks(text, mail, _LETTER) == verify.leaks(text, mail, _LETTER, measured=True) == ""


@pytest.mark.parametrize(
    "rule", ["Thank Klaus.", "Order 25-0417.", "Say that our assembly waits for these parts."]
)
def test_a_reason_repeats_nothing_of_the_mail(rule: str) -> None:
    reason = verify.leaks(rule, _MAIL, _LETTER)
    assert not {word.lower() for word in reason.split()} & {"klaus", "25-0417", "assembly", "parts"}


def _receipts(support: int, against: int) -> Receipts:
    ids = [MessageId(f"<{n}>") for n in range(support + against)]
    return Receipts("everyone", tuple(ids[:support]), tuple(ids[support:]))


def _rule(text: str, support: int, against: int, *, claim: Claim | None = None, refusal: str = "") -> Rule:
    origin = RuleOrigin.MEASURED if claim else RuleOrigin.INFERRED
    return Rule(text, origin, claim, receipts=_receipts(support, against), refusal=refusal)


@pytest.mark.parametrize(
    ("support", "against", "accepted"),
    [(0, 0, False), (0, 5, False), (1, 0, True), (1, 1, True), (1, 2, False), (9, 3, True)],
)
def test_a_rule_needs_support_and_not_more_against_it(support: int, against: int, accepted: bool) -> None:
    refusal = verify.verdict(_rule("Be brief.", support, against), _receipts(support, against))
    assert (refusal == "") is accepted


def test_many_witnesses_outweigh_one() -> None:
    assert verify.support_share(_receipts(8, 1)) > verify.support_share(_receipts(1, 0))


def test_of_two_claims_on_one_dimension_the_better_supported_stays() -> None:
    hi = _rule('Greet with "Hi".', 8, 1, claim=Claim("greeting", "hi"))
    dear = _rule('Greet with "Dear".', 1, 0, claim=Claim("greeting", "dear"))
    kept, lost = verify.resolve([dear, hi])[::-1]
    assert (kept.claim, kept.refusal) == (hi.claim, "")
    assert lost.refusal == "contradicts a better supported rule"


def test_a_refused_rule_does_not_compete() -> None:
    leak = _rule('Greet with "Hi Bo".', 9, 0, claim=Claim("greeting", "hi bo"), refusal="names a person")
    dear = _rule('Greet with "Dear".', 1, 0, claim=Claim("greeting", "dear"))
    assert [rule.refusal for rule in verify.resolve([leak, dear])] == ["names a person", ""]


def test_duplicates_merge_with_the_receipts_of_both() -> None:
    one = Rule("Be brief.", receipts=Receipts("everyone", (MessageId("a"),), (MessageId("b"),)))
    other = Rule(
        "be brief", receipts=Receipts("everyone", (MessageId("b"), MessageId("c")), (MessageId("d"),))
    )
    (merged,) = verify.resolve([one, other])
    assert set(merged.receipts.supporting) == {"a", "b", "c"}
    assert merged.receipts.contradicting == ("d",)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("State the reason before the request.", "State a reason before the request is made.", True),
        ("State the reason before the request.", "State the request before the reason.", False),
        ("Apologise for a short delay.", "Do not apologise for a short delay.", False),
        ("Use short sentences with plain verbs.", "Use long sentences with plain verbs.", False),
        ("Close with a next step.", "Open with the result.", False),
    ],
)
def test_inferred_rules_merge_when_they_say_the_same(one: str, other: str, same: bool) -> None:
    assert (len(verify.resolve([_rule(one, 1, 0), _rule(other, 1, 0)])) == 1) is same


def test_rules_keep_their_order() -> None:
    rules = [_rule("Be brief.", 1, 0), _rule("Name the next step.", 1, 0), _rule("be brief", 1, 0)]
    assert [rule.text for rule in verify.resolve(rules)] == ["Be brief.", "Name the next step."]


@pytest.mark.parametrize(
    ("n_words", "expected"), [(30, True), (20, None), (60, None), (5, False), (300, False)]
)
def test_a_mail_in_the_next_range_of_length_speaks_neither_for_nor_against(
    n_words: int, expected: bool | None
) -> None:
    claim = Claim("words", "26-50")
    assert verify.bears_out(claim, style.measure("Word " * n_words)) is expected
