"""What every MailSource keeps to: over IMAP against two real servers, and over files."""

import asyncio
import mailbox
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest
from imap_servers import PASSWORD, USER, Server, dovecot_server, pymap_server
from ownhand.daemon.domain import Cursor
from ownhand.daemon.mail.files import FilesSource
from ownhand.daemon.mail.imap.source import ImapSource, Patience
from ownhand.daemon.mail.relay.spool import Copy, RelayedSource, Spool
from ownhand.daemon.ports import Fetched, MailSource

QUICK = Patience(connect_s=5, read_s=5, idle_s=5, poll_s=0.2, backoff_s=0.01)


def mail(n: int, text: str = "", sender: str = USER) -> bytes:
    message = EmailMessage()
    message["Message-ID"] = f"<{n}@example.org>"
    message["Date"] = f"Mon, 2 Mar 2026 10:{n // 60 % 60:02}:{n % 60:02} +0000"
    message["From"] = f"Mara <{sender}>"
    message["To"] = "Ana <ana@example.com>"
    message["Subject"] = f"Plan {n}"
    message.set_content(text or f"Dear Ana,\n\nthe plan number {n} is ready.\n\nYours, Mara\n")
    return message.as_bytes(policy=message.policy.clone(linesep="\r\n"))


@dataclass
class Mailbox:
    """Where sent mail lies: a way to put mail there, and a source that reads it."""

    put: Callable[[Sequence[bytes]], None]
    source: Callable[[], MailSource]
    take: Callable[[Sequence[str]], None] = lambda ids: None  # out again; only on servers


@pytest.fixture(scope="module")
def pymap() -> Iterator[Server]:
    with pymap_server() as server:
        yield server


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Server]:
    with dovecot_server() as server:
        yield server


def imap_box(server: Server) -> Mailbox:
    # One server for all tests, each with an empty folder: they take long to start or to end.
    with server.client() as client:
        if client.folder_exists("Sent"):
            client.delete_folder("Sent")
        client.create_folder("Sent")
    return Mailbox(server.append, lambda: imap_source(server), server.delete)


def mbox_box(folder: Path) -> Mailbox:
    path = folder / "sent.mbox"

    def put(messages: Sequence[bytes]) -> None:
        with path.open("ab") as file:
            for message in messages:
                file.write(b"From - Mon Mar  2 10:00:00 2026\n" + message.replace(b"\r\n", b"\n") + b"\n")

    return Mailbox(put, lambda: FilesSource(path, (USER,), batch=4, poll_s=0.05))


def maildir_box(folder: Path) -> Mailbox:
    box = mailbox.Maildir(folder / "sent")

    def put(messages: Sequence[bytes]) -> None:
        for message in messages:
            box.add(message)

    return Mailbox(put, lambda: FilesSource(folder / "sent", (USER,), batch=4, poll_s=0.05))


def relay_box(folder: Path) -> Mailbox:
    spool = Spool(folder / "spool")
    spool.close()  # of its lock alone

    def put(messages: Sequence[bytes]) -> None:
        for message in messages:
            copy = Copy(spool)
            copy.write(message)
            copy.keep()

    return Mailbox(put, lambda: RelayedSource(folder / "spool", batch=4, poll_s=0.05))


@pytest.fixture(params=["pymap", "dovecot", "mbox", "maildir", "relay"])
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Mailbox:
    if request.param in ("pymap", "dovecot"):
        return imap_box(request.getfixturevalue(request.param))
    return {"mbox": mbox_box, "maildir": maildir_box, "relay": relay_box}[request.param](tmp_path)


@pytest.fixture(params=["pymap", "dovecot"])
def on_server(request: pytest.FixtureRequest) -> Mailbox:
    return imap_box(request.getfixturevalue(request.param))


def imap_source(server: Server) -> ImapSource:
    return ImapSource(server.host, server.port, USER, lambda: PASSWORD, tls=False, batch=4, patience=QUICK)


async def read_all(
    source: MailSource, cursor: Cursor | None = None, known: Sequence[int] = ()
) -> list[Fetched]:
    try:
        return [batch async for batch in source.fetch_since(cursor, known)]
    finally:
        await source.aclose()


def ids(batches: Sequence[Fetched]) -> list[str]:
    return [message.message_id for batch in batches for message in batch.messages]


async def test_gives_every_mail_once(box: Mailbox) -> None:
    box.put([mail(n) for n in range(5)])

    batches = await read_all(box.source())

    assert sorted(ids(batches)) == [f"<{n}@example.org>" for n in range(5)]
    assert batches[-1].total == 5


