"""Own words: what stands in the mail that is answered is a quote, marked or not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ownhand.daemon.mail.words.own_words import own_words
from ownhand.daemon.mail.words.parent import lines_from

PARENT = """Hi Ana,

I should like to take the boat out on Saturday, unless somebody else has asked for her.
May I bring the children and the dog?
Is there a life jacket for each of us?

Thanks,
Mira
"""


def test_a_quote_without_any_mark_is_cut() -> None:
    words = own_words(f"Hi Mira,\n\nshe is yours.\n\nThanks,\nAna\n\n{PARENT}", parent=PARENT)

    assert words.text == "Hi Mira,\n\nshe is yours.\n\nThanks,\nAna"
    assert words.quoted.startswith("Hi Ana,")


def test_answers_between_lines_without_marks_stay() -> None:
    mail = (
        "I should like to take the boat out on Saturday, unless somebody else has asked for her.\n\n"
        "Nobody has.\n\nMay I bring the children and the dog?\nIs there a life jacket for each of us?\n\n"
        "Do, and there is."
    )

    assert own_words(mail, parent=PARENT).text == "Nobody has.\n\nDo, and there is."


def test_lines_broken_elsewhere_are_known() -> None:
    mail = (
        "Nobody has.\n\nI should like to take the boat out on\nSaturday, unless somebody else\n"
        "has asked for her. May I bring the\nchildren and the dog?"
    )

    assert own_words(mail, parent=PARENT).text == "Nobody has."


def test_marks_in_the_answered_mail_make_no_difference() -> None:
    parent = "".join(f"> {line}\n" for line in PARENT.splitlines())
    line = "I should like to take the boat out on Saturday, unless somebody else has asked for her."

    assert own_words(f"{line}\n\nNobody has.", parent=parent).text == "Nobody has."


def test_an_attribution_above_an_unmarked_quote_goes_with_it() -> None:
    mail = f"She is yours.\n\nMira wrote:\n{PARENT}\nSee you."

    assert own_words(mail, parent=PARENT).text == "She is yours.\n\nSee you."


@pytest.mark.parametrize(
    "text",
    [
        "Thanks,\nMira and Ana",
        "Hi Ana,\n\nI have the keys.\n\nThanks,\nAna",
        "May I bring the children and the dog?\n\nOf course you may.",  # too short to be sure
        "I should like to take you out instead.",
    ],
)
def test_short_words_that_both_wrote_are_not_lost(text: str) -> None:
    assert own_words(text, parent=PARENT).text == text


def test_a_signature_that_the_answered_mail_quotes_is_not_taken_for_its_writers() -> None:
    parent = (
        "Fine.\n\n> The boat is yours.\n>\n> Best regards\n> Ana Ruiz\n> Master of the harbour of Porto\n"
    )
    mail = "Good.\n\nBest regards\nAna Ruiz\nMaster of the harbour of Porto"

    assert own_words(mail, parent=parent).text == mail


def test_the_answer_without_its_parent_is_the_same_again() -> None:
    words = own_words(f"She is yours.\n\n{PARENT}", parent=PARENT)

    assert own_words(words.text).text == words.text == "She is yours."


@settings(deadline=None)
@given(st.text(), st.text())
def test_any_two_texts_give_lines_of_the_first(text: str, parent: str) -> None:
    lines = text.split("\n")

    assert all(0 <= i < len(lines) and lines[i].strip() for i in lines_from(parent, lines))


@settings(deadline=None)
@given(
    st.lists(st.from_regex(r"[A-Z][a-z]{2,9}( [a-z]{2,9}){13,20}\\.", fullmatch=True), min_size=1, max_size=6)
)
def test_a_mail_that_only_repeats_its_parent_has_no_own_words(sentences: list[str]) -> None:
    assert own_words("\n\n".join(sentences), parent="\n".join(sentences)).text == ""
