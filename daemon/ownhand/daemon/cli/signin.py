"""`ownhand sign-in` and `ownhand key`: the secrets that a person gives this program to keep."""

import sys
import webbrowser
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
    from ownhand.daemon.config import read_settings

    paths = find_paths()
    found = [a for a in read_settings(paths.config_file).account if a.oauth and account in ("", a.name)]
    if len(found) != 1:
        raise Failed(
            "name one account that has [account.oauth] in the configuration"
            if found or not account else f"the account {account} has no [account.oauth]", 2
        )  # fmt: skip
    [known] = found
    if forget:
        had = tokens_of(known, paths).forget()
        print_json({"account": known.name, "forgotten": had}) if as_json else say(
            "The tokens are forgotten here; take the access back at the provider too."
            if had
            else "None here."
        )
        return
    sign_in(known, paths, device=device)
    if as_json:
        print_json({"account": known.name, "signed_in": True})
    else:
        say(f"{known.name} is signed in.")


def sign_in(account: "AccountSettings", paths: Paths, *, device: bool) -> None:
    """Has the person say yes, and keeps the tokens. Raises LoginFailed, Unreachable or NotReady."""
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
    webbrowser.open(url)


@click.group("key")
def key_command() -> None:
    """Put secrets into the keyring of this machine, and take them out."""


_NAME = click.argument("name", metavar="ACCOUNT|model/anthropic|model/openai")


@key_command.command("set")
@_NAME
@json_option
def set_key(name: str, as_json: bool) -> None:
    """Put a password or a model's key into the keyring; it is asked for, or read from stdin."""
    from ownhand.daemon.mail.signin.password import keep_in_keyring, keyring_problem

    problem = keyring_problem()
    if problem.startswith("this machine has no"):
        raise Failed(
            f'{problem}; use {{ command = ["pass", "mail"] }} or {{ file = "…" }} in the configuration'
        )
    if problem and not confirmed(f"Careful: {problem}. Keep it there all the same?", yes=False):
        raise click.Abort
    if sys.stdin.isatty():
        secret = str(click.prompt("Secret", hide_input=True, err=True))
    else:
        secret = sys.stdin.readline().rstrip("\r\n")
    if not secret:
        raise Failed("nothing was given; the keyring is as it was", 2)
    keep_in_keyring(name, secret)
    if as_json:
        print_json({"name": name, "kept": True})
    else:
        say("Kept in the keyring. The configuration finds it with { keyring = true }.")


@key_command.command("forget")
@_NAME
@json_option
def forget_key(name: str, as_json: bool) -> None:
    """Take a secret out of the keyring."""
    from ownhand.daemon.mail.signin.password import forget_in_keyring

    had = forget_in_keyring(name)
    if as_json:
        print_json({"name": name, "forgotten": had})
    else:
        say("Forgotten." if had else "There was nothing under this name.")
