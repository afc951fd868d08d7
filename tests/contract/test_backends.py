"""The contract of the trainer's backends: the fake one, and torch and mlx with a random two-layer Llama."""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from google.protobuf.json_format import MessageToJson, Parse
from ownhand.trainer import manifest, prompt
from ownhand.trainer.backends.base import Backend, choose
from ownhand.trainer.backends.mlx import MlxBackend
from ownhand.trainer.dataset import TrainingSet, read_training_set
from ownhand.trainer.errors import AdapterMismatch
from ownhand.worker.v1 import training_pb2 as pb

HABITS = {
    "personal": ["Do not greet; begin with the matter.", "Use contractions."],
    "business": ['Greet with "Dear".', "Write one paragraph.", "Write contractions out in full."],
}


class Report:
    """Remembers what was said, and may stop a training where a power cut would."""

    def __init__(self, stop_at: int = 0) -> None:
        self.first = pb.TrainingStarted()
        self.steps: list[pb.TrainingStep] = []
        self._stop_at = stop_at

    def started(self, event: pb.TrainingStarted) -> None:
        self.first = event

    def step(self, event: pb.TrainingStep) -> None:
        self.steps.append(event)
        if event.step == self._stop_at:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base model that knows nothing: 2 layers of 64, and a vocabulary of its own few words."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    lessons = [prompt.complete(rules) for rules in HABITS.values()] + prompt.fact_lines() * 2
    tokenizer.train_from_iterator(
        lessons,
        trainers.BpeTrainer(
            vocab_size=480, initial_alphabet=alphabet, special_tokens=["<eos>"], show_progress=False
        ),
    )
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=480,
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=2,
            max_position_embeddings=512,
            bos_token_id=None,
            eos_token_id=0,
            initializer_range=0.2,
        )
    )
    folder = tmp_path_factory.mktemp("base")
    model.save_pretrained(str(folder))
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture(scope="module", params=["fake", "torch", "mlx"])
def backend(request: pytest.FixtureRequest) -> Backend:
    if request.param == "mlx" and (why_not := MlxBackend().available()):
        pytest.skip(why_not)
    return choose(request.param)


@dataclass(frozen=True)
class Trained:
    """A training that came to its end: what was said of it, and where its adapter lies."""

    report: Report
    made: pb.AdapterManifest
    base_model: str
    folder: Path


@pytest.fixture
def job(backend: Backend, tiny_base: Path, tmp_path: Path) -> pb.TrainingJob:
    return _job(backend.name, tiny_base, tmp_path)


@pytest.fixture(scope="module")
def data() -> TrainingSet:
    return TrainingSet(*[_examples(number) for number in (12, 4)])


@pytest.fixture(scope="module")
def trained(
    backend: Backend, tiny_base: Path, data: TrainingSet, tmp_path_factory: pytest.TempPathFactory
) -> Trained:
    """One for all tests that only look at it: with mlx on a CPU it takes ten seconds."""
    job, report = _job(backend.name, tiny_base, tmp_path_factory.mktemp("trained")), Report()
    made = backend.train(job, data, report)
    manifest.finish(job, made)
    return Trained(report, made, job.base_model, manifest.final_folder(job))


def test_the_loss_falls_and_held_out_rules_are_found(trained: Trained) -> None:
    losses = [step.loss for step in trained.report.steps]
    assert trained.report.first.n_examples == 12
    assert [step.step for step in trained.report.steps] == list(range(1, len(losses) + 1))
    assert losses[-1] < 0.5 * losses[0] or losses[-1] == 0
    assert trained.made.precision > 0.9 and trained.made.recall > 0.9


def test_a_saved_adapter_proposes_the_same_rules_with_the_same_probability(
    backend: Backend, trained: Trained
) -> None:
    first, second = (backend.load(trained.base_model, trained.folder) for _ in range(2))

    for kind, rules in HABITS.items():
        proposed = list(first.propose(pb.Situation(recipient_kind=kind)))
        assert sorted(rule.text for rule in proposed) == sorted(rules)
        assert all(rule.log_probability <= 0 for rule in proposed)
        assert proposed == list(second.propose(pb.Situation(recipient_kind=kind)))


def test_what_is_loaded_loses_as_much_as_the_manifest_says(
    backend: Backend, trained: Trained, data: TrainingSet
) -> None:
    loaded = backend.load(trained.base_model, trained.folder)

    assert loaded.loss(data.valid) == pytest.approx(trained.made.valid_loss, abs=1e-5)


@pytest.mark.parametrize("backend", ["torch", "mlx"], indirect=True, scope="module")
def test_what_torch_or_mlx_trained_the_other_runs(
    backend: Backend, trained: Trained, data: TrainingSet
) -> None:
    if why_not := MlxBackend().available():
        pytest.skip(why_not)
    other = "mlx" if backend.name == "torch" else "torch"

    loaded = choose(other).load(trained.base_model, trained.folder)

    assert loaded.loss(data.valid) == pytest.approx(trained.made.valid_loss, abs=1e-4)
    assert {rule.text for rule in loaded.propose(data.valid[0].situation)} == set(data.valid[0].rules)


