"""The embedded base in numpy is the one that torch trains."""

from pathlib import Path

import numpy as np
import pytest
from ownhand.trainer.adapters import peft
from ownhand.trainer.backends import base_model
from ownhand.trainer.backends.decoding import decode
from ownhand.trainer.backends.plain import PlainEngine
from ownhand.trainer.backends.small_model import SmallModel, load_base
from ownhand.worker.v1 import training_pb2 as pb

FOLDER = base_model.folder_of(base_model.EMBEDDED)
SITUATIONS = [
    pb.Situation(recipient=name, recipient_kind=kind, points=["The boat is dry.", "Come on Friday?"][:n])
    for name, kind, n in (("Ana Vidal", "personal", 1), ("Ben Roe", "business", 2), ("Ben", "colleague", 1))
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[SmallModel, PlainEngine]:
    """With an adapter on every layer and the head, that changes what is said."""
    import torch

    small = load_base(base_model.EMBEDDED)
    small.add_adapter(rank=4, alpha=8, seed=1)
    torch.manual_seed(2)
    with torch.no_grad():
        for weight in small.trainable().values():
            weight.add_(0.05 * torch.randn_like(weight))
    folder: Path = tmp_path_factory.mktemp("adapter")
    small.save_adapter(folder)
    return small, PlainEngine(FOLDER, peft.read(folder))


def test_scores_are_those_of_torch(trained: tuple[SmallModel, PlainEngine]) -> None:
    small, plain = trained
    tokens = list(range(5, 70))

    ours, theirs = plain.read(tokens), small.read(tokens)

    assert np.abs(ours - theirs).max() < 1e-4
    assert np.abs(plain.go_on(9) - small.go_on(9)).max() < 1e-4
    assert np.abs(ours - PlainEngine(FOLDER).read(tokens)).max() > 0.1


def test_the_same_rules_are_proposed(trained: tuple[SmallModel, PlainEngine]) -> None:
    small, plain = trained

    for situation in SITUATIONS:
        ours = list(decode(plain, situation, lambda: False))
        theirs = list(decode(small, situation, lambda: False))
        assert [rule.text for rule in ours] == [rule.text for rule in theirs]
        assert [rule.log_probability for rule in ours] == pytest.approx(
            [rule.log_probability for rule in theirs], abs=1e-3
        )


def test_a_prompt_that_begins_like_the_last_one_is_read_from_where_they_part(
    trained: tuple[SmallModel, PlainEngine],
) -> None:
    for engine in trained:
        first, second = [*range(5, 60), 7], [*range(5, 60), 8, 9]
        engine.read(first)
        again = engine.read(second)

        engine.read([3])
        assert np.abs(again - engine.read(second)).max() < 1e-4


def test_the_loss_is_that_of_torch(trained: tuple[SmallModel, PlainEngine]) -> None:
    small, plain = trained
    rules = ["Use contractions.", 'Sign off with "Cheers".']
    examples = [pb.Example(situation=situation, rules=rules) for situation in SITUATIONS]

    assert plain.loss(examples) == pytest.approx(small.loss(examples), abs=1e-4)
