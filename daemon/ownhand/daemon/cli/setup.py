"""`ownhand setup`: asks, tests the login, finds the Sent folder, and writes one account into config.toml."""

import re
from contextlib import ExitStack
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import click
from ownhand.daemon.access import forget, forget_secrets, tokens_of
from ownhand.daemon.cli.asked import Given, ask, on_terminal
from ownhand.daemon.cli.credentials import credentials_of, kept, typed_password
from ownhand.daemon.cli.servers import Servers, servers_of
from ownhand.daemon.cli.signin import sign_in
from ownhand.daemon.cli.terminal import Failed, confirmed, json_option, print_json, say
from ownhand.daemon.cli.trial import Tried, tried
from ownhand.daemon.config import (
    AccountSettings,
    IdentitySettings,
    OAuthSettings,
    RelaySettings,
    Secret,
    Settings,
    read_settings,
)
from ownhand.daemon.paths import Paths, find_paths
from ownhand.daemon.rpc.endpoint import read_endpoint
from ownhand.daemon.settings_file import add_account, remove_account

_FEW = 20  # sent mails, below which no agent comes about
_RELAY_PORT = 1587
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_MODES = ("verify", "starttls", "plaintext-loopback")


@click.command("setup")
@click.option("--address", default="", help="The mail address.")
@click.option("--name", default="", help="What to call the account; by default the address's first part.")
@click.option("--display-name", default="", help="The person's name, as in their signature.")
@click.option(
    "--identity",
    "identities",
    multiple=True,
    metavar="ADDRESS[=VOICE]",
    help="Another address of yours; with =VOICE, one where you write in another way. Repeatable.",
)
@click.option("--voice", default="", metavar="ACCOUNT", help="The account whose voice this one shares.")
@click.option(
    "--provider",
    default="",
    metavar="NAME",
    help="A provider of the table, for a domain of your own: google-workspace, davmail, ionos ...",
)
@click.option("--look-up", is_flag=True, help="Ask others for the servers; says whom, and asks you first.")
@click.option("--host", default="", help="The IMAP server; known for many providers.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="By default 993 with TLS, else 143.")
@click.option(
    "--tls",
    type=click.Choice(_MODES),
    default=None,
    help="By default verify, or as the provider has it. Plain text is for this machine only.",
)
@click.option(
    "--pin",
    default="",
    metavar="SHA256:...",
    help="The fingerprint of a certificate to accept, of a server on this machine.",
)
@click.option("--user", default="", help="The login, when it is not the address.")
@click.option(
    "--password-command", default="", metavar="COMMAND", help="Prints the password, like `pass mail`."
)
@click.option("--password-env", default="", metavar="NAME", help="A variable that the daemon will see.")
@click.option("--password-file", default="", metavar="FILE", help="The password in its first line, mode 600.")
@click.option("--password-keyring", is_flag=True, help="It is there: `ownhand key set NAME` put it there.")
@click.option(
    "--oauth",
    type=click.Choice(("google", "microsoft")),
    default=None,
    help="Sign in by OAuth 2, with a client of your own.",
)
@click.option("--client-id", default="", metavar="ID", help="Of your client there.")
@click.option("--client-secret-command", default="", metavar="COMMAND", help="Prints its secret, if any.")
@click.option("--device", is_flag=True, help="Sign in with a code that you type on another machine.")
@click.option(
    "--keep-tokens",
    type=click.Choice(("keyring", "file")),
    default=None,
    help="Where tokens are kept; a file is not encrypted.",
)
@click.option("--token-command", default="", metavar="COMMAND", help="Prints a token, renewed elsewhere.")
@click.option("--sent", default="auto", show_default=True, metavar="FOLDER", help="The Sent folder.")
@click.option(
    "--relay",
    is_flag=True,
    help="For sent mail that is on no IMAP server: learn from what `ownhand relay` passes on.",
)
@click.option("--no-test", is_flag=True, help="Write without logging in first.")
@click.option("--remove", default="", metavar="NAME", help="Take an account out instead, with its secrets.")
@click.option("--yes", is_flag=True, help="Say yes to looking up, or to taking out, without being asked.")
@json_option
def setup_command(remove: str, as_json: bool, **_: object) -> None:
    """Set up one mail account: log in, find the Sent folder, write config.toml.

    Asks for what is not given; run again, it adds another. Reads nothing but folder names and counts.
    """  # fmt: skip
    given = Given(**_options())
    paths = find_paths()
    if remove:
        _take_out(remove, given, paths, as_json=as_json)
        return
    settings = read_settings(paths.config_file, {})
    done = _set_up(given, settings, paths)
    if as_json:
        print_json(_facts(done, paths.config_file))
    _say_what_next(done, paths)


def _options() -> dict[str, Any]:
    """What click read: nothing chosen is an empty text here."""
    params = click.get_current_context().params
    names = {field.name for field in fields(Given)}
    return {key: "" if value is None else value for key, value in params.items() if key in names}


def _set_up(given: Given, settings: Settings, paths: Paths) -> Tried:
    address = _address(given)
    name = _name(address, given, settings)
    servers = servers_of(address, given)
    display_name = given.display_name or (ask("Your name", "", default="") if on_terminal() else "")
    identities = _identities(given)
    credentials = credentials_of(name, servers, given, paths)
    oauth = credentials if isinstance(credentials, OAuthSettings) else None
    try:
        account = AccountSettings(
            name=name,
            address=address,
            display_name=display_name,
            password=None if oauth else credentials or Secret(keyring=True),  # type: ignore[arg-type]  # no oauth
            oauth=oauth,
            voice=given.voice,
            user=servers.user,
            sent=given.sent,
            identity=identities,
            **_places(servers, given, settings),
        )
    except ValueError as exc:
        raise Failed(str(exc), 2) from None
    return _written(account, paths, typed=credentials is None, test=not given.no_test)


def _written(account: AccountSettings, paths: Paths, *, typed: bool, test: bool) -> Tried:
    """Signs in, tries, keeps and writes. What was kept is forgotten when it comes to nothing."""
    with ExitStack() as undo:
        undo.callback(say, "Nothing was written.")
        if account.oauth:
            undo.callback(forget, f"oauth-client/{account.name}", account.oauth.client_secret, paths.config)
        if account.oauth and not account.oauth.command and test:
            sign_in(account, paths, device=False)
            undo.callback(tokens_of(account, paths).forget)
        done = Tried(account, typed_password() if typed else "", None)
        if test:
            done = tried(account, done.typed, paths)
        if done.typed:
            place = kept(account.name, done.typed, paths.config)
            undo.callback(forget, account.name, place, paths.config)
            done = replace(done, account=replace(done.account, password=place))
        add_account(paths.config_file, done.account)
        undo.pop_all()
    return done


# --- what is asked -------------------------------------------------------------------------------


def _address(given: Given) -> str:
    address = given.address or ask("Mail address", "--address")
    while not _ADDRESS.fullmatch(address):
        if given.address or not on_terminal():
            raise Failed("--address must be a mail address, like ana@example.org", 2)
        say("That is no mail address; one looks like ana@example.org.")
        address = ask("Mail address", "--address")
    return address


def _name(address: str, given: Given, settings: Settings) -> str:
    """A name that is free. Raises Failed for an account that is there already."""
    taken = {account.name for account in settings.account}
    if given.name:
        if given.name in taken:
            raise Failed(f"there is an account {given.name} already; give another --name")
        return given.name
    for account in settings.account:
        if account.address.lower() == address.lower():
            raise Failed(
                f"this address is set up already, as {account.name}; take it out with"
                f" `ownhand setup --remove {account.name}`, or give another --name"
            )
    first, _, domain = address.partition("@")
    plain = [re.sub(r"\W+", "-", part).strip("-").lower() for part in (first, domain.partition(".")[0])]
    name = plain[0] or "mail"
    candidates = [name, f"{name}-{plain[1]}", *(f"{name}-{n}" for n in range(2, len(taken) + 3))]
    return next(candidate for candidate in candidates if candidate not in taken)


def _identities(given: Given) -> tuple[IdentitySettings, ...]:
    told = [_identity(text) for text in given.identities]
    if not given.identities and not given.address and on_terminal():
        while text := ask("Another address you send from (Enter for none)", "", default=""):
            if not _ADDRESS.fullmatch(text):
                say("That is no mail address; one looks like ana@example.org.")
                continue
            voice = ask("A name for its voice, if you write in another way there", "", default="")
            told.append(IdentitySettings(text, voice=voice))
    return tuple(told)


def _identity(text: str) -> IdentitySettings:
    local, at, rest = text.partition("@")
    domain, _, voice = rest.partition("=")
    if not _ADDRESS.fullmatch(local + at + domain):
        raise Failed("--identity must be a mail address, like ana@club.example or ana@club.example=club", 2)
    return IdentitySettings(local + at + domain, voice=voice)


def _places(servers: Servers, given: Given, settings: Settings) -> dict[str, Any]:
    """Where mail is read, or where the relay passes it on to."""
    if not given.relay:
        usual = 993 if servers.tls == "verify" else 143
        port = 0 if servers.port == usual else servers.port
        return {"host": servers.host, "port": port, "tls": servers.tls, "tls_pin": servers.pin}
    out = servers.submission
    if out is None:
        raise Failed("its submission server is not known; give it with --host, --port and --tls", 2)
    taken = {account.relay.listen for account in settings.account if account.relay}
    listen = next(port for port in range(_RELAY_PORT, 65536) if port not in taken)
    port = 0 if out.port == (465 if out.tls == "implicit" else 587) else out.port
    return {"relay": RelaySettings(out.host, port, out.tls, listen=listen)}


# --- what is said --------------------------------------------------------------------------------


def _facts(done: Tried, file: Path) -> dict[str, object]:
    return {
        "config": str(file),
        "account": done.account.name,
        "host": done.account.relay.host if done.account.relay else done.account.host,
        "relay": bool(done.account.relay),
        "sent_folder": done.found.sent_folder if done.found else None,
        "n_messages": done.found.n_messages if done.found else None,
    }


def _say_what_next(done: Tried, paths: Paths) -> None:
    account = done.account
    say(f"Written: the account {account.name}, into {paths.config_file}")
    if done.found and done.found.n_messages < _FEW:
        say(f"{done.found.n_messages} sent mails are few; an agent needs at least {_FEW} that can be used.")
    if account.oauth and not account.oauth.command and not tokens_of(account, paths).signed_in():
        say(f"Next: sign in with `ownhand sign-in {account.name}`.")
    if account.relay:
        say("Next: leave `ownhand relay` running; what your mail program needs is told by")
        say(f"`ownhand relay secret --account {account.name}`.")
    if read_endpoint(paths.endpoint):
        say("The daemon learns of it when it is started anew: stop `ownhand serve`, and start it again.")
    else:
        say("Next: start the daemon with `ownhand serve`, then `ownhand learn` in another terminal.")


# --- taking out ----------------------------------------------------------------------------------


def _take_out(name: str, given: Given, paths: Paths, *, as_json: bool) -> None:
    accounts = read_settings(paths.config_file, {}).account
    account = next((known for known in accounts if known.name == name), None)
    if account and not confirmed(f"Take the account {name} and its secrets out?", yes=given.yes):
        raise click.Abort
    remove_account(paths.config_file, name)
    assert account is not None, "remove_account raises for a name that is not there"
    problem = forget_secrets(account, paths)
    if as_json:
        print_json({"account": name, "removed": True, "secrets_forgotten": not problem})
    say(f"The account {name} is taken out of {paths.config_file}.")
    say(f"CAREFUL: {problem}; look there for its secrets." if problem else "Its secrets are forgotten.")
    say("What was learned from it stays until `ownhand forget` or `ownhand erase`.")
    if read_endpoint(paths.endpoint):
        say("A daemon that runs goes on watching it until it is started anew.")
