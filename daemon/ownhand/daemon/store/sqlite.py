"""What is kept, as one object for the composition root: each part knows the SQL of its own noun."""

from dataclasses import dataclass
from pathlib import Path

from ownhand.daemon.store.corpus import Corpus
from ownhand.daemon.store.database import Database
from ownhand.daemon.store.jobs import Agents, Jobs
from ownhand.daemon.store.learning import Learning
from ownhand.daemon.store.mailboxes import Mailboxes
from ownhand.daemon.store.writing import Privacy, Writing

# In an order that never removes what a row still refers to.
_TABLES = """outcome draft promotion agent training_point stage_run job receipt finding inference rule
             zero_shot_draft intent skipped original fetched place removal ending never pause written cursor
             consent egress identity account""".split()


@dataclass(frozen=True, slots=True)
class Store:
    """Owned by the event-loop thread alone."""

    database: Database
    corpus: Corpus
    mailboxes: Mailboxes
    learning: Learning
    jobs: Jobs
    agents: Agents
    writing: Writing
    privacy: Privacy

    @classmethod
    def open(cls, path: Path | None) -> "Store":
        """Opens the database at the path; None is one in memory, for tests."""
        db = Database.open(path)
        corpus = Corpus(db)
        mailboxes = Mailboxes(db, corpus)
        return cls(db, corpus, mailboxes, Learning(db), Jobs(db), Agents(db), Writing(db), Privacy(db))

    def erase(self) -> None:
        """Removes every row, and every trace of them from the files."""
        with self.database.transaction():
            for table in _TABLES:
                self.database.write(f"DELETE FROM {table}")
        self.database.compact()

    def close(self) -> None:
        self.database.close()
