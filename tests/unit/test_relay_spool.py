"""The copies for learning: whole or not at all, for their owner alone, and gone when they were learned."""

import os
import shutil
from pathlib import Path

import pytest
from ownhand.daemon.domain import Cursor, MessageId
from ownhand.daemon.errors import NotReady, StorageFailed
from ownhand.daemon.mail.relay import spool as module
from ownhand.daemon.mail.relay.secret import relay_secret
from ownhand.daemon.mail.relay.spool import MAX_COPY, Copy, RelayedSource, Spool
from ownhand.daemon.ports import Fetched


def put(spool: Spool, n: int) -> None:
    copy = Copy(spool)
    copy.write(b"Message-ID: <%d@example.org>\r\nFrom: mara@example.org\r\n\r\nHi Sam\r\n" % n)
    copy.keep()


async def fetch(source: RelayedSource, cursor: Cursor | None = None) -> list[Fetched]:
    return [batch async for batch in source.fetch_since(cursor)]


def ids(batches: list[Fetched]) -> list[str]:
    return [message.message_id for batch in batches for message in batch.messages]


def n_files(folder: Path) -> int:
    return len(os.listdir(folder / "new")) + len(os.listdir(folder / "tmp"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "relayed" / "spool"


async def test_a_copy_stays_until_what_was_read_of_it_is_committed(folder: Path) -> None:
    spool, source = Spool(folder), RelayedSource(folder)
    put(spool, 1)
    put(spool, 2)
    (first,) = await fetch(source)
    assert ids(await fetch(source)) == ["<1@example.org>", "<2@example.org>"]  # nobody committed it

    put(spool, 3)
    assert ids(await fetch(source, first.cursor)) == ["<3@example.org>"]
    assert n_files(folder) == 1


async def test_what_was_committed_goes_when_the_source_is_closed(folder: Path) -> None:
    spool, committed = Spool(folder), []
    source = RelayedSource(folder, lambda: committed[-1] if committed else None)
    put(spool, 1)
    (batch,) = await fetch(source)
    await source.aclose()
    assert n_files(folder) == 1

    committed.append(batch.cursor)
    await source.aclose()
    assert n_files(folder) == 0


async def test_numbers_grow_over_restarts_even_when_all_was_learned(folder: Path) -> None:
    cursor = None
    for n in range(3):
        spool, source = Spool(folder), RelayedSource(folder)
        put(spool, n)
        batches = await fetch(source, cursor)
        assert ids(batches) == [f"<{n}@example.org>"]
        cursor = batches[-1].cursor
        spool.close()


async def test_when_all_was_erased_numbers_begin_another_life(folder: Path) -> None:
    spool, source = Spool(folder), RelayedSource(folder)
    put(spool, 1)
    (before,) = await fetch(source)
    shutil.rmtree(folder.parent)

    put(spool, 2)

    (after,) = await fetch(source, before.cursor)
    assert ids([after]) == ["<2@example.org>"]
    assert after.cursor.uidvalidity != before.cursor.uidvalidity


async def test_nothing_that_was_learned_ever_counts_as_deleted(folder: Path) -> None:
    spool, source = Spool(folder), RelayedSource(folder)
    put(spool, 1)
    (batch,) = await fetch(source)
    (after,) = [
        b async for b in source.fetch_since(batch.cursor, [message.uid for message in batch.messages])
    ]

    assert (after.gone, after.messages, after.cursor) == ((), (), batch.cursor)
    assert await source.present([MessageId("<1@example.org>")]) == {"<1@example.org>"}


async def test_before_the_relay_has_run_there_is_nothing(folder: Path) -> None:
    source = RelayedSource(folder)
    (batch,) = await fetch(source)

    assert batch.messages == ()
    assert (await source.check()).n_messages == 0


async def test_each_message_has_a_number_of_its_own(folder: Path) -> None:
    spool = Spool(folder)
    for n in range(5):
        put(spool, n)
    (batch,) = await fetch(RelayedSource(folder))

    assert len({message.uid for message in batch.messages}) == 5


def test_a_discarded_copy_leaves_nothing(folder: Path) -> None:
    copy = Copy(Spool(folder))
    copy.write(b"Subject: secret\r\n")
    copy.discard()

    assert n_files(folder) == 0


def test_copies_of_a_relay_that_was_killed_go_when_it_starts_again(folder: Path) -> None:
    spool = Spool(folder)
    Copy(spool).write(b"Subject: half\r\n")
    spool.close()

    Spool(folder)
    assert n_files(folder) == 0


def test_of_a_long_message_the_beginning_is_kept(folder: Path) -> None:
    copy = Copy(Spool(folder))
    for _ in range(300):
        copy.write(b"x" * 10_001)
    copy.keep()

    (file,) = (folder / "new").iterdir()
    assert file.stat().st_size == MAX_COPY


def test_copies_that_nobody_reads_do_not_fill_the_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_COPIES", 100)
    spool = Spool(folder)
    for n in range(250):
        put(spool, n)

    assert n_files(folder) == 100


def test_a_disk_that_fails_costs_the_copy_alone(folder: Path) -> None:
    spool = Spool(folder)
    copy = Copy(spool)
    shutil.rmtree(folder)
    copy.write(b"a")
    copy.keep()

    assert not folder.exists()


def test_two_relays_do_not_write_to_one_spool(folder: Path) -> None:
    spool = Spool(folder)
    with pytest.raises(StorageFailed, match="another relay"):
        Spool(folder)
    spool.close()


def test_the_secret_is_made_once_and_anew_when_asked(tmp_path: Path) -> None:
    first = relay_secret(tmp_path / "relay", "work")
    assert len(first) == 32
    assert relay_secret(tmp_path / "relay", "work") == first
    assert relay_secret(tmp_path / "relay", "home") != first
    assert relay_secret(tmp_path / "relay", "work", new=True) != first
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "relay").iterdir()} == {0o600}


def test_a_secret_that_others_can_read_is_none(tmp_path: Path) -> None:
    relay_secret(tmp_path, "work")
    for file in tmp_path.iterdir():
        file.chmod(0o644)
    with pytest.raises(NotReady, match="others on this machine"):
        relay_secret(tmp_path, "work")
