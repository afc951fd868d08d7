"""Adapters from one format to another, with numpy alone."""

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ownhand.trainer import __main__ as trainer
from ownhand.trainer import manifest
from ownhand.trainer.adapters import mlx, peft, tensors
from ownhand.trainer.adapters.adapter import Adapter, Pair, same
from ownhand.trainer.adapters.convert import convert, read
from ownhand.trainer.errors import AdapterMismatch, BadJob, NotReady
from ownhand.worker.v1 import training_pb2 as pb

BASE = {
    "model_type": "llama",
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "tie_word_embeddings": True,
}
_SIZES = {
    "self_attn.q_proj": (16, 8),
    "self_attn.k_proj": (8, 8),
    "mlp.down_proj": (8, 12),
}  # out, in; heads have 4 rows


def adapter_of(*layers: int, head: bool = False, n_layers: int | None = 3, scale: float = 2.0) -> Adapter:
    dice = np.random.default_rng(0)

    def pair(rows: int, columns: int) -> Pair:
        a, b = dice.normal(size=(2, columns)), dice.normal(size=(rows, 2))
        return Pair(a.astype(np.float32), b.astype(np.float32))

    pairs = {f"model.layers.{n}.{what}": pair(*size) for n in layers for what, size in _SIZES.items()}
    return Adapter(2, scale, pairs | ({"lm_head": pair(10, 8)} if head else {}), n_layers)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """An adapter of every layer and the head, in PEFT's format."""
    folder = tmp_path / "source"
    folder.mkdir()
    peft.write(folder, adapter_of(0, 1, 2, head=True))
    return folder


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(BASE))
    return folder


def test_there_and_back_no_bit_is_lost(source: Path, tmp_path: Path) -> None:
    convert(source, "mlx", tmp_path / "mlx")
    convert(tmp_path / "mlx", "peft", tmp_path / "peft")

    for name in (peft.WEIGHTS, tensors.CONFIG):
        assert (tmp_path / "peft" / name).read_bytes() == (source / name).read_bytes()


@pytest.mark.parametrize("layers", [(0, 1, 2), (1, 2), (0, 1), (1,)])
@pytest.mark.parametrize("head", [False, True])
def test_whichever_layers_are_adapted_the_same_are_after_both_conversions(
    layers: tuple[int, ...], head: bool, tmp_path: Path
) -> None:
    made = adapter_of(*layers, head=head)

    mlx.write(tmp_path, made)
    peft.write(tmp_path, mlx.read(tmp_path))

    assert same(peft.read(tmp_path), made)


def test_mlx_counts_layers_from_the_last_and_peft_names_them(tmp_path: Path) -> None:
    mlx.write(tmp_path, adapter_of(1, 2))
    theirs = tensors.read_config(tmp_path)

    peft.write(tmp_path, mlx.read(tmp_path))
    ours = tensors.read_config(tmp_path)

    assert theirs["num_layers"] == 2
    assert theirs["lora_parameters"]["keys"] == sorted(_SIZES)
    assert ours["layers_to_transform"] == [1, 2]
    assert ours["target_modules"] == ["down_proj", "k_proj", "q_proj"]


@pytest.mark.parametrize(
    ("config", "scale"),
    [({"lora_alpha": 6}, 3), ({"lora_alpha": 6, "use_rslora": True}, 6 / math.sqrt(2))],
    ids=["alpha / rank", "alpha / square root of the rank"],
)
def test_the_scale_is_that_of_peft(config: dict[str, Any], scale: float, source: Path) -> None:
    tensors.write_config(source, tensors.read_config(source) | config)

    assert read(source).scale == pytest.approx(scale)
    assert mlx.config(read(source))["lora_parameters"]["scale"] == pytest.approx(scale)


def test_bfloat16_is_read_as_the_same_numbers(tmp_path: Path) -> None:
    import safetensors

    number = np.float32(1.5)
    halves = (np.full((2, 2), number).view("<u4") >> 16).astype("<u2")
    spec = {
        "x": safetensors.TensorSpec(dtype="bfloat16", shape=[2, 2], data_ptr=halves.ctypes.data, data_len=8)
    }
    (tmp_path / "x").write_bytes(safetensors.serialize(spec))

    assert np.array_equal(tensors.read(tmp_path / "x")["x"], np.full((2, 2), number))


def test_an_agents_manifest_goes_along_with_the_hash_of_the_new_file(source: Path, tmp_path: Path) -> None:
    made = pb.AdapterManifest(agent_id="one", weights_hash=manifest.file_hash(source / peft.WEIGHTS))
    manifest.write_manifest(source, made)

    convert(source, "mlx", tmp_path / "mlx")
    convert(tmp_path / "mlx", "peft", tmp_path / "peft")

    turned = manifest.read_manifest(tmp_path / "mlx")
    assert turned.agent_id == "one"
    assert turned.weights_hash == manifest.file_hash(tmp_path / "mlx" / mlx.WEIGHTS) != made.weights_hash
    assert manifest.read_manifest(tmp_path / "peft") == made


def test_what_only_peft_understands_is_refused_all_at_once(source: Path) -> None:
    odd = {"use_dora": True, "rank_pattern": {"q_proj": 8}, "peft_type": "LOHA"}
    tensors.write_config(source, tensors.read_config(source) | odd)
    tensors.write(
        source / peft.WEIGHTS, {"base_model.model.x.lora_magnitude_vector": np.zeros(2, np.float32)}
    )

    with pytest.raises(AdapterMismatch) as caught:
        read(source)

    assert len(caught.value.problems) == 4


