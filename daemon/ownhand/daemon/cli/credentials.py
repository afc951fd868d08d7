"""How `ownhand setup` gets in: a password, from where it is or typed and kept; or OAuth 2."""

import shlex
from pathlib import Path
from typing import Literal

import click
from ownhand.daemon.access import secret_file
from ownhand.daemon.cli.asked import Given, ask, choose, on_terminal
from ownhand.daemon.cli.servers import Servers
from ownhand.daemon.cli.terminal import Failed, say
from ownhand.daemon.config import OAuthSettings, Secret
from ownhand.daemon.errors import NotReady
from ownhand.daemon.mail.signin import password
from ownhand.daemon.mail.signin.shelf import InFile
from ownhand.daemon.paths import Paths

_OPTIONS = "--password-command, --password-file, --password-env, --password-keyring or --oauth"


def credentials_of(name: str, servers: Servers, given: Given, paths: Paths) -> Secret | OAuthSettings | None:
    """Where the password is, or how to get tokens; None for a password that is yet to be typed."""
    if given.token_command:
        return OAuthSettings(command=tuple(shlex.split(given.token_command)))
    secret = _given_place(given)
    if given.oauth and secret:
        raise click.UsageError("give a password or --oauth, not both")
    if secret:
        return secret
    if given.oauth or not servers.password or _wants_oauth(servers):
        return _oauth(name, given.oauth or servers.oauth, given, paths)
    if not on_terminal():
        raise Failed(f"a password is needed; give {_OPTIONS}", 2)
    return None


def typed_password() -> str:
    return ask("Password (not shown)", _OPTIONS, hidden=True)


def kept(entry: str, secret: str, folder: Path) -> Secret:
    """Puts a secret into the keyring, or where the person says on a machine without one."""
    problem = password.keyring_problem()
    if not problem:
        try:
            password.keep_in_keyring(entry, secret)
            return Secret(keyring=True)
        except NotReady as error:
            problem = error.message
    say(f"CAREFUL: {problem}.")
    say(f"  file     a file of mode 600 in {folder}, not encrypted: whoever reads your files reads it")
    say("  command  a program of yours prints it each time, as `pass mail/work` does")
    say("  stop     nothing is kept and nothing is written")
    if not on_terminal():
        raise Failed("say where it is with one of the options for it")
    match choose("Where is it to be kept", ("file", "command", "stop"), "stop"):
        case "file":
            file = InFile(secret_file(folder, entry))
            file.write(secret)
            return Secret(file=str(file.path))
        case "command":
            return _command_that_prints(secret)
    raise Failed("the secret was not kept")


def _given_place(given: Given) -> Secret | None:
    places = [
        Secret(command=tuple(shlex.split(given.password_command)))
        if given.password_command.strip()
        else None,
        Secret(env=given.password_env) if given.password_env else None,
        Secret(file=given.password_file) if given.password_file else None,
        Secret(keyring=True) if given.password_keyring else None,
    ]
    found = [place for place in places if place]
    if len(found) > 1:
        raise click.UsageError(
            "give one of --password-command, --password-env, --password-file and --password-keyring"
        )
    return found[0] if found else None


def _command_that_prints(secret: str) -> Secret:
    while True:
        words = tuple(shlex.split(ask("Command", "--password-command")))
        try:
            if words and password.password_reader({"command": list(words)}, "")() == secret:
                return Secret(command=words)
            say("That prints something else than what you typed.")
        except NotReady as error:
            say(f"{error}.")


# --- OAuth 2 -------------------------------------------------------------------------------------


def _wants_oauth(servers: Servers) -> bool:
    if not servers.oauth or not on_terminal():
        return False
    return choose("Sign in with an app password or by OAuth 2", ("password", "oauth"), "password") == "oauth"


def _oauth(name: str, authority: str, given: Given, paths: Paths) -> OAuthSettings:
    from ownhand.daemon.mail.signin.authorities import AUTHORITIES

    if authority not in AUTHORITIES:
        raise Failed(
            "this server takes OAuth 2 only, and its authority is not known here;"
            " give --token-command, or write [account.oauth] as docs/mail.md has it"
        )
    if not given.client_id and on_terminal():
        say(f"You need a client of your own there: {AUTHORITIES[authority].note}.")
        say('It is made once, in a few minutes; docs/mail.md has every step under "With OAuth 2".')
    client_id = given.client_id or ask("Client id", "--client-id")
    keep = _keeping(given, paths)
    return OAuthSettings(
        provider="google" if authority == "google" else "microsoft",
        client_id=client_id,
        client_secret=_client_secret(name, authority, given, paths),
        flow="device" if given.device else "loopback",
        keep=keep,
    )


def _client_secret(name: str, authority: str, given: Given, paths: Paths) -> Secret | None:
    if given.client_secret_command:
        return Secret(command=tuple(shlex.split(given.client_secret_command)))
    if authority != "google" or not on_terminal():
        return None  # Microsoft gives programs on a person's machine none
    typed = ask("Client secret, shown beside the id (not shown here)", "", default="", hidden=True)
    return kept(f"oauth-client/{name}", typed, paths.config) if typed else None


def _keeping(given: Given, paths: Paths) -> Literal["keyring", "file"]:
    if given.keep_tokens:
        return given.keep_tokens
    problem = password.keyring_problem()
    if not problem:
        return "keyring"
    say(f"CAREFUL: {problem}.")
    say(f"The tokens can be kept in a file of mode 600 in {paths.sign_ins}, not encrypted.")
    if not on_terminal():
        raise Failed("if that will do, say --keep-tokens file; or give a --token-command")
    if choose("Keep the tokens in a file", ("file", "stop"), "stop") == "stop":
        raise Failed("nothing was written")
    return "file"
