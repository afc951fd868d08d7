"""Prints the manual: the help of every command, as Markdown. `python scripts/manual.py > docs/manual.md`."""

import click
from ownhand.daemon.cli import ownhand


def main() -> None:
    print("# Manual\n\nMade by `python scripts/manual.py`; each text is what `--help` prints.")
    show(ownhand, "ownhand")


def show(command: click.Command, name: str) -> None:
    context = click.Context(command, info_name=name, max_content_width=96, terminal_width=96)
    print(f"\n## `{name}`\n\n```\n{command.get_help(context)}\n```")
    if isinstance(command, click.Group):
        for verb in command.list_commands(context):
            found = command.get_command(context, verb)
            assert found is not None
            show(found, f"{name} {verb}")


if __name__ == "__main__":
    main()
