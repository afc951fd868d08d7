"""What `ownhand setup` was given on its command line, and how it asks for the rest: on a terminal only."""

import sys
from dataclasses import dataclass
from typing import Literal

import click
from ownhand.daemon.cli.terminal import Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The options, each under its own name."""

    address: str
    name: str
    display_name: str
    provider: str
    look_up: bool
    yes: bool
    host: str
    port: int
    tls: Literal["", "verify", "starttls", "plaintext-loopback"]
    pin: str
    user: str
    sent: str
    identities: tuple[str, ...]
    voice: str
    password_command: str
    password_env: str
    password_file: str
    password_keyring: bool
    oauth: Literal["", "google", "microsoft"]
    client_id: str
    client_secret_command: str
    device: bool
    keep_tokens: Literal["", "keyring", "file"]
    token_command: str
    relay: bool
    no_test: bool


def on_terminal() -> bool:
    return sys.stdin.isatty()


def ask(question: str, option: str, *, default: str | None = None, hidden: bool = False) -> str:
    """The person's answer. Without a terminal, says which option to give."""
    if not on_terminal():
        raise Failed(f"{question.lower()} is needed; give {option}", 2)
    shown = bool(default) and not hidden
    answer = click.prompt(question, default=default, show_default=shown, hide_input=hidden, err=True)
    return str(answer).strip()


def choose(question: str, choices: tuple[str, ...], default: str) -> str:
    return str(click.prompt(question, type=click.Choice(choices), default=default, err=True))


def agreed(question: str, *, default: bool = True) -> bool:
    return click.confirm(question, default=default, err=True)
