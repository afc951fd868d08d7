"""How an account is signed in to and secured, from its settings. For the daemon and for the command line."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import quote

from ownhand.daemon.config import AccountSettings, OAuthSettings, RelaySettings, Secret
from ownhand.daemon.errors import Invalid, NotReady
from ownhand.daemon.mail.imap.source import ImapSource, Patience
from ownhand.daemon.mail.relay.upstream import Submission
from ownhand.daemon.mail.signin.authorities import AUTHORITIES
from ownhand.daemon.mail.signin.oauth import Authority, Client
from ownhand.daemon.mail.signin.password import (
    Password,
    SignIn,
    forget_in_keyring,
    keyring_problem,
    password_reader,
)
from ownhand.daemon.mail.signin.shelf import InFile
from ownhand.daemon.mail.signin.tokens import TokenCommand, TokenSignIn, token_sign_in
from ownhand.daemon.mail.tls import Security
from ownhand.daemon.paths import Paths


def sign_in_of(account: AccountSettings, paths: Paths) -> SignIn:
    """A password or tokens, as the settings say."""
    if account.password is not None:
        return Password(password_reader(account.password.spec, account.name))
    assert account.oauth is not None, "settings have one of the two"
    if account.oauth.command:
        return TokenCommand(password_reader({"command": list(account.oauth.command)}, account.name))
    return tokens_of(account, paths)


def tokens_of(account: AccountSettings, paths: Paths) -> TokenSignIn:
    """The account's OAuth 2 sign-in. Raises Invalid for an account that has none of its own."""
    oauth = account.oauth
    if oauth is None or oauth.command:
        raise Invalid(
            f"the account {account.name} does not sign in by OAuth 2 here",
            hint="write [account.oauth] with client_id below it in the configuration",
            fields={"account": "has no [account.oauth] with a client_id"},
        )
    return token_sign_in(account.name, client_of(account.name, oauth), paths.sign_ins, keep=oauth.keep)


def client_of(name: str, oauth: OAuthSettings) -> Client:
    known = AUTHORITIES.get(oauth.provider) or Authority(oauth.token_url.split("/")[2], oauth.token_url)
    given = {
        "authorize_url": oauth.authorize_url,
        "token_url": oauth.token_url,
        "device_url": oauth.device_url,
    }
    authority = replace(known, **{key: url for key, url in given.items() if url})  # type: ignore[arg-type]
    secret = oauth.client_secret
    read = password_reader(secret.spec, f"oauth-client/{name}") if secret else None
    return Client(authority, oauth.client_id, partial(read) if read else None, oauth.scopes)


def security_of(account: AccountSettings) -> Security:
    return Security(account.host, account.tls, account.tls_pin)


def imap_of(account: AccountSettings, sign_in: SignIn) -> ImapSource:
    """Its mail. Connects when it is asked something."""
    return ImapSource(
        account.host,
        account.server_port,
        account.login,
        sign_in,
        tls=security_of(account),
        folder=account.sent,
        newest=account.newest,
        patience=Patience(poll_s=account.poll_s),
    )


def submission_of(account: AccountSettings, relay: RelaySettings, paths: Paths) -> Submission:
    """The server behind its relay, with a password of its own or the account's."""
    sign_in: SignIn = sign_in_of(account, paths)
    if relay.password:
        sign_in = Password(password_reader(relay.password.spec, account.name))
    user = relay.user or account.login
    return Submission(relay.host, relay.server_port, relay.tls, user, sign_in, relay.trust)


def cautions_of(account: AccountSettings) -> list[str]:
    """What a person should know about where the account's secrets are. Blocks."""
    oauth, relay = account.oauth, account.relay
    secrets = [account.password, oauth and oauth.client_secret, relay and relay.password]
    tokens = oauth.keep if oauth and not oauth.command else ""
    said = []
    if tokens == "keyring" or any(secret.keyring for secret in secrets if secret):
        said += [keyring_problem()]
    if tokens == "file":
        said.append("the tokens are in a file that is not encrypted: who reads your files can use them")
    if any(secret.file for secret in secrets if secret):
        said.append("the password is in a file that is not encrypted: who reads your files can use it")
    return [problem for problem in said if problem]


# --- what was kept for an account ----------------------------------------------------------------


def secret_file(folder: Path, entry: str) -> Path:
    """Where a secret is kept when the person says so, on a machine without a keyring."""
    return folder / f"{quote(entry, safe='')}.secret"


def forget_secrets(account: AccountSettings, paths: Paths) -> str:
    """Forgets all that was kept for an account; says what could not be, for people. Blocks."""
    try:
        forget(account.name, account.password, paths.config)
        if account.oauth and not account.oauth.command:
            forget(f"oauth-client/{account.name}", account.oauth.client_secret, paths.config)
            tokens_of(account, paths).forget()
    except NotReady as error:
        return error.message
    return ""


def forget(entry: str, place: Secret | None, folder: Path) -> bool:
    """Whether there was something of ours; commands, variables and files of the person's own stay."""
    if place and place.file == str(secret_file(folder, entry)):
        return InFile(secret_file(folder, entry)).erase()
    return bool(place and place.keyring) and forget_in_keyring(entry)
