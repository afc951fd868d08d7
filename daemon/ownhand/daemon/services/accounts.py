"""The accounts: what is known of each, a look at its server, and the import of files."""

from pathlib import Path

from ownhand.daemon.domain import AccountName, AccountState, Checked, Correspondent, JobId, Stage
from ownhand.daemon.errors import Invalid
from ownhand.daemon.learn.collect import missing_told
from ownhand.daemon.learn.jobs import Jobs
from ownhand.daemon.services.checking import Checks
from ownhand.daemon.services.coming import Coming
from ownhand.daemon.services.sources import Sources
from ownhand.daemon.services.watchers import Watchers
from ownhand.daemon.store.corpus import Corpus
from ownhand.daemon.store.mailboxes import Mailboxes


class Accounts:
    def __init__(
        self,
        corpus: Corpus,
        mailboxes: Mailboxes,
        sources: Sources,
        jobs: Jobs,
        watchers: Watchers | None,
        checks: Checks,
        coming: Coming,
    ) -> None:
        self._corpus = corpus
        self._mailboxes = mailboxes
        self._sources = sources
        self._jobs = jobs
        self._watchers = watchers
        self._checks = checks
        self._coming = coming

    def list(self) -> list[AccountState]:
        return [self._state(*known) for known in self._corpus.accounts()]

    def state(self, account: AccountName) -> AccountState:
        """Of one that is known."""
        return next(state for state in self.list() if state.name == account)

    async def check(self, account: AccountName) -> Checked:
        checked = await self._checks.check(account)
        # Signing in works: who waits because it did not need not wait any longer.
        if self._watchers and (watcher := self._watchers.get(account)):
            watcher.look_again()
        return checked

    async def update(self, account: AccountName, *, paused: bool | None) -> AccountState:
        self._sources.person(account)
        if paused is not None:
            self._mailboxes.pause(account, paused)
        if paused:
            await self._jobs.cancel_unasked(account)
        return self.state(account)

    async def import_mail(self, path: Path, address: str, account: AccountName) -> JobId:
        """Starts a job that collects a file or folder; makes the account if there is none of this name."""
        source = self._sources.open_files(path, (address,))
        try:
            await source.check()  # a path that is no mailbox fails here, before there is a job
        finally:
            await source.aclose()
        known = {name: person for name, person, _ in self._corpus.accounts()}
        if account in known and known[account].address.lower() != address.lower():
            raise Invalid(
                "this account belongs to another address",
                hint="give the import a name of its own with --account",
                fields={"account": "belongs to another address"},
            )
        if account not in known:
            self._corpus.add_account(account, Correspondent(address), "files")
        return self._jobs.start(account, Stage.COLLECT, "person", source=str(path)).id

    def _state(self, name: AccountName, person: Correspondent, source: str) -> AccountState:
        watcher = self._watchers.get(name) if self._watchers else None
        identities = self._sources.identities(name)
        collected_at = self._mailboxes.collected_at(name)
        paused = self._mailboxes.paused(name)
        return AccountState(
            name=name,
            person=person,
            source=source,
            n_originals=self._corpus.n_originals(identities[0].voice),
            n_skipped=self._corpus.n_skipped(name),
            watching=bool(watcher and watcher.watching),
            collected_at=collected_at,
            problem=(watcher.problem if watcher else "") or self._missing(name),
            voice=identities[0].voice,
            addresses=tuple(identity.person.address for identity in identities),
            next_training=self._coming.next(identities[0].voice)
            if watcher and collected_at and not paused
            else None,
            paused=paused,
        )

    def _missing(self, name: AccountName) -> str:
        n = len(self._mailboxes.missing(name))
        return missing_told(n) if n else ""
