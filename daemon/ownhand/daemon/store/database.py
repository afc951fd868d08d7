"""One SQLite connection: how it is opened, brought up to date, and committed to.

Owned by the event-loop thread alone. Knows nothing of what the tables mean.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from ownhand.daemon.errors import Reason, StorageFailed
from ownhand.daemon.store.migrations import MIGRATIONS, Migration

Row = sqlite3.Row
Value = str | int | float | None

_APPLIED = """CREATE TABLE IF NOT EXISTS migration (
                name TEXT PRIMARY KEY, applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
              ) STRICT"""


class Database:
    """A connection whose every error says what the person can do."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._depth = 0

    @classmethod
    def open(cls, path: Path | None) -> "Database":
        """Opens or makes the database and migrates it; None is one in memory, for tests."""
        if path is not None:
            # 0600 from the first instant: SQLite gives its -wal and -shm files the mode of the main file.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        with _translated():
            connection = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=5.0)
            connection.row_factory = sqlite3.Row
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
                connection.execute(f"PRAGMA {pragma}")
            database = cls(connection)
            migrate(connection, MIGRATIONS, path)
        return database

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Nested ones belong to the outermost."""
        if self._depth:
            yield
            return
        with _translated():
            self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a full disk has rolled back by itself
                    self._db.execute("ROLLBACK")
                raise
            finally:
                self._depth -= 1

    def rows(self, sql: str, *values: Value) -> list[Row]:
        with _translated():
            return self._db.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Value) -> Row | None:
        with _translated():
            row: Row | None = self._db.execute(sql, values).fetchone()
        return row

    def count(self, sql: str, *values: Value) -> int:
        row = self.row(sql, *values)
        return int(row[0] or 0) if row else 0

    def write(self, sql: str, *values: Value) -> int:
        """Changes rows and says how many."""
        with _translated():
            return self._db.execute(sql, values).rowcount

    def write_many(self, sql: str, rows: Sequence[Sequence[Value]]) -> None:
        with _translated():
            self._db.executemany(sql, rows)

    def forget_traces(self) -> None:
        """Leaves nothing of deleted rows in the files: what was deleted is overwritten (secure_delete)."""
        with _translated():
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def compact(self) -> None:
        """Leaves no trace of deleted rows in the files."""
        with _translated():
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self._db.close()


def migrate(db: sqlite3.Connection, steps: Sequence[Migration], path: Path | None) -> None:
    """Brings the schema up to date. A step and its record commit together, or not at all.

    Raises StorageFailed for a database with a step that this program does not know.
    """
    db.execute(_APPLIED)
    applied = {row[0] for row in db.execute("SELECT name FROM migration")}
    unknown = applied - {step.__name__ for step in steps}
    if unknown:
        raise StorageFailed(
            f"the database was written by a newer version ({len(unknown)} unknown steps)",
            hint="install that version again; nothing was changed",
            reason=Reason.INTERNAL,
        )
    missing = [step for step in steps if step.__name__ not in applied]
    if missing and applied and path is not None:
        _back_up(db, path)
    for step in missing:
        db.execute("BEGIN IMMEDIATE")
        try:
            step(db)
            db.execute("INSERT INTO migration (name) VALUES (?)", (step.__name__,))
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise


def _back_up(db: sqlite3.Connection, path: Path) -> None:
    backup = path.with_suffix(".before-migration.db")
    backup.unlink(missing_ok=True)
    db.execute("VACUUM INTO ?", (str(backup),))
    backup.chmod(0o600)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as exc:
        code = getattr(exc, "sqlite_errorcode", None)
        if code == sqlite3.SQLITE_FULL:
            raise StorageFailed(
                "the disk is full", hint="free some space and try again; nothing is lost"
            ) from exc
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise StorageFailed(
                "the database file is damaged",
                hint="put a backup in its place, or erase and learn again",
                reason=Reason.INTERNAL,
            ) from exc
        raise


def text_of(moment: datetime) -> str:
    """A moment as it is kept: ISO 8601 in UTC, which sorts as text."""
    return moment.isoformat(timespec="microseconds")


def moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text)
