"""A training set as it lies on disk -> examples.

Knows the files. How an example becomes tokens is the backends' matter, how it reads that of `prompt.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.json_format import Parse, ParseError
from ownhand.trainer.errors import BadJob, NotReady
from ownhand.worker.v1 import training_pb2 as pb


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Examples, split by the daemon: never cut anew here, or threads would leak."""

    train: Sequence[pb.Example]
    valid: Sequence[pb.Example]


def read_training_set(folder: Path) -> TrainingSet:
    """The examples to learn from and those to measure on."""
    data = TrainingSet(_examples(folder / "train.jsonl"), _examples(folder / "valid.jsonl"))
    if not data.train:
        raise NotReady("there is nothing to learn from: the training set has no example with a rule")
    if not data.valid:
        raise NotReady("there is nothing to measure on: the training set has no held-out example with a rule")
    return data


def _examples(path: Path) -> list[pb.Example]:
    examples = []
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    examples.append(_example(line, path.name, number))
    except (OSError, UnicodeDecodeError) as exc:
        raise BadJob(f"{path.name} cannot be read ({type(exc).__name__})") from exc
    return [example for example in examples if example.rules]


def _example(line: str, name: str, number: int) -> pb.Example:
    try:
        return Parse(line, pb.Example(), ignore_unknown_fields=True)
    except ParseError:
        raise BadJob(
            f"line {number} of {name} is not an Example in JSON"
        ) from None  # the text quotes the line
