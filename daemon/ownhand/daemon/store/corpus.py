"""The SQL of accounts, cursors and originals."""

import json
from collections.abc import Sequence
from datetime import datetime

from ownhand.daemon.domain import (
    AccountName,
    Correspondent,
    Cursor,
    Letter,
    MessageId,
    Original,
    RecipientKind,
)
from ownhand.daemon.store.database import Database, Row, moment_of, text_of

ORIGINAL = """o.account, o.message_id, o.sent_at, o.thread, o.sender, o.recipients, o.kind, o.subject,
              o.reply, o.context, o.language, o.text"""


class Corpus:
    def __init__(self, db: Database) -> None:
        self._db = db

    # accounts

    def add_account(self, name: AccountName, person: Correspondent, source: str) -> None:
        """Makes the account known, or brings its address and name up to date."""
        self._db.write(
            """INSERT INTO account VALUES (?, ?, ?, ?)
               ON CONFLICT (name) DO UPDATE SET address = excluded.address,
                 display_name = excluded.display_name, source = excluded.source""",
            name, person.address, person.name, source,
        )  # fmt: skip

    def accounts(self) -> list[tuple[AccountName, Correspondent, str]]:
        rows = self._db.rows("SELECT * FROM account ORDER BY name")
        return [
            (AccountName(r["name"]), Correspondent(r["address"], r["display_name"]), r["source"])
            for r in rows
        ]

    # cursors

    def cursor(self, account: AccountName, source: str = "") -> Cursor | None:
        """How far the account's server, or an imported file, has been read."""
        row = self._db.row("SELECT * FROM cursor WHERE account = ? AND source = ?", account, source)
        return Cursor(row["folder"], row["uidvalidity"], row["last_uid"]) if row else None

    def collected_at(self, account: AccountName) -> datetime | None:
        row = self._db.row("SELECT max(collected_at) AS at FROM cursor WHERE account = ?", account)
        return moment_of(row["at"]) if row and row["at"] else None

    def commit_batch(
        self,
        account: AccountName,
        cursor: Cursor,
        originals: Sequence[Original],
        skipped: Sequence[tuple[MessageId, str]],
        *,
        source: str = "",
        at: datetime,
    ) -> int:
        """Adds what was read and how far, in one transaction. Gives the number of new originals."""
        with self._db.transaction():
            added = sum(self._add(original) for original in originals)
            self._db.write_many(
                "INSERT OR IGNORE INTO skipped VALUES (?, ?, ?)", [(account, i, r) for i, r in skipped]
            )
            self._db.write(
                "INSERT OR REPLACE INTO cursor VALUES (?, ?, ?, ?, ?, ?)",
                account, source,
                cursor.folder, cursor.uidvalidity, cursor.last_uid, text_of(at),
            )  # fmt: skip
        return added

    def _add(self, original: Original) -> int:
        letter = original.letter
        people = json.dumps([[p.address, p.name] for p in letter.to], ensure_ascii=False)
        sender = json.dumps([letter.sender.address, letter.sender.name], ensure_ascii=False)
        # The same mail saved twice has two ids at most providers; its digest is the same.
        return self._db.write(
            "INSERT OR IGNORE INTO original VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            original.account, original.message_id, text_of(original.sent_at), original.thread, sender, people,
            letter.kind.value, letter.subject, int(letter.reply), letter.context, letter.language,
            original.text, original.digest,
        )  # fmt: skip

    # originals

    def originals(self, account: AccountName) -> list[Original]:
        """All of an account, oldest first."""
        rows = self._db.rows(
            f"SELECT {ORIGINAL} FROM original o WHERE account = ? ORDER BY sent_at, message_id", account
        )
        return [original_of(row) for row in rows]

    def original(self, account: AccountName, message_id: MessageId) -> Original | None:
        row = self._db.row(
            f"SELECT {ORIGINAL} FROM original o WHERE account = ? AND message_id = ?", account, message_id
        )
        return original_of(row) if row else None

    def thread_of(self, account: AccountName, ids: Sequence[MessageId]) -> MessageId | None:
        """The thread that one of these messages belongs to, if it is known."""
        marks = ", ".join("?" * len(ids))
        row = self._db.row(
            f"SELECT thread FROM original WHERE account = ? AND message_id IN ({marks}) ORDER BY sent_at",
            account, *ids,
        )  # fmt: skip
        return MessageId(row["thread"]) if row else None

    def n_originals(self, account: AccountName) -> int:
        return self._db.count("SELECT count(*) FROM original WHERE account = ?", account)

    def sent_at_from_end(self, account: AccountName, n: int) -> datetime | None:
        """When the nth newest original was sent; None when there are not so many."""
        row = self._db.row(
            "SELECT sent_at FROM original WHERE account = ? ORDER BY sent_at DESC LIMIT 1 OFFSET ?",
            account, max(0, n - 1),
        )  # fmt: skip
        return moment_of(row["sent_at"]) if row and n > 0 else None

    def n_skipped(self, account: AccountName) -> dict[str, int]:
        rows = self._db.rows(
            "SELECT reason, count(*) AS n FROM skipped WHERE account = ? GROUP BY reason ORDER BY reason",
            account,
        )
        return {row["reason"]: row["n"] for row in rows}

    def n_by(self, account: AccountName, column: str) -> dict[str, int]:
        """Originals counted by `language` or `kind`."""
        if column not in ("language", "kind"):
            raise ValueError(column)
        rows = self._db.rows(
            f"SELECT {column} AS v, count(*) AS n FROM original WHERE account = ? GROUP BY v ORDER BY v",
            account,
        )
        return {row["v"]: row["n"] for row in rows}

    def began_as_draft(self, account: AccountName, digest: str, message_id: MessageId) -> bool:
        """Whether this is a draft of ours that was sent as it was: the agent must not learn from itself."""
        n = self._db.count(
            """SELECT count(*) FROM draft d LEFT JOIN outcome o ON o.draft_id = d.id
               WHERE d.account = ? AND (d.digest = ? OR (o.message_id = ? AND o.kept > 0.98))""",
            account,
            digest,
            message_id,
        )
        return n > 0

    # forgetting

    def forget(self, account: AccountName, *, message_id: str = "", address: str = "") -> int:
        """Removes originals with all that was made of them, and keeps them from coming back."""
        with self._db.transaction():
            rows = self._db.rows(
                """SELECT message_id FROM original WHERE account = ?1 AND (message_id = ?2 OR (?3 <> '' AND
                     EXISTS (SELECT 1 FROM json_each(recipients) r
                             WHERE lower(json_extract(r.value, '$[0]')) = lower(?3))))""",
                account, message_id, address,
            )  # fmt: skip
            for row in rows:
                self._db.write(
                    "DELETE FROM original WHERE account = ? AND message_id = ?", account, row["message_id"]
                )
                self._db.write(
                    "INSERT OR REPLACE INTO skipped VALUES (?, ?, 'forgotten')", account, row["message_id"]
                )
            self._db.write(
                """DELETE FROM rule WHERE account = ? AND origin <> 'person' AND muted = 0 AND deleted = 0
                   AND NOT EXISTS (SELECT 1 FROM finding f WHERE f.rule_id = rule.id)""",
                account,
            )
        if rows:
            self._db.compact()
        return len(rows)


def original_of(row: Row) -> Original:
    sender = json.loads(row["sender"])
    return Original(
        message_id=MessageId(row["message_id"]),
        account=AccountName(row["account"]),
        sent_at=moment_of(row["sent_at"]),
        thread=MessageId(row["thread"]),
        letter=Letter(
            sender=Correspondent(*sender),
            to=tuple(Correspondent(*pair) for pair in json.loads(row["recipients"])),
            kind=RecipientKind(row["kind"]),
            subject=row["subject"],
            reply=bool(row["reply"]),
            context=row["context"],
            language=row["language"],
        ),
        text=row["text"],
    )
