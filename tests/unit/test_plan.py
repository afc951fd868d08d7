"""What is asked of an IMAP server: from where, in which bites, with what when answers are broken."""

from dataclasses import replace

import pytest
from ownhand.daemon.domain import Cursor
from ownhand.daemon.mail.imap.bodystructure import TextSection
from ownhand.daemon.mail.imap.described import (
    BATCH_BYTES,
    MAX_WHOLE,
    Described,
    assemble,
    describe,
    n_within,
    section_items,
)
from ownhand.daemon.mail.imap.plan import (
    FolderState,
    Look,
    batch_size,
    beginning,
    look,
    uid_set,
    windows,
    within,
)

SENT = FolderState("Sent", uidvalidity=7, n_messages=3, uidnext=10)
HEADER = b"Message-ID: <1@x>\r\nFrom: mara@example.org\r\n\r\n"
ANSWER: dict[bytes, object] = {
    b"RFC822.SIZE": 500,
    b"FLAGS": (b"\\Seen",),
    b"BODYSTRUCTURE": (b"text", b"plain", None, None, None, b"7bit", 90, 2),
    b"BODY[HEADER.FIELDS (FROM)]": HEADER,
}


def seen(cursor: Cursor | None, uids: list[int], folder: FolderState = SENT, **bounds: int) -> Look:
    return look(folder, beginning(folder, cursor), uids, **bounds)  # type: ignore[arg-type]


def steps(found: Look, size: int) -> list[tuple[list[int], Cursor]]:
    """The batches in which it is read, and the cursor after each."""
    taken = []
    while batch := list(found.upcoming(size)):
        found = found.after(len(batch))
        taken.append((batch, found.cursor))
    return taken


def test_a_folder_is_read_from_its_newest_message_down_to_its_oldest() -> None:
    assert steps(seen(None, [1, 4, 6, 9]), 2) == [
        ([9, 6], Cursor("Sent", 7, last_uid=9, first_uid=6)),
        ([4, 1], Cursor("Sent", 7, last_uid=9, first_uid=1)),
    ]


def test_what_came_meanwhile_is_read_upwards_before_the_rest() -> None:
    assert steps(seen(Cursor("Sent", 7, last_uid=6, first_uid=6), [1, 4, 8, 9]), 2) == [
        ([8, 9], Cursor("Sent", 7, last_uid=9, first_uid=6)),
        ([4, 1], Cursor("Sent", 7, last_uid=9, first_uid=1)),
    ]


@pytest.mark.parametrize(
    "cursor", [Cursor("Sent", 8, 4), Cursor("Sent Items", 7, 4)], ids=["new life", "other folder"]
)
def test_a_cursor_of_another_folder_or_another_life_of_it_means_nothing(cursor: Cursor) -> None:
    assert list(seen(cursor, [1, 4, 9]).below) == [9, 4, 1]


def test_reading_ends_where_the_persons_limit_ends() -> None:
    (batch, cursor), *more = steps(seen(None, [1, 4, 6, 9], newest=2), 10)

    assert (batch, cursor, more) == ([9, 6], Cursor("Sent", 7, last_uid=9, first_uid=1), [])


def test_what_was_read_before_and_what_is_new_count_for_the_limit() -> None:
    found = seen(Cursor("Sent", 7, last_uid=8, first_uid=6), [1, 4, 9], newest=4, n_read=2)

    assert (list(found.above), list(found.below)) == ([9], [4])


def test_when_nothing_is_left_below_the_cursor_reaches_the_bottom() -> None:
    assert seen(Cursor("Sent", 7, last_uid=8, first_uid=6), []).cursor.first_uid == 1


def test_an_empty_folder_is_told_by_a_cursor_at_zero() -> None:
    empty = FolderState("Sent", 7, n_messages=0, uidnext=41, modseq=9)

    assert seen(Cursor("Sent", 7, 40), [], empty).cursor == Cursor("Sent", 7, 0)


def test_a_server_that_does_not_say_its_next_uid_is_read_like_any_other() -> None:
    found = seen(None, [3, 5], FolderState("Sent", 7, n_messages=2))

    assert steps(found, 9) == [([5, 3], Cursor("Sent", 7, last_uid=5, first_uid=1))]


def test_the_cursor_takes_the_modseq_of_the_look() -> None:
    assert seen(Cursor("Sent", 7, 9, modseq=4), [], replace(SENT, modseq=6)).cursor.modseq == 6


def test_a_search_over_many_uids_is_asked_in_windows_that_leave_nothing_out() -> None:
    assert list(windows(1, 120_000)) == ["1:50000", "50001:100000", "100001:120000"]
    assert list(windows(5, 0)) == ["5:*"]


def test_uids_are_written_as_ranges_of_exactly_these() -> None:
    assert uid_set([9, 3, 2, 1, 7, 10]) == "1:3,7,9:10"


def test_of_what_vanished_only_the_known_counts() -> None:
    assert within([2, 5, 9, 12], [(1, 4), (9, 9), (10, 4_294_967_295)]) == [2, 9, 12]


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