def test_a_matrix_without_its_other_half_or_of_another_rank_is_told(source: Path) -> None:
    arrays = tensors.read(source / peft.WEIGHTS)
    del arrays["base_model.model.lm_head.lora_A.weight"]
    arrays["base_model.model.model.layers.0.mlp.down_proj.lora_A.weight"] = np.zeros((3, 12), np.float32)
    tensors.write(source / peft.WEIGHTS, arrays)

    with pytest.raises(AdapterMismatch) as caught:
        read(source)

    assert len(caught.value.problems) == 2


def test_mlx_needs_to_know_how_many_layers_there_are(tmp_path: Path, base: Path) -> None:
    peft.write(tmp_path, adapter_of(0, 1))  # says "layers 0 and 1", of how many it does not

    with pytest.raises(NotReady, match="--base"):
        convert(tmp_path, "mlx", tmp_path / "out")
    convert(tmp_path, "mlx", tmp_path / "out", str(base))

    assert tensors.read_config(tmp_path / "out")["num_layers"] == 3


def test_nothing_is_written_over_and_nothing_is_left_by_halves(
    source: Path, base: Path, tmp_path: Path
) -> None:
    pytest.importorskip("gguf", reason="needs ownhand[gguf]")
    with pytest.raises(BadJob, match="exists already"):
        convert(source, "mlx", source)
    with pytest.raises(NotReady, match="config"):
        convert(source, "gguf", tmp_path / "gguf", str(tmp_path / "nowhere"))
    (base / "config.json").write_text(json.dumps(BASE | {"model_type": "mamba"}))
    with pytest.raises(AdapterMismatch, match="type mamba"):
        convert(source, "gguf", tmp_path / "gguf", str(base))

    assert not list(tmp_path.glob("gguf*"))


def test_the_command_says_what_is_wrong_and_what_to_know(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "mlx")

    assert trainer.main(["convert", str(source), "--to", "mlx", "--out", out]) == 0
    assert "the head is adapted" in capsys.readouterr().err
    assert trainer.main(["convert", str(source), "--to", "mlx", "--out", out]) == 1
    assert "exists already" in capsys.readouterr().err


def test_conversion_needs_neither_torch_nor_mlx(source: Path, base: Path, tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
for heavy in ("torch", "mlx", "mlx_lm", "transformers", "peft"):
    sys.modules[heavy] = None  # importing it raises
from ownhand.trainer.__main__ import main
source, base, out = sys.argv[1:]
for to in ("mlx", "peft", "gguf"):
    assert main(["convert", source, "--to", to, "--out", f"{out}/{to}", "--base", base]) == 0
"""
    pytest.importorskip("gguf", reason="needs ownhand[gguf]")

    run = subprocess.run(
        [sys.executable, "-c", program, str(source), str(base), str(tmp_path)], capture_output=True, text=True
    )

    assert run.returncode == 0, run.stderr


# --- llama.cpp -------------------------------------------------------------------------------------


def test_gguf_has_the_names_the_shapes_and_what_llama_cpp_asks_for(
    source: Path, base: Path, tmp_path: Path
) -> None:
    gguf = pytest.importorskip("gguf", reason="needs ownhand[gguf]")

    notes = convert(source, "gguf", tmp_path / "gguf", str(base))

    found = gguf.GGUFReader(tmp_path / "gguf" / "adapter.gguf")
    facts = {name: field.contents() for name, field in found.fields.items() if "." in name}
    assert facts["general.architecture"] == "llama"
    assert (facts["general.type"], facts["adapter.type"]) == ("adapter", "lora")
    assert facts["adapter.lora.alpha"] == 4.0  # of which llama.cpp makes 4 / rank = 2, the scale
    shapes = {tensor.name: tensor.data.shape for tensor in found.tensors}
    assert shapes["blk.2.attn_k.weight.lora_a"] == (2, 8)
    assert shapes["blk.2.attn_k.weight.lora_b"] == (8, 2)
    assert shapes["output.weight.lora_b"] == (10, 2)
    assert len(shapes) == 2 * (3 * 3 + 1)
    assert notes == ["the head is adapted: the base model's GGUF needs an output.weight of its own"]


@pytest.mark.parametrize(("model_type", "turned"), [("llama", True), ("qwen2", False), ("qwen3", False)])
def test_the_rows_of_queries_and_keys_are_turned_as_the_base_models_are(
    model_type: str, turned: bool, source: Path, base: Path, tmp_path: Path
) -> None:
    gguf = pytest.importorskip("gguf", reason="needs ownhand[gguf]")
    (base / "config.json").write_text(json.dumps(BASE | {"model_type": model_type}))

    convert(source, "gguf", tmp_path / "gguf", str(base))

    found = {t.name: t.data for t in gguf.GGUFReader(tmp_path / "gguf" / "adapter.gguf").tensors}
    pairs = read(source).pairs
    keys, down = (pairs[f"model.layers.0.{what}"].b for what in ("self_attn.k_proj", "mlp.down_proj"))
    assert np.array_equal(found["blk.0.ffn_down.weight.lora_b"], down)
    order = [0, 2, 1, 3, 4, 6, 5, 7] if turned else list(range(8))
    assert np.array_equal(found["blk.0.attn_k.weight.lora_b"], keys[order])
