"""The SQL of the stages: intents, zero-shot drafts, rules, findings and receipts.

Every stage asks what is missing; the answer to that question is the state of the pipeline.
"""

import json
from collections.abc import Mapping, Sequence

from ownhand.daemon.domain import (
    AccountName,
    Claim,
    Completion,
    Intent,
    IntentId,
    MessageId,
    Original,
    Rule,
    RuleId,
    RuleOrigin,
)
from ownhand.daemon.store.corpus import ORIGINAL, original_of
from ownhand.daemon.store.database import Database, Row

_MADE = """(SELECT count(*) FROM intent i WHERE i.account = o.account AND i.message_id = o.message_id
            AND (i.points IS NOT NULL OR i.model = ?))"""


class Learning:
    def __init__(self, db: Database) -> None:
        self._db = db

    # intents

    def without_intent(
        self, account: AccountName, variants: int, limit: int, *, model: str
    ) -> list[tuple[Original, int]]:
        """Originals that lack an intent, with the lowest variant that they lack, oldest first.

        What this model could not say in a usable way is not asked of it again; another model is asked.
        """
        rows = self._db.rows(
            f"""SELECT {ORIGINAL}, {_MADE} AS made FROM original o
                WHERE o.account = ? AND made < ? ORDER BY o.sent_at, o.message_id LIMIT ?""",
            model, account, variants, limit,
        )  # fmt: skip
        return [(original_of(row), row["made"]) for row in rows]

    def n_without_intent(self, account: AccountName, variants: int, *, model: str) -> int:
        return self._db.count(
            f"SELECT sum(max(0, ? - {_MADE})) FROM original o WHERE o.account = ?", variants, model, account
        )

    def add_intent(self, account: AccountName, intent: Intent, *, made_by: Completion, usable: bool) -> None:
        """An unusable completion is kept as such, so that it is not asked for again for ever."""
        self._db.write(
            "INSERT OR REPLACE INTO intent VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            intent.id, account, intent.message_id, intent.variant,
            json.dumps(intent.points, ensure_ascii=False) if usable else None, intent.leak,
            *_provenance(made_by),
        )  # fmt: skip

    def intents(self, account: AccountName) -> list[Intent]:
        rows = self._db.rows(
            """SELECT i.* FROM intent i JOIN original o USING (account, message_id)
               WHERE i.account = ? AND i.points IS NOT NULL ORDER BY o.sent_at, o.message_id, i.variant""",
            account,
        )
        return [_intent(row) for row in rows]

    # zero-shot drafts: of the first usable variant of each original

    def without_draft(self, account: AccountName, limit: int) -> list[tuple[Original, Intent]]:
        rows = self._db.rows(
            f"""SELECT {ORIGINAL}, i.id, i.variant, i.points, i.leak
                FROM original o JOIN intent i USING (account, message_id)
                WHERE o.account = ? AND i.points IS NOT NULL
                  AND NOT EXISTS (SELECT 1 FROM zero_shot_draft d JOIN intent j ON j.id = d.intent_id
                                  WHERE j.account = o.account AND j.message_id = o.message_id)
                GROUP BY o.message_id HAVING i.variant = min(i.variant)
                ORDER BY o.sent_at, o.message_id LIMIT ?""",
            account, limit,
        )  # fmt: skip
        return [(original_of(row), _intent(row)) for row in rows]

    def n_without_draft(self, account: AccountName) -> int:
        return len(self.without_draft(account, -1))

    def add_draft(self, intent: IntentId, text: str, *, made_by: Completion) -> None:
        self._db.write(
            "INSERT OR IGNORE INTO zero_shot_draft VALUES (?, ?, ?, ?, ?, ?)",
            intent,
            text,
            *_provenance(made_by),
        )

    # rules

    def without_rules(
        self, account: AccountName, limit: int, *, contrast: bool
    ) -> list[tuple[Original, str | None]]:
        """Originals whose rules were not inferred, with their zero-shot drafts where contrast needs them."""
        join = "JOIN" if contrast else "LEFT JOIN"
        rows = self._db.rows(
            f"""SELECT {ORIGINAL}, min(d.text) AS draft
                FROM original o JOIN intent i USING (account, message_id)
                {join} zero_shot_draft d ON d.intent_id = i.id
                WHERE o.account = ? AND i.points IS NOT NULL AND NOT EXISTS (SELECT 1 FROM inference f
                  WHERE f.account = o.account AND f.message_id = o.message_id)
                GROUP BY o.message_id ORDER BY o.sent_at, o.message_id LIMIT ?""",
            account, limit,
        )  # fmt: skip
        return [(original_of(row), row["draft"] if contrast else None) for row in rows]

    def n_without_rules(self, account: AccountName, *, contrast: bool) -> int:
        return len(self.without_rules(account, -1, contrast=contrast))

    def add_findings(
        self, original: Original, rules: Sequence[Rule], *, made_by: Completion, usable: bool
    ) -> None:
        """Records the rules found in one original, in their order, and that it was looked at."""
        key = (original.account, original.message_id)
        with self._db.transaction():
            self._db.write(
                """INSERT OR IGNORE INTO inference (account, message_id, usable, template, model,
                     input_tokens, output_tokens) VALUES (?, ?, ?, ?, ?, ?, ?)""",
                *key, int(usable), *_provenance(made_by),
            )  # fmt: skip
            for position, rule in enumerate(rules):
                self.add_rule(original.account, rule)
                self._db.write(
                    "INSERT OR IGNORE INTO finding VALUES (?, ?, ?, ?, ?)",
                    *key,
                    rule.id,
                    position,
                    rule.refusal,
                )

    def add_rule(self, account: AccountName, rule: Rule) -> None:
        claim = rule.claim or Claim("", "")
        self._db.write(
            "INSERT OR IGNORE INTO rule VALUES (?, ?, ?, ?, ?, ?, 0, 0, ?)",
            rule.id, account, rule.text, rule.origin.value, claim.dimension, claim.value, int(rule.pinned),
        )  # fmt: skip

    def rules(self, account: AccountName, *, deleted: bool = False) -> list[Rule]:
        rows = self._db.rows(
            """SELECT r.*,
                 coalesce((SELECT min(f.refusal) FROM finding f WHERE f.rule_id = r.id), '') AS refusal
               FROM rule r WHERE account = ? AND deleted <= ? ORDER BY r.id""",
            account, int(deleted),
        )  # fmt: skip
        return [_rule(row) for row in rows]

    def rule(self, rule_id: RuleId) -> tuple[AccountName, Rule] | None:
        row = self._db.row("SELECT *, '' AS refusal FROM rule WHERE id = ? AND deleted = 0", rule_id)
        return (AccountName(row["account"]), _rule(row)) if row else None

    def mute(self, rule_id: RuleId, muted: bool) -> None:
        self._db.write("UPDATE rule SET muted = ? WHERE id = ?", int(muted), rule_id)

    def pin(self, rule_id: RuleId, pinned: bool) -> None:
        self._db.write("UPDATE rule SET pinned = ? WHERE id = ?", int(pinned), rule_id)

    def delete_rule(self, rule_id: RuleId) -> None:
        """The row stays, marked: what the person deleted is not to be learned again."""
        self._db.write("UPDATE rule SET deleted = 1 WHERE id = ?", rule_id)

    def findings(self, account: AccountName) -> dict[MessageId, list[RuleId]]:
        """The unrefused, unmuted rules found in each original, in order."""
        rows = self._db.rows(
            """SELECT f.message_id, f.rule_id FROM finding f JOIN rule r ON r.id = f.rule_id
               WHERE f.account = ? AND f.refusal = '' AND r.muted = 0 AND r.deleted = 0
               ORDER BY f.message_id, f.position""",
            account,
        )
        found: dict[MessageId, list[RuleId]] = {}
        for row in rows:
            found.setdefault(MessageId(row["message_id"]), []).append(RuleId(row["rule_id"]))
        return found

    # what each mail shows

    def shown(self, account: AccountName, version: str) -> dict[MessageId, tuple[str, ...]]:
        rows = self._db.rows(
            "SELECT message_id, rules FROM shown WHERE account = ? AND version = ?", account, version
        )
        return {MessageId(row["message_id"]): tuple(json.loads(row["rules"])) for row in rows}

    def add_shown(self, account: AccountName, version: str, shown: Mapping[MessageId, Sequence[str]]) -> None:
        """Replaces what another version measured; mail that was forgotten meanwhile is left out."""
        with self._db.transaction():
            for message_id, rules in shown.items():
                self._db.write(
                    """INSERT OR REPLACE INTO shown SELECT account, message_id, ?, ? FROM original
                       WHERE account = ? AND message_id = ?""",
                    version, json.dumps(rules, ensure_ascii=False), account, message_id,
                )  # fmt: skip

    # receipts

    def without_receipts(self, account: AccountName) -> dict[RuleId, list[MessageId]]:
        """For each rule that is not refused, the originals that it was not tested on."""
        rows = self._db.rows(
            """SELECT r.id, o.message_id FROM rule r JOIN original o ON o.account = r.account
               WHERE r.account = ? AND r.deleted = 0
                 AND (r.origin = 'person' OR EXISTS
                      (SELECT 1 FROM finding f WHERE f.rule_id = r.id AND f.refusal = ''))
                 AND NOT EXISTS (SELECT 1 FROM receipt c
                                 WHERE c.rule_id = r.id AND c.message_id = o.message_id)
               ORDER BY r.id, o.sent_at, o.message_id""",
            account,
        )
        missing: dict[RuleId, list[MessageId]] = {}
        for row in rows:
            missing.setdefault(RuleId(row["id"]), []).append(MessageId(row["message_id"]))
        return missing

    def add_receipts(
        self, account: AccountName, rule_id: RuleId, tested: Sequence[tuple[MessageId, bool | None]]
    ) -> None:
        with self._db.transaction():
            self._db.write_many(
                "INSERT OR IGNORE INTO receipt VALUES (?, ?, ?, ?)",
                [(rule_id, account, i, None if holds is None else int(holds)) for i, holds in tested],
            )

    def receipts(
        self, account: AccountName, rules: Sequence[RuleId] | None = None
    ) -> dict[RuleId, dict[MessageId, bool]]:
        """For each rule, or each of these, the originals in which it held or did not."""
        some = "" if rules is None else "AND rule_id IN (SELECT value FROM json_each(?))"
        rows = self._db.rows(
            f"SELECT rule_id, message_id, holds FROM receipt WHERE account = ? AND holds IS NOT NULL {some}",
            account, *([] if rules is None else [json.dumps(list(rules))]),
        )  # fmt: skip
        tested: dict[RuleId, dict[MessageId, bool]] = {}
        for row in rows:
            tested.setdefault(RuleId(row["rule_id"]), {})[MessageId(row["message_id"])] = bool(row["holds"])
        return tested

    # counts

    def n_unfinished(self, account: AccountName) -> int:
        """Originals that no one has looked at for rules: what a stopped job left over."""
        return self._db.count(
            """SELECT count(*) FROM original o WHERE o.account = ? AND NOT EXISTS
                 (SELECT 1 FROM inference f WHERE f.account = o.account AND f.message_id = o.message_id)
               AND NOT EXISTS (SELECT 1 FROM intent i WHERE i.account = o.account
                 AND i.message_id = o.message_id AND i.points IS NULL)""",
            account,
        )

    def n_intents(self, account: AccountName) -> int:
        return self._db.count("SELECT count(*) FROM intent WHERE account = ? AND points IS NOT NULL", account)

    def n_drafts(self, account: AccountName) -> int:
        return self._db.count(
            "SELECT count(*) FROM zero_shot_draft d JOIN intent i ON i.id = d.intent_id WHERE i.account = ?",
            account,
        )

    def n_looked_at(self, account: AccountName) -> int:
        return self._db.count("SELECT count(*) FROM inference WHERE account = ?", account)

    def n_rules(self, account: AccountName) -> int:
        return self._db.count("SELECT count(*) FROM rule WHERE account = ? AND deleted = 0", account)


def _provenance(made_by: Completion) -> tuple[str, str, int, int]:
    return made_by.template, made_by.model, made_by.input_tokens, made_by.output_tokens


def _intent(row: Row) -> Intent:
    return Intent(
        id=IntentId(row["id"]),
        message_id=MessageId(row["message_id"]),
        variant=row["variant"],
        points=tuple(json.loads(row["points"])),
        leak=row["leak"],
    )


def _rule(row: Row) -> Rule:
    measured = row["dimension"] != ""
    return Rule(
        text=row["text"],
        origin=RuleOrigin(row["origin"]),
        claim=Claim(row["dimension"], row["value"]) if measured else None,
        id=RuleId(row["id"]),
        refusal=row["refusal"],
        muted=bool(row["muted"] or row["deleted"]),
        pinned=bool(row["pinned"]),
    )
