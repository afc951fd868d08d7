"""What the program has of each account in the configuration: its rows, its mail, its drafts, its watcher.

Part of the composition root, and used while the program runs too: an account may be added then.
"""

from dataclasses import dataclass, field
from functools import partial

from ownhand.daemon.access import cautions_of, imap_of, sign_in_of, submission_of
from ownhand.daemon.config import AccountSettings, RelaySettings
from ownhand.daemon.domain import AccountName, Correspondent, Found, Identity
from ownhand.daemon.mail.imap.source import ImapSource
from ownhand.daemon.mail.relay.look import look as relay_look
from ownhand.daemon.mail.relay.spool import RelayedSource, spool_of
from ownhand.daemon.paths import Paths
from ownhand.daemon.ports import DraftsFolder, MailSource
from ownhand.daemon.services.checking import Outside
from ownhand.daemon.services.saving import OpenDrafts
from ownhand.daemon.services.sources import OpenSource
from ownhand.daemon.services.watchers import Watchers
from ownhand.daemon.store.sqlite import Store


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """Who is handed `servers` or `drafts` sees what is added later, too."""

    store: Store
    paths: Paths
    servers: dict[AccountName, OpenSource] = field(default_factory=dict)
    drafts: dict[AccountName, OpenDrafts] = field(default_factory=dict)

    outside: dict[AccountName, Outside] = field(default_factory=dict)
    configured: dict[AccountName, AccountSettings] = field(default_factory=dict)

    def add(self, account: AccountSettings, watchers: Watchers | None) -> None:
        """Makes the account known and lets it be read; has it watched, where there are watchers.

        Asks the server nothing. In the thread of the event loop.
        """
        know(self.store, account)
        name = AccountName(account.name)
        self.configured[name] = account
        self.servers[name] = open_source = partial(source_of, account, self.paths, self.store)
        if account.host:
            self.drafts[name] = partial(_drafts_folder, account, self.paths)
        self.outside[name] = outside_of(account, self.paths)
        if watchers is not None:
            watchers.add(name, open_source)

    async def remove(self, name: AccountName, watchers: Watchers | None) -> None:
        """Has it read and watched no more. What was learned stays, and so does its name."""
        if watchers is not None:
            await watchers.remove(name)
        self.configured.pop(name, None)
        self.servers.pop(name, None)
        self.drafts.pop(name, None)
        self.outside.pop(name, None)

    def know_again(self) -> None:
        """After everything was erased: the accounts stand in the configuration and are read on."""
        for account in self.configured.values():
            know(self.store, account)


def know(store: Store, account: AccountSettings) -> None:
    """Keeps the account with its addresses, and the voices that only an identity of it teaches."""
    name = AccountName(account.name)
    voice = AccountName(account.voice or account.name)
    kind = "relay" if account.relay else "imap"
    store.corpus.add_account(name, Correspondent(account.address, account.display_name), kind, voice)
    identities = [
        Identity(
            Correspondent(i.address, i.display_name or account.display_name), AccountName(i.voice or voice)
        )
        for i in account.identity
    ]
    store.corpus.set_identities(name, identities)
    known = {known for known, _, source in store.corpus.accounts() if source != "identity"}
    for identity in identities:
        if identity.voice not in known:
            store.corpus.add_account(identity.voice, identity.person, "identity")


def source_of(account: AccountSettings, paths: Paths, store: Store) -> MailSource:
    """Its sent mail: on its server, or what its relay passed on."""
    if account.relay:
        committed = partial(store.mailboxes.cursor, AccountName(account.name))
        return RelayedSource(spool_of(paths.relayed, account.name), committed)
    return _imap(account, paths)


def outside_of(account: AccountSettings, paths: Paths) -> Outside:
    """What a check is told of it."""
    look = partial(_look, account, account.relay, paths) if account.relay else None
    return Outside(partial(cautions_of, account), look, account.newest, account.poll_s)


async def _look(account: AccountSettings, relay: RelaySettings, paths: Paths) -> Found:
    server = submission_of(account, relay, paths)
    return await relay_look(server, spool_of(paths.relayed, account.name))


def _drafts_folder(account: AccountSettings, paths: Paths) -> tuple[DraftsFolder, str]:
    """Where the account's drafts are kept, and what the person calls it."""
    return _imap(account, paths), account.drafts


def _imap(account: AccountSettings, paths: Paths) -> ImapSource:
    return imap_of(account, sign_in_of(account, paths))
