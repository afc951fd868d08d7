"""`ownhand-trainer` trains (`train JOB`), answers (`serve --socket PATH`), fetches bases and converts."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ownhand.trainer import lifeline


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; all but `convert` end when their standard input does."""
    arguments = _parser().parse_args(argv)
    if arguments.command == "train":
        from ownhand.trainer.train import train

        lifeline.die_with_parent()
        return train(arguments.job)
    if arguments.command == "fetch":
        from ownhand.trainer.fetch import fetch

        lifeline.die_with_parent()
        return fetch(arguments.repository, arguments.folder, look_only=arguments.look)
    if arguments.command == "convert":
        return _convert(arguments)
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
    convert = commands.add_parser("convert", help="write an adapter for PEFT, mlx-lm or llama.cpp")
    convert.add_argument("adapter", type=Path, help="the folder of an agent, or of a PEFT or mlx-lm adapter")
    convert.add_argument("--to", choices=("peft", "mlx", "gguf"), required=True)
    convert.add_argument("--out", type=Path, required=True, help="a folder that does not exist yet")
    convert.add_argument("--base", default="", help="the base model's folder, where the adapter names none")
    return parser


def _convert(arguments: argparse.Namespace) -> int:
    from ownhand.trainer.adapters.convert import convert
    from ownhand.trainer.errors import TrainerError

    try:
        notes = convert(arguments.adapter, arguments.to, arguments.out, arguments.base)
    except TrainerError as exc:
        print(exc, file=sys.stderr)
        return 1
    print(*notes, sep="\n", end="\n" if notes else "", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