async def test_over_imap_the_newest_comes_first_and_each_has_its_number(on_server: Mailbox) -> None:
    on_server.put([mail(n) for n in range(9)])

    batches = await read_all(on_server.source())

    uids = [message.uid for batch in batches for message in batch.messages]
    assert ids(batches) == [f"<{8 - n}@example.org>" for n in range(9)]
    assert uids == sorted(uids, reverse=True) and uids[-1] > 0
    assert batches[0].cursor.last_uid == uids[0] and batches[-1].cursor.first_uid == 1


async def test_what_came_meanwhile_is_read_before_the_rest(on_server: Mailbox) -> None:
    on_server.put([mail(n) for n in range(6)])
    source = on_server.source()
    first = await anext(source.fetch_since(None))
    on_server.put([mail(6), mail(7)])

    rest = await read_all(source, first.cursor)

    assert ids(rest) == [f"<{n}@example.org>" for n in (6, 7, 1, 0)]


async def test_what_was_taken_out_is_told_once_it_is(on_server: Mailbox) -> None:
    on_server.put([mail(n) for n in range(5)])
    source = on_server.source()
    first = [batch async for batch in source.fetch_since(None)]
    known = sorted(message.uid for batch in first for message in batch.messages)
    on_server.take(["<1@example.org>", "<3@example.org>"])

    (now,) = [batch async for batch in source.fetch_since(first[-1].cursor, known)]
    (later,) = await read_all(source, now.cursor, [uid for uid in known if uid not in now.gone])

    assert now.gone == (known[1], known[3]) and not now.messages
    assert later.gone == ()


async def test_what_was_taken_out_while_nobody_looked_is_told(on_server: Mailbox) -> None:
    on_server.put([mail(n) for n in range(5)])
    first = await read_all(on_server.source())
    known = sorted(message.uid for batch in first for message in batch.messages)
    on_server.take(["<4@example.org>"])
    on_server.put([mail(5)])

    (batch,) = await read_all(on_server.source(), first[-1].cursor, known)

    assert batch.gone == (known[4],) and ids([batch]) == ["<5@example.org>"]


async def test_reads_words_and_people_of_a_mail(box: Mailbox) -> None:
    box.put([mail(1, "Grüße aus Köln\n")])

    (batch,) = await read_all(box.source())

    (message,) = batch.messages
    assert message.text is not None and message.text.strip() == "Grüße aus Köln"
    assert message.sender == (USER, "Mara")
    assert message.to == (("ana@example.com", "Ana"),)
    assert message.skip is None


async def test_reads_only_what_came_after_the_cursor(box: Mailbox) -> None:
    box.put([mail(1), mail(2)])
    first = await read_all(box.source())
    box.put([mail(3)])

    second = await read_all(box.source(), first[-1].cursor)

    assert ids(second) == ["<3@example.org>"]


async def test_says_that_nothing_is_new_with_a_batch_whose_cursor_stands_still(box: Mailbox) -> None:
    box.put([mail(1)])
    (first,) = await read_all(box.source())

    (second,) = await read_all(box.source(), first.cursor)

    assert second == Fetched((), first.cursor, 0)


async def test_begins_anew_when_the_cursor_is_of_another_life_of_the_folder(box: Mailbox) -> None:
    box.put([mail(1), mail(2)])
    (first,) = await read_all(box.source())
    other = Cursor(first.cursor.folder, first.cursor.uidvalidity ^ 1, first.cursor.last_uid)

    batches = await read_all(box.source(), other)

    assert sorted(ids(batches)) == ["<1@example.org>", "<2@example.org>"]


async def test_splits_much_mail_into_batches_that_can_be_taken_up_one_by_one(box: Mailbox) -> None:
    box.put([mail(n) for n in range(9)])
    batches = await read_all(box.source())

    rest = await read_all(box.source(), batches[0].cursor)

    assert len(batches) > 1
    assert sorted(ids(batches[:1]) + ids(rest)) == [f"<{n}@example.org>" for n in range(9)]


async def test_counts_the_mails_when_it_is_checked(box: Mailbox) -> None:
    box.put([mail(1), mail(2)])
    source = box.source()

    found = await source.check()
    await source.aclose()

    assert found.n_messages == 2


async def test_a_reader_that_stops_early_leaves_the_source_usable(box: Mailbox) -> None:
    box.put([mail(n) for n in range(9)])
    source = box.source()
    async for _ in source.fetch_since(None):
        break

    batches = await read_all(source)

    assert len(ids(batches)) == 9


async def test_the_wait_ends_when_mail_is_sent_and_tells_of_it_once(box: Mailbox) -> None:
    box.put([mail(1)])
    source = box.source()
    _ = [batch async for batch in source.fetch_since(None)]
    waiting = asyncio.ensure_future(source.wait())

    await asyncio.to_thread(box.put, [mail(2)])
    async with asyncio.timeout(3):
        await waiting
    again = asyncio.ensure_future(source.wait())
    _, still = await asyncio.wait({again}, timeout=0.3)
    await source.aclose()

    assert still == {again}
