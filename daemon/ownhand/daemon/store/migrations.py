"""The schema, as steps that are never edited once released. A step's identity is its function's name.

What each table holds is said where it is made. Rows are added, not changed, but for `account`, `cursor` and
`job`, which are the present state of something, and `rule.muted`, which is the person's.
"""

from collections.abc import Callable
from sqlite3 import Connection

Migration = Callable[[Connection], None]

MIGRATIONS: list[Migration] = []


def migration(step: Migration) -> Migration:
    MIGRATIONS.append(step)
    return step


@migration
def m0001_corpus(db: Connection) -> None:
    """Accounts, how far each has been read, the originals, and what was left out with the reason."""
    _run(
        db,
        """CREATE TABLE account (
             name TEXT PRIMARY KEY, address TEXT NOT NULL, display_name TEXT NOT NULL, source TEXT NOT NULL
           ) STRICT""",
        # `source` is the path of an imported file, empty for the account's own server.
        """CREATE TABLE cursor (
             account TEXT NOT NULL, source TEXT NOT NULL, folder TEXT NOT NULL, uidvalidity INTEGER NOT NULL,
             last_uid INTEGER NOT NULL, collected_at TEXT NOT NULL, PRIMARY KEY (account, source)
           ) STRICT""",
        """CREATE TABLE original (
             account TEXT NOT NULL, message_id TEXT NOT NULL, sent_at TEXT NOT NULL, thread TEXT NOT NULL,
             sender TEXT NOT NULL, recipients TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
             reply INTEGER NOT NULL, context TEXT NOT NULL, language TEXT NOT NULL, text TEXT NOT NULL,
             digest TEXT NOT NULL, PRIMARY KEY (account, message_id)
           ) STRICT""",
        "CREATE UNIQUE INDEX original_digest ON original (account, digest)",
        """CREATE TABLE skipped (
             account TEXT NOT NULL, message_id TEXT NOT NULL, reason TEXT NOT NULL,
             PRIMARY KEY (account, message_id)
           ) STRICT""",
    )


@migration
def m0002_learning(db: Connection) -> None:
    """What the stages make of the originals, each row with its provenance."""
    _run(
        db,
        """CREATE TABLE intent (
             id TEXT PRIMARY KEY, account TEXT NOT NULL, message_id TEXT NOT NULL, variant INTEGER NOT NULL,
             points TEXT, leak REAL NOT NULL,
             template TEXT NOT NULL, model TEXT NOT NULL, input_tokens INTEGER NOT NULL,
             output_tokens INTEGER NOT NULL,
             FOREIGN KEY (account, message_id) REFERENCES original ON DELETE CASCADE
           ) STRICT""",
        "CREATE INDEX intent_message ON intent (account, message_id)",
        """CREATE TABLE zero_shot_draft (
             intent_id TEXT PRIMARY KEY REFERENCES intent ON DELETE CASCADE, text TEXT NOT NULL,
             template TEXT NOT NULL, model TEXT NOT NULL, input_tokens INTEGER NOT NULL,
             output_tokens INTEGER NOT NULL
           ) STRICT""",
        """CREATE TABLE rule (
             id TEXT PRIMARY KEY, account TEXT NOT NULL, text TEXT NOT NULL, origin TEXT NOT NULL,
             dimension TEXT NOT NULL, value TEXT NOT NULL, muted INTEGER NOT NULL DEFAULT 0,
             deleted INTEGER NOT NULL DEFAULT 0
           ) STRICT""",
        # One row per original whose rules were made, also when there were none.
        """CREATE TABLE inference (
             account TEXT NOT NULL, message_id TEXT NOT NULL, usable INTEGER NOT NULL,
             template TEXT NOT NULL, model TEXT NOT NULL,
             input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
             PRIMARY KEY (account, message_id),
             FOREIGN KEY (account, message_id) REFERENCES original ON DELETE CASCADE
           ) STRICT""",
        # A rule that was found in one original, in its place among the others.
        """CREATE TABLE finding (
             account TEXT NOT NULL, message_id TEXT NOT NULL, rule_id TEXT NOT NULL REFERENCES rule,
             position INTEGER NOT NULL, refusal TEXT NOT NULL, PRIMARY KEY (account, message_id, rule_id),
             FOREIGN KEY (account, message_id) REFERENCES original ON DELETE CASCADE
           ) STRICT""",
        # Whether a rule holds in one original: 1, 0, or NULL where it had no occasion.
        """CREATE TABLE receipt (
             rule_id TEXT NOT NULL REFERENCES rule ON DELETE CASCADE, account TEXT NOT NULL,
             message_id TEXT NOT NULL, holds INTEGER, PRIMARY KEY (rule_id, message_id),
             FOREIGN KEY (account, message_id) REFERENCES original ON DELETE CASCADE
           ) STRICT, WITHOUT ROWID""",
    )


