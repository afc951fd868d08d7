"""Tries an account before it is written: logs in, finds the Sent folder, and asks whether it is right."""

import asyncio
from dataclasses import dataclass, replace
from functools import partial

from ownhand.daemon.access import imap_of, sign_in_of
from ownhand.daemon.cli.asked import agreed, choose, on_terminal
from ownhand.daemon.cli.credentials import typed_password
from ownhand.daemon.cli.terminal import say
from ownhand.daemon.config import AccountSettings, RelaySettings
from ownhand.daemon.domain import Found
from ownhand.daemon.errors import LoginFailed, NotReady, Reason
from ownhand.daemon.mail.signin.password import Password, SignIn
from ownhand.daemon.paths import Paths

_TRIES = 3  # some providers lock accounts of those who insist


@dataclass(frozen=True, slots=True)
class Tried:
    """An account that works. `typed` is the password that was right, where one was typed."""

    account: AccountSettings
    typed: str
    found: Found | None  # None for a relay: there is no folder


def tried(account: AccountSettings, typed: str, paths: Paths) -> Tried:
    """Raises what the login raises; a typed password is asked for again first."""
    server = account.relay.host if account.relay else account.host
    for left in reversed(range(_TRIES)):
        say(f"Logging in to {server} as {account.login} ...")
        sign_in: SignIn = Password(partial(str, typed)) if typed else sign_in_of(account, paths)
        try:
            if account.relay:
                asyncio.run(_look_behind(account, account.relay, sign_in, paths))
                say(f"{server} lets you in.")
                return Tried(account, typed, None)
            account, found = _with_folder(account, sign_in)
            return Tried(account, typed, found)
        except LoginFailed as error:
            if not typed or not left or not on_terminal():
                raise
            say(f"{error}.\nOnce more, or Ctrl-C to stop:")
            typed = typed_password()
    raise AssertionError("the last refusal was raised")


def _with_folder(account: AccountSettings, sign_in: SignIn) -> tuple[AccountSettings, Found]:
    try:
        found = asyncio.run(_look(account, sign_in))
    except NotReady as error:
        if error.reason is not Reason.FOLDER_MISSING or not on_terminal():
            raise
        say(f"{error.message}.")
        inbox = asyncio.run(_look(replace(account, sent="INBOX"), sign_in))
        return _chosen(account, sign_in, inbox)
    say(f"Your sent mail: the folder {found.sent_folder}, with {found.n_messages} messages.")
    if account.sent != "auto" or not on_terminal() or agreed("Is this where your sent mail is?"):
        return account, found
    return _chosen(account, sign_in, found)


def _chosen(account: AccountSettings, sign_in: SignIn, found: Found) -> tuple[AccountSettings, Found]:
    folder = choose("Which folder has it", found.folders, found.folders[0])
    account = replace(account, sent=folder)
    return account, asyncio.run(_look(account, sign_in))


async def _look(account: AccountSettings, sign_in: SignIn) -> Found:
    source = imap_of(account, sign_in)
    try:
        return await source.check()
    finally:
        await source.aclose()


async def _look_behind(
    account: AccountSettings, relay: RelaySettings, sign_in: SignIn, paths: Paths
) -> Found:
    from ownhand.daemon.mail.relay.look import look
    from ownhand.daemon.mail.relay.spool import spool_of
    from ownhand.daemon.mail.relay.upstream import Submission

    user = relay.user or account.login
    server = Submission(relay.host, relay.server_port, relay.tls, user, sign_in, relay.trust)
    return await look(server, spool_of(paths.relayed, account.name))
