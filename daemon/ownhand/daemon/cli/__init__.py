"""The command: a thin client of the daemon, except `serve`, `setup`, `demo` and what looks at texts only.

Results go to stdout, talk to stderr. Exit codes: 0 done, 1 an error, 2 wrong usage, 3 no daemon runs.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module, metadata

import click
from ownhand.daemon.cli.terminal import Failed
from ownhand.daemon.errors import OwnhandError

_VERBS = {
    "setup": "setup",
    "sign-in": "signin",
    "key": "signin",
    "demo": "serve",
    "serve": "serve",
    "relay": "relay",
    "status": "accounts",
    "check": "check",
    "import": "accounts",
    "learn": "learn",
    "pause": "accounts",
    "resume": "accounts",
    "jobs": "jobs",
    "rules": "rules",
    "agents": "agents",
    "draft": "draft",
    "egress": "privacy",
    "never": "privacy",
    "forget": "privacy",
    "erase": "privacy",
    "own-words": "words",
    "style": "words",
    "eval": "evaluate",
    "model": "model",
    "install-host": "install_host",
}


class Verbs(click.Group):
    """Imports the module of a verb when it is asked for, so that each starts quickly."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            return None
        module = import_module(f"ownhand.daemon.cli.{_VERBS[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        return command


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(metadata.version("ownhand"), prog_name="ownhand")
def ownhand() -> None:
    """Drafts mail in your own hand.

    Learns how you write from your Sent folder, on this machine.
    Exit codes: 0 done, 1 an error, 2 wrong usage, 3 the daemon is not running.
    """


def main() -> None:
    sys.exit(run(sys.argv[1:]))


def run(words: Sequence[str]) -> int:
    """Runs one command; gives its exit code."""
    try:
        code = ownhand.main(list(words), prog_name="ownhand", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.ClickException as exc:
        exc.show()
        return exc.exit_code
    except Failed as exc:
        click.echo(f"ownhand: {exc}", err=True)
        return exc.exit_code
    except OwnhandError as exc:
        click.echo(f"ownhand: {exc}", err=True)
        return 1
    except (KeyboardInterrupt, click.Abort):
        click.echo("ownhand: stopped", err=True)
        return 1
    except BrokenPipeError:
        # The reader of our output has seen enough, as in `ownhand rules | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the last flush fails too
        return 1
