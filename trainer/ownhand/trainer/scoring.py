"""How good an agent is on held-out mail. The same for every backend."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from ownhand.trainer.backends.base import Generator
from ownhand.trainer.errors import MalformedAnswer
from ownhand.worker.v1 import training_pb2 as pb


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Precision and recall are those of all mails together, so a long list weighs more."""

    loss: float  # nats per completion token
    precision: float  # 0 to 1
    recall: float


def measure(generator: Generator, examples: Sequence[pb.Example]) -> HeldOut:
    """What the agent proposes for mail it never saw, against the right rules."""
    pairs = [(_proposed(generator, example), list(example.rules)) for example in examples]
    precision, recall = precision_and_recall(pairs)
    return HeldOut(generator.loss(examples), precision, recall)


def _proposed(generator: Generator, example: pb.Example) -> list[str]:
    """An answer that is no list of rules counts for the rules that it began with."""
    said: list[str] = []
    with suppress(MalformedAnswer):
        said += (rule.text for rule in generator.propose(example.situation))
    return said


def precision_and_recall(pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> tuple[float, float]:
    """Of pairs of predicted and right lists. Order and spacing do not count."""
    hits = n_predicted = n_right = 0
    for predicted, right in pairs:
        said, wanted = {_key(rule) for rule in predicted}, {_key(rule) for rule in right}
        hits += len(said & wanted)
        n_predicted += len(said)
        n_right += len(wanted)
    return hits / n_predicted if n_predicted else 0.0, hits / n_right if n_right else 0.0


def _key(rule: str) -> str:
    return " ".join(rule.split())
