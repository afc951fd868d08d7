"""Accounts that come and go while the daemon runs: tried, written into config.toml, and watched at once.

Part of the composition root. What `ownhand setup` asks a person, a mail client hands over here.
"""

import asyncio
from collections.abc import Callable
from functools import partial

from ownhand.daemon.access import forget_secrets, imap_of, sign_in_of
from ownhand.daemon.config import AccountSettings, IdentitySettings, Secret, read_settings
from ownhand.daemon.domain import AccountName, AccountState, Found, NewAccount
from ownhand.daemon.errors import Invalid, NotFound, NotReady, Reason
from ownhand.daemon.mail.signin import password
from ownhand.daemon.mailboxes import Mailboxes
from ownhand.daemon.paths import Paths
from ownhand.daemon.services.watchers import Watchers
from ownhand.daemon.settings_file import add_account, remove_account


class AccountSetup:
    """One change at a time."""

    def __init__(
        self,
        paths: Paths,
        mailboxes: Mailboxes,
        watchers: Watchers | None,
        state_of: Callable[[AccountName], AccountState],
    ) -> None:
        self._paths = paths
        self._mailboxes = mailboxes
        self._watchers = watchers
        self._state_of = state_of
        self._changing = asyncio.Lock()

    async def add(self, new: NewAccount) -> tuple[AccountState, Found]:
        account = _settings(new)
        async with self._changing:
            self._refuse_known(account)
            if new.secret:
                await asyncio.to_thread(_refuse_without_keyring)
            found = await self._tried(account, new.secret)
            await asyncio.to_thread(self._write, account, new.secret)
            self._mailboxes.add(account, self._watchers)
            return self._state_of(new.name), found

    async def remove(self, name: AccountName) -> str:
        async with self._changing:
            accounts = read_settings(self._paths.config_file, {}).account
            account = next((known for known in accounts if known.name == name), None)
            if account is None:
                raise NotFound(
                    "there is no such account in the configuration",
                    hint="accounts of imported files stand nowhere; `ownhand erase` takes what was learned",
                )
            await asyncio.to_thread(remove_account, self._paths.config_file, account.name)
            await self._mailboxes.remove(name, self._watchers)
            return await asyncio.to_thread(forget_secrets, account, self._paths)

    def _refuse_known(self, account: AccountSettings) -> None:
        settings = read_settings(self._paths.config_file, {})
        known = {one.name: one.address for one in settings.account}
        known |= {str(name): person.address for name, person, _ in self._mailboxes.store.corpus.accounts()}
        # The same person again, after their account was taken out, goes on where they were.
        taken = known.get(account.name)
        if account.name in {one.name for one in settings.account} or (
            taken is not None and taken.lower() != account.address.lower()
        ):
            raise Invalid(
                "there is an account of this name already",
                hint="give another name, or take that one out first",
                fields={"name": "is taken"},
            )

    async def _tried(self, account: AccountSettings, secret: str) -> Found:
        sign_in = password.Password(partial(str, secret)) if secret else sign_in_of(account, self._paths)
        source = imap_of(account, sign_in)
        try:
            return await source.check()
        finally:
            await source.aclose()

    def _write(self, account: AccountSettings, secret: str) -> None:
        """Secret and settings, or neither."""
        before = password.in_keyring(account.name) if secret else ""
        if secret:
            password.keep_in_keyring(account.name, secret)
        try:
            add_account(self._paths.config_file, account)
        except BaseException:
            if before:
                password.keep_in_keyring(account.name, before)
            elif secret:
                password.forget_in_keyring(account.name)
            raise


def _settings(new: NewAccount) -> AccountSettings:
    try:
        return AccountSettings(
            name=new.name,
            address=new.person.address,
            display_name=new.person.name,
            password=Secret(keyring=True),
            host=new.host,
            port=new.port,
            tls=new.tls,
            tls_pin=new.tls_pin,
            user=new.user,
            sent=new.sent,
            voice=new.voice,
            identity=tuple(
                IdentitySettings(one.person.address, one.person.name, one.voice) for one in new.identities
            ),
        )
    except ValueError as exc:
        raise Invalid("the account cannot be set up like this", fields={"account": str(exc)}) from None


def _refuse_without_keyring() -> None:
    if problem := password.keyring_problem():
        raise NotReady(
            f"there is no place for the password: {problem}",
            hint="run `ownhand setup` on this machine, which offers others",
            reason=Reason.NO_KEYRING,
        )
