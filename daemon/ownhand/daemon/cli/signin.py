"""`ownhand sign-in` and `ownhand key`: the secrets that a person gives this program to keep."""

import sys
import threading
import webbrowser
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click
from ownhand.daemon.cli.terminal import Failed, confirmed, json_option, print_json, say
from ownhand.daemon.paths import Paths, find_paths

if TYPE_CHECKING:
    from ownhand.daemon.config import AccountSettings


@click.command("sign-in")
@click.argument("account", default="")
@click.option("--forget", is_flag=True, help="Forget the tokens of the account instead.")
@click.option("--device", is_flag=True, help="With a code that you type on another machine.")
@json_option
def sign_in_command(account: str, forget: bool, device: bool, as_json: bool) -> None:
    """Sign an account in by OAuth 2, in the browser or with a code."""
    from ownhand.daemon.access import tokens_of

    paths = find_paths()
    known = _account(paths, account)
    if forget:
        had = tokens_of(known, paths).forget()
        told = "The tokens are forgotten here; take the access back at the provider too."
        _tell({"account": known.name, "forgotten": had}, told if had else "None here.", as_json=as_json)
        return
    sign_in(known, paths, device=device)
    _tell({"account": known.name, "signed_in": True}, f"{known.name} is signed in.", as_json=as_json)


def _account(paths: Paths, name: str) -> "AccountSettings":
    """The one that is named, or else the only one that signs in by OAuth 2."""
    from ownhand.daemon.config import read_settings

    accounts = read_settings(paths.config_file).account
    if name:
        found = [account for account in accounts if account.name == name]
        problem = f"there is no account {name} in {paths.config_file}"
    else:
        found = [account for account in accounts if account.oauth and not account.oauth.command]
        names = ", ".join(account.name for account in found)
        problem = f"name one of {names}" if found else "no account has [account.oauth] with a client_id"
    if len(found) != 1:
        raise Failed(problem, 2)
    return found[0]


def sign_in(account: "AccountSettings", paths: Paths, *, device: bool) -> None:
    """Has the person say yes, and keeps the tokens. Raises LoginFailed, Unreachable, NotReady or Invalid."""
    from ownhand.daemon.access import client_of, tokens_of
    from ownhand.daemon.mail.signin.flow import through_browser, with_code
    from ownhand.daemon.mail.signin.password import keyring_problem

    kept = tokens_of(account, paths)
    assert account.oauth is not None
    if account.oauth.keep == "keyring" and (problem := keyring_problem()):
        raise Failed(
            f'{problem}: write keep = "file" under [account.oauth] to keep tokens in a file of mode 600 in'
            f" {paths.sign_ins}, which whoever reads your files can read; or give a token command"
        )
    client = client_of(account.name, account.oauth)
    if device or account.oauth.flow == "device":
        tokens = with_code(client, lambda code: say(f"Open {code.url} and enter {code.user_code}"))
    else:
        tokens = through_browser(client, _open)
    kept.keep(tokens)


def _open(url: str) -> None:
    say(f"Sign in in your browser; if none opens, open this there:\n{url}")
    # A browser that runs in the terminal ends after the person is done, and is answered meanwhile.
    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


@click.group("key")
def key_command() -> None:
    """Put secrets into the keyring of this machine, and take them out."""


_NAME = click.argument("name", metavar="ACCOUNT|model/anthropic|model/openai")


@key_command.command("set")
@_NAME
@click.option("--yes", is_flag=True, help="Also in a keyring that is not encrypted.")
@json_option
def set_key(name: str, yes: bool, as_json: bool) -> None:
    """Put a password or a model's key into the keyring; it is asked for, or read from stdin."""
    from ownhand.daemon.mail.signin.password import keep_in_keyring

    _refuse_without_keyring(yes=yes)
    if sys.stdin.isatty():
        secret = str(click.prompt("Secret", hide_input=True, err=True))
    else:
        secret = sys.stdin.readline().rstrip("\r\n")
    if not secret:
        raise Failed("nothing was given; the keyring is as it was", 2)
    keep_in_keyring(name, secret)
    told = "Kept in the keyring. The configuration finds it with { keyring = true }."
    _tell({"name": name, "kept": True}, told, as_json=as_json)


@key_command.command("forget")
@_NAME
@json_option
def forget_key(name: str, as_json: bool) -> None:
    """Take a secret out of the keyring."""
    from ownhand.daemon.mail.signin.password import forget_in_keyring

    had = forget_in_keyring(name)
    told = "Forgotten." if had else "There was nothing under this name."
    _tell({"name": name, "forgotten": had}, told, as_json=as_json)


def _refuse_without_keyring(*, yes: bool) -> None:
    """Ends where there is none; asks whether one that is not encrypted will do."""
    from ownhand.daemon.mail.signin.password import keyring_problem

    problem = keyring_problem()
    if problem.startswith("this machine has no"):
        raise Failed(
            f'{problem}; use {{ command = ["pass", "mail"] }} or {{ file = "…" }} in the configuration'
        )
    if problem and not confirmed(f"Careful: {problem}. Keep it there all the same?", yes=yes):
        raise click.Abort


def _tell(facts: Mapping[str, object], told: str, *, as_json: bool) -> None:
    if as_json:
        print_json(facts)
    else:
        say(told)
