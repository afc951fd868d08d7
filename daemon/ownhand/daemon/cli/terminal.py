"""What a person or a program sees: tables and talk, or JSON."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click


class Failed(Exception):
    """Ends the command with a message and an exit code."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
account_option = click.option(
    "--account", metavar="NAME", default="", help="Whose mail; may be left out when there is one account."
)


def say(message: str = "") -> None:
    """Talk, which is no result."""
    click.echo(message, err=True)


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False))


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on stdout; as wide as its contents when nobody looks."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        number = heading.startswith("#")
        table.add_column(heading.lstrip("#"), justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    width = None if sys.stdout.isatty() else 200
    Console(file=sys.stdout, width=width, highlight=False).print(table)


def print_facts(facts: Sequence[tuple[str, object]]) -> None:
    """Names and values, one a line."""
    width = max(len(name) for name, _ in facts)
    for name, value in facts:
        click.echo(f"{name:<{width}}  {value}")


def confirmed(question: str, *, yes: bool) -> bool:
    """Asks on the terminal. Where there is none, only `--yes` says yes."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise Failed("this needs a yes; say it with --yes")
    return click.confirm(question, default=False, err=True)
