"""Whose account it is, and where its mail comes from."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

from ownhand.daemon.domain import AccountName, Correspondent, Cursor, Found, JobState, MessageId
from ownhand.daemon.errors import NotFound
from ownhand.daemon.ports import Fetched, MailSource
from ownhand.daemon.store.corpus import Corpus

OpenSource = Callable[[], MailSource]


class Sources:
    """The servers of the configuration, and the files that a job names."""

    def __init__(
        self,
        corpus: Corpus,
        servers: Mapping[AccountName, OpenSource],
        open_files: Callable[[Path, str], MailSource],
    ) -> None:
        self._corpus = corpus
        self.servers = servers
        self.open_files = open_files

    def person(self, account: AccountName) -> Correspondent:
        """Whose account it is. Raises NotFound."""
        for name, person, _ in self._corpus.accounts():
            if name == account:
                return person
        raise NotFound(
            "there is no such account", hint="`ownhand status` lists them; `ownhand setup` makes one"
        )

    def open(self, job: JobState) -> MailSource:
        """The imported file that the job names, or the account's server."""
        if job.source:
            return self.open_files(Path(job.source), self.person(job.account).address)
        if job.account in self.servers:
            return self.servers[job.account]()
        return _Nothing()


class _Nothing:
    """The source of an account whose mail is all in files that were read before."""

    async def fetch_since(self, cursor: Cursor | None, known: Sequence[int] = ()) -> AsyncIterator[Fetched]:
        return
        yield

    async def present(self, ids: Sequence[MessageId]) -> set[MessageId]:
        return set()

    async def wait(self) -> None:
        await asyncio.Event().wait()

    async def check(self) -> Found:
        return Found("", (), "", 0, ())

    async def aclose(self) -> None: ...
