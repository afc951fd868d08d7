"""The SQL of jobs and agents."""

from collections.abc import Sequence
from datetime import datetime

from ownhand.daemon.domain import (
    AccountName,
    AgentId,
    AgentManifest,
    AgentState,
    JobId,
    JobPhase,
    JobState,
    Stage,
    StageProgress,
    TrainingPoint,
)
from ownhand.daemon.store.database import Database, Row, moment_of, text_of


class Jobs:
    def __init__(self, db: Database) -> None:
        self._db = db

    def save(self, job: JobState) -> None:
        """The job as it stands, with its stages. Training points are added one by one."""
        with self._db.transaction():
            self._db.write(
                """INSERT INTO job VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                   ON CONFLICT (id) DO UPDATE SET state = excluded.state, message = excluded.message,
                     reason = excluded.reason, ended_at = excluded.ended_at, agent_id = excluded.agent_id""",
                job.id, job.account, job.until.value, job.asked_by, job.source, job.phase.value, job.message,
                job.reason, text_of(job.started_at), text_of(job.ended_at) if job.ended_at else None,
                job.agent_id,
            )  # fmt: skip
            self._db.write_many(
                "INSERT OR REPLACE INTO stage_run VALUES (?, ?, ?, ?, ?)",
                [(job.id, s.stage.value, s.done, s.total, s.n_failed) for s in job.stages],
            )

    def add_training_point(self, job_id: JobId, point: TrainingPoint) -> None:
        self._db.write(
            "INSERT OR REPLACE INTO training_point VALUES (?, ?, ?, ?)",
            job_id, point.step, point.loss, point.valid_loss,
        )  # fmt: skip

    def get(self, job_id: JobId) -> JobState | None:
        row = self._db.row("SELECT * FROM job WHERE id = ?", job_id)
        return self._job(row) if row else None

    def list(self, account: AccountName | None, limit: int) -> list[JobState]:
        """Newest first."""
        rows = self._db.rows(
            "SELECT * FROM job WHERE ?1 = '' OR account = ?1 ORDER BY started_at DESC, id LIMIT ?2",
            account or "", limit,
        )  # fmt: skip
        return [self._job(row) for row in rows]

    def unfinished(self) -> Sequence[JobState]:
        """Jobs that a dead daemon left running, oldest first."""
        rows = self._db.rows(
            "SELECT * FROM job WHERE state IN ('running', 'interrupted') ORDER BY started_at, id"
        )
        return [self._job(row) for row in rows]

    def _job(self, row: Row) -> JobState:
        stages = {r["stage"]: r for r in self._db.rows("SELECT * FROM stage_run WHERE job_id = ?", row["id"])}
        points = self._db.rows("SELECT * FROM training_point WHERE job_id = ? ORDER BY step", row["id"])
        return JobState(
            id=JobId(row["id"]),
            account=AccountName(row["account"]),
            phase=JobPhase(row["state"]),
            until=Stage(row["until"]),
            asked_by=row["asked_by"],
            started_at=moment_of(row["started_at"]),
            ended_at=moment_of(row["ended_at"]) if row["ended_at"] else None,
            message=row["message"],
            reason=row["reason"],
            source=row["source"],
            stages=tuple(
                StageProgress(s, stages[s]["done"], stages[s]["total"], stages[s]["n_failed"])
                for s in Stage
                if s in stages
            ),
            training=tuple(TrainingPoint(p["step"], p["loss"], p["valid_loss"]) for p in points),
            agent_id=AgentId(row["agent_id"]),
        )


_CURRENT = "(SELECT p.agent_id FROM promotion p WHERE p.account = a.account ORDER BY p.n DESC LIMIT 1)"


class Agents:
    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, agent: AgentState, *, promoted: bool, asked_by: str) -> None:
        """Records a trained agent and, in the same transaction, that it goes live."""
        m = agent.manifest
        with self._db.transaction():
            self._db.write(
                "INSERT OR IGNORE INTO agent VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                agent.id, agent.account, text_of(agent.created_at), m.base_model, m.backend, m.rank, m.alpha,
                m.training_set, m.n_examples, agent.n_originals, m.valid_loss, m.precision, m.recall,
                agent.reason, m.continued_from, m.duration_s, m.memory_bytes,
            )  # fmt: skip
            if promoted:
                self.promote(agent.id, asked_by=asked_by, reason=agent.reason, at=agent.created_at)

    def promote(self, agent_id: AgentId, *, asked_by: str, reason: str, at: datetime) -> None:
        """Makes an agent the current one of its account."""
        self._db.write(
            """INSERT INTO promotion (account, agent_id, promoted_at, asked_by, reason)
               SELECT account, id, ?, ?, ? FROM agent WHERE id = ?""",
            text_of(at), asked_by, reason, agent_id,
        )  # fmt: skip

    def get(self, agent_id: AgentId) -> AgentState | None:
        row = self._db.row(f"SELECT a.*, {_CURRENT} AS current FROM agent a WHERE a.id = ?", agent_id)
        return _agent(row) if row else None

    def current(self, account: AccountName) -> AgentState | None:
        row = self._db.row(
            f"SELECT a.*, a.id AS current FROM agent a WHERE a.account = ? AND a.id = {_CURRENT}", account
        )
        return _agent(row) if row else None

    def list(self, account: AccountName | None) -> list[AgentState]:
        """Newest first."""
        rows = self._db.rows(
            f"""SELECT a.*, {_CURRENT} AS current FROM agent a WHERE ?1 = '' OR a.account = ?1
                ORDER BY created_at DESC, id""",
            account or "",
        )
        return [_agent(row) for row in rows]

    def delete(self, agent_id: AgentId) -> None:
        self._db.write("DELETE FROM agent WHERE id = ?", agent_id)


def _agent(row: Row) -> AgentState:
    return AgentState(
        id=AgentId(row["id"]),
        account=AccountName(row["account"]),
        created_at=moment_of(row["created_at"]),
        manifest=AgentManifest(
            agent_id=AgentId(row["id"]),
            base_model=row["base_model"],
            backend=row["backend"],
            rank=row["rank"],
            alpha=row["alpha"],
            training_set=row["training_set"],
            n_examples=row["n_examples"],
            valid_loss=row["valid_loss"],
            precision=row["precision"],
            recall=row["recall"],
            continued_from=row["continued_from"],
            duration_s=row["duration_s"],
            memory_bytes=row["memory_bytes"],
        ),
        n_originals=row["n_originals"],
        reason=row["reason"],
        current=row["current"] == row["id"],
    )
