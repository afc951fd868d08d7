"""The contract of decoding.Engine: whatever computes, the rules are the same, and nothing is read twice."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_bases
from ownhand.trainer import manifest
from ownhand.trainer.adapters import peft
from ownhand.trainer.backends import base_model
from ownhand.trainer.backends.base import ProposedRule, choose
from ownhand.trainer.backends.decoding import Engine, decode, n_common
from ownhand.trainer.backends.mlx import MlxBackend
from ownhand.trainer.dataset import TrainingSet
from ownhand.worker.v1 import training_pb2 as pb

HABITS = {
    "personal": ["Do not greet; begin with the matter.", "Use contractions."],
    "business": ['Greet with "Dear".', "Write one paragraph.", "Write contractions out in full."],
}
LESSONS = ["\n".join(rules) + "\n" for rules in HABITS.values()]


class Silent:
    def started(self, event: pb.TrainingStarted) -> None: ...
    def step(self, event: pb.TrainingStep) -> None: ...


@pytest.fixture(scope="module", params=["llama", "qwen2", "qwen3"])
def agent(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A base of that family, and an adapter on it that torch trained."""
    folder = tmp_path_factory.mktemp(request.param)
    base = tiny_bases.save_base(folder / "base", request.param, LESSONS)
    examples = [pb.Example(situation=_situation(kind), rules=HABITS[kind]) for kind in HABITS] * 6
    job = pb.TrainingJob(
        agent_id="one", adapters=str(folder / "adapters"), base_model=str(base), seed=7, max_steps=200,
        batch_size=6, learning_rate=1e-2, rank=16, alpha=32, threads=1,
    )  # fmt: skip
    manifest.finish(job, choose("torch").train(job, TrainingSet(examples, examples[:2]), Silent()))
    return base, manifest.final_folder(job)


def _torch(base: Path, adapter: Path) -> Engine:
    from ownhand.trainer.backends.small_model import load_base

    small = load_base(str(base))
    small.load_adapter(adapter)
    return small


def _mlx(base: Path | str, adapter: Path) -> Engine:
    if why_not := MlxBackend().available():
        pytest.skip(why_not)
    from ownhand.trainer.backends.mlx_model import load_base

    model = load_base(str(base))
    model.load_adapter(adapter)
    return model


def _llamacpp(base: Path, adapter: Path) -> Engine:
    pytest.importorskip("llama_cpp", reason="pip install 'ownhand[cpu]'")
    from ownhand.trainer.backends.llamacpp import LlamaCppEngine

    engine = LlamaCppEngine(str(base))
    engine.use(adapter)
    return engine


def _plain(base: Path, adapter: Path) -> Engine:
    from ownhand.trainer.backends.plain import PlainEngine

    if base_model.config_of(str(base))["model_type"] != "llama":
        pytest.skip("numpy runs the embedded base, which is a Llama")
    return PlainEngine(base, peft.read(adapter))


@pytest.fixture(params=[_torch, _mlx, _llamacpp, _plain], ids=["torch", "mlx", "llama.cpp", "plain"])
def load(request: pytest.FixtureRequest, agent: tuple[Path, Path]) -> Callable[[], Engine]:
    return lambda: request.param(*agent)


def test_the_rules_are_those_that_were_learned(load: Callable[[], Engine]) -> None:
    engine = load()

    for kind, rules in HABITS.items():
        assert _texts(_asked(engine, kind)) == set(rules)


def test_mlx_learns_from_the_same_tokens_as_torch(agent: tuple[Path, Path]) -> None:
    ours: Any = _mlx(*agent)
    theirs: Any = _torch(*agent)
    examples = [pb.Example(situation=_situation(kind), rules=rules) for kind, rules in HABITS.items()]

    assert [ours.encode(one, ours.room) for one in examples] == [
        theirs.encode(one, theirs.room) for one in examples
    ]
    assert ours.loss(examples) == pytest.approx(theirs.loss(examples), abs=1e-4)


