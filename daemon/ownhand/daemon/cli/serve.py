"""`ownhand serve` and `ownhand demo`: the two verbs that run the program itself."""

import asyncio
import sys
from pathlib import Path

import click
from ownhand.daemon.cli.terminal import Failed, say

LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR"]


@click.command("serve")
@click.option("--log-level", type=click.Choice(LEVELS, case_sensitive=False), default="INFO",
              show_default=True, help="How much is logged. Mail never is, at no level.")  # fmt: skip
@click.option("--log-json", is_flag=True, help="Log lines of JSON.")
@click.option("--verbose", is_flag=True, help="Log to stderr too.")
def serve_command(log_level: str, log_json: bool, verbose: bool) -> None:
    """Run the daemon in the foreground, until Ctrl-C."""
    from ownhand.daemon import config, log
    from ownhand.daemon.paths import find_paths

    paths = find_paths()
    settings = config.read_settings(paths.config_file)
    also = sys.stderr if verbose else None
    try:
        paths.make()
        log.set_up(paths.log_file, level=log_level.upper(), as_json=log_json, also=also)
    except OSError as exc:
        raise Failed(f"data or log cannot be written: {exc.strerror} ({exc.filename})") from None
    try:
        from ownhand.daemon import app

        asyncio.run(app.serve(settings, paths, ready=lambda: say("ownhand: the daemon answers")))
    finally:
        log.tear_down()


@click.command("demo")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("ownhand-demo"),
              show_default=True, help="Where the run, its report and demo.json are kept.")  # fmt: skip
def demo_command(out: Path) -> None:
    """Run the main job on two invented people: from a Sent folder to drafts in their own hand.

    A second run resumes the first and repeats nothing.
    """
    from ownhand.daemon.demo.run import run

    code = run(out)
    if code:
        raise click.exceptions.Exit(code)
