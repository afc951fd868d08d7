"""Answers by llama.cpp are those of torch, but for the base's eight bits. Needs the `cpu` extra."""

import gc
import os
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tiny_bases
from ownhand.trainer.backends import gguf_base
from ownhand.trainer.backends.small_model import SmallModel, load_base
from ownhand.trainer.errors import NotReady

FAMILIES = ["llama", "qwen2", "qwen3", "granite", "gemma3_text", "smollm3"]
# What llama.cpp takes for granted of these two.
AS_THEY_ARE = {
    "gemma3_text": {
        "layer_types": ["sliding_attention"] * 2,
        "query_pre_attn_scalar": 16,
        "sliding_window": 32,
    },
    "smollm3": {"no_rope_layers": [1, 1]},
}
LESSONS = ["Use contractions.\n", 'Sign off with "Cheers".\n']
TOKENS = list(range(20, 90))
STRETCHED = {
    "rope_type": "llama3", "rope_theta": 500_000.0, "factor": 8.0, "low_freq_factor": 1.0,
    "high_freq_factor": 4.0, "original_max_position_embeddings": 32,
}  # fmt: skip


@pytest.fixture
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return _base(tmp_path / "base", request.param)


def _base(folder: Path, family: str, **more: object) -> Path:
    return tiny_bases.save_base(folder, family, LESSONS, **(AS_THEY_ARE.get(family, {}) | more))


def _adapter(small: SmallModel, folder: Path, seed: int) -> Path:
    """One that changes much."""
    import torch

    small.add_adapter(rank=4, alpha=8, seed=1)
    torch.manual_seed(seed)
    with torch.no_grad():
        for weight in small.trainable().values():
            weight.add_(0.1 * torch.randn_like(weight))
    small.save_adapter(folder)
    return folder


def _alike(ours: np.ndarray, theirs: np.ndarray) -> float:  # type: ignore[type-arg]
    return float(np.corrcoef(ours, theirs)[0, 1])


@pytest.mark.parametrize("base", FAMILIES, indirect=True)
def test_scores_are_those_of_torch_with_and_without_an_adapter(base: Path, tmp_path: Path) -> None:
    pytest.importorskip("llama_cpp", reason="pip install 'ownhand[cpu]'")
    from ownhand.trainer.backends.llamacpp import LlamaCppEngine

    small, engine = load_base(str(base)), LlamaCppEngine(str(base))
    bare = engine.read(TOKENS)
    assert _alike(bare, small.read(TOKENS)) > 0.999

    adapter = _adapter(small, tmp_path / "adapter", 2)
    engine.use(adapter)

    assert _alike(engine.read(TOKENS), small.read(TOKENS)) > 0.999
    assert _alike(engine.go_on(5), small.go_on(5)) > 0.999
    assert _alike(engine.read(TOKENS), bare) < 0.99


@pytest.mark.parametrize("base", ["qwen3"], indirect=True)
def test_a_common_beginning_is_read_once_and_nothing_of_it_is_kept_for_another_adapter(
    base: Path, tmp_path: Path
) -> None:
    pytest.importorskip("llama_cpp", reason="pip install 'ownhand[cpu]'")
    from ownhand.trainer.backends.llamacpp import LlamaCppEngine

    one, two = (_adapter(load_base(str(base)), tmp_path / str(seed), seed) for seed in (2, 3))
    engine = LlamaCppEngine(str(base))
    engine.use(one)
    first = engine.read(TOKENS)
    engine.read([*TOKENS[:60], 7])

    again = engine.read(TOKENS)
    engine.use(two)
    other = engine.read(TOKENS)
    engine.use(one)

    assert _alike(again, first) > 0.999
    assert _alike(other, first) < 0.99
    assert _alike(engine.read(TOKENS), first) > 0.999


@pytest.mark.parametrize("base", ["qwen3"], indirect=True)
def test_an_engine_outlives_one_that_was_made_after_it(base: Path) -> None:
    """llama.cpp logs to one place for all engines, and called that of an engine that was gone."""
    pytest.importorskip("llama_cpp", reason="pip install 'ownhand[cpu]'")
    from ownhand.trainer.backends.llamacpp import LlamaCppEngine

    first, second = LlamaCppEngine(str(base)), LlamaCppEngine(str(base))
    before = first.read(TOKENS)
    gone = weakref.ref(second)
    del second
    gc.collect()

    assert gone() is None
    assert np.array_equal(first.read(TOKENS[:1]), first.read(TOKENS[:1]))
    assert _alike(first.read(TOKENS), before) > 0.999
    del first
    gc.collect()


def test_longer_waves_of_llama_3_are_kept(tmp_path: Path) -> None:
    pytest.importorskip("llama_cpp", reason="pip install 'ownhand[cpu]'")
    from ownhand.trainer.backends.llamacpp import LlamaCppEngine

    base = _base(tmp_path / "base", "llama", rope_parameters=STRETCHED)

    ours, theirs = LlamaCppEngine(str(base)).read(TOKENS), load_base(str(base)).read(TOKENS)

    assert _alike(ours, theirs) > 0.999


@pytest.mark.parametrize("base", FAMILIES, indirect=True)
def test_every_weight_of_a_base_is_in_the_file_in_eight_bits(base: Path) -> None:
    gguf = pytest.importorskip("gguf", reason="pip install 'ownhand[cpu]'")

    reader = gguf.GGUFReader(gguf_base.converted(base))

    found = {tensor.name: tensor for tensor in reader.tensors}
    small = load_base(str(base))
    assert sum(tensor.n_elements for tensor in found.values()) == sum(
        p.numel() for p in small.model.parameters()
    )
    embedding = gguf.quants.dequantize(
        found["token_embd.weight"].data, found["token_embd.weight"].tensor_type
    )
    own = small.model.get_input_embeddings().weight.numpy()
    assert np.abs(embedding - own).max() < np.abs(own).max() / 100


