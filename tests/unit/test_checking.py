"""What a check makes of a server, a sample and what was learned before; and that it changes nothing."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import pytest
from invented import ANA, START, WORK, message, original
from ownhand.daemon.domain import AccountName, Connection, Cursor, Found, Identity, MessageId, Sample
from ownhand.daemon.errors import LoginFailed, NotFound, Unreachable
from ownhand.daemon.mail.files import FilesSource
from ownhand.daemon.mail.mime import Message
from ownhand.daemon.ports import Fetched, MailSource
from ownhand.daemon.services.accounts import Accounts
from ownhand.daemon.services.checking import Checks, Outside, warnings
from ownhand.daemon.services.sources import Sources
from ownhand.daemon.services.watchers import Watchers
from ownhand.daemon.store.sqlite import Store

FOUND = Found("imap.kiln.example:993", ("IDLE",), "Sent", 900, ("INBOX", "Sent"))
FILES = AccountName("files")


@dataclass
class Server:
    """A source whose folder holds these mails and says that it holds more."""

    mails: Sequence[Message] = ()
    found: Found = FOUND
    error: Exception | None = None
    asked: list[str] = field(default_factory=list)

    async def fetch_since(self, cursor: Cursor | None, known: Sequence[int] = ()) -> AsyncIterator[Fetched]:
        self.asked.append("fetch")
        yield Fetched(tuple(self.mails), Cursor("Sent", 1, 900), self.found.n_messages)

    async def check(self) -> Found:
        self.asked.append("check")
        if self.error:
            raise self.error
        return self.found

    async def answered(self, ids: Sequence[MessageId]) -> dict[MessageId, Message]:
        return {}

    async def present(self, ids: Sequence[MessageId]) -> set[MessageId]:
        return set()

    async def wait(self) -> None: ...

    async def aclose(self) -> None:
        self.asked.append("close")


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store.open(None)
    store.corpus.add_account(WORK, ANA, "imap")
    store.corpus.add_account(FILES, ANA, "files")
    yield store
    store.close()


def checks(store: Store, server: MailSource, outside: Outside, *, min_mails: int = 20) -> Checks:
    sources = Sources(store.corpus, store.privacy, {WORK: lambda: server}, FilesSource)
    return Checks(store.corpus, store.mailboxes, sources, {WORK: outside}, min_mails)


def letters(n: int) -> list[Message]:
    return [message(i, f"Hi Bob,\n\nlot {i} has dried and I fire it today.\n\nAna") for i in range(n)]


def nothing() -> list[str]:
    return []


async def test_a_sample_is_read_and_the_whole_is_estimated(store: Store) -> None:
    server = Server([*letters(45), *(replace(m, skip="draft") for m in letters(5))])

    checked = await checks(store, server, Outside(nothing, poll_s=300.0)).check(WORK)

    assert checked.sample is not None
    assert (checked.sample.n_messages, checked.sample.n_usable) == (50, 45)
    assert (checked.n_usable, checked.usable, checked.poll_s) == (810, True, 300.0)
    assert server.asked == ["check", "fetch", "close"]


async def test_no_more_is_promised_than_the_settings_read(store: Store) -> None:
    checked = await checks(store, Server(letters(50)), Outside(nothing, newest=100)).check(WORK)

    assert checked.n_usable == 100


async def test_a_check_writes_nothing_at_all(store: Store) -> None:
    store.mailboxes.add_fetched(WORK, Cursor("Sent", 1, 40), [], at=START)
    before = store.database.count("SELECT total_changes()")

    await checks(store, Server(letters(30)), Outside(nothing)).check(WORK)

    assert store.database.count("SELECT total_changes()") == before
    assert store.mailboxes.cursor(WORK) == Cursor("Sent", 1, 40)


async def test_an_empty_folder_is_not_read(store: Store) -> None:
    server = Server(found=replace(FOUND, n_messages=0))

    checked = await checks(store, server, Outside(nothing)).check(WORK)

    assert (checked.sample, checked.usable) == (None, False)
    assert server.asked == ["check", "close"]


async def test_a_server_that_fails_is_left_all_the_same(store: Store) -> None:
    server = Server(error=Unreachable("the server did not answer"))

    with pytest.raises(Unreachable):
        await checks(store, server, Outside(nothing)).check(WORK)

    assert server.asked == ["check", "close"]


async def test_an_unknown_account_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        await checks(store, Server(), Outside(nothing)).check(AccountName("nobody"))


async def test_imported_mail_is_told_of_from_what_was_learned(store: Store) -> None:
    for n in range(3):
        store.corpus.add(replace(original(n, f"Hi Bob,\nlot {n} is dry now."), account=FILES))
    store.corpus.skip(FILES, MessageId("<x@y>"), "no date")

    checked = await checks(store, Server(), Outside(nothing), min_mails=3).check(FILES)

    assert checked.source == "files"
    assert checked.sample is not None
    assert (checked.sample.n_messages, checked.sample.n_usable) == (4, 3)
    assert checked.sample.n_skipped == {"no date": 1}
    assert (checked.n_usable, checked.n_learned, checked.usable) == (3, 3, True)


async def test_a_relay_is_looked_at_where_its_mail_goes_and_its_copies_are_left_alone(store: Store) -> None:
    server = Server(letters(3))
    behind = Found("smtp.kiln.example:465", ("SIZE 9",), "relay", 3, (), relay_running=True)

    async def look() -> Found:
        return behind

    checked = await checks(store, server, Outside(lambda: ["the keyring is a file"], look)).check(WORK)

    assert (checked.source, checked.found) == ("relay", behind)
    assert checked.usable
    assert checked.warnings == ("the keyring is a file",)
    assert server.asked == []


async def test_what_the_settings_caution_about_comes_first(store: Store) -> None:
    found = replace(FOUND, connection=Connection("TLSv1.3", pinned=True))
    outside = Outside(lambda: ["the keyring is a file"])

    checked = await checks(store, Server(letters(30), found), outside).check(WORK)

    assert checked.warnings[0] == "the keyring is a file"
    assert "pinned" in checked.warnings[1]


async def test_identities_count_as_ones_own(store: Store) -> None:
    club = replace(ANA, address="ana@club.example")
    store.corpus.set_identities(WORK, [Identity(club, AccountName("club"))])
    theirs = [replace(m, sender=(club.address, ""), message_id=f"<c{m.message_id[1:]}") for m in letters(20)]
    mails = [*letters(10), *theirs[10:]]

    checked = await checks(store, Server(mails), Outside(nothing)).check(WORK)

    assert checked.sample is not None
    assert checked.sample.n_usable == 20
    assert checked.warnings == ()


def test_a_forgotten_address_is_named_with_what_to_write() -> None:
    [said] = warnings(FOUND, Sample(n_messages=50, n_usable=40, other_addresses={"ana@club.example": 10}))

    assert said.startswith("10 of these mails are from ana@club.example")
    assert '[[account.identity]] address = "ana@club.example"' in said


def test_many_addresses_make_one_doubt_the_folder() -> None:
    [said] = warnings(FOUND, Sample(n_messages=50, n_usable=4, n_other_addresses=37))

    assert "37 addresses that are not yours" in said


def test_another_folder_that_may_be_it_is_named() -> None:
    [said] = warnings(replace(FOUND, other_sent_folders=("Sent Items",)), None)

    assert 'sent = "Sent Items"' in said


@pytest.mark.parametrize(("n", "told"), [(41, True), (40, False)])
def test_much_mail_merge_is_told(n: int, told: bool) -> None:
    said = warnings(FOUND, Sample(n_messages=200, n_usable=159, n_skipped={"mail merge": n}))

    assert bool(said) is told


class Paused:
    """A watcher that waits because the server refused the password."""

    def __init__(self) -> None:
        self.n_woken = 0

    def look_again(self) -> None:
        self.n_woken += 1


@pytest.mark.parametrize(("error", "n_woken"), [(None, 1), (LoginFailed("refused"), 0)])
async def test_a_check_that_signs_in_ends_the_wait_of_the_watcher(
    store: Store, error: Exception | None, n_woken: int
) -> None:
    paused = Paused()
    watchers = Watchers(lambda *_: paused)  # type: ignore[arg-type,return-value]  # all that is asked of one here
    watchers.add(WORK, Server)
    server = Server(letters(3), error=error)
    sources = Sources(store.corpus, store.privacy, {WORK: lambda: server}, FilesSource)
    looking = checks(store, server, Outside(nothing))
    # Starts no job, and foresees none.
    accounts = Accounts(store.corpus, store.mailboxes, sources, None, watchers, looking, None)  # type: ignore[arg-type]

    with suppress(LoginFailed):
        await accounts.check(WORK)

    assert paused.n_woken == n_woken
