"""Signatures that are found because a person repeats them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ownhand.daemon.mail.endings import Endings

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


@settings(max_examples=60)
@given(st.lists(st.text(alphabet="ab \n.@1", max_size=40), max_size=12))
def test_no_word_is_lost_between_text_and_signature(texts: list[str]) -> None:
    endings = Endings().counted(texts)
    for text in texts:
        own, signature = endings.cut(text)
        assert f"{own}\n{signature}".split() == text.split()
