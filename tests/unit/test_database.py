"""The database opens, migrates, and fails in ways that a person can act on."""

import sqlite3
import stat
from pathlib import Path

import pytest
from ownhand.daemon.errors import Reason, StorageFailed
from ownhand.daemon.store.database import Database, migrate
from ownhand.daemon.store.migrations import MIGRATIONS

SCHEMA = Path(__file__).parent.parent / "schema.sql"


def schema_of(path: Path) -> str:
    db = sqlite3.connect(path)
    rows = db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").fetchall()
    db.close()
    return "\n".join(" ".join(sql.split()) + ";" for (sql,) in rows) + "\n"


def test_the_schema_is_the_one_that_is_written_down(tmp_path: Path) -> None:
    path = tmp_path / "ownhand.db"

    Database.open(path).close()

    assert schema_of(path) == SCHEMA.read_text(), "a new step changes tests/schema.sql too"


def test_the_database_and_its_companions_are_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "ownhand.db"

    database = Database.open(path)

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {"ownhand.db": 0o600, "ownhand.db-wal": 0o600, "ownhand.db-shm": 0o600}
    database.close()


def test_a_newer_database_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "ownhand.db"
    database = Database.open(path)
    database.write("INSERT INTO migration (name) VALUES ('m9999_from_the_future')")
    database.close()
    before = schema_of(path)

    with pytest.raises(StorageFailed, match="newer version") as caught:
        Database.open(path)

    assert "install that version again" in caught.value.hint
    assert schema_of(path) == before


def test_a_step_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def m0001_breaks(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE half (a TEXT) STRICT")
        raise RuntimeError("power cut")

    db = sqlite3.connect(tmp_path / "x.db", isolation_level=None)

    with pytest.raises(RuntimeError):
        migrate(db, [m0001_breaks], None)

    assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)
    db.close()


def test_a_database_of_an_earlier_step_is_backed_up_and_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "ownhand.db"
    db = sqlite3.connect(path, isolation_level=None)
    migrate(db, MIGRATIONS[:1], path)
    db.execute("INSERT INTO account VALUES ('work', 'ana@example.org', 'Ana', 'imap')")
    db.close()

    database = Database.open(path)

    assert database.count("SELECT count(*) FROM account") == 1
    assert (tmp_path / "ownhand.before-migration.db").exists()
    database.close()


def test_a_full_disk_is_said_so_and_the_rows_before_it_stay(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "ownhand.db")
    database.write("INSERT INTO account VALUES ('work', 'a@example.org', 'A', 'imap', '')")
    pages = database.count("PRAGMA page_count")
    database.row(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(StorageFailed) as caught, database.transaction():
        database.write("INSERT INTO account VALUES (?, '', '', 'imap', '')", "x" * 500_000)

    assert caught.value.reason is Reason.DISK_FULL
    assert "free some space" in caught.value.hint
    assert database.count("SELECT count(*) FROM account") == 1
    database.close()


def test_a_file_that_is_no_database_is_named_damaged(tmp_path: Path) -> None:
    path = tmp_path / "ownhand.db"
    path.write_bytes(b"not a database, surely" * 100)

    with pytest.raises(StorageFailed, match="damaged"):
        Database.open(path)
