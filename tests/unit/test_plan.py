"""What is asked of an IMAP server: from where, in which bites, with what when answers are broken."""

from dataclasses import replace

import pytest
from ownhand.daemon.domain import Cursor
from ownhand.daemon.mail.bodystructure import TextSection
from ownhand.daemon.mail.plan import (
    BATCH_BYTES,
    MAX_WHOLE,
    Described,
    FolderState,
    assemble,
    batch_size,
    describe,
    first_uid,
    n_within,
    search_windows,
    section_items,
)

SENT = FolderState("Sent", uidvalidity=7, n_messages=3, uidnext=10)
HEADER = b"Message-ID: <1@x>\r\nFrom: mara@example.org\r\n\r\n"
ANSWER: dict[bytes, object] = {
    b"RFC822.SIZE": 500,
    b"FLAGS": (b"\\Seen",),
    b"BODYSTRUCTURE": (b"text", b"plain", None, None, None, b"7bit", 90, 2),
    b"BODY[HEADER.FIELDS (FROM)]": HEADER,
}


@pytest.mark.parametrize(
    ("cursor", "expected"),
    [
        (None, 1),
        (Cursor("Sent", 7, 4), 5),
        (Cursor("Sent", 8, 4), 1),
        (Cursor("Sent Items", 7, 4), 1),
    ],
    ids=["first sight", "same folder", "new life", "other folder"],
)
def test_reading_begins_after_the_cursor_while_it_means_something(
    cursor: Cursor | None, expected: int
) -> None:
    assert first_uid(SENT, cursor) == expected


def test_a_search_over_many_uids_is_asked_in_windows_that_leave_nothing_out() -> None:
    assert list(search_windows(1, 120_000)) == ["UID 1:50000", "UID 50001:100000", "UID 100001:*"]


def test_a_server_that_does_not_say_its_next_uid_is_asked_once() -> None:
    assert list(search_windows(5, 0)) == ["UID 5:*"]


def test_after_failures_fewer_messages_are_asked_for_and_in_the_end_one() -> None:
    assert [batch_size(200, n) for n in range(5)] == [200, 20, 1, 1, 1]
    assert batch_size(3, 1) == 1


def test_a_batch_ends_before_it_has_too_many_bytes_and_has_at_least_one_message() -> None:
    large = Described(1, 52_000_000)

    n_large = BATCH_BYTES // MAX_WHOLE

    assert n_within([large] * 9) == n_large
    assert n_within([large], max_bytes=1) == 1
    assert n_within([None, None]) == 2


def test_only_the_text_counts_for_the_size_of_a_batch() -> None:
    described = replace(describe(1, ANSWER), size=52_000_000)

    assert described.cost == 90
    assert section_items(described) == ("BODY.PEEK[1]<0.262144>",)


@pytest.mark.parametrize("item", [b"BODYSTRUCTURE", b"BODY[HEADER.FIELDS (FROM)]"])
@pytest.mark.parametrize("value", [None, (), b"", 3])
def test_with_a_broken_description_only_the_whole_mail_can_tell(item: bytes, value: object) -> None:
    assert describe(1, {**ANSWER, item: value}).sections is None


def test_nothing_at_all_is_described_as_a_mail_that_must_be_read_whole() -> None:
    assert describe(1, {}) == Described(1, MAX_WHOLE)


@pytest.mark.parametrize(
    ("flag", "expected"), [(b"\\DRAFT", "draft"), (b"\\Deleted", "deleted"), (b"x", None)]
)
def test_flags_say_what_is_not_to_be_learned_from(flag: bytes, expected: str | None) -> None:
    message = assemble(describe(1, {**ANSWER, b"FLAGS": (flag,)}), {b"BODY[1]<0>": b"Dear Ana"})

    assert message is not None and message.skip == expected


def test_a_section_that_has_content_and_is_left_out_is_noticed() -> None:
    described = describe(1, ANSWER)

    assert assemble(described, {b"BODY[1]<0>": None}) is None
    assert assemble(described, {}) is None


def test_an_empty_section_may_be_nothing() -> None:
    described = replace(describe(1, ANSWER), sections=(TextSection("1", "plain", size=0),))

    message = assemble(described, {b"BODY[1]<0>": None})

    assert message is not None and message.skip == "no text"
