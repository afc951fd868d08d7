"""`ownhand own-words` and `style`: what is measured, for anyone to look at. They need no daemon."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO

import click
from ownhand.daemon.cli.terminal import Failed, json_option, print_facts, print_json


@click.command("own-words")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--jsonl", is_flag=True, help='Lines of {"id","format","input"} in, of {"id","own_words"} out.')
@json_option
def own_words_command(file: IO[bytes], jsonl: bool, as_json: bool) -> None:
    """Cut a message (FILE or stdin) down to the words that its author wrote."""
    from ownhand.daemon.mail.words.own_words import own_words, own_words_lines

    if jsonl:
        for line in own_words_lines(_lines(file)):
            click.echo(line)
        return
    text, html = _text_of(file.read())
    found = own_words(text, html=html)
    if as_json:
        print_json({"own_words": found.text, "refused": found.refused})
        return
    if found.refused:
        raise Failed(f"nothing here to learn from: {found.refused}")
    click.echo(found.text)


@click.command("style")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@json_option
def style_command(file: Path, as_json: bool) -> None:
    """Measure the style of the text in FILE ("-" for stdin), as the rules are measured."""
    from ownhand.daemon.learn import style

    text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8", "replace")
    measured = asdict(style.measure(text))
    if as_json:
        print_json(measured)
        return
    shown = {name: value for name, value in measured.items() if not isinstance(value, dict)}
    print_facts([(name, _rounded(value)) for name, value in shown.items()])


def _lines(file: IO[bytes]) -> Iterator[str]:
    for number, line in enumerate(file, 1):
        text = line.decode("utf-8", "replace")
        if not text.strip():
            continue
        try:
            case = json.loads(text)
        except ValueError:
            raise Failed(f"line {number} is not JSON") from None
        if not isinstance(case, dict) or "id" not in case or not isinstance(case.get("input"), str):
            raise Failed(f"line {number} needs an id and an input")
        yield text


def _rounded(value: object) -> object:
    if value is None:
        return "-"
    return round(value, 3) if isinstance(value, float) else value


def _text_of(raw: bytes) -> tuple[str, bool]:
    """The text of a message as it came, or the text itself when there are no headers."""
    from ownhand.daemon.mail.mime import read_message

    message = read_message(raw)
    if not message.sender[0]:
        return raw.decode("utf-8", "replace"), False
    if message.text is not None:
        return message.text, False
    return message.html or "", True
