"""`ownhand-trainer train JOB`, `ownhand-trainer serve --socket PATH`, `ownhand-trainer fetch NAME FOLDER`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ownhand.trainer import lifeline


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; all end when their standard input does."""
    arguments = _parser().parse_args(argv)
    if arguments.command == "train":
        from ownhand.trainer.train import train

        lifeline.die_with_parent()
        return train(arguments.job)
    if arguments.command == "fetch":
        from ownhand.trainer.fetch import fetch

        lifeline.die_with_parent()
        return fetch(arguments.repository, arguments.folder, look_only=arguments.look)
    from ownhand.trainer.serve import serve

    serve(arguments.socket)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ownhand-trainer", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train one agent; events go to standard output")
    train.add_argument("job", type=Path, help="a TrainingJob as JSON")
    serve = commands.add_parser("serve", help="run agents; ownhand.worker.v1 on a Unix socket")
    serve.add_argument("--socket", type=Path, required=True)
    fetch = commands.add_parser("fetch", help="fetch a base model; events go to standard output")
    fetch.add_argument("repository", help="owner/name at the hub")
    fetch.add_argument("folder", type=Path)
    fetch.add_argument("--look", action="store_true", help="say what the hub has, and fetch nothing")
    return parser


if __name__ == "__main__":
    sys.exit(main())
