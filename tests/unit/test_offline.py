"""The offline model takes the voice out of a mail, and carries out every measurable rule, and only those."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import ANA, BOB
from ownhand.daemon import anatomy, contractions
from ownhand.daemon.domain import (
    Claim,
    Completion,
    Correspondent,
    DistilTask,
    DraftTask,
    InferTask,
    Letter,
    RecipientKind,
    Rule,
    RuleOrigin,
)
from ownhand.daemon.learn import claims, style
from ownhand.daemon.model import offline_draft, offline_intent
from ownhand.daemon.model.offline import OfflineModel
from ownhand.daemon.ports import complete
from ownhand.daemon.prompts import distil, draft, infer, parse_intent, parse_rules

BRANDT = Correspondent("k.brandt@werk.example", "Herr Karl Brandt")
INTENTS = (
    (
        "The glaze is ready and I will bring it on Tuesday.",
        "Send me the drawings before noon.",
        "I do not know who has the key.",
        "Is the boiler repaired?",
    ),
    (
        "The plumber said that he would come at nine, but he did not.",
        "I have paid the deposit, and it is gone.",
    ),
)
GERMAN = (
    "Der Ton kommt am Dienstag, und ich habe es nicht gewusst.",
    "Die Lieferung ist da und die Rechnung auch.",
)
WORDS = [Claim("greeting", w) for w in ("hi", "hey", "dear", "hello", "good morning", "hi all")]
WORDS += [Claim("sign_off", w) for w in ("best", "cheers", "kind regards", "x", "thanks")]
# What no program can do without inventing content, translating, or knowing a title.
UNDOABLE = {"language", "words", "address"}


def letter(reader: Correspondent = BOB, language: str = "en", **more: str) -> Letter:
    return Letter(ANA, (reader,), RecipientKind.BUSINESS, language=language, **more)  # type: ignore[arg-type]


def rule(claim: Claim) -> Rule:
    return Rule(claims.say(claim), claim=claim)


@pytest.mark.parametrize("points", INTENTS, ids=("mixed", "statements"))
@pytest.mark.parametrize(
    "claim",
    [c for c in (*claims.ALL_FIXED, *WORDS) if c.dimension not in UNDOABLE],
    ids=lambda claim: f"{claim.dimension}={claim.value}",
)
def test_every_rule_is_carried_out_or_said_to_be_unmet(claim: Claim, points: tuple[str, ...]) -> None:
    to = letter(BRANDT)

    text, unmet = offline_draft.write(DraftTask(points, to, (rule(claim),)))

    held = claims.holds(claim, style.measure(text, BRANDT, ANA))
    if unmet:
        assert claim.dimension in ("sentence_words", "paragraphs"), "only layout may lack the words for it"
    else:
        # None: no occasion, as for the mark of a greeting that is not there.
        assert held or (held is None and (claim.value == "none" or claim.dimension == "full_stop")), text


@pytest.mark.parametrize(
    "claim",
    [Claim("greeting", "sehr geehrter"), Claim("sign_off", "viele grüße"), Claim("case", "lower")],
    ids=str,
)
def test_german_rules_are_carried_out(claim: Claim) -> None:
    text, unmet = offline_draft.write(DraftTask(GERMAN, letter(BRANDT, "de"), (rule(claim),)))

    assert unmet == ()
    assert claims.holds(claim, style.measure(text, BRANDT, ANA))


def test_the_rules_of_a_whole_hand_hold_together() -> None:
    theirs = "hey bob - the glaze isn't ready yet... can't find the key either!"
    theirs += "\n\nare you in tomorrow? 🙂\n\ncheers, ana"
    wanted = claims.claims_of(style.measure(theirs, BOB, ANA))

    text, unmet = offline_draft.write(DraftTask(INTENTS[0], letter(), tuple(rule(c) for c in wanted)))

    measured = style.measure(text, BOB, ANA)
    failed = [c for c in wanted if not claims.holds(c, measured) and claims.say(c) not in unmet]
    # In lower case nothing shows where a sentence begins after an ellipsis: its length cannot be counted.
    assert [c for c in failed if c.dimension != "sentence_words"] == [], text


@given(st.sets(st.sampled_from([c for c in claims.ALL_FIXED if c.dimension not in UNDOABLE]), max_size=5))
def test_no_combination_of_rules_loses_content(wanted: set[Claim]) -> None:
    text, _ = offline_draft.write(DraftTask(INTENTS[0], letter(), tuple(rule(c) for c in wanted)))

    plain = contractions.open_contractions(text.lower(), "en")
    for word in ("glaze", "tuesday", "drawings", "noon", "key", "boiler"):
        assert word in plain


def test_without_rules_a_draft_is_plain_prose_without_greeting_and_sign_off() -> None:
    text, unmet = offline_draft.write(DraftTask(INTENTS[0], letter()))

    assert text == " ".join(INTENTS[0])
    assert unmet == ()


def test_a_rule_that_cannot_be_measured_is_said_to_be_unmet() -> None:
    soft = Rule("Begin with the good news.", RuleOrigin.INFERRED)

    _, unmet = offline_draft.write(DraftTask(INTENTS[0], letter(), (soft,)))

    assert unmet == ("Begin with the good news.",)


def test_the_reader_is_named_as_before() -> None:
    formal = (rule(Claim("greeting", "dear")), rule(Claim("greeting_name", "surname")))
    to = Letter(
        ANA,
        (Correspondent("c@f.example", "Claire Okonjo"),),
        RecipientKind.BUSINESS,
        addressed_as="Ms Okonjo",
    )

    text, unmet = offline_draft.write(DraftTask(INTENTS[0], to, formal))

    assert text.startswith("Dear Ms Okonjo,\n")
    assert unmet == ()


def test_an_intent_has_the_content_and_not_the_voice() -> None:
    mail = "hey bob!!\n\nI think we really can't fire on friday - could you please ask tom btw? 🙂"
    mail += "\n\ncheers, ana"

    points = offline_intent.points(mail, letter())

    assert points == ("We cannot fire on friday.", "Could you ask tom by the way?")


def test_a_german_intent_loses_its_fillers_and_keeps_its_facts() -> None:
    mail = "Lieber Bob,\n\nder Ton kommt vielleicht am Dienstag; die Rechnung ist wirklich hoch!"
    mail += "\n\nViele Grüße\nAna"

    points = offline_intent.points(mail, letter(language="de"))

    assert points == ("Der Ton kommt am Dienstag.", "Die Rechnung ist hoch.")


@given(st.text(max_size=300))
def test_any_text_with_words_has_an_intent(text: str) -> None:
    points = offline_intent.points(text, letter())

    assert all(points) or not anatomy.words(text)


@pytest.fixture
def model() -> OfflineModel:
    return OfflineModel()


async def test_the_pieces_of_a_draft_are_its_text(model: OfflineModel) -> None:
    pieces = [piece async for piece in model.stream(draft(DraftTask(INTENTS[0], letter())))]

    *text, completion = pieces
    assert isinstance(completion, Completion)
    assert "".join(str(piece) for piece in text) == completion.text


async def test_its_answers_can_be_read_as_those_of_any_model(model: OfflineModel) -> None:
    intent = await complete(model, distil(DistilTask("Hi Bob,\nthe kiln is hot.\nAna", letter()), 0.7))
    rules = await complete(model, infer(InferTask("The kiln is hot.", letter(), "It is hot.")))

    assert parse_intent(intent.text) == ("The kiln is hot.",)
    assert parse_rules(rules.text) == (), "it infers nothing, and says so"
