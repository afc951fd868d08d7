"""Whose account it is, and where its mail comes from."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ownhand.daemon.domain import (
    AccountName,
    Correspondent,
    Cursor,
    Found,
    Identity,
    JobState,
    MessageId,
)
from ownhand.daemon.errors import NotFound
from ownhand.daemon.learn.extract import Mailbox
from ownhand.daemon.mail.mime import Message
from ownhand.daemon.mail.never import NeverLearn
from ownhand.daemon.ports import Fetched, MailSource
from ownhand.daemon.store.corpus import Corpus
from ownhand.daemon.store.writing import Privacy

OpenSource = Callable[[], MailSource]


class Sources:
    """The servers of the configuration, and the files that a job names."""

    def __init__(
        self,
        corpus: Corpus,
        privacy: Privacy,
        servers: Mapping[AccountName, OpenSource],
        open_files: Callable[[Path, Sequence[str]], MailSource],
        *,
        read_answered: bool = True,
    ) -> None:
        self._corpus = corpus
        self._privacy = privacy
        self.servers = servers
        self.open_files = open_files
        self._read_answered = read_answered

    def person(self, account: AccountName) -> Correspondent:
        """Whose account it is, under the name that stands on their mail. Raises NotFound."""
        first = self.identities(account)[0]
        name = first.person.name or self._corpus.name_used(first.voice, first.person.address)
        return replace(first.person, name=name)

    def voice(self, account: AccountName) -> AccountName:
        """The account whose corpus, rules and agent this one has: its own name, or a shared one's."""
        return self.identities(account)[0].voice

    def identities(self, account: AccountName) -> list[Identity]:
        """The addresses of the account, its own first. Raises NotFound."""
        if identities := self._corpus.identities(account):
            return identities
        raise NotFound(
            "there is no such account", hint="`ownhand status` lists them; `ownhand setup` makes one"
        )

    def mailbox(self, account: AccountName) -> Mailbox:
        """What reading the account's mail must know. Raises NotFound."""
        identities = tuple(self.identities(account))
        return Mailbox(account, identities, NeverLearn.of(self._privacy.never()), self._read_answered)

    def open(self, job: JobState) -> MailSource:
        """The imported file that the job names, or the account's server."""
        if job.source:
            return self.open_files(Path(job.source), self.mailbox(job.account).addresses)
        if job.account in self.servers:
            return self.servers[job.account]()
        return _Nothing()


class _Nothing:
    """The source of an account whose mail is all in files that were read before."""

    async def fetch_since(self, cursor: Cursor | None, known: Sequence[int] = ()) -> AsyncIterator[Fetched]:
        return
        yield

    async def answered(self, ids: Sequence[MessageId]) -> dict[MessageId, Message]:
        return {}

    async def present(self, ids: Sequence[MessageId]) -> set[MessageId]:
        return set()

    async def wait(self) -> None:
        await asyncio.Event().wait()

    async def check(self) -> Found:
        return Found("", (), "", 0, ())

    async def aclose(self) -> None: ...
