"""The SQL of what stands on servers: how far each was read, what was fetched, where learned mail is."""

from collections.abc import Collection, Sequence
from datetime import datetime

from ownhand.daemon.domain import AccountName, Cursor, MessageId, Original, Place, Waiting
from ownhand.daemon.store.corpus import Corpus
from ownhand.daemon.store.database import Database, moment_of, text_of


class Mailboxes:
    def __init__(self, db: Database, corpus: Corpus) -> None:
        self._db = db
        self._corpus = corpus

    # how far

    def cursor(self, account: AccountName, source: str = "") -> Cursor | None:
        """How far the account's server, or an imported file, has been read."""
        row = self._db.row("SELECT * FROM cursor WHERE account = ? AND source = ?", account, source)
        if row is None:
            return None
        return Cursor(row["folder"], row["uidvalidity"], row["last_uid"], row["first_uid"], row["modseq"])

    def collected_at(self, account: AccountName) -> datetime | None:
        row = self._db.row("SELECT max(collected_at) AS at FROM cursor WHERE account = ?", account)
        return moment_of(row["at"]) if row and row["at"] else None

    def paused(self, account: AccountName) -> bool:
        return bool(self._db.count("SELECT count(*) FROM pause WHERE account = ?", account))

    def pause(self, account: AccountName, paused: bool) -> None:
        if paused:
            self._db.write("INSERT OR IGNORE INTO pause VALUES (?)", account)
        else:
            self._db.write("DELETE FROM pause WHERE account = ?", account)

    # what was fetched

    def add_fetched(
        self,
        account: AccountName,
        cursor: Cursor,
        messages: Sequence[tuple[int, str]],
        gone: Collection[int] = (),
        *,
        source: str = "",
        at: datetime,
    ) -> None:
        """Adds what was read, UIDs with packed messages, and how far, in one transaction."""
        with self._db.transaction():
            self._db.write_many(
                """INSERT INTO fetched (account, source, folder, uidvalidity, uid, message)
                   VALUES (?, ?, ?, ?, ?, ?)""",
                [(account, source, cursor.folder, cursor.uidvalidity, uid, text) for uid, text in messages],
            )
            self._db.write_many(
                "UPDATE place SET gone = 1 WHERE account = ? AND folder = ? AND uidvalidity = ? AND uid = ?",
                [(account, cursor.folder, cursor.uidvalidity, uid) for uid in gone],
            )
            self._db.write_many(
                "DELETE FROM fetched WHERE account = ? AND folder = ? AND uidvalidity = ? AND uid = ?",
                [(account, cursor.folder, cursor.uidvalidity, uid) for uid in gone],
            )
            self._db.write(
                """INSERT OR REPLACE INTO cursor
                   (account, source, folder, uidvalidity, last_uid, first_uid, modseq, collected_at)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
                account, source, cursor.folder, cursor.uidvalidity, cursor.last_uid, cursor.first_uid,
                cursor.modseq, text_of(at),
            )  # fmt: skip

    def waiting(self, account: AccountName, limit: int) -> list[Waiting]:
        """What was fetched and not read yet, in the order in which it came."""
        rows = self._db.rows("SELECT * FROM fetched WHERE account = ? ORDER BY n LIMIT ?", account, limit)
        return [
            Waiting(r["n"], r["source"], Place(r["folder"], r["uidvalidity"], r["uid"]), r["message"])
            for r in rows
        ]

    def n_waiting(self, account: AccountName) -> int:
        return self._db.count("SELECT count(*) FROM fetched WHERE account = ?", account)

    def settle(
        self, account: AccountName, settled: Sequence[tuple[Waiting, Original | tuple[MessageId, str]]]
    ) -> int:
        """Keeps what was made of fetched mail in its stead, in one transaction. Gives the new originals."""
        added = 0
        with self._db.transaction():
            for waiting, made in settled:
                self._db.write("DELETE FROM fetched WHERE n = ?", waiting.n)
                message_id = made.message_id if isinstance(made, Original) else made[0]
                self._db.write("DELETE FROM written WHERE message_id = ?", message_id)
                if isinstance(made, Original):
                    added += self._corpus.add(made)
                    self._put(account, waiting, made)
                else:
                    self._corpus.skip(account, *made)
        return added

    def _put(self, account: AccountName, waiting: Waiting, original: Original) -> None:
        """Notes where a learned message stands, under the id that it was learned with."""
        if waiting.source:
            return  # a file that was imported is not a place that is looked after
        known = self._corpus.known_as(original)
        if known is not None:
            self._db.write(
                """INSERT OR REPLACE INTO place (account, folder, uidvalidity, uid, voice, message_id)
                   VALUES (?, ?, ?, ?, ?, ?)""",
                account, waiting.place.folder, waiting.place.uidvalidity, waiting.place.uid,
                original.account, known,
            )  # fmt: skip

    # where it stands

    def known_uids(self, account: AccountName, cursor: Cursor | None) -> list[int]:
        """UIDs of mail in the cursor's folder that was learned or is still to be read, ascending."""
        if cursor is None:
            return []
        rows = self._db.rows(
            """SELECT uid FROM place WHERE account = ?1 AND folder = ?2 AND uidvalidity = ?3 AND gone = 0
               UNION SELECT uid FROM fetched WHERE account = ?1 AND folder = ?2 AND uidvalidity = ?3
               AND source = '' ORDER BY uid""",
            account, cursor.folder, cursor.uidvalidity,
        )  # fmt: skip
        return [row["uid"] for row in rows]

    def leave_others(self, account: AccountName, cursor: Cursor) -> None:
        """Gives up the places of an earlier folder, or an earlier life of it, after this one was read whole.

        What is older than all that was read stays where it was: the person's limit left it out this time.
        """
        self._db.write(
            """UPDATE place SET gone = 1
               WHERE account = ?1 AND gone = 0 AND NOT (folder = ?2 AND uidvalidity = ?3) AND EXISTS
                 (SELECT 1 FROM original o WHERE o.account = place.voice
                  AND o.message_id = place.message_id AND o.sent_at >=
                    (SELECT min(n.sent_at) FROM place p JOIN original n
                     ON n.account = p.voice AND n.message_id = p.message_id
                     WHERE p.account = ?1 AND p.folder = ?2 AND p.uidvalidity = ?3))""",
            account, cursor.folder, cursor.uidvalidity,
        )  # fmt: skip

    def missing(self, account: AccountName) -> list[tuple[AccountName, MessageId]]:
        """Learned messages of this account of which no copy is left on any server, by voice."""
        rows = self._db.rows(
            """SELECT DISTINCT voice, message_id FROM place m WHERE account = ? AND gone = 1
               AND EXISTS (SELECT 1 FROM original o WHERE o.account = m.voice AND o.message_id = m.message_id)
               AND NOT EXISTS (SELECT 1 FROM place p
                 WHERE p.voice = m.voice AND p.message_id = m.message_id AND p.gone = 0)
               ORDER BY voice, message_id""",
            account,
        )
        return [(AccountName(row["voice"]), MessageId(row["message_id"])) for row in rows]

    def n_placed(self, account: AccountName) -> int:
        """Learned messages of this account that have, or had, a copy on its server."""
        return self._db.count("SELECT count(DISTINCT message_id) FROM place WHERE account = ?", account)

    def let_go(self, account: AccountName, ids: Collection[MessageId]) -> None:
        """Looks no longer after messages that were moved elsewhere: they stay learned."""
        self._db.write_many(
            "DELETE FROM place WHERE account = ? AND gone = 1 AND message_id = ?",
            [(account, message_id) for message_id in ids],
        )