def test_the_same_job_ends_with_the_same_adapter_also_when_it_was_cut_off(
    backend: Backend, job: pb.TrainingJob, data: TrainingSet, tiny_base: Path, tmp_path: Path
) -> None:
    same = _job(backend.name, tiny_base, tmp_path / "other")
    job.max_steps = same.max_steps = 10
    job.checkpoint_every = 3
    with pytest.raises(KeyboardInterrupt):
        backend.train(job, data, Report(stop_at=8))
    report = Report()

    resumed = backend.train(job, data, report)

    whole = backend.train(same, data, Report())
    assert resumed.weights_hash == whole.weights_hash
    assert report.first.resumed_at_step == (0 if backend.name == "fake" else 6)


def test_proposing_stops_when_it_is_cancelled(backend: Backend, trained: Trained) -> None:
    loaded = backend.load(trained.base_model, trained.folder)

    assert list(loaded.propose(pb.Situation(recipient_kind="business"), lambda: True)) == []


def test_an_adapter_for_something_else_is_refused_with_everything_that_is_wrong(
    backend: Backend, trained: Trained, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(trained.folder, folder)
    made = manifest.read_manifest(folder)
    made.base_model, made.prompt_template, made.weights_hash = "another", "agent@0", "0" * 64
    manifest.write_text(folder / "manifest.json", MessageToJson(made))

    with pytest.raises(AdapterMismatch) as caught:
        backend.load(trained.base_model, folder)

    assert len(caught.value.problems) == 3


def test_packed_examples_do_not_see_one_another(tiny_base: Path, data: TrainingSet) -> None:
    from ownhand.trainer.backends import packing, small_model

    small = small_model.load_base(str(tiny_base), threads=1)
    sequences = [small.encode(example, small.room) for example in data.valid]

    (together,) = packing.rows(sequences, 4096)
    (shared,) = packing.rows(sequences, 4096, shared=True)
    apart = list(packing.rows(sequences, 1))

    assert len(apart) == len(sequences)
    assert len(shared.tokens) < 0.7 * len(together.tokens)
    one_by_one = sum(float(small.row_loss(row)) for row in apart)
    assert float(small.row_loss(together)) == pytest.approx(one_by_one, rel=1e-5)
    assert float(small.row_loss(shared)) == pytest.approx(one_by_one, rel=1e-5)


@pytest.mark.parametrize("name", ["torch", "mlx"])
def test_kill_9_in_mid_training_costs_nothing_but_time(
    name: str, tiny_base: Path, data: TrainingSet, tmp_path: Path
) -> None:
    if name == "mlx" and (why_not := MlxBackend().available()):
        pytest.skip(why_not)
    job, same = (_job(name, tiny_base, folder) for folder in (tmp_path, tmp_path / "other"))
    job.max_steps = same.max_steps = 16
    job.checkpoint_every = 4
    _write(job, data)
    with _process(tmp_path) as first:
        assert first.stdout is not None
        for line in first.stdout:
            if Parse(line, pb.TrainingEvent()).step.step == 10:
                first.kill()
    assert first.returncode == -signal.SIGKILL

    with _process(tmp_path) as second:
        assert second.stdout is not None
        events = [Parse(line, pb.TrainingEvent()) for line in second.stdout]

    assert events[0].started.resumed_at_step >= 8
    whole = choose(name).train(same, data, Report())
    assert events[-1].finished.manifest.weights_hash == whole.weights_hash
    names = {path.name for path in manifest.final_folder(job).iterdir()}
    assert names == {"adapter_config.json", "adapter_model.safetensors", "manifest.json"}


def test_a_job_that_is_wrong_in_several_ways_is_told_all_of_them(tmp_path: Path) -> None:
    path = tmp_path / "job.json"
    path.write_text('{"agent_id": "../x", "backend": "abacus"}')

    with _process(tmp_path) as process:
        assert process.stdout is not None
        failed = Parse(process.stdout.read(), pb.TrainingEvent()).failed

    assert process.returncode == 1
    assert failed.reason == "BAD_JOB"
    assert all(word in failed.message for word in ("agent_id", "training_set", "base_model", "backend"))


def test_sigterm_ends_a_training_within_a_second(tmp_path: Path, data: TrainingSet) -> None:
    job = _job("fake", tmp_path, tmp_path)
    job.max_steps = 10_000_000
    _write(job, data)
    with _process(tmp_path) as process:
        assert process.stdout is not None
        process.stdout.readline()

        process.terminate()

        assert process.wait(1) == -signal.SIGTERM


def _job(backend: str, base: Path, folder: Path) -> pb.TrainingJob:
    return pb.TrainingJob(
        agent_id="one",
        training_set=str(folder / "set"),
        training_set_hash="a1b2",
        adapters=str(folder / "adapters"),
        base_model=str(base),
        backend=backend,
        seed=7,
        max_steps=60,
        batch_size=6,
        learning_rate=2e-2,
        rank=16,
        alpha=32,
        threads=1,
    )


def _examples(number: int) -> list[pb.Example]:
    kinds = [list(HABITS)[n % 2] for n in range(number)]
    return [pb.Example(situation=pb.Situation(recipient_kind=kind), rules=HABITS[kind]) for kind in kinds]


def _write(job: pb.TrainingJob, data: TrainingSet) -> None:
    folder = Path(job.training_set)
    folder.mkdir()
    for name, examples in (("train", data.train), ("valid", data.valid)):
        lines = [MessageToJson(example, indent=None) for example in examples]
        (folder / f"{name}.jsonl").write_text("\n".join(lines))
    (folder / "manifest.json").write_text('{"hash": "a1b2"}')
    assert read_training_set(folder).train == data.train
    (folder.parent / "job.json").write_text(MessageToJson(job))


def _process(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "ownhand.trainer", "train", str(folder / "job.json")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
    )