@migration
def m0003_jobs_and_agents(db: Connection) -> None:
    """Learning jobs, training curves, agents, and which agent was made the current one when and why."""
    _run(
        db,
        """CREATE TABLE job (
             id TEXT PRIMARY KEY, account TEXT NOT NULL, until TEXT NOT NULL, asked_by TEXT NOT NULL,
             source TEXT NOT NULL, state TEXT NOT NULL, message TEXT NOT NULL, reason TEXT NOT NULL,
             started_at TEXT NOT NULL, ended_at TEXT, agent_id TEXT NOT NULL
           ) STRICT""",
        """CREATE TABLE stage_run (
             job_id TEXT NOT NULL REFERENCES job ON DELETE CASCADE, stage TEXT NOT NULL,
             done INTEGER NOT NULL, total INTEGER NOT NULL, n_failed INTEGER NOT NULL,
             PRIMARY KEY (job_id, stage)
           ) STRICT""",
        """CREATE TABLE training_point (
             job_id TEXT NOT NULL REFERENCES job ON DELETE CASCADE, step INTEGER NOT NULL, loss REAL NOT NULL,
             valid_loss REAL NOT NULL, PRIMARY KEY (job_id, step)
           ) STRICT""",
        """CREATE TABLE agent (
             id TEXT PRIMARY KEY, account TEXT NOT NULL, created_at TEXT NOT NULL, base_model TEXT NOT NULL,
             backend TEXT NOT NULL, rank INTEGER NOT NULL, alpha INTEGER NOT NULL, training_set TEXT NOT NULL,
             n_examples INTEGER NOT NULL, n_originals INTEGER NOT NULL, valid_loss REAL NOT NULL,
             precision REAL NOT NULL, recall REAL NOT NULL, reason TEXT NOT NULL
           ) STRICT""",
        # The newest row of an account names its current agent.
        """CREATE TABLE promotion (
             n INTEGER PRIMARY KEY, account TEXT NOT NULL,
             agent_id TEXT NOT NULL REFERENCES agent ON DELETE CASCADE,
             promoted_at TEXT NOT NULL, asked_by TEXT NOT NULL, reason TEXT NOT NULL
           ) STRICT""",
    )


@migration
def m0004_writing_and_privacy(db: Connection) -> None:
    """Drafts (never their text: a digest), what became of them, what left the machine, and consent."""
    _run(
        db,
        """CREATE TABLE draft (
             id TEXT PRIMARY KEY, account TEXT NOT NULL, created_at TEXT NOT NULL, agent_id TEXT NOT NULL,
             model TEXT NOT NULL, template TEXT NOT NULL, rule_ids TEXT NOT NULL, digest TEXT NOT NULL
           ) STRICT""",
        "CREATE INDEX draft_digest ON draft (account, digest)",
        """CREATE TABLE outcome (
             draft_id TEXT PRIMARY KEY REFERENCES draft ON DELETE CASCADE, kind TEXT NOT NULL,
             kept REAL, message_id TEXT NOT NULL, recorded_at TEXT NOT NULL
           ) STRICT""",
        """CREATE TABLE egress (
             n INTEGER PRIMARY KEY, at TEXT NOT NULL, destination TEXT NOT NULL, template TEXT NOT NULL,
             model TEXT NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
             cost_usd REAL NOT NULL, n_bytes INTEGER NOT NULL, outcome TEXT NOT NULL
           ) STRICT""",
        """CREATE TABLE consent (
             n INTEGER PRIMARY KEY, destination TEXT NOT NULL, given INTEGER NOT NULL, at TEXT NOT NULL,
             plan_id TEXT NOT NULL
           ) STRICT""",
    )


