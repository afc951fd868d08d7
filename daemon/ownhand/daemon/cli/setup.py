"""`ownhand setup`: asks, tests the login, finds the Sent folder, and writes config.toml."""

import asyncio
import json
import os
import re
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
from ownhand.daemon.cli.terminal import Failed, json_option, print_json, say
from ownhand.daemon.domain import Found
from ownhand.daemon.paths import find_paths


@dataclass(frozen=True, slots=True)
class Answers:
    """One [[account]] as it will be written."""

    name: str
    address: str
    display_name: str
    host: str
    port: int
    tls: str
    user: str
    password: dict[str, Any]
    sent: str


@click.command("setup")
@click.option("--address", default="", help="The mail address.")
@click.option("--name", default="", help="What to call the account; by default the address's first part.")
@click.option("--display-name", default="", help="The person's name, as in their signature.")
@click.option("--host", default="", help="The IMAP server; known for many providers.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="By default 993 with TLS, else 143.")
@click.option("--tls", type=click.Choice(["verify", "plaintext-loopback"]), default="verify",
              show_default=True, help="Plain text is only for a server on this machine.")  # fmt: skip
@click.option("--user", default="", help="The login, when it is not the address.")
@click.option(
    "--password-command", default="", metavar="COMMAND", help="Prints the password, like `pass mail`."
)
@click.option("--password-env", default="", metavar="NAME", help="A variable that the daemon will see.")
@click.option("--password-file", default="", metavar="FILE", help="The password in its first line, mode 600.")
@click.option("--sent", default="auto", show_default=True, metavar="FOLDER", help="The Sent folder.")
@click.option("--no-test", is_flag=True, help="Write without logging in first.")
@json_option
def setup_command(
    address: str,
    name: str,
    display_name: str,
    host: str,
    port: int,
    tls: str,
    user: str,
    password_command: str,
    password_env: str,
    password_file: str,
    sent: str,
    no_test: bool,
    as_json: bool,
) -> None:
    """Set up one mail account: log in, find the Sent folder, write config.toml.

    Asks for what is not given. Reads nothing but folder names and counts.
    """
    address = address or _ask("Mail address")
    host, port = _server(address, host, port)
    answers = Answers(
        name=name or _name(address),
        address=address,
        display_name=display_name or _ask("Your name", default="", optional=True),
        host=host,
        port=port,
        tls=tls,
        user=user,
        password=_password_place(password_command, password_env, password_file),
        sent=sent,
    )
    file = find_paths().config_file
    _refuse_known(file, answers.name)
    found, answers = (None, answers) if no_test else _tested(answers)
    _keep_password(answers)
    answers = _without_typed(answers)
    _write(file, answers)
    if as_json:
        print_json(
            {
                "config": str(file),
                "account": answers.name,
                "sent_folder": found.sent_folder if found else None,
            }
        )
    _say_what_next(file, found)


def _ask(question: str, *, default: str | None = None, optional: bool = False) -> str:
    if not sys.stdin.isatty():
        if optional:
            return default or ""
        option = "--" + question.split()[-1].lower()
        raise Failed(f"{question} is needed; give it with {option}", 2)
    return str(click.prompt(question, default=default, show_default=bool(default), err=True)).strip()


def _name(address: str) -> str:
    return re.sub(r"\W+", "-", address.partition("@")[0]).strip("-").lower() or "mail"


def _server(address: str, host: str, port: int) -> tuple[str, int]:
    from ownhand.daemon.mail.providers import provider_of

    known = provider_of(address)
    if known and not host:
        say(f"The server of {known.host}." + (f" Note: {known.note}." if known.note else ""))
    guess = known.host if known else f"imap.{address.rpartition('@')[2]}"
    certain = host or (known.host if known and not sys.stdin.isatty() else "")
    chosen = certain or _ask("IMAP host", default=guess)
    return chosen, port or (known.port if known and chosen == known.host else 0)


_TYPED = "typed"  # a password that was typed and has no place yet


def _password_place(command: str, env: str, file: str) -> dict[str, Any]:
    import shlex

    given = [
        place
        for place in ({"command": shlex.split(command)}, {"env": env}, {"file": file})
        if all(place.values())
    ]
    if len(given) > 1:
        raise click.UsageError("give one of --password-command, --password-env and --password-file")
    if given:
        return given[0]
    if not sys.stdin.isatty():
        raise Failed("give --password-command, --password-env or --password-file", 2)
    return {_TYPED: click.prompt("Password", hide_input=True, err=True)}


def _tested(answers: Answers) -> tuple[Found, Answers]:
    """Logs in and looks. Where several folders could be it, the person chooses."""
    say(f"Logging in to {answers.host} ...")
    found = asyncio.run(_look(answers))
    say(f"Found {found.sent_folder} with {found.n_messages} messages.")
    if answers.sent == "auto" and sys.stdin.isatty():
        right = click.confirm("Is this where your sent mail is?", default=True, err=True)
        if not right:
            folder = click.prompt("Which folder", type=click.Choice(found.folders), err=True)
            answers = replace(answers, sent=folder)
            found = asyncio.run(_look(answers))
    return found, answers


async def _look(answers: Answers) -> Found:
    from ownhand.daemon.mail.imap.source import ImapSource

    source = ImapSource(
        answers.host,
        answers.port or (993 if answers.tls == "verify" else 143),
        answers.user or answers.address,
        _reader(answers),
        tls=answers.tls == "verify",
        folder=answers.sent,
    )
    try:
        return await source.check()
    finally:
        await source.aclose()


def _reader(answers: Answers) -> Callable[[], str]:
    from ownhand.daemon.mail.signin.password import password_reader

    if _TYPED in answers.password:
        return lambda: str(answers.password[_TYPED])
    return password_reader(answers.password, answers.name)


def _keep_password(answers: Answers) -> None:
    """Puts a typed password where the daemon finds it: in the keyring."""
    if _TYPED in answers.password:
        from ownhand.daemon.mail.signin.password import keep_in_keyring

        keep_in_keyring(answers.name, answers.password[_TYPED])


def _without_typed(answers: Answers) -> Answers:
    return replace(answers, password={"keyring": True}) if _TYPED in answers.password else answers


def _refuse_known(file: Path, name: str) -> None:
    """A broken file, or one with this account, is not added to."""
    if not file.exists():
        return
    from ownhand.daemon.config import read_settings

    settings = read_settings(file, {})
    if any(account.name == name for account in settings.account):
        raise Failed(f"there is an account {name} already; change it in {file}, or give another --name")


def _write(file: Path, answers: Answers) -> None:
    """Adds the account to the file, whole or not at all; what stands there stays as it is."""
    before = file.read_text("utf-8") if file.exists() else ""
    text = f"{before.rstrip()}\n\n{_block(answers)}".lstrip()
    tomllib.loads(text)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(file)


def _block(answers: Answers) -> str:
    facts = {
        "name": answers.name,
        "address": answers.address,
        "display_name": answers.display_name,
        "host": answers.host,
        "port": answers.port,
        "tls": answers.tls if answers.tls != "verify" else "",
        "user": answers.user,
    }
    lines = ["[[account]]", *(f"{key} = {_toml(value)}" for key, value in facts.items() if value)]
    [(kind, place)] = answers.password.items()
    lines += [f"password = {{ {kind} = {_toml(place)} }}", f"sent = {_toml(answers.sent)}"]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    # JSON's strings, numbers, arrays and switches are TOML's too; only this control character is not.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _say_what_next(file: Path, found: Found | None) -> None:
    say(f"Written: {file}")
    if found and found.n_messages < 20:
        say(f"{found.n_messages} sent mails are few; an agent needs at least 20 that can be used.")
    say("Next: start the daemon with `ownhand serve`, then `ownhand learn` in another terminal.")
