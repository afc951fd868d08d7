"""Sent mail becomes originals once each; what is left out is counted with its reason."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from invented import ANA, BOB, START, WORK, message
from ownhand.daemon.domain import (
    AccountName,
    Correspondent,
    Cursor,
    DraftId,
    Found,
    Identity,
    MessageId,
    NeverEntry,
    NeverKind,
    text_digest,
)
from ownhand.daemon.errors import NotReady, Reason
from ownhand.daemon.learn.collect import Collected, collect
from ownhand.daemon.learn.extract import Mailbox, pack, unpack
from ownhand.daemon.mail.mime import Message
from ownhand.daemon.mail.never import NeverLearn
from ownhand.daemon.ports import Fetched
from ownhand.daemon.store.sqlite import Store


class Clock:
    def now(self) -> datetime:
        return START

    async def sleep(self, seconds: float) -> None: ...


class Folder:
    """A Sent folder that gives each batch once, and an archive beside it."""

    def __init__(self, *batches: Fetched, archive: Sequence[str] = (), inbox: Sequence[Message] = ()) -> None:
        self._batches = batches
        self._archive = archive
        self._inbox = {message.message_id: message for message in inbox}
        self.known: Sequence[int] = ()

    async def fetch_since(self, cursor: Cursor | None, known: Sequence[int] = ()) -> AsyncIterator[Fetched]:
        self.known = known
        for batch in self._batches:
            yield batch

    async def present(self, ids: Sequence[MessageId]) -> set[MessageId]:
        return {message_id for message_id in ids if message_id in self._archive}

    async def answered(self, ids: Sequence[MessageId]) -> dict[MessageId, Message]:
        return {message_id: self._inbox[message_id] for message_id in ids if message_id in self._inbox}

    async def wait(self) -> None: ...

    async def check(self) -> Found:
        raise NotImplementedError

    async def aclose(self) -> None: ...


OWN = Mailbox(WORK, (Identity(ANA, WORK),))


def batch(
    *messages: Message, uid: int = 1, total: int = 1, gone: Sequence[int] = (), uidvalidity: int = 1
) -> Fetched:
    return Fetched(tuple(messages), Cursor("Sent", uidvalidity, uid), total, tuple(gone))


async def collected(store: Store, folder: Folder, mailbox: Mailbox = OWN) -> Collected:
    return await collect(
        store.corpus, store.mailboxes, folder, mailbox, clock=Clock(), report=lambda done, total: None
    )


async def read(store: Store, *batches: Fetched) -> int:
    return (await collected(store, Folder(*batches))).n_new


@pytest.fixture
def store() -> Store:
    return Store.open(None)


async def test_a_reply_is_kept_with_the_mail_it_answers_as_its_context(store: Store) -> None:
    text = "Hi Bob,\nthe glaze is ready, come by."
    text += "\n\nOn Mon, 2 Mar 2026, Bob Marsh wrote:\n> Is the glaze done?\n"

    await read(store, batch(message(1, text)))

    (kept,) = store.corpus.originals(WORK)
    assert kept.text == "Hi Bob,\nthe glaze is ready, come by."
    assert "Is the glaze done?" in kept.letter.context
    assert kept.letter.reply


@pytest.mark.parametrize(
    ("mail", "reason"),
    [
        (message(1, "Out of office until Monday, sorry.", skip="automatic reply"), "automatic reply"),
        (
            message(1, "The minutes are attached, see page two.", sender=("x@kiln.example", "X")),
            "from another sender",
        ),
        (message(1, "ok thanks"), "too few own words"),
        (message(1, "See the minutes on page two.", sent_at=None), "no date"),
    ],
)
async def test_what_is_not_learned_from_is_counted_with_its_reason(
    store: Store, mail: Message, reason: str
) -> None:
    assert await read(store, batch(mail)) == 0

    assert store.corpus.n_skipped(WORK) == {reason: 1}


CUT = "Hi Bob,\nthe list of the glazes:"
EXACT = CUT + "\n> celadon, and\n-- \ntenmoku."


async def test_exact_words_are_learned_from_where_a_mail_client_told_them(store: Store) -> None:
    store.corpus.add_written(MessageId(message(1, EXACT).message_id), EXACT, START)
    assert await read(store, batch(message(1, EXACT))) == 1
    (kept,) = store.corpus.originals(WORK)
    assert kept.text == EXACT
    assert not store.corpus.written()


async def test_exact_words_replace_those_that_were_cut_out_before_they_came(store: Store) -> None:
    await read(store, batch(message(1, EXACT)))
    (before,) = store.corpus.originals(WORK)
    assert before.text == CUT
    store.corpus.add_written(before.message_id, EXACT, START)
    (kept,) = store.corpus.originals(WORK)
    assert kept.text == EXACT
    assert not store.corpus.written()


async def test_exact_words_of_a_mail_that_never_comes_are_let_go(store: Store) -> None:
    store.corpus.add_written(MessageId("<lost@kiln.example>"), EXACT, START)
    store.corpus.add_written(MessageId("<new@kiln.example>"), EXACT, START + timedelta(days=31))
    assert list(store.corpus.written()) == ["<new@kiln.example>"]


async def test_the_same_mail_saved_twice_is_learned_once(store: Store) -> None:
    first = message(1, "Shall we fire the kiln on Friday?")
    again = message(1, "Shall we fire the kiln on Friday?", message_id="<copy@kiln.example>")

    await read(store, batch(first, again))
    await read(store, batch(first, again))

    assert store.corpus.n_originals(WORK) == 1


async def test_our_own_draft_sent_unchanged_is_not_learned_from(store: Store) -> None:
    text = "Hi Bob,\n\nThe clay comes on Tuesday."
    store.writing.add_draft(
        DraftId("d"),
        WORK,
        at=START,
        agent_id=None,
        model="m",
        template="t",
        rules=(),
        digest=text_digest(text),
    )

    await read(store, batch(message(1, text)))

    assert store.corpus.n_skipped(WORK) == {"our own draft, sent unchanged": 1}


async def test_an_empty_folder_that_was_full_is_refused_and_nothing_is_forgotten(store: Store) -> None:
    await read(store, batch(message(1, "The clay comes on Tuesday.")))

    with pytest.raises(NotReady, match="did the login change") as caught:
        await read(store, batch(uid=0, total=0))

    assert caught.value.reason is Reason.FOLDER_EMPTIED
    assert store.corpus.n_originals(WORK) == 1


async def test_nothing_new_is_no_empty_folder(store: Store) -> None:
    await read(store, batch(message(1, "The clay comes on Tuesday."), uid=5))

    assert await read(store, batch(uid=5, total=0)) == 0


async def test_a_reply_joins_the_thread_of_the_mail_it_follows(store: Store) -> None:
    await read(store, batch(message(1, "The clay comes on Tuesday.")))

    await read(store, batch(message(2, "It has come after all.", references=("<1@kiln.example>",)), uid=2))

    assert {kept.thread for kept in store.corpus.originals(WORK)} == {"<1@kiln.example>"}


async def test_forgetting_a_reader_forgets_the_mails_and_keeps_them_from_coming_back(store: Store) -> None:
    await read(store, batch(message(1, "The clay comes on Tuesday.")))

    ids = store.corpus.written_to(WORK, BOB.address.upper())
    assert store.corpus.remove(WORK, ids, "forgotten") == 1
    await read(store, batch(message(1, "The clay comes on Tuesday."), uidvalidity=2))

    assert store.corpus.originals(WORK) == []
    assert store.corpus.n_skipped(WORK) == {"forgotten": 1}


def sent(n: int, **more: object) -> Message:
    return message(n, f"Kiln number {n} is loaded and will be fired tonight.", uid=n, **more)


async def test_a_deleted_message_is_forgotten_with_all_that_was_made_of_it(store: Store) -> None:
    await read(store, batch(sent(1), sent(2), uid=2, total=2))
    folder = Folder(batch(uid=2, gone=[1]))

    told = await collected(store, folder)

    assert folder.known == [1, 2]
    assert told == Collected(n_forgotten=1)
    assert [kept.message_id for kept in store.corpus.originals(WORK)] == ["<2@kiln.example>"]
    assert store.corpus.n_removed_since(WORK, START - timedelta(days=1)) == 1


async def test_a_deleted_message_that_comes_back_is_learned_again(store: Store) -> None:
    await read(store, batch(sent(1)))
    await collected(store, Folder(batch(uid=1, gone=[1])))

    assert await read(store, batch(sent(1), uid=3)) == 1


async def test_a_message_that_was_moved_to_an_archive_stays_learned(store: Store) -> None:
    await read(store, batch(sent(1)))

    told = await collected(store, Folder(batch(uid=1, gone=[1]), archive=["<1@kiln.example>"]))

    assert told == Collected()
    assert store.corpus.n_originals(WORK) == 1
    assert store.mailboxes.missing(WORK) == []


async def test_of_two_copies_of_a_message_one_may_go(store: Store) -> None:
    copy = sent(1, message_id="<copy@kiln.example>")
    await read(store, batch(sent(1), replace(copy, uid=2), uid=2))

    assert await collected(store, Folder(batch(uid=2, gone=[1]))) == Collected()
    assert await collected(store, Folder(batch(uid=2, gone=[2]))) == Collected(n_forgotten=1)


async def test_a_new_uidvalidity_is_no_reason_to_learn_twice_or_to_forget(store: Store) -> None:
    await read(store, batch(sent(1), sent(2), uid=2))

    renumbered = batch(replace(sent(1), uid=11), replace(sent(2), uid=12), uid=12, uidvalidity=2)

    assert await collected(store, Folder(renumbered)) == Collected()
    assert store.mailboxes.known_uids(WORK, renumbered.cursor) == [11, 12]


async def test_what_is_missing_after_a_new_uidvalidity_was_deleted(store: Store) -> None:
    await read(store, batch(sent(1), sent(2), uid=2))

    told = await collected(store, Folder(batch(replace(sent(1), uid=7), uid=7, uidvalidity=2)))

    assert told == Collected(n_forgotten=1)
    assert [kept.message_id for kept in store.corpus.originals(WORK)] == ["<1@kiln.example>"]


async def test_what_is_older_than_the_limit_of_a_new_look_is_not_taken_for_deleted(store: Store) -> None:
    await read(store, batch(sent(1), sent(2), uid=2))

    told = await collected(store, Folder(batch(replace(sent(2), uid=7), uid=7, uidvalidity=2)))

    assert told == Collected()


async def test_when_most_mails_are_missing_at_once_nothing_is_forgotten_and_it_is_said(store: Store) -> None:
    await read(store, batch(*(sent(n) for n in range(1, 41)), uid=40))

    told = await collected(store, Folder(batch(uid=40, gone=range(1, 31))))

    assert told == Collected(n_missing=30)
    assert "ownhand forget --missing" in str(told)
    assert store.corpus.n_originals(WORK) == 40
    assert len(store.mailboxes.missing(WORK)) == 30


async def test_mail_that_was_fetched_before_a_kill_is_read_after_it(store: Store) -> None:
    store.mailboxes.add_fetched(WORK, Cursor("Sent", 1, 1), [(1, pack(sent(1)))], at=START)

    assert await read(store, batch(uid=1)) == 1
    assert store.mailboxes.n_waiting(WORK) == 0


def test_a_message_is_the_same_after_it_was_packed() -> None:
    mail = sent(
        1, references=("<a@b.example>",), cc=(("c@d.example", "C"),), html="<p>x</p>", in_reply_to="<a>"
    )

    assert unpack(pack(mail)) == mail
    assert unpack(pack(replace(mail, sent_at=None))) == replace(mail, sent_at=None)


async def test_an_identity_teaches_its_own_voice_or_shares_one(store: Store) -> None:
    club, trade = Correspondent("ana@club.example", "Ana"), Correspondent("sales@kiln.example", "Kiln")
    mailbox = Mailbox(WORK, (Identity(ANA, WORK), Identity(club, AccountName("club")), Identity(trade, WORK)))
    mails = [sent(1), sent(2, sender=("ANA@club.example", "")), sent(3, sender=(trade.address, ""))]

    await collected(store, Folder(batch(*mails, uid=3)), mailbox)

    assert store.corpus.n_originals(WORK) == 2
    (kept,) = store.corpus.originals(AccountName("club"))
    assert kept.letter.sender == club


@pytest.mark.parametrize(
    ("kind", "what", "reason"),
    [
        (NeverKind.PERSON, "bob@kiln.example", "recipient is never learned from"),
        (NeverKind.DOMAIN, "example", "domain is never learned from"),
        (NeverKind.FOLDER, "Sent", "folder is never learned from"),
    ],
)
async def test_what_is_on_the_never_learn_list_is_left_out(
    store: Store, kind: NeverKind, what: str, reason: str
) -> None:
    mailbox = replace(OWN, never=NeverLearn.of([NeverEntry(kind, what)]))

    await collected(store, Folder(batch(sent(1))), mailbox)

    assert store.corpus.n_skipped(WORK) == {reason: 1}


async def test_words_of_the_answered_mail_are_taken_out_where_nothing_marks_them(store: Store) -> None:
    theirs = "\n".join(
        f"Item {n}: the shelf of kiln {n} is cracked and has to be replaced." for n in range(30)
    )
    asked = message(9, theirs, sender=("bob@kiln.example", "Bob"))
    reply = message(
        1, f"Dear Bob,\nI order them all today.\n\n{theirs}", uid=1, in_reply_to="<9@kiln.example>"
    )

    await collected(store, Folder(batch(reply), inbox=[asked]))

    (kept,) = store.corpus.originals(WORK)
    assert kept.text == "Dear Bob,\nI order them all today."
    assert "the shelf of kiln 3" in kept.letter.context


async def test_a_person_who_gave_no_name_has_the_one_on_their_mail(store: Store) -> None:
    nameless = Correspondent(ANA.address)
    mailbox = Mailbox(WORK, (Identity(nameless, WORK),))

    await collected(store, Folder(batch(sent(1), sent(2, sender=(ANA.address, "")), uid=2)), mailbox)

    assert store.corpus.name_used(WORK, ANA.address.upper()) == ANA.name


async def test_the_signature_that_a_person_repeats_is_taken_out_of_their_mail(store: Store) -> None:
    card = "Ana Prior\nHead of Glazing, Kiln & Sons\nMill Lane 4, Stoke"
    mails = [
        message(n, f"Hi Bob,\n\nlot {n} is out of the kiln.\n\nBest,\nAna\n\n{card}", uid=n)
        for n in range(1, 7)
    ]

    await read(store, batch(*mails[:5], uid=5))
    await read(store, batch(mails[5], uid=6))

    texts = [kept.text for kept in store.corpus.originals(WORK)]
    assert [text[-9:] for text in texts] == ["Best,\nAna"] * 6


async def test_mail_that_was_merged_for_many_readers_is_not_learned_from(store: Store) -> None:
    words = "the summer sale of our second choice pots begins on Friday, and you may come in an hour earlier."
    readers = [Correspondent(f"reader{n}@shop.example", f"Reader {n}") for n in range(6)]
    merged = [
        message(n, f"Dear {reader.name},\n{words}", to=reader, uid=n, sent_at=START)
        for n, reader in enumerate(readers, 1)
    ]
    few = [message(n, f"Hi,\n{words} Really.", uid=n) for n in range(11, 14)]

    assert await read(store, batch(*merged, *few, uid=13)) == 3

    assert store.corpus.n_skipped(WORK) == {"mail merge": 6}


async def test_mail_that_was_deleted_before_it_was_read_is_not_learned(store: Store) -> None:
    store.mailboxes.add_fetched(
        WORK, Cursor("Sent", 1, 2), [(1, pack(sent(1))), (2, pack(sent(2)))], at=START
    )
    folder = Folder(batch(uid=2, gone=[1]))

    assert (await collected(store, folder)).n_new == 1

    assert folder.known == [1, 2]
    assert [kept.message_id for kept in store.corpus.originals(WORK)] == ["<2@kiln.example>"]