@migration
def m0005_mailboxes(db: Connection) -> None:
    """Whose voice an account teaches, fetched mail that was not read yet, where learned mail stands."""
    _run(
        db,
        "ALTER TABLE account ADD COLUMN voice TEXT NOT NULL DEFAULT ''",  # empty: its own
        """CREATE TABLE identity (
             account TEXT NOT NULL, address TEXT NOT NULL, display_name TEXT NOT NULL, voice TEXT NOT NULL,
             PRIMARY KEY (account, address)
           ) STRICT""",
        "ALTER TABLE cursor ADD COLUMN first_uid INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE cursor ADD COLUMN modseq INTEGER NOT NULL DEFAULT 0",
        # A row goes in the transaction that stores what was made of it.
        """CREATE TABLE fetched (
             n INTEGER PRIMARY KEY, account TEXT NOT NULL, source TEXT NOT NULL, folder TEXT NOT NULL,
             uidvalidity INTEGER NOT NULL, uid INTEGER NOT NULL, message TEXT NOT NULL
           ) STRICT""",
        "CREATE INDEX fetched_account ON fetched (account)",
        # A copy of a learned message on a server; `gone` when it is not there any more. One that was learned
        # and has no copy left is to be forgotten.
        """CREATE TABLE place (
             account TEXT NOT NULL, folder TEXT NOT NULL, uidvalidity INTEGER NOT NULL, uid INTEGER NOT NULL,
             voice TEXT NOT NULL, message_id TEXT NOT NULL, gone INTEGER NOT NULL DEFAULT 0,
             PRIMARY KEY (account, folder, uidvalidity, uid)
           ) STRICT, WITHOUT ROWID""",
        "CREATE INDEX place_message ON place (voice, message_id)",
        # How often and when an agent may have learned from what is gone: it must be trained anew.
        "CREATE TABLE removal (voice TEXT NOT NULL, at TEXT NOT NULL, n_originals INTEGER NOT NULL) STRICT",
        # Digests of the blocks that this person repeats at the end of mails: their signatures.
        "CREATE TABLE ending (voice TEXT PRIMARY KEY, digests TEXT NOT NULL) STRICT",
        """CREATE TABLE never (
             kind TEXT NOT NULL, what TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (kind, what)
           ) STRICT""",
    )


@migration
def m0006_shown(db: Connection) -> None:
    """The measurable rules that each original shows, as they were measured by one version of the program."""
    _run(
        db,
        """CREATE TABLE shown (
             account TEXT NOT NULL, message_id TEXT NOT NULL, version TEXT NOT NULL, rules TEXT NOT NULL,
             PRIMARY KEY (account, message_id),
             FOREIGN KEY (account, message_id) REFERENCES original ON DELETE CASCADE
           ) STRICT, WITHOUT ROWID""",
    )


@migration
def m0007_trainings(db: Connection) -> None:
    """What an agent began with, and what its training took."""
    _run(
        db,
        "ALTER TABLE agent ADD COLUMN continued_from TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE agent ADD COLUMN duration_s REAL NOT NULL DEFAULT 0",
        "ALTER TABLE agent ADD COLUMN memory_bytes INTEGER NOT NULL DEFAULT 0",
    )


@migration
def m0008_choices(db: Connection) -> None:
    """Rules that the person stands by, those in their own words at first; and accounts that rest."""
    _run(
        db,
        "ALTER TABLE rule ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0",
        "UPDATE rule SET pinned = 1 WHERE origin = 'person'",
        "CREATE TABLE pause (account TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
    )


@migration
def m0009_written(db: Connection) -> None:
    """The exact words of sent mails that a mail client told us of, until the mails themselves are read."""
    _run(
        db,
        """CREATE TABLE written (
             message_id TEXT PRIMARY KEY, text TEXT NOT NULL, recorded_at TEXT NOT NULL
           ) STRICT, WITHOUT ROWID""",
    )


def _run(db: Connection, *statements: str) -> None:
    for statement in statements:
        db.execute(statement)
