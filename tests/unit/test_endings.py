"""Signatures that are found because a person repeats them."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ownhand.daemon.mail.words.endings import Endings

CARD = "Ana Prior\nHead of Glazing, Kiln & Sons\nMill Lane 4, Stoke"


def mails(*endings: str, n: int = 8) -> list[str]:
    return [
        f"Hi Bob,\n\nlot number {i} left the kiln today.\n\n{endings[i % len(endings)]}" for i in range(n)
    ]


def cut(text: str, texts: list[str]) -> tuple[str, str]:
    return Endings().counted(texts).cut(text)


def test_what_is_repeated_below_the_sign_off_is_the_signature() -> None:
    texts = mails(f"Best,\nAna\n\n{CARD}", f"Thanks\nAna\n\n{CARD}")

    own, signature = cut(texts[0], texts)

    assert own.endswith("Best,\nAna")
    assert signature == CARD


@pytest.mark.parametrize(
    "ending",
    [
        "Best,\nAna",
        "Cheers\nAna Prior",
        "Ana",
        "A.",
        "Best regards,\nAna\nAna Prior",
        "Liebe Grüße\nAna",
        "Let me know what you think of it.\n\nBest,\nAna",
        "Call me if anything is unclear.",
        "Thank you for all your patience!",
    ],
)
def test_a_sign_off_and_a_habit_stay_however_often_they_are_repeated(ending: str) -> None:
    texts = mails(ending)

    assert cut(texts[0], texts) == (texts[0], "")


def test_a_card_without_a_sign_off_is_a_signature() -> None:
    texts = mails("020 7946 0123\nwww.kiln.example")

    assert cut(texts[0], texts)[1] == "020 7946 0123\nwww.kiln.example"


def test_the_persons_own_name_above_title_and_company_begins_a_signature() -> None:
    texts = mails("Ana Prior\nHead of Glazing\nKiln & Sons")

    assert Endings().counted(texts).cut(texts[0], name="Prior, Ana")[1] == "Head of Glazing\nKiln & Sons"


def test_a_name_alone_above_a_signature_stays() -> None:
    texts = mails("Ana\n\n-----------\nMy new address: ana at kiln.example")

    assert cut(texts[0], texts)[0].endswith("today.\n\nAna")


def test_what_is_written_once_or_twice_is_no_signature() -> None:
    texts = [*mails("Best,\nAna"), *mails(f"Best,\nAna\n\n{CARD}", n=3)]

    assert cut(texts[-1], texts) == (texts[-1], "")


def test_the_signature_of_a_former_work_place_is_found_too() -> None:
    former = mails(f"Best,\nAna\n\n{CARD}", n=6)
    texts = [*former, *mails("Best,\nAna", n=200)]

    assert cut(former[0], texts)[1] == CARD


def test_a_signature_that_was_found_is_known_later() -> None:
    endings = Endings().counted(mails(f"Best,\nAna\n\n{CARD}"))
    later = f"Hi Bob,\n\nit is done.\n\nBest,\nAna\n\n{CARD.upper()}  "

    again = Endings.load(endings.packed()).counted(["Hi Bob,\n\nsomething else."])

    assert again.cut(later)[0].endswith("Best,\nAna")
    assert "Glazing" not in endings.packed()


def test_a_mail_that_is_all_signature_is_left_to_be_judged() -> None:
    texts = mails(f"Best,\nAna\n\n{CARD}")

    assert cut(CARD, texts) == (CARD, "")


def test_a_line_that_differs_from_mail_to_mail_does_not_save_the_rest() -> None:
    numbers = [f"Best,\nAna\n\n{CARD}\nmobile 0171 55500{n:02}\nas of May {n}" for n in range(8)]
    spelt = [f"Best,\nAna\n\n{CARD}\nwww.kiln.example/{word}" for word in ("a", "b", "c", "d")]
    texts = mails(*numbers, *spelt, n=12)

    assert {cut(text, texts)[0].rpartition("\n\n")[2] for text in texts} == {"Best,\nAna"}


def test_what_only_this_mail_says_below_a_signature_keeps_it() -> None:
    texts = mails(f"Best,\nAna\n\n{CARD}")
    text = f"{texts[0]}\nP.S. The blue one is for you."

    assert cut(text, texts) == (text, "")


@pytest.mark.parametrize(
    ("name", "signed"), [("", "Ana"), ("Ana Prior", "ana"), ("Ana Prior", "AP"), ("Anna Maria Prior", "AM")]
)
def test_the_name_that_signs_stays_above_a_signature(name: str, signed: str) -> None:
    texts = mails(f"{signed}\n\n{CARD}")

    assert Endings().counted(texts).cut(texts[0], name=name)[0].endswith(f"today.\n\n{signed}")


@pytest.mark.parametrize(
    "text",
    [
        "Bob:\n\nPlease approve.\n\nThanks",
        "Bob,\nsee the list below.\nKiln One\nKiln Two\nKiln Three\nKiln Four",
        "Hi Bob,\n\nplease pay it.\n\nAna",
        "Thanks!\n\nPlease send me the numbers for this week.",
    ],
)
def test_a_short_mail_that_is_sent_again_and_again_is_no_signature(text: str) -> None:
    texts = [text] * 8

    assert cut(text, texts) == (text, "")


def test_a_signature_that_was_used_in_two_times_of_a_life_is_found() -> None:
    signed, plain = mails(f"Best,\nAna\n\n{CARD}", n=4), mails("Best,\nAna", n=300)
    texts = [*signed, *plain, signed[0]]

    assert cut(texts[-1], texts)[1] == CARD


def test_four_mails_in_a_thousand_make_no_habit() -> None:
    signed, plain = mails(f"Best,\nAna\n\n{CARD}", n=4), mails("Best,\nAna", n=100)
    texts = [text for one in signed for text in (one, *plain)]

    assert cut(signed[0], texts) == (signed[0], "")


def test_the_end_of_a_long_mail_costs_no_more_than_that_of_a_short_one() -> None:
    long = "\n".join(["word " * 20] * 20_000)
    texts = [f"{long}\n\nBest,\nAna\n\n{CARD}"] * 4
    started = time.process_time()

    endings = Endings().counted(texts)

    assert time.process_time() - started < 0.5
    assert endings.cut(texts[0])[1] == CARD


@settings(max_examples=60)
@given(st.lists(st.sampled_from(mails("Ana", CARD, "Best,\nAna", f"Ana\n{CARD}", f"Cheers\n-- \n{CARD}"))))
def test_what_was_cut_is_not_cut_again(texts: list[str]) -> None:
    endings = Endings().counted(texts)
    for text in texts:
        own, _ = endings.cut(text)
        assert endings.cut(own) == (own, "")


@settings(max_examples=60)
@given(st.lists(st.text(alphabet="ab \n.@1", max_size=40), max_size=12))
def test_no_word_is_lost_between_text_and_signature(texts: list[str]) -> None:
    endings = Endings().counted(texts)
    for text in texts:
        own, signature = endings.cut(text)
        assert f"{own}\n{signature}".split() == text.split()
