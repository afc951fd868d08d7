"""Base models of a hub, of every family that we name: trained, saved, loaded and asked by the same code."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import tiny_bases
from ownhand.trainer import manifest
from ownhand.trainer.backends import answers
from ownhand.trainer.backends.base import choose
from ownhand.trainer.backends.small_model import SmallModel, load_base
from ownhand.trainer.dataset import TrainingSet
from ownhand.trainer.errors import MalformedAnswer
from ownhand.worker.v1 import training_pb2 as pb

HABITS = {
    "personal": ["Do not greet; begin with the matter.", "Use contractions."],
    "business": ['Greet with "Dear".', "Write one paragraph.", "Write contractions out in full."],
}
LESSONS = ["\n".join(rules) + "\n" for rules in HABITS.values()]


class Silent:
    def started(self, event: pb.TrainingStarted) -> None: ...
    def step(self, event: pb.TrainingStep) -> None: ...


@pytest.fixture(params=tiny_bases.FAMILIES)
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tiny_bases.save_base(tmp_path / "base", request.param, LESSONS)


@pytest.fixture
def small(base: Path) -> SmallModel:
    return load_base(str(base))


def _examples(number: int) -> list[pb.Example]:
    kinds = [list(HABITS)[n % 2] for n in range(number)]
    return [pb.Example(situation=pb.Situation(recipient_kind=kind), rules=HABITS[kind]) for kind in kinds]


def _trained(
    base: Path, tmp_path: Path, **settings: int | float
) -> tuple[pb.TrainingJob, pb.AdapterManifest]:
    job = pb.TrainingJob(
        agent_id="one", training_set_hash="a1b2", adapters=str(tmp_path / "adapters"), base_model=str(base),
        seed=7, batch_size=6, rank=16, alpha=32, threads=1, **settings,  # type: ignore[arg-type]
    )  # fmt: skip
    made = choose("torch").train(job, TrainingSet(_examples(12), _examples(4)), Silent())
    manifest.finish(job, made)
    return job, made


def test_a_base_trains_and_answers_and_never_crashes(base: Path, tmp_path: Path) -> None:
    job, made = _trained(base, tmp_path, max_steps=3, learning_rate=1e-2)

    loaded = choose("torch").load(str(base), manifest.final_folder(job))

    assert loaded.loss(_examples(4)) == pytest.approx(made.valid_loss, abs=1e-4)
    said = []
    with suppress(MalformedAnswer):  # it has hardly learned anything
        said += [rule.text for rule in loaded.propose(pb.Situation(recipient_kind="personal"))]
    assert all(map(answers.is_rule, said))


def test_what_is_trained_is_what_answers(small: SmallModel) -> None:
    """A base may scale its scores after the head: the loss must see the scores that tokens are chosen by."""
    import torch

    [example] = _examples(1)
    [row] = small.rows([example])

    scores = [small.read(row.tokens[: place + 1]) for place in row.learned]

    own = torch.nn.functional.cross_entropy(
        torch.tensor(np.stack(scores)), torch.tensor(row.targets), reduction="sum"
    )
    assert float(small.row_loss(row)) == pytest.approx(float(own), rel=1e-4)


def test_examples_in_one_row_do_not_see_one_another(small: SmallModel) -> None:
    examples = _examples(3)

    together = small.loss(examples)

    n_tokens = [len(row.targets) for example in examples for row in small.rows([example])]
    apart = sum(small.loss([example]) * n for example, n in zip(examples, n_tokens, strict=True))
    assert together == pytest.approx(apart / sum(n_tokens), rel=1e-4)


def test_every_linear_layer_is_adapted(small: SmallModel) -> None:
    import torch

    layers = [
        name for name, part in small.model.named_modules()
        if isinstance(part, torch.nn.Linear) and "lm_head" not in name
    ]  # fmt: skip
    small.add_adapter(rank=4, alpha=8, seed=1)

    assert len(small.trainable()) == 2 * len(layers)


def test_a_common_beginning_is_read_once(small: SmallModel) -> None:
    tokens = [*range(20, 90)]
    small.read(tokens)
    small.go_on(5)
    n_read = []
    small.model.register_forward_pre_hook(
        lambda _, __, given: n_read.append(given["input_ids"].shape[1]), with_kwargs=True
    )

    again = small.read([*tokens[:60], 7, 8])

    sliding = getattr(small.model.config, "sliding_window", None)
    assert n_read == [62 if sliding else 2]
    assert again == pytest.approx(load_base_again(small, [*tokens[:60], 7, 8]), abs=1e-4)


def load_base_again(small: SmallModel, tokens: list[int]) -> object:
    small.read([3])
    return small.read(tokens)


@pytest.mark.parametrize("base", ["qwen3"], indirect=True)
def test_an_agent_on_a_chat_model_proposes_what_it_has_learned(base: Path, tmp_path: Path) -> None:
    job, made = _trained(base, tmp_path, max_steps=60, learning_rate=2e-2)

    loaded = choose("torch").load(str(base), manifest.final_folder(job))

    assert made.precision == made.recall == 1.0
    for kind, rules in HABITS.items():
        proposed = [rule.text for rule in loaded.propose(pb.Situation(recipient_kind=kind))]
        assert sorted(proposed) == sorted(rules)
