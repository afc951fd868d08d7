"""What a sample of a Sent folder says, before anything is learned from it."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import timedelta

from invented import ANA, BOB, EVA, START, WORK, message
from ownhand.daemon.domain import (
    AccountName,
    Correspondent,
    Cursor,
    Found,
    Identity,
    MessageId,
    NeverEntry,
    NeverKind,
    Sample,
)
from ownhand.daemon.errors import Unreachable
from ownhand.daemon.learn.extract import Mailbox
from ownhand.daemon.learn.sample import n_usable_in_all, sample_of, take
from ownhand.daemon.mail.mime import Message
from ownhand.daemon.mail.never import NeverLearn
from ownhand.daemon.ports import Fetched

MAILBOX = Mailbox(WORK, (Identity(ANA, WORK),))
LETTER = "Hi Bob,\n\nthe kiln is warm and the glaze has dried.\n\nCheers\nAna"


class Folder:
    """A Sent folder that gives its mail in batches of two; `slow` never gives the last."""

    def __init__(self, mails: Sequence[Message], *, slow: bool = False, answers: object = None) -> None:
        self.mails = list(mails)
        self.slow = slow
        self.answers = answers
        self.cursors: list[Cursor | None] = []
        self.n_given = 0

    async def fetch_since(self, cursor: Cursor | None, known: Sequence[int] = ()) -> AsyncIterator[Fetched]:
        self.cursors.append(cursor)
        for n in range(0, len(self.mails), 2):
            if self.slow and n + 2 >= len(self.mails):
                await asyncio.Event().wait()
            batch = tuple(self.mails[n : n + 2])
            self.n_given += len(batch)
            yield Fetched(batch, Cursor("Sent", 1, n), len(self.mails))

    async def present(self, ids: Sequence[MessageId]) -> set[MessageId]:
        return set()

    async def answered(self, ids: Sequence[MessageId]) -> dict[MessageId, Message]:
        if isinstance(self.answers, Exception):
            raise self.answers
        return {i: self.answers for i in ids if isinstance(self.answers, Message)}

    async def wait(self) -> None: ...

    async def check(self) -> Found:
        return Found("", (), "Sent", len(self.mails), ())

    async def aclose(self) -> None: ...


class Unknowing:
    """A corpus in which nothing is yet."""

    def written(self) -> dict[MessageId, str]:
        return {}

    def thread_of(self, account: AccountName, ids: Sequence[MessageId]) -> MessageId | None:
        return None

    def began_as_draft(self, account: AccountName, digest: str, message_id: MessageId) -> bool:
        return False


async def sampled(mails: Sequence[Message], mailbox: Mailbox = MAILBOX) -> Sample:
    return sample_of(await take(Folder(mails), mailbox, Unknowing()))


def letters(numbers: Collection[int]) -> list[Message]:
    return [message(n, f"Hi Bob,\n\nlot {n} has dried, and I fire it today.\n\nCheers\nAna") for n in numbers]


async def test_the_usable_are_counted_and_the_others_by_their_reason() -> None:
    mails = [
        *letters(range(3)),
        message(3, "ok"),
        message(4, LETTER, skip="encrypted"),
        message(5, LETTER, sent_at=None),
        message(6, LETTER, skip="encrypted"),
    ]

    found = await sampled(mails)

    assert (found.n_messages, found.n_usable) == (7, 3)
    assert found.n_skipped == {"encrypted": 2, "too few own words": 1, "no date": 1}


async def test_languages_replies_and_dates_are_those_of_the_usable_mails() -> None:
    german = "Hallo Bob,\n\nder Ofen ist noch warm, und ich komme morgen früh.\n\nGruß\nAna"
    mails = [*letters([1, 2]), message(9, german, in_reply_to="<x@y>"), message(20, LETTER, skip="draft")]

    found = await sampled(mails)

    assert found.n_by_language == {"en": 2, "de": 1}
    assert found.n_replies == 1
    assert (found.first_at, found.last_at) == (START + timedelta(days=1), START + timedelta(days=9))


async def test_only_the_newest_are_looked_at_and_nothing_else_is_fetched() -> None:
    folder = Folder(letters(range(10)))

    read = await take(folder, MAILBOX, Unknowing(), newest=4)

    assert len(read) == 4
    assert folder.n_given == 4
    assert folder.cursors == [None]


async def test_a_slow_server_gives_a_smaller_sample_in_time() -> None:
    folder = Folder(letters(range(6)), slow=True)

    async with asyncio.timeout(10):
        read = await take(folder, MAILBOX, Unknowing(), within_s=0.2)

    assert len(read) == 4


async def test_mail_that_cannot_be_looked_up_leaves_the_sample_as_it_is() -> None:
    in_doubt = message(1, LETTER + "\n\n> and this was quoted", in_reply_to="<theirs@x>")
    folder = Folder([in_doubt, *letters([2])], answers=Unreachable("gone"))

    found = sample_of(await take(folder, MAILBOX, Unknowing()))

    assert found.n_messages == 2
    assert found.n_usable >= 1


async def test_a_mail_that_answers_a_known_one_counts_without_the_words_of_the_other() -> None:
    theirs = "\n".join(f"Item {n}: the shelf of kiln {n} is cracked and must be replaced." for n in range(30))
    asked = message(9, theirs, sender=(BOB.address, "Bob"))
    reply = message(1, f"Dear Bob,\nI order them all today.\n\n{theirs}", in_reply_to=asked.message_id)

    [read] = await take(Folder([reply], answers=asked), MAILBOX, Unknowing())

    assert not isinstance(read.made, tuple)
    assert read.made.text == "Dear Bob,\nI order them all today."


async def test_an_address_that_several_mails_come_from_is_named_as_a_forgotten_one() -> None:
    club = ("ana@club.example", "Ana")
    mails = [
        *letters([1]),
        *(message(n, LETTER, sender=club) for n in (2, 3)),
        message(4, LETTER, sender=("once@club.example", "")),
    ]

    found = await sampled(mails)

    assert found.n_skipped == {"from another sender": 3}
    assert found.other_addresses == {"ana@club.example": 2}
    assert found.n_other_addresses == 2


async def test_the_addresses_of_an_inbox_are_counted_and_not_named() -> None:
    mails = [message(n, LETTER, sender=(f"p{n % 9}@x.example", "")) for n in range(18)]

    found = await sampled(mails)

    assert found.other_addresses == {}
    assert found.n_other_addresses == 9


async def test_what_was_saved_twice_counts_once() -> None:
    twice = [message(1, LETTER), message(1, LETTER, message_id="<copy@kiln.example>")]

    found = await sampled(twice)

    assert found.n_usable == 1
    assert found.n_skipped == {"saved twice": 1}
    assert found.n_messages == 2


async def test_mail_merge_is_left_out_of_what_can_be_used() -> None:
    same = "we fire the big kiln on Saturday, so bring whatever you want to have glazed by then. Ana"
    mails = [
        message(1, f"Hi {n},\n{same}", to=Correspondent(f"p{n}@x.example"), message_id=f"<m{n}@x>")
        for n in range(6)
    ]

    found = await sampled([*mails, *letters([8])])

    assert found.n_usable == 1
    assert found.n_skipped == {"mail merge": 6}


async def test_the_never_learn_list_holds_for_a_sample_too() -> None:
    never = NeverLearn.of([NeverEntry(NeverKind.PERSON, EVA.address)])
    mailbox = Mailbox(WORK, (Identity(ANA, WORK),), never)

    found = await sampled([message(1, LETTER), message(2, LETTER, to=EVA)], mailbox)

    assert found.n_skipped == {"recipient is never learned from": 1}


async def test_an_empty_folder_gives_an_empty_sample() -> None:
    assert await sampled([]) == Sample()


def test_what_a_part_says_of_the_whole_has_two_digits_at_most() -> None:
    part = Sample(n_messages=200, n_usable=187)

    assert n_usable_in_all(part, 12_345) == 12_000
    assert n_usable_in_all(part, 312) == 290
    assert n_usable_in_all(part, 200) == 187
    assert n_usable_in_all(Sample(n_messages=200), 900) == 0
    assert n_usable_in_all(Sample(), 900) == 0