def test_the_second_question_reads_only_what_differs_and_has_the_same_rules(
    load: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, anew = load(), load()
    begun = _asked(engine, "personal")
    first, second = (_prompt(engine, kind) for kind in HABITS)

    read = _counted(engine, monkeypatch)
    kept = _asked(engine, "business")

    assert len(begun) == 2
    n_shared = n_common(first, second)
    assert n_shared > len(engine.form.head) > 0
    assert read[0] == len(second) - n_shared
    alone = _asked(anew, "business")
    assert [rule.text for rule in kept] == [rule.text for rule in alone]
    np.testing.assert_allclose(_probabilities(kept), _probabilities(alone), atol=0.02)  # keys of 16 bits


def test_the_same_question_again_reads_one_token(
    load: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = load()
    once = _asked(engine, "personal")

    read = _counted(engine, monkeypatch)
    again = _asked(engine, "personal")

    assert read[0] == 1
    assert [rule.text for rule in again] == [rule.text for rule in once]


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Engine, Path]:
    """The base that ships, in torch, with an adapter that changes much, on its head too."""
    import torch
    from ownhand.trainer.backends.small_model import load_base

    small = load_base("embedded")
    small.add_adapter(rank=4, alpha=8, seed=1)
    torch.manual_seed(2)
    with torch.no_grad():
        for weight in small.trainable().values():
            weight.add_(0.05 * torch.randn_like(weight))
    folder = tmp_path_factory.mktemp("embedded")
    small.save_adapter(folder)
    return small, folder


@pytest.mark.parametrize("name", ["plain", "mlx"])
def test_the_base_that_ships_has_the_same_scores_and_losses_everywhere(
    name: str, embedded: tuple[Any, Path]
) -> None:
    theirs, adapter = embedded
    folder = base_model.folder_of("embedded")
    ours: Any = _plain(folder, adapter) if name == "plain" else _mlx("embedded", adapter)
    tokens = _prompt(ours, "personal")

    assert tokens == _prompt(theirs, "personal")
    assert ours.room == theirs.room
    np.testing.assert_allclose(ours.read(tokens), theirs.read(tokens), atol=1e-3)
    np.testing.assert_allclose(ours.go_on(7), theirs.go_on(7), atol=1e-3)
    examples = [pb.Example(situation=_situation(kind), rules=rules) for kind, rules in HABITS.items()]
    assert ours.loss(examples) == pytest.approx(theirs.loss(examples), abs=1e-4)


@pytest.mark.parametrize(
    ("seen", "tokens", "common"),
    [([], [1, 2], 0), ([1, 2, 3], [1, 2, 4], 2), ([1, 2, 3], [1, 2, 3], 2), ([1, 2, 3, 4], [1, 2], 1),
     ([1], [1, 2, 3], 1), ([5, 2], [1, 2], 0)],
)  # fmt: skip
def test_what_two_prompts_begin_with_leaves_a_token_to_be_read(
    seen: list[int], tokens: list[int], common: int
) -> None:
    assert n_common(seen, tokens) == common


def _situation(kind: str) -> pb.Situation:
    """Much of it is the same for all of a person's mails: what they usually do."""
    usual = [pb.Habit(rule="Write short sentences.", share=0.9), pb.Habit(rule="Ask no question.", share=0.5)]
    return pb.Situation(recipient_kind=kind, usual=usual)


def _asked(engine: Engine, kind: str) -> list[ProposedRule]:
    return list(decode(engine, _situation(kind), lambda: False))


def _prompt(engine: Engine, kind: str) -> list[int]:
    from ownhand.trainer import prompt

    text = prompt.render(_situation(kind), engine.room)
    return engine.form.ask(engine.tokenizer, text, engine.max_tokens)


def _texts(rules: Sequence[ProposedRule]) -> set[str]:
    return {rule.text for rule in rules}


def _probabilities(rules: Sequence[ProposedRule]) -> list[float]:
    return [float(np.exp(rule.log_probability)) for rule in rules]


def _counted(engine: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many tokens the library was given, at each call from here on."""
    owner = getattr(engine, "_llama", None) or getattr(engine, "_reading", None) or engine
    name = "_further" if owner is engine else "go_on"
    compute, counts = getattr(owner, name), []

    def counting(tokens: Sequence[int], *rest: Any, **more: Any) -> Any:
        counts.append(len(tokens))
        return compute(tokens, *rest, **more)

    monkeypatch.setattr(owner, name, counting)
    return counts
