"""`ownhand relay`: runs the relay in the foreground, daemon or not, and shows its secret."""

import asyncio
import signal
import ssl
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import click
from ownhand.daemon.cli.serve import LEVELS
from ownhand.daemon.cli.terminal import Failed, account_option, json_option, print_json, say
from ownhand.daemon.paths import Paths, find_paths

if TYPE_CHECKING:
    from ownhand.daemon.config import AccountSettings, RelaySettings
    from ownhand.daemon.mail.relay.server import Relay


@click.group("relay", invoke_without_command=True)
@account_option
@click.option("--log-level", type=click.Choice(LEVELS, case_sensitive=False), default="INFO",
              show_default=True, help="How much is logged. Mail never is, at no level.")  # fmt: skip
@click.option("--verbose", is_flag=True, help="Log to stderr too.")
@click.pass_context
def relay_command(ctx: click.Context, account: str, log_level: str, verbose: bool) -> None:
    """Pass mail on to your submission server, and learn from what it took.

    For a mail program that keeps sent mail where no IMAP server sees it. It sends to 127.0.0.1, port 1587,
    with any user name and what `ownhand relay secret` prints. Each mail is passed on while the program waits:
    the answer is the real server's own, nothing is queued, and not a byte is altered. The daemon learns from
    a copy of what the server took; sending never waits for that.

    \b
    In config.toml, in place of the host of an [[account]]:
      [account.relay]
      host = "smtp.example.org"
    """
    if ctx.invoked_subcommand:
        return
    from ownhand.daemon import log

    paths = find_paths()
    accounts = _accounts(paths, account)
    try:
        paths.make()
        log.set_up(paths.logs / "relay.log", level=log_level.upper(), also=sys.stderr if verbose else None)
    except OSError as exc:
        raise Failed(f"data or log cannot be written: {exc.strerror} ({exc.filename})") from None
    try:
        asyncio.run(_serve(accounts, paths))
    finally:
        log.tear_down()


@relay_command.command("secret")
@click.option("--new", is_flag=True, help="Make another one; start the relay anew afterwards.")
@account_option
@json_option
def secret_command(new: bool, account: str, as_json: bool) -> None:
    """Print the password for your mail program, and what else to enter there."""
    from ownhand.daemon.mail.relay.secret import relay_secret

    paths = find_paths()
    accounts = _accounts(paths, account)
    if len(accounts) > 1:
        raise Failed("there are several relays; say whose with --account", 2)
    [(known, relay)] = accounts
    paths.make()
    secret = relay_secret(paths.relay_secrets, known.name, new=new)
    if as_json:
        print_json({"host": "127.0.0.1", "port": relay.listen, "user": known.address, "secret": secret})
        return
    security = "STARTTLS" if relay.certificate else "none"
    user = known.address
    say(f"Outgoing server: 127.0.0.1, port {relay.listen}, security {security}, user {user}; password:")
    click.echo(secret)


def _accounts(paths: Paths, name: str) -> "list[tuple[AccountSettings, RelaySettings]]":
    from ownhand.daemon.config import read_settings

    settings = read_settings(paths.config_file)
    found = [(a, a.relay) for a in settings.account if a.relay and name in ("", a.name)]
    if not found:
        whose = f"account {name}" if name else "account"
        raise Failed(f"no {whose} has a relay; write [account.relay] in {paths.config_file}")
    return found


async def _serve(accounts: "Sequence[tuple[AccountSettings, RelaySettings]]", paths: Paths) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as running:
        for account, relay in accounts:
            made = _relay(account, relay, paths)
            running.push_async_callback(made.aclose)
            port = await made.start(relay.listen)
            say(f"ownhand: the relay of {account.name} answers on 127.0.0.1:{port}")
        await stop.wait()


def _relay(account: "AccountSettings", relay: "RelaySettings", paths: Paths) -> "Relay":
    from ownhand.daemon.access import submission_of
    from ownhand.daemon.mail.relay.secret import relay_secret
    from ownhand.daemon.mail.relay.server import Relay
    from ownhand.daemon.mail.relay.spool import Spool, spool_of

    secret = relay_secret(paths.relay_secrets, account.name)
    tls = _for_clients(relay)
    spool = Spool(spool_of(paths.relayed, account.name))
    try:
        return Relay(submission_of(account, relay, paths), spool, secret, tls=tls)
    except OSError:
        spool.close()
        raise Failed("the file that `trust` names cannot be read; it must hold certificates in PEM") from None


def _for_clients(relay: "RelaySettings") -> ssl.SSLContext | None:
    if not relay.certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(relay.certificate, relay.key or None)
    except OSError:
        raise Failed("the certificate or key of the relay cannot be read; they must be PEM files") from None
    return context
