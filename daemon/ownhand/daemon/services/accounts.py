"""The accounts: what is known of each, a look at its server, and the import of files."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

from ownhand.daemon.domain import (
    AccountName,
    AccountState,
    Correspondent,
    Cursor,
    Found,
    JobId,
    JobState,
    Stage,
)
from ownhand.daemon.errors import Invalid, NotFound
from ownhand.daemon.learn.jobs import Jobs
from ownhand.daemon.ports import Fetched, MailSource
from ownhand.daemon.services.watcher import Watcher
from ownhand.daemon.store.corpus import Corpus

OpenSource = Callable[[], MailSource]


class Accounts:
    def __init__(
        self,
        corpus: Corpus,
        jobs: Jobs,
        servers: Mapping[AccountName, OpenSource],
        open_files: Callable[[Path, str], MailSource],
    ) -> None:
        self._corpus = corpus
        self._jobs = jobs
        self._servers = servers
        self._open_files = open_files
        self.watchers: dict[AccountName, Watcher] = {}

    def list(self) -> list[AccountState]:
        return [self._state(*known) for known in self._corpus.accounts()]

    def person(self, account: AccountName) -> Correspondent:
        """Whose account it is. Raises NotFound."""
        for name, person, _ in self._corpus.accounts():
            if name == account:
                return person
        raise NotFound(
            "there is no such account", hint="`ownhand status` lists them; `ownhand setup` makes one"
        )

    async def check(self, account: AccountName) -> Found:
        self.person(account)
        if account not in self._servers:
            raise Invalid(
                "this account was imported from files and has no server",
                hint="import the file again to read what is new in it",
                fields={"account": "has no server"},
            )
        source = self._servers[account]()
        try:
            return await source.check()
        finally:
            await source.aclose()

    def open_source(self, job: JobState) -> MailSource:
        """Where the mail of a job comes from: the imported file it names, or the account's server."""
        if job.source:
            return self._open_files(Path(job.source), self.person(job.account).address)
        if job.account in self._servers:
            return self._servers[job.account]()
        return _Nothing()

    async def import_mail(self, path: Path, address: str, account: AccountName) -> JobId:
        self._open_files(path, address)  # a path that is no mailbox fails here, before there is a job
        known = {name: (person, source) for name, person, source in self._corpus.accounts()}
        if account in known and known[account][0].address.lower() != address.lower():
            raise Invalid(
                "this account belongs to another address",
                hint="give the import a name of its own with --account",
                fields={"account": "belongs to another address"},
            )
        if account not in known:
            self._corpus.add_account(account, Correspondent(address), "files")
        return self._jobs.start(account, Stage.COLLECT, "person", source=str(path)).id

    def _state(self, name: AccountName, person: Correspondent, source: str) -> AccountState:
        watcher = self.watchers.get(name)
        return AccountState(
            name=name,
            person=person,
            source=source,
            n_originals=self._corpus.n_originals(name),
            n_skipped=self._corpus.n_skipped(name),
            watching=bool(watcher and watcher.watching),
            collected_at=self._corpus.collected_at(name),
            problem=watcher.problem if watcher else "",
        )


class _Nothing:
    """The source of an account whose mail is all in files that were read before."""

    async def fetch_since(self, cursor: Cursor | None) -> AsyncIterator[Fetched]:
        return
        yield

    async def wait(self) -> None:
        await asyncio.Event().wait()

    async def check(self) -> Found:
        return Found("", (), "", 0, ())

    async def aclose(self) -> None: ...
