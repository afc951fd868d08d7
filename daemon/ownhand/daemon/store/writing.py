"""The SQL of drafts and outcomes, of what left the machine, and of consent."""

import json
from collections.abc import Sequence
from datetime import datetime

from ownhand.daemon.domain import (
    AccountName,
    AgentId,
    DraftId,
    EgressEntry,
    EgressTotals,
    NeverEntry,
    NeverKind,
    Outcome,
    OutcomeKind,
    RuleId,
)
from ownhand.daemon.store.database import Database, moment_of, text_of


class Writing:
    def __init__(self, db: Database) -> None:
        self._db = db

    def add_draft(
        self,
        draft_id: DraftId,
        account: AccountName,
        *,
        at: datetime,
        agent_id: AgentId | None,
        model: str,
        template: str,
        rules: Sequence[RuleId],
        digest: str,
    ) -> None:
        self._db.write(
            "INSERT INTO draft VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            draft_id, account, text_of(at), agent_id or "", model, template, json.dumps(list(rules)), digest,
        )  # fmt: skip

    def has_draft(self, draft_id: DraftId) -> bool:
        return bool(self._db.count("SELECT count(*) FROM draft WHERE id = ?", draft_id))

    def outcomes(self, account: AccountName) -> list[Outcome]:
        rows = self._db.rows(
            """SELECT o.recorded_at, o.kind, o.kept, d.agent_id
               FROM outcome o JOIN draft d ON d.id = o.draft_id
               WHERE d.account = ? ORDER BY o.recorded_at""",
            account,
        )
        return [
            Outcome(moment_of(r["recorded_at"]), OutcomeKind(r["kind"]), r["kept"], AgentId(r["agent_id"]))
            for r in rows
        ]

    def add_outcome(
        self, draft_id: DraftId, *, kind: str, kept: float | None, message_id: str, at: datetime
    ) -> None:
        self._db.write(
            "INSERT OR REPLACE INTO outcome VALUES (?, ?, ?, ?, ?)",
            draft_id,
            kind,
            kept,
            message_id,
            text_of(at),
        )


class Privacy:
    """The ledger and the policy of the egress gate."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add_egress(self, entry: EgressEntry) -> None:
        self._db.write(
            """INSERT INTO egress (at, destination, template, model, input_tokens, output_tokens, cost_usd,
                 n_bytes, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            text_of(entry.at), entry.destination, entry.template, entry.model, entry.input_tokens,
            entry.output_tokens, entry.cost_usd, entry.n_bytes, entry.outcome,
        )  # fmt: skip

    def egress(self, limit: int) -> list[EgressEntry]:
        """The newest entries."""
        rows = self._db.rows("SELECT * FROM egress ORDER BY n DESC LIMIT ?", limit)
        return [
            EgressEntry(
                **{**{key: row[key] for key in tuple(row.keys()) if key != "n"}, "at": moment_of(row["at"])}
            )
            for row in rows
        ]

    def egress_totals(self) -> EgressTotals:
        row = self._db.row(
            "SELECT sum(input_tokens) AS i, sum(output_tokens) AS o, sum(cost_usd) AS c FROM egress"
        )
        return EgressTotals(row["i"] or 0, row["o"] or 0, row["c"] or 0.0) if row else EgressTotals()

    def spent_usd_since(self, moment: datetime) -> float:
        row = self._db.row("SELECT sum(cost_usd) AS c FROM egress WHERE at >= ?", text_of(moment))
        return float(row["c"] or 0.0) if row else 0.0

    def consented(self, destination: str) -> bool:
        row = self._db.row(
            "SELECT given FROM consent WHERE destination = ? ORDER BY n DESC LIMIT 1", destination
        )
        return bool(row and row["given"])

    def set_consent(self, destination: str, given: bool, *, plan_id: str, at: datetime) -> None:
        self._db.write(
            "INSERT INTO consent (destination, given, at, plan_id) VALUES (?, ?, ?, ?)",
            destination, int(given), text_of(at), plan_id,
        )  # fmt: skip

    # what must never be learned from

    def never(self) -> list[NeverEntry]:
        rows = self._db.rows("SELECT * FROM never ORDER BY kind, what")
        return [NeverEntry(NeverKind(row["kind"]), row["what"]) for row in rows]

    def add_never(self, entry: NeverEntry, *, at: datetime) -> None:
        self._db.write(
            "INSERT OR IGNORE INTO never VALUES (?, ?, ?)", entry.kind.value, entry.what, text_of(at)
        )

    def remove_never(self, entry: NeverEntry) -> int:
        """Gives how many there were, 0 or 1."""
        return self._db.write("DELETE FROM never WHERE kind = ? AND what = ?", entry.kind.value, entry.what)
