"""What servers answer, read as values; broken answers are told from odd ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imapclient import imap_utf7
from ownhand.daemon.errors import Unreachable
from ownhand.daemon.mail.imap import answers
from ownhand.daemon.mail.imap.care import Care
from ownhand.daemon.mail.imap.client import decode_name, encode_name, quoted


def test_items_of_a_fetch_are_read_with_literals_quotes_and_lists() -> None:
    line = b"* 3 FETCH (UID 7 FLAGS (\\Seen) BODY[1]<0> "
    rest = b' X-NAME "a \\"b\\" (c" RFC822.SIZE 12 ENVELOPE NIL)\r\n'

    assert answers.fetched([line, b"(\r\n", rest]) == (
        7,
        {
            b"UID": 7,
            b"FLAGS": (b"\\Seen",),
            b"BODY[1]<0>": b"(\r\n",
            b"X-NAME": b'a "b" (c',
            b"RFC822.SIZE": 12,
            b"ENVELOPE": None,
        },
    )


def test_the_children_of_a_multipart_stand_as_a_list_in_its_first_place() -> None:
    assert answers.parse([b'((("a" "b")("c" "d") "e") "f")']) == [
        ([([(b"a", b"b"), (b"c", b"d")], b"e")], b"f")
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"* 1 FETCH (UID 7 X (((",
        b'* 1 FETCH (UID 7 X "open)',
        b"* 1 FETCH (UID 7 X)",
        b"* 1 FETCH (UID 7 X))) Y",
    ],
)
def test_a_broken_answer_still_says_which_message_it_is_about(line: bytes) -> None:
    assert answers.fetched([line]) == (7, None)


def test_an_answer_that_names_no_message_is_about_none() -> None:
    assert answers.fetched([b"* 1 FETCH (FLAGS (\\Seen))"])[0] == 0
    assert answers.fetched([b"* 1 FETCH"]) == (0, None)


@given(st.binary(max_size=200))
def test_no_bytes_at_all_make_reading_fail(noise: bytes) -> None:
    answers.fetched([b"* 1 FETCH (UID 7 " + noise])


def test_search_is_read_in_both_its_forms() -> None:
    assert answers.searched([[b"* SEARCH 2 3 5"], [b"* SEARCH"]]) == [2, 3, 5]
    assert answers.searched([[b'* ESEARCH (TAG "w1") UID ALL 2:4,9 COUNT 4']]) == [2, 3, 4, 9]
    assert answers.searched([[b'* ESEARCH (TAG "w1") UID']]) == []


def test_a_search_that_finds_more_messages_than_memory_holds_is_nonsense() -> None:
    with pytest.raises(ValueError, match="too many"):
        answers.searched([[b'* ESEARCH (TAG "w1") UID ALL 1:4294967295']])


def test_what_vanished_is_kept_as_ranges() -> None:
    said = [[b"* VANISHED (EARLIER) 1:4294967295,7"], [b"* VANISHED 3"]]

    assert answers.vanished(said) == [(1, 4294967295), (7, 7)]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0")))
def test_folder_names_are_written_as_others_write_them_and_read_back(name: str) -> None:
    assert encode_name(name).encode() == imap_utf7.encode(name)
    assert decode_name(encode_name(name).encode()) == name


def test_a_folder_name_that_is_no_modified_utf_7_is_taken_as_it_is() -> None:
    assert decode_name("Envoyés".encode()) == "Envoyés"
    assert quoted('a"b\\c') == '"a\\"b\\\\c"'


def test_after_a_failure_is_read_in_small_bites_until_what_failed_is_behind() -> None:
    care = Care(200, attempts=4)

    assert (care.size, care.n_upcoming) == (200, 1000)
    care.failed(Unreachable("x"))
    assert (care.size, care.n_upcoming) == (20, 20)
    for _ in range(50):
        assert care.size == 20
        care.succeeded(20)
    assert care.size == 200


def test_a_message_that_fails_alone_again_and_again_is_passed_over_and_a_fourth_is_not() -> None:
    care = Care(1, attempts=2)

    passed = [care.failed(Unreachable("x")) for _ in range(6)]

    assert passed == [False, True, False, True, False, True]
    care.failed(Unreachable("x"))
    with pytest.raises(Unreachable):
        care.failed(Unreachable("x"))
