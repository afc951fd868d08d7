"""After any fault of server, line or folder, all is read that an undisturbed run reads, each mail once."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from imap_servers import PASSWORD, USER, Server, dovecot_server
from ownhand.daemon.domain import Cursor, MessageId
from ownhand.daemon.errors import LoginFailed, OwnhandError, Unreachable
from ownhand.daemon.mail.imap.client import encode_name
from ownhand.daemon.mail.imap.source import ImapSource, Patience
from ownhand.daemon.ports import Fetched
from proxy import Proxy, proxied
from scripted_imap import ScriptedMail, ScriptedPeer, scripted

QUICK = Patience(connect_s=2, read_s=2, batch_s=10, idle_s=20, poll_s=0.1, backoff_s=0.001)
# As clients and servers name it, one for each language.
LOCALISED = """Sent Items|Gesendete Elemente|Éléments envoyés|Elementos enviados|Itens Enviados|Posta inviata
Verzonden items|Skickat|Sendte elementer|Sendt post|Lähetetyt|Elementy wysłane|Odeslaná pošta|Odoslaná pošta
Elküldött elemek|Elemente trimise|Отправленные|Надіслані|Изпратени|Poslano|Послато|Απεσταλμένα
Gönderilmiş Öğeler|Saadetud kirjad|Nosūtītie|Išsiųsti|Elements enviats|Bidalitakoak|已发送邮件|寄件備份
送信済みアイテム|보낸 편지함|פריטים שנשלחו|العناصر المرسلة|ارسال شده|Thư đã gửi|Item Terkirim|จดหมายที่ส่งแล้ว
भेजे गए|Enviadas|Senditaj|Poslane stavke|Seolta""".replace("\n", "|").split("|")


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Server]:
    with dovecot_server() as server:
        yield server


@pytest.fixture
def filled(dovecot: Server) -> Server:
    """Ten mails in a Sent folder that is new, and an empty archive and bin."""
    with dovecot.client() as client:
        for folder in ("Sent", "Archive", "Trash"):
            if client.folder_exists(folder):
                client.delete_folder(folder)
            client.create_folder(folder)
    dovecot.append([mail(n) for n in range(10)])
    return dovecot


@pytest.fixture
def peer() -> Iterator[ScriptedPeer]:
    with scripted(ScriptedPeer([ScriptedMail(uid) for uid in range(1, 8)])) as found:
        yield found


def mail(n: int) -> bytes:
    return (
        f"Message-ID: <{n}@example.org>\r\nDate: Mon, {n % 28 + 1} Mar 2026 10:00:00 +0000\r\n"
        f"From: Mara <{USER}>\r\nTo: Ana <ana@example.com>\r\nSubject: Plan {n}\r\n\r\n"
        f"Dear Ana,\r\n\r\nthe plan number {n} is ready.\r\n"
    ).encode()


def source_of(
    server: Server | ScriptedPeer | Proxy, patience: Patience = QUICK, **more: object
) -> ImapSource:
    options: dict[str, object] = {"tls": False, "batch": 3, "patience": patience} | more
    return ImapSource("127.0.0.1", server.port, USER, lambda: PASSWORD, **options)  # type: ignore[arg-type]


@asynccontextmanager
async def open_source(*arguments: object, **more: object) -> AsyncIterator[ImapSource]:
    source = source_of(*arguments, **more)  # type: ignore[arg-type]
    try:
        yield source
    finally:
        await source.aclose()


async def read(
    source: ImapSource, cursor: Cursor | None = None, known: list[int] | None = None
) -> list[Fetched]:
    return [batch async for batch in source.fetch_since(cursor, known or ())]


async def read_stubbornly(source: ImapSource, cursor: Cursor | None = None) -> list[Fetched]:
    """As the watcher does: whatever fails, it asks again from the last cursor that was committed."""
    batches: list[Fetched] = []
    for _ in range(6):
        try:
            async for batch in source.fetch_since(cursor):
                batches.append(batch)
                cursor = batch.cursor
        except Unreachable:
            continue
        return batches
    raise AssertionError("it did not come to an end")


def ids(batches: list[Fetched]) -> list[str]:
    return [
        message.message_id.partition("@")[0].strip("<") for batch in batches for message in batch.messages
    ]


def uids(batches: list[Fetched]) -> list[int]:
    return sorted(message.uid for batch in batches for message in batch.messages)


async def until_idle(peer: ScriptedPeer) -> None:
    async with asyncio.timeout(5):
        while not peer.idles.is_set():  # noqa: ASYNC110 - set in a thread of the peer
            await asyncio.sleep(0.005)


# --- finding the folder ----------------------------------------------------------------------------


async def test_the_folder_is_found_by_its_name_in_forty_languages_on_a_server_that_marks_none() -> None:
    assert len(LOCALISED) >= 40
    missed = []
    with scripted(ScriptedPeer()) as peer:
        for name in LOCALISED:
            peer.boxes = {encode_name(name): []}
            peer.folders = ['() "/" "INBOX"', f'() "/" "{encode_name(name)}"', '() "/" "Drafts"']
            async with open_source(peer) as source:
                try:
                    if (await source.check()).sent_folder == name:
                        continue
                except Exception as error:
                    missed.append(type(error).__name__)
            missed.append(name)
    assert missed == []


async def test_the_folder_below_the_inbox_is_found_on_a_server_that_keeps_all_there() -> None:
    with dovecot_server("Gesendete Elemente", mark="", prefix="INBOX.", separator=".") as server:
        server.append([mail(1)], folder="INBOX.Gesendete Elemente")
        async with open_source(server) as source:
            found = await source.check()
            batches = await read(source)

    assert found.sent_folder == "INBOX.Gesendete Elemente" and ids(batches) == ["1"]


async def test_a_folder_under_the_prefix_of_the_namespace_is_the_persons_own(peer: ScriptedPeer) -> None:
    peer.capabilities += " NAMESPACE"
    peer.folders = ['() "/" "mail/Gesendet"', '(\\Sent) "/" "others/bob/Sent"', '() "/" "INBOX"']
    peer.boxes = {"mail/Gesendet": [ScriptedMail(1)]}
    peer.says = {"NAMESPACE": '* NAMESPACE (("" "/")("mail/" "/")) (("others/" "/")) NIL'}

    async with open_source(peer) as source:
        assert (await source.check()).sent_folder == "mail/Gesendet"


async def test_marks_that_a_server_tells_only_when_asked_are_asked_for(peer: ScriptedPeer) -> None:
    peer.capabilities += " SPECIAL-USE"
    peer.folders = ['() "/" "Sent"', '() "/" "Ausgang"']
    peer.boxes = {"Ausgang": []}
    peer.says = {"LIST (SPECIAL-USE)": '* LIST (\\Sent) "/" "Ausgang"'}

    async with open_source(peer) as source:
        assert (await source.check()).sent_folder == "Ausgang"


# --- folders that change under us --------------------------------------------------------------------


async def test_a_folder_with_a_new_life_is_read_anew_and_none_of_its_mail_is_called_gone(
    filled: Server,
) -> None:
    async with open_source(filled, replace(QUICK, trust_s=0)) as source:
        first = await read(source)
        with filled.client() as client:
            client.delete_folder("Sent")
            client.create_folder("Sent")
        filled.append([mail(n) for n in range(4)])

        again = await read(source, first[-1].cursor, uids(first))

    assert sorted(ids(again)) == ["0", "1", "2", "3"]
    assert again[-1].cursor.uidvalidity != first[-1].cursor.uidvalidity
    assert all(batch.gone == () for batch in again)


async def test_an_emptied_folder_is_told_by_its_cursor_and_nothing_is_called_gone(filled: Server) -> None:
    async with open_source(filled) as source:
        first = await read(source)
        filled.delete([f"<{n}@example.org>" for n in range(10)])

        (batch,) = await read(source, first[-1].cursor, uids(first))

    assert (batch.cursor.last_uid, batch.gone, batch.messages) == (0, (), ())


async def test_a_folder_that_was_renamed_is_found_under_its_mark(peer: ScriptedPeer) -> None:
    async with open_source(peer, replace(QUICK, trust_s=0)) as source:
        await read(source)
        peer.boxes = {"Gesendet": peer.mails}
        peer.folders = ['(\\Sent) "/" "Gesendet"']
        again = await read(source, Cursor("Sent", 7, 7))

    assert again[-1].cursor.folder == "Gesendet" and len(ids(again)) == 7


# --- what was taken out ------------------------------------------------------------------------------

SERVERS = {
    "plain": "IMAP4rev1 IDLE",
    "esearch": "IMAP4rev1 IDLE ESEARCH",
    "condstore": "IMAP4rev1 IDLE CONDSTORE ESEARCH",
    "qresync": "IMAP4rev1 IDLE ENABLE CONDSTORE QRESYNC ESEARCH",
    "qresync not meant": "IMAP4rev1 IDLE ENABLE CONDSTORE QRESYNC",
    "enable refused": "IMAP4rev1 IDLE ENABLE CONDSTORE QRESYNC",
}


@pytest.mark.parametrize("kind", SERVERS)
async def test_every_kind_of_server_tells_what_was_taken_out(peer: ScriptedPeer, kind: str) -> None:
    peer.capabilities, peer.modseq = SERVERS[kind], 0 if kind in ("plain", "esearch") else 10
    async with open_source(peer) as source:
        first = await read(source)
        if kind == "qresync not meant":
            peer.instead = [("(QRESYNC", "BAD what?")] * 2
        if kind == "enable refused":
            peer.instead = [("ENABLE", "BAD what?")]
    peer.take_out(2)
    peer.take_out(5)
    peer.mails.append(ScriptedMail(8))

    async with open_source(peer) as source:
        (batch,) = await read(source, first[-1].cursor, uids(first))

    assert batch.gone == (2, 5) and uids([batch]) == [8]
    asked = [command for command in peer.commands if "SEARCH" in command and "1:7" in command]
    assert bool(asked) == (kind != "qresync")


async def test_a_server_that_was_restored_from_a_backup_is_compared_as_a_whole(peer: ScriptedPeer) -> None:
    peer.capabilities, peer.modseq = SERVERS["qresync"], 5
    del peer.mails[3]

    async with open_source(peer) as source:
        (batch,) = await read(source, Cursor("Sent", 7, 7, modseq=900), list(range(1, 8)))

    assert batch.gone == (4,)


async def test_when_nothing_changed_nothing_is_searched(filled: Server, peer: ScriptedPeer) -> None:
    async with open_source(filled) as source:
        first = await read(source)
        (batch,) = await read(source, first[-1].cursor, uids(first))

    assert batch == Fetched((), first[-1].cursor, 0)
    assert first[-1].cursor.modseq > 0


@pytest.mark.parametrize("kind", ["plain", "qresync"])
async def test_mail_that_is_taken_out_ends_the_wait(peer: ScriptedPeer, kind: str) -> None:
    peer.capabilities, peer.modseq = SERVERS[kind], 10
    async with open_source(peer) as source:
        first = await read(source)
        waiting = asyncio.ensure_future(source.wait())
        await until_idle(peer)

        peer.take_out(3)
        async with asyncio.timeout(2):
            await waiting

        (batch,) = await read(source, first[-1].cursor, uids(first))
    assert batch.gone == (3,)


async def test_mail_that_is_taken_out_of_dovecot_ends_the_wait(filled: Server) -> None:
    async with open_source(filled) as source:
        await read(source)
        waiting = asyncio.ensure_future(source.wait())
        await asyncio.wait({waiting}, timeout=0.5)

        await asyncio.to_thread(filled.delete, ["<3@example.org>"])
        async with asyncio.timeout(2):
            await waiting


# --- the first run -----------------------------------------------------------------------------------


async def test_a_first_run_that_is_stopped_after_any_batch_goes_on_where_it_was(filled: Server) -> None:
    cursor, seen = None, []
    for _ in range(9):
        async with open_source(filled) as source:
            batch = await anext(source.fetch_since(cursor))
        cursor = batch.cursor
        seen += ids([batch])

    assert seen == [str(9 - n) for n in range(10)]
    assert cursor is not None and cursor.first_uid == 1


@pytest.mark.parametrize(("newest", "n"), [(4, 4), (3, 3), (100, 10)])
async def test_a_bound_on_the_newest_holds_over_stops_and_new_mail(
    filled: Server, newest: int, n: int
) -> None:
    async with open_source(filled, newest=newest) as source:
        batch = await anext(source.fetch_since(None))
    async with open_source(filled, newest=newest) as source:
        rest = [] if batch.cursor.first_uid == 1 else await read(source, batch.cursor)

    assert ids([batch, *rest]) == [str(9 - i) for i in range(n)]


async def test_a_bound_on_the_date_leaves_older_mail_alone(filled: Server) -> None:
    async with open_source(filled, since=date(2026, 3, 7)) as source:
        batches = await read(source)
        again = await read(source, batches[-1].cursor)

    assert ids(batches) == ["9", "8", "7", "6"] and ids(again) == []


# --- lines that fail ---------------------------------------------------------------------------------


async def test_a_line_that_is_cut_at_any_byte_loses_and_repeats_nothing(peer: ScriptedPeer) -> None:
    """Also while signing in, looking for the folder, or between a literal and its end."""
    with proxied(Proxy(peer.port)) as line:
        async with open_source(line) as source:
            undisturbed = await read(source)
        n_bytes = line.n_down
        for cut_after in range(0, n_bytes, max(1, n_bytes // 150)):
            line.cut_after = cut_after
            async with open_source(line) as source:
                batches = await read_stubbornly(source)

            assert ids(batches) == ids(undisturbed), f"cut after {cut_after} bytes"
            assert batches[-1].cursor == undisturbed[-1].cursor


async def test_dovecot_over_a_line_that_is_cut_again_and_again_is_read_once(filled: Server) -> None:
    with proxied(Proxy(filled.port, delay_s=0.001)) as line:
        async with open_source(line) as source:
            undisturbed = await read(source)
        for cut_after in range(200, line.n_down, line.n_down // 12):
            line.cut_after = cut_after
            async with open_source(line) as source:
                batches = await read_stubbornly(source)

            assert ids(batches) == ids(undisturbed)


async def test_whatever_byte_arrives_as_another_the_worst_that_happens_is_an_error_of_ours(
    peer: ScriptedPeer,
) -> None:
    patience = Patience(connect_s=1, read_s=0.1, batch_s=1, backoff_s=0.001, attempts=2)
    with proxied(Proxy(peer.port)) as line:
        async with open_source(line) as source:
            await read(source)
        for garble in range(0, line.n_down, line.n_down // 90):
            line.garble = garble
            async with open_source(line, patience) as source:
                try:
                    batches = await read(source)
                except OwnhandError:
                    continue
            # A line under TLS would have told. Without it a number may be another, but nothing comes twice.
            assert len(set(uids(batches))) == len(uids(batches))


async def test_a_line_that_swallows_everything_ends_a_fetch_within_its_timeout(filled: Server) -> None:
    with proxied(Proxy(filled.port)) as line:
        async with open_source(line, replace(QUICK, read_s=0.3, attempts=2)) as source:
            reading = source.fetch_since(None)
            first = await anext(reading)
            line.black_hole.set()

            async with asyncio.timeout(8):
                with pytest.raises(Unreachable):
                    _ = [batch async for batch in reading]
            line.black_hole.clear()
            rest = await read(source, first.cursor)

    assert sorted(ids([first, *rest])) == [str(n) for n in range(10)]


async def test_waiting_survives_a_line_that_went_dead_without_a_word(filled: Server) -> None:
    with proxied(Proxy(filled.port)) as line:
        async with open_source(line, replace(QUICK, read_s=0.3, idle_s=0.6, attempts=50)) as source:
            first = await read(source)
            waiting = asyncio.ensure_future(source.wait())
            await asyncio.wait({waiting}, timeout=1.2)
            line.black_hole.set()
            await asyncio.wait({waiting}, timeout=1.2)
            line.cut()
            line.black_hole.clear()

            await asyncio.to_thread(filled.append, [mail(11)])
            async with asyncio.timeout(5):
                await waiting
            batches = await read(source, first[-1].cursor)

    assert ids(batches) == ["11"]


async def test_a_slow_thin_line_brings_the_same(filled: Server) -> None:
    with proxied(Proxy(filled.port, delay_s=0.02, bytes_per_s=200_000)) as line:
        async with open_source(line) as source:
            batches = await read(source)

    assert ids(batches) == [str(9 - n) for n in range(10)]


async def test_a_server_that_fails_every_fetch_costs_no_mail(peer: ScriptedPeer) -> None:
    """Three mails in a row were once given up as unreadable before the line was suspected."""
    for one in peer.mails:
        one.hangs_up = True
    batches = []

    async with open_source(peer) as source:
        with pytest.raises(Unreachable):
            async for batch in source.fetch_since(None):
                batches.append(batch)

    assert batches == []


# --- servers that want to be left alone, and sessions that end ------------------------------------------


THROTTLED = "NO Request is throttled. Suggested Backoff Time: 300 milliseconds"


@pytest.mark.parametrize("verb", ["BODYSTRUCTURE", "BODY.PEEK[1]"])
async def test_a_server_that_throttles_is_left_alone_as_long_as_it_asks(
    peer: ScriptedPeer, verb: str
) -> None:
    peer.instead = [(verb, THROTTLED)]
    loop = asyncio.get_running_loop()

    async with open_source(peer) as source:
        began = loop.time()
        batches = await read(source)

    assert loop.time() - began >= 0.3
    assert ids(batches) == list("7654321") and peer.n_connections == 1


async def test_a_server_that_throttles_from_the_start_says_when_to_come_back(peer: ScriptedPeer) -> None:
    peer.instead = [("EXAMINE", THROTTLED)]

    async with open_source(peer) as source:
        with pytest.raises(Unreachable) as caught:
            await read(source)

    assert caught.value.retry_after_s == 0.3


async def test_a_server_that_throttles_for_ever_is_reported_with_its_own_time(peer: ScriptedPeer) -> None:
    peer.instead = [
        ("BODYSTRUCTURE", "NO [LIMIT] Too many requests. Suggested Backoff Time: 5 milliseconds")
    ] * 90

    async with open_source(peer) as source:
        with pytest.raises(Unreachable) as caught:
            await read(source)

    assert caught.value.retry_after_s == 0.005


async def test_a_goodbye_that_asks_for_a_pause_gets_it(peer: ScriptedPeer) -> None:
    peer.instead = [("BODYSTRUCTURE", "BYE Too many commands. Suggested Backoff Time: 300 milliseconds")]
    loop = asyncio.get_running_loop()

    async with open_source(peer) as source:
        began = loop.time()
        batches = await read(source)

    assert loop.time() - began >= 0.3
    assert ids(batches) == list("7654321")


@pytest.mark.parametrize(
    "said",
    [
        "BYE Session expired, please login again.",
        "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
        "BAD User is not authenticated: [EXPIRED] token",
    ],
)
@pytest.mark.parametrize("verb", ["BODYSTRUCTURE", "BODY.PEEK[1]", "EXAMINE", "NOOP"])
async def test_a_session_that_ends_with_its_token_is_opened_again_with_a_fresh_one(
    peer: ScriptedPeer, said: str, verb: str
) -> None:
    secrets = iter(f"token {n}" for n in range(9))
    source = ImapSource(
        "127.0.0.1",
        peer.port,
        USER,
        lambda: next(secrets),
        tls=False,
        batch=3,
        patience=replace(QUICK, backoff_s=5),
    )
    await source.check()  # from here on the session is an old one
    peer.instead = [(verb, said)]

    async with asyncio.timeout(3):  # no pause: nothing is wrong
        if verb == "NOOP":
            waiting = asyncio.ensure_future(source.wait())
            await until_idle(peer)
            waiting.cancel()
        batches = await read(source)
    await source.aclose()

    assert ids(batches) == list("7654321")
    assert not peer.instead and peer.n_connections == 2
    assert [f"token {n}" in "".join(peer.commands) for n in range(3)] == [True, True, False]


async def test_a_sign_in_that_is_over_for_good_is_a_failed_login(peer: ScriptedPeer) -> None:
    async with open_source(peer) as source:
        await source.check()
        peer.instead = [("EXAMINE", "NO [AUTHENTICATIONFAILED] no")]
        peer.login = "NO [AUTHENTICATIONFAILED] no"

        with pytest.raises(LoginFailed):
            await read(source)


# --- elsewhere -----------------------------------------------------------------------------------------


def message_ids(*numbers: int) -> list[MessageId]:
    return [MessageId(f"<{n}@example.org>") for n in numbers]


async def test_archived_mail_is_present_and_binned_mail_is_not(filled: Server) -> None:
    filled.append([mail(n) for n in (1, 2)], folder="Archive")
    filled.append([mail(3)], folder="Trash")

    async with open_source(filled) as source:
        first = await read(source)
        kept = await source.present(message_ids(*range(40)))
        again = await read(source, first[-1].cursor, uids(first))

    assert kept == set(message_ids(1, 2))
    assert again == [Fetched((), first[-1].cursor, 0)]


@pytest.mark.parametrize(
    ("folders", "kept"),
    [
        (['(\\All) "/" "All"', '(\\Trash) "/" "Bin"'], (1, 2)),
        (['() "/" "Archiv"', '() "/" "Bin"'], (5,)),
        (['() "/" "Bin"', '() "/" "INBOX"'], ()),
    ],
    ids=["Proton keeps the binned in All Mail", "named", "no archive"],
)
async def test_what_counts_as_an_archive(
    peer: ScriptedPeer, folders: list[str], kept: tuple[int, ...]
) -> None:
    peer.folders += folders
    peer.boxes = {
        "All": [ScriptedMail(n) for n in (1, 2, 3)],
        "Archiv": [ScriptedMail(5)],
        "Bin": [ScriptedMail(n) for n in (3, 4)],
        "INBOX": [ScriptedMail(6)],
    }

    async with open_source(peer) as source:
        assert await source.present(message_ids(*range(1, 8))) == set(message_ids(*kept))


async def test_the_mail_that_was_answered_is_read_and_left_as_it_is(filled: Server) -> None:
    filled.append([mail(50), mail(51)], folder="INBOX")
    filled.append([mail(52)], folder="Archive")

    async with open_source(filled) as source:
        found = await source.answered([*message_ids(50, 52, 53), MessageId('<"odd">'), MessageId("no id")])

    assert set(found) == set(message_ids(50, 52))
    assert "number 50" in (found[message_ids(50)[0]].text or "")
    with filled.client() as client:
        client.select_folder("INBOX")
        assert client.search("SEEN") == []


# --- how it is asked -------------------------------------------------------------------------------------


async def test_the_next_batches_are_asked_for_before_the_first_is_read(peer: ScriptedPeer) -> None:
    async with open_source(peer) as source:
        await anext(source.fetch_since(None))

    fetches = [command for command in peer.commands if "FETCH" in command]
    first_text = next(n for n, command in enumerate(fetches) if "BODYSTRUCTURE" not in command)
    assert first_text == 3  # seven messages in batches of three, all described by then


async def test_an_abandoned_fetch_does_not_disturb_what_comes_after_it(filled: Server) -> None:
    async with open_source(filled, batch=2) as source:
        for _ in range(3):
            await anext(source.fetch_since(None))
            assert (await source.check()).n_messages == 10
        batches = await read(source)

    assert len(ids(batches)) == 10
    assert all(a.cursor.first_uid > b.cursor.first_uid for a, b in pairwise(batches))


async def test_a_server_that_says_more_than_it_was_asked_and_in_pieces_is_understood(
    peer: ScriptedPeer,
) -> None:
    peer.chatty = True

    async with open_source(peer) as source:
        batches = await read(source)

    assert ids(batches) == list("7654321")
    assert all("the plan is ready" in (message.text or "") for batch in batches for message in batch.messages)


async def test_a_message_that_a_server_refuses_with_all_that_were_asked_for_stops_none(
    peer: ScriptedPeer,
) -> None:
    """Dovecot answers [SERVERBUG] to a whole FETCH when it cannot read one file."""
    peer.instead = [("BODYSTRUCTURE", "NO [SERVERBUG] Internal error"), ("BODY.PEEK[1]", "NO [SERVERBUG] oh")]

    async with open_source(peer) as source:
        batches = await read(source)

    assert ids(batches) == list("7654321")
    assert all("the plan is ready" in (message.text or "") for batch in batches for message in batch.messages)


async def test_what_is_taken_out_while_the_link_is_down_is_told_with_the_next_batch(
    peer: ScriptedPeer,
) -> None:
    """The cursor's modseq moved on with the second look; what that look found was once dropped."""
    peer.capabilities, peer.modseq = SERVERS["qresync"], 10
    async with open_source(peer) as source:
        reading = source.fetch_since(Cursor("Sent", 7, last_uid=4, first_uid=4, modseq=10), [4])
        first = await anext(reading)
        peer.take_out(4)
        peer.hang_up()

        rest = [batch async for batch in reading]

    assert first.gone == () and rest[0].gone == (4,)
    assert ids([first, *rest]) == list("567321")