@pytest.mark.parametrize("base", ["qwen3"], indirect=True)
def test_a_base_is_converted_once_and_again_when_its_weights_are_others(base: Path) -> None:
    pytest.importorskip("gguf", reason="pip install 'ownhand[cpu]'")
    first = gguf_base.converted(base).stat().st_mtime_ns

    again = gguf_base.converted(base).stat().st_mtime_ns
    weights = base / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")

    assert again == first
    assert gguf_base.converted(base).stat().st_mtime_ns > first
    assert not list(base.glob("*.tmp"))


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({"model_type": "mamba"}, "type mamba"),
        ({"model_type": "llama", "rope_parameters": {"rope_type": "yarn"}}, "yarn"),
        ({"model_type": "smollm3", "no_rope_layers": [1, 0]}, "other layers"),
        ({"model_type": "gemma3_text", "layer_types": ["full_attention"]}, "windows"),
        ({"model_type": "gemma3_text", "head_dim": 128, "query_pre_attn_scalar": 168}, "scales"),
        ({"model_type": "qwen3", "use_sliding_window": True}, "windows"),
        ({"model_type": "llama", "attention_bias": True}, "biases"),
    ],
)
def test_what_the_conversion_does_not_know_is_left_to_torch(config: dict[str, object], why: str) -> None:
    assert why in gguf_base.why_not(config)


class _Silent:
    def started(self, event: object) -> None: ...
    def step(self, event: object) -> None: ...


@pytest.fixture
def trained(tmp_path: Path) -> Iterator[tuple[str, list[Path]]]:
    """Two agents on one base, as they lie on disk."""
    from ownhand.trainer import manifest
    from ownhand.trainer.backends.base import choose
    from ownhand.trainer.dataset import TrainingSet
    from ownhand.worker.v1 import training_pb2 as pb

    base = _base(tmp_path / "base", "qwen3")
    folders = []
    for name, rules in (("warm", ["Use contractions."]), ("stiff", ["Write one paragraph."])):
        examples = [pb.Example(situation=pb.Situation(recipient_kind="personal"), rules=rules)] * 6
        job = pb.TrainingJob(
            agent_id=name, adapters=str(tmp_path / "adapters"), base_model=str(base), seed=7, max_steps=40,
            batch_size=3, learning_rate=2e-2, rank=16, alpha=32, threads=1,
        )  # fmt: skip
        manifest.finish(job, choose("torch").train(job, TrainingSet(examples, examples[:2]), _Silent()))
        folders.append(manifest.final_folder(job))
    yield str(base), folders


def test_a_worker_changes_the_adapter_and_keeps_the_base(trained: tuple[str, list[Path]]) -> None:
    pytest.importorskip("llama_cpp", reason="pip install 'ownhand[cpu]'")
    from ownhand.trainer.backends.serving import Serving
    from ownhand.worker.v1 import training_pb2 as pb

    base, (warm, stiff) = trained
    serving = Serving()
    said, engines = [], []
    for adapter in (warm, stiff, warm):
        generator = serving.load("torch", base, adapter)
        said.append([rule.text for rule in generator.propose(pb.Situation(recipient_kind="personal"))])
        engines.append(serving._engine)

    assert said == [["Use contractions."], ["Write one paragraph."], ["Use contractions."]]
    assert engines[0] is engines[1] is engines[2] is not None
    assert [path.name for path in warm.parent.iterdir() if path.name.startswith(".")] == []


def test_torch_answers_where_llamacpp_cannot_be_loaded_and_the_log_says_why(
    trained: tuple[str, list[Path]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from ownhand.trainer.backends.serving import Machine, Serving
    from ownhand.worker.v1 import training_pb2 as pb

    base, (warm, _) = trained
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    serving = Serving(lambda: Machine(False, False, frozenset({"torch", "llama.cpp"})))

    generator = serving.load("torch", base, warm)

    rules = [rule.text for rule in generator.propose(pb.Situation(recipient_kind="personal"))]
    assert (rules, serving._engine) == (["Use contractions."], None)
    assert "llama.cpp cannot be loaded (ModuleNotFoundError)" in capsys.readouterr().err


def test_what_no_engine_here_can_answer_for_is_an_error_that_says_what_to_install(
    trained: tuple[str, list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from ownhand.trainer.backends.serving import Machine, Serving

    base, (warm, _) = trained
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    alone = Serving(lambda: Machine(False, False, frozenset({"llama.cpp"})))

    with pytest.raises(NotReady, match=r"pip install 'ownhand\[cpu\]'"):
        alone.load("torch", base, warm)


@pytest.mark.parametrize("base", ["qwen3"], indirect=True)
def test_what_a_killed_conversion_left_is_removed(base: Path) -> None:
    pytest.importorskip("gguf", reason="pip install 'ownhand[cpu]'")
    old, fresh = (base / f"{gguf_base.FILE}.{number}.tmp" for number in (1, 2))
    for file in (old, fresh):
        file.write_bytes(b"half")
    os.utime(old, (0, 0))

    gguf_base.converted(base)

    assert not old.exists() and fresh.exists()


@pytest.mark.parametrize("base", ["qwen3"], indirect=True)
def test_a_base_that_cannot_be_converted_is_said_to_be_so_and_leaves_nothing_behind(base: Path) -> None:
    pytest.importorskip("gguf", reason="pip install 'ownhand[cpu]'")
    (base / gguf_base.FILE).mkdir()

    with pytest.raises(NotReady, match="cannot be converted for llama"):
        gguf_base.converted(base)

    assert not list(base.glob("*.tmp"))
