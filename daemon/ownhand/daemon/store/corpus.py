"""The SQL of accounts, cursors and originals."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from ownhand.daemon.domain import (
    AccountName,
    Correspondent,
    Identity,
    Letter,
    MessageId,
    Original,
    RecipientKind,
)
from ownhand.daemon.store.database import Database, Row, moment_of, text_of

ORIGINAL = """o.account, o.message_id, o.sent_at, o.thread, o.sender, o.recipients, o.kind, o.subject,
              o.reply, o.context, o.language, o.text"""

_WAITS = timedelta(days=30)  # exact words of a mail, for the mail


class Corpus:
    def __init__(self, db: Database) -> None:
        self._db = db

    # accounts

    def add_account(
        self, name: AccountName, person: Correspondent, source: str, voice: AccountName | None = None
    ) -> None:
        """Makes the account known, or brings it up to date. `voice` is whose voice its mail teaches."""
        self._db.write(
            """INSERT INTO account VALUES (?, ?, ?, ?, ?)
               ON CONFLICT (name) DO UPDATE SET address = excluded.address, voice = excluded.voice,
                 display_name = excluded.display_name, source = excluded.source""",
            name, person.address, person.name, source, voice or "",
        )  # fmt: skip

    def accounts(self) -> list[tuple[AccountName, Correspondent, str]]:
        rows = self._db.rows("SELECT * FROM account ORDER BY name")
        return [
            (AccountName(r["name"]), Correspondent(r["address"], r["display_name"]), r["source"])
            for r in rows
        ]

    # identities

    def set_identities(self, account: AccountName, identities: Sequence[Identity]) -> None:
        """The addresses that the person writes from, in the place of those known before."""
        with self._db.transaction():
            self._db.write("DELETE FROM identity WHERE account = ?", account)
            self._db.write_many(
                "INSERT OR REPLACE INTO identity VALUES (?, ?, ?, ?)",
                [(account, i.person.address, i.person.name, i.voice) for i in identities],
            )

    def identities(self, account: AccountName) -> list[Identity]:
        """The account's own address first."""
        rows = self._db.rows(
            """SELECT a.address, a.display_name, iif(a.voice = '', a.name, a.voice) AS voice, 0 AS place
               FROM account a WHERE a.name = ?1
               UNION ALL SELECT address, display_name, voice, 1 FROM identity WHERE account = ?1
               ORDER BY place, address""",
            account,
        )
        return [
            Identity(Correspondent(r["address"], r["display_name"]), AccountName(r["voice"])) for r in rows
        ]

    def name_used(self, voice: AccountName, address: str) -> str:
        """The display name that stands on most mail from this address; empty where none does."""
        row = self._db.row(
            """SELECT json_extract(sender, '$[1]') AS name, count(*) AS n FROM original
               WHERE account = ? AND lower(json_extract(sender, '$[0]')) = lower(?) AND name <> ''
               GROUP BY name ORDER BY n DESC, name LIMIT 1""",
            voice, address,
        )  # fmt: skip
        return str(row["name"]) if row else ""

    # keeping

    def add(self, original: Original) -> int:
        """Adds what is not known under another id, nor forgotten; gives how many were added, 0 or 1."""
        if self._db.count(
            "SELECT count(*) FROM skipped WHERE account = ? AND message_id = ? AND reason = 'forgotten'",
            original.account, original.message_id,
        ):  # fmt: skip
            return 0
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

    def skip(self, account: AccountName, message_id: MessageId, reason: str) -> None:
        self._db.write("INSERT OR IGNORE INTO skipped VALUES (?, ?, ?)", account, message_id, reason)

    def known_as(self, original: Original) -> MessageId | None:
        """The id under which this mail, or its copy, is kept."""
        row = self._db.row(
            "SELECT message_id FROM original WHERE account = ?1 AND (message_id = ?2 OR digest = ?3)",
            original.account, original.message_id, original.digest,
        )  # fmt: skip
        return MessageId(row["message_id"]) if row else None

    def replace(self, originals: Sequence[Original]) -> None:
        """Keeps other words of the same messages; what was made of the former ones goes."""
        with self._db.transaction():
            for original in originals:
                self._delete(original.account, original.message_id)
                self.add(original)

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

    # exact words

    def add_written(self, message_id: MessageId, text: str, at: datetime) -> None:
        """Keeps the exact words of a sent mail until it is read, for a month at most.

        The mail may have been read already, and the words been cut out of it: then these replace them, unless
        something was made of those.
        """
        with self._db.transaction():
            self._db.write("DELETE FROM written WHERE recorded_at < ?", text_of(at - _WAITS))
            self._db.write(
                """UPDATE original SET text = ? WHERE message_id = ?
                   AND NOT EXISTS (SELECT 1 FROM intent i WHERE i.account = original.account
                                     AND i.message_id = original.message_id)""",
                text, message_id,
            )  # fmt: skip
            if not self._db.count("SELECT count(*) FROM original WHERE message_id = ?", message_id):
                self._db.write(
                    "INSERT OR REPLACE INTO written VALUES (?, ?, ?)", message_id, text, text_of(at)
                )

    def forget_written(self) -> None:
        """All of them: what they were written to is not known before the mail is read."""
        self._db.write("DELETE FROM written")

    def written(self) -> dict[MessageId, str]:
        return {MessageId(r["message_id"]): r["text"] for r in self._db.rows("SELECT * FROM written")}

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

    # signatures

    def endings(self, voice: AccountName) -> str:
        """What is known of the blocks that this person ends mails with; empty before anything is."""
        row = self._db.row("SELECT digests FROM ending WHERE voice = ?", voice)
        return str(row["digests"]) if row else ""

    def set_endings(self, voice: AccountName, digests: str) -> None:
        self._db.write("INSERT OR REPLACE INTO ending VALUES (?, ?)", voice, digests)

    # forgetting

    def written_to(self, account: AccountName, address: str) -> list[MessageId]:
        """Originals with this recipient, or with one at or below this domain when it is "@example.org"."""
        wanted = address.lower()
        below = f".{wanted[1:]}" if wanted.startswith("@") else ""

        def meant(recipient: str) -> bool:
            return recipient == wanted or bool(
                below and (recipient.endswith(wanted) or recipient.endswith(below))
            )

        rows = self._db.rows("SELECT message_id, recipients FROM original WHERE account = ?", account)
        return [
            MessageId(row["message_id"])
            for row in rows
            if any(meant(recipient.lower()) for recipient, _ in json.loads(row["recipients"]))
        ]

    def remove(
        self, account: AccountName, ids: Sequence[MessageId], reason: str = "", *, at: datetime | None = None
    ) -> int:
        """Removes originals with all that was made of them, and every trace from the files.

        With a reason they are kept from coming back. `at` notes that agents must be trained without them.
        """
        with self._db.transaction():
            n = sum(self._delete(account, message_id) for message_id in ids)
            for message_id in ids if reason else ():
                self._db.write("INSERT OR REPLACE INTO skipped VALUES (?, ?, ?)", account, message_id, reason)
            self._db.write_many(
                "DELETE FROM place WHERE voice = ? AND message_id = ?", [(account, i) for i in ids]
            )
            self._db.write(
                """DELETE FROM rule WHERE account = ? AND origin <> 'person'
                   AND pinned = 0 AND muted = 0 AND deleted = 0
                   AND NOT EXISTS (SELECT 1 FROM finding f WHERE f.rule_id = rule.id)""",
                account,
            )
            if n and at is not None:
                self._db.write("INSERT INTO removal VALUES (?, ?, ?)", account, text_of(at), n)
        if n:
            self._db.forget_traces()
        return n

    def n_removed_since(self, voice: AccountName, at: datetime) -> int:
        """Originals that went after an agent of that time was trained on them."""
        return self._db.count(
            "SELECT sum(n_originals) FROM removal WHERE voice = ? AND at > ?", voice, text_of(at)
        )

    def _delete(self, account: AccountName, message_id: MessageId) -> int:
        return self._db.write(
            "DELETE FROM original WHERE account = ? AND message_id = ?", account, message_id
        )


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
