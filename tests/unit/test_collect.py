"""Sent mail becomes originals once each; what is left out is counted with its reason."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import pytest
from invented import ANA, BOB, START, WORK, message
from ownhand.daemon.domain import Cursor, DraftId, Found, MessageId, text_digest
from ownhand.daemon.errors import NotReady, Reason
from ownhand.daemon.learn.collect import collect
from ownhand.daemon.mail.mime import Message
from ownhand.daemon.ports import Fetched
from ownhand.daemon.store.sqlite import Store


class Clock:
    def now(self) -> datetime:
        return START

    async def sleep(self, seconds: float) -> None: ...


class Folder:
    """A Sent folder that gives each batch once."""

    def __init__(self, *batches: Fetched) -> None:
        self._batches = batches

    async def fetch_since(self, cursor: Cursor | None, known: Sequence[int] = ()) -> AsyncIterator[Fetched]:
        for batch in self._batches:
            yield batch

    async def present(self, ids: Sequence[MessageId]) -> set[MessageId]:
        return set()

    async def wait(self) -> None: ...

    async def check(self) -> Found:
        raise NotImplementedError

    async def aclose(self) -> None: ...


def batch(*messages: Message, uid: int = 1, total: int = 1) -> Fetched:
    return Fetched(tuple(messages), Cursor("Sent", 1, uid), total)


async def read(store: Store, *batches: Fetched) -> int:
    return await collect(
        store.corpus, Folder(*batches), WORK, ANA, clock=Clock(), report=lambda done, total: None
    )


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

    assert store.corpus.forget(WORK, address=BOB.address.upper()) == 1

    assert store.corpus.originals(WORK) == []
    assert store.corpus.n_skipped(WORK) == {"forgotten": 1}
