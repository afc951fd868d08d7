"""Receipts are looked for among the mails to the same reader first."""

import pytest
from invented import ANA, BOB, EVA, original
from ownhand.daemon.domain import Correspondent, MessageId, RecipientKind, Rule, RuleId
from ownhand.daemon.learn.ledger import Ledger, letter_to

GREET = RuleId("greet")
CARL = Correspondent("carl@kiln.example", "Carl Voss")


def ids(*numbers: int) -> tuple[MessageId, ...]:
    return tuple(MessageId(f"<{n}@kiln.example>") for n in numbers)


def test_three_mails_to_the_same_reader_are_the_scope() -> None:
    mails = [original(n, "x", to=BOB) for n in range(3)] + [original(9, "x", to=CARL)]
    ledger = Ledger(mails, {GREET: {i: True for i in ids(0, 1, 2)} | {ids(9)[0]: False}})

    receipts = ledger.receipts(GREET, mails[0].letter)

    assert receipts.scope == "Bob Marsh"
    assert (receipts.support, receipts.against) == (3, 0)


def test_the_mail_that_a_rule_is_for_is_no_receipt_for_it() -> None:
    mails = [original(n, "x", to=BOB) for n in range(4)]
    ledger = Ledger(mails, {GREET: dict.fromkeys(ids(0, 1, 2, 3), True)})

    receipts = ledger.receipts(GREET, mails[3].letter, without=mails[3].message_id)

    assert receipts.supporting == ids(2, 1, 0), "newest first, without its own"


def test_a_new_reader_gets_the_receipts_of_the_kind() -> None:
    mails = [original(n, "x", to=BOB) for n in range(3)] + [original(9, "x", to=EVA)]
    ledger = Ledger(mails, {GREET: {i: True for i in ids(0, 1, 2)} | {ids(9)[0]: False}})

    receipts = ledger.receipts(GREET, letter_to((CARL,), ANA, mails))

    assert receipts.scope == RecipientKind.COLLEAGUE
    assert (receipts.support, receipts.against) == (3, 0)


def test_a_rule_that_other_mails_contradict_is_refused_with_its_receipts() -> None:
    mails = [original(n, "x", to=BOB) for n in range(5)]
    ledger = Ledger(mails, {GREET: {i: n == 0 for n, i in enumerate(ids(0, 1, 2, 3, 4))}})

    (judged,) = ledger.judged([Rule("Be brief.", id=GREET)], mails[0].letter)

    assert judged.refusal
    assert judged.receipts.against == 4


def test_the_language_of_a_new_letter_is_the_one_written_to_that_reader() -> None:
    mails = [original(1, "x", to=EVA, language="de")] + [original(n, "x", to=BOB) for n in range(2, 6)]

    letter = letter_to((Correspondent(EVA.address),), ANA, mails)

    assert letter.language == "de"
    assert letter.recipient.name == "Eva Lund", "the name is known from earlier mail"
    assert letter_to((CARL,), ANA, mails).language == "en"


def test_a_letter_knows_the_names_that_the_person_has_signed_with() -> None:
    texts = ["Hi Bob,\nit is here.\nBest,\nAP", "Hi Bob,\nit went.\nBest,\nAP", "Hi Bob,\nagain.\nBest,\nAna"]

    letter = letter_to((BOB,), ANA, [original(n, text) for n, text in enumerate(texts)])

    assert letter.signs_as == (("initial", "AP"), ("first", "Ana"))


@pytest.mark.parametrize(
    ("address", "name", "label"),
    [
        ("ana.prior@kiln.example", "", "Ana Prior"),
        ("ana.prior@kiln.example", "ana.prior", "Ana Prior"),
        ("ana_prior@kiln.example", "ana_prior@kiln.example", "Ana Prior"),
        ("ana.prior@kiln.example", "Ana", "Ana"),
        ("sales2@kiln.example", "", "sales2"),
        ("a.prior@kiln.example", "", "a.prior"),
    ],
)
def test_a_correspondent_without_a_name_has_what_the_address_tells(
    address: str, name: str, label: str
) -> None:
    assert Correspondent(address, name).label == label
