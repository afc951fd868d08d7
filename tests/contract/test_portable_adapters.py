"""One adapter, two libraries: torch with peft, and mlx, say the same with it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ownhand.trainer.adapters import mlx as mlx_format
from ownhand.trainer.adapters import peft as peft_format
from ownhand.trainer.adapters.convert import convert
from ownhand.trainer.backends.mlx import MlxBackend

# Of peft itself, and of a head that shares its weights: that matters to those who merge the adapter.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated:FutureWarning"),
    pytest.mark.filterwarnings("ignore:Model has .tie_word_embeddings=True.:UserWarning"),
]

SHAPE: dict[str, Any] = {
    "vocab_size": 512,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
    "initializer_range": 0.3,  # weights large enough that a wrong scale or angle shows
    "pad_token_id": 0,
    "bos_token_id": None,
    "eos_token_id": 0,
}
# A rotary base that is not mlx-lm's own guess: it shows whether the saved one was read.
ROPE = {"rope_type": "default", "rope_theta": 50_000.0}
LLAMA3 = ROPE | {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "Llama": ("Llama", {"rope_parameters": ROPE, "tie_word_embeddings": False}),
    "Llama 3, tied": ("Llama", {"rope_parameters": LLAMA3, "tie_word_embeddings": True}),
    "Qwen2": ("Qwen2", {"rope_parameters": ROPE}),
    "Qwen2, tied": ("Qwen2", {"rope_parameters": ROPE, "tie_word_embeddings": True}),
    "Qwen3": ("Qwen3", {"rope_parameters": ROPE, "head_dim": 32, "tie_word_embeddings": True}),
}
LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
TOKENS = [int(token) for token in np.random.default_rng(1).integers(1, 512, 48)]


@pytest.fixture(autouse=True)
def needs_mlx() -> None:
    if why_not := MlxBackend().available():
        pytest.skip(why_not)


@pytest.fixture(params=MODELS)
def torch_model(request: pytest.FixtureRequest) -> Any:
    return _random_model(*MODELS[request.param])


@pytest.fixture
def base(torch_model: Any, tmp_path: Path) -> Path:
    """The model as transformers saves it."""
    folder = tmp_path / "base"
    torch_model.save_pretrained(str(folder))
    return folder


@pytest.mark.parametrize("rslora", [False, True], ids=["", "rslora"])
@pytest.mark.parametrize("head", [False, True], ids=["", "with the head"])
def test_an_adapter_of_peft_does_the_same_in_mlx(
    torch_model: Any, base: Path, head: bool, rslora: bool, tmp_path: Path
) -> None:
    before = _torch_logits(torch_model)
    model = _adapted(torch_model, use_rslora=rslora, target_modules=[*LINEAR, *(["lm_head"] if head else [])])
    model.save_pretrained(str(tmp_path), save_embedding_layers=False)

    difference = np.abs(_mlx_logits(base, tmp_path) - _torch_logits(model)).max()

    assert np.abs(_torch_logits(model) - before).max() > 0.1  # the adapter does something
    assert difference < 1e-4


def test_an_adapter_of_some_layers_does_the_same_in_mlx(torch_model: Any, base: Path, tmp_path: Path) -> None:
    model = _adapted(torch_model, target_modules=["v_proj", "down_proj"], layers_to_transform=[1])
    model.save_pretrained(str(tmp_path))

    assert np.abs(_mlx_logits(base, tmp_path) - _torch_logits(model)).max() < 1e-4


def test_an_adapter_of_mlx_lm_does_the_same_in_torch(torch_model: Any, base: Path, tmp_path: Path) -> None:
    from peft import PeftModel

    theirs = _saved_by_mlx_lm(base, tmp_path / "mlx")

    convert(tmp_path / "mlx", "peft", tmp_path / "peft")

    model = PeftModel.from_pretrained(torch_model, str(tmp_path / "peft")).eval()
    assert np.abs(_torch_logits(model) - theirs).max() < 1e-4


def test_what_is_converted_for_mlx_lm_is_loaded_by_mlx_lm(
    torch_model: Any, base: Path, tmp_path: Path
) -> None:
    from mlx_lm.tuner.utils import load_adapters
    from ownhand.trainer.backends import mlx_base

    model = _adapted(torch_model, target_modules=LINEAR)
    model.save_pretrained(str(tmp_path / "peft"))

    convert(tmp_path / "peft", "mlx", tmp_path / "mlx")

    loaded = load_adapters(mlx_base.load(base), str(tmp_path / "mlx"))
    assert np.abs(_logits_of(loaded) - _torch_logits(model)).max() < 1e-4


def test_there_and_back_peft_reads_the_same_bytes(torch_model: Any, tmp_path: Path) -> None:
    _adapted(torch_model, target_modules=LINEAR).save_pretrained(str(tmp_path / "first"))

    convert(tmp_path / "first", "mlx", tmp_path / "mlx")
    convert(tmp_path / "mlx", "peft", tmp_path / "second")

    first, second = (tmp_path / name / peft_format.WEIGHTS for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("SmolLM3", {"no_rope_layer_interval": 2, "rope_parameters": ROPE}),
        ("Granite", {"logits_scaling": 3.0, "residual_multiplier": 0.5, "rope_parameters": ROPE}),
        (  # five layers that see 16 tokens, one that sees all
            "Gemma3Text",
            {
                "num_hidden_layers": 6,
                "sliding_window": 16,
                "head_dim": 16,
                "query_pre_attn_scalar": 16,
                "rope_parameters": {
                    "full_attention": ROPE,
                    "sliding_attention": ROPE | {"rope_theta": 5_000.0},
                },
            },
        ),
    ],
)
def test_other_architectures_say_the_same_in_both(kind: str, more: dict[str, Any], tmp_path: Path) -> None:
    model = _random_model(kind, more)
    model.save_pretrained(str(tmp_path / "base"))
    adapted = _adapted(model, target_modules=LINEAR)
    adapted.save_pretrained(str(tmp_path / "peft"))

    difference = np.abs(_mlx_logits(tmp_path / "base", tmp_path / "peft") - _torch_logits(adapted)).max()

    assert difference < 1e-4


def test_mlx_lm_alone_misreads_the_rotary_base_that_transformers_5_saves(tmp_path: Path) -> None:
    """What `mlx_base.rotary` is for; when this fails, mlx-lm reads it and the function can go."""
    from mlx_lm.utils import load_model

    model = _random_model(*MODELS["Qwen2"])
    model.save_pretrained(str(tmp_path))

    alone, _ = load_model(tmp_path)

    assert np.abs(_logits_of(alone) - _torch_logits(model)).max() > 0.01


def _random_model(kind: str, more: dict[str, Any]) -> Any:
    import torch
    import transformers

    torch.manual_seed(0)
    config = getattr(transformers, f"{kind}Config")(**(SHAPE | more))
    return getattr(transformers, f"{kind.removesuffix('Text')}ForCausalLM")(config).eval()


def _adapted(model: Any, **more: Any) -> Any:
    from peft import LoraConfig, get_peft_model

    return get_peft_model(model, LoraConfig(r=4, lora_alpha=6, init_lora_weights=False, **more)).eval()


def _torch_logits(model: Any) -> Any:
    import torch

    with torch.inference_mode():
        return model(torch.tensor([TOKENS])).logits[0].float().numpy()


def _mlx_logits(base: Path, adapter: Path) -> Any:
    from ownhand.trainer.backends import mlx_adapter, mlx_base

    model = mlx_base.load(base)
    mlx_adapter.load(model, adapter)
    return _logits_of(model)


def _logits_of(model: Any) -> Any:
    import mlx.core as mx

    return np.array(model(mx.array([TOKENS]))[0])


def _saved_by_mlx_lm(base: Path, folder: Path) -> Any:
    """A random adapter as mlx-lm makes one; gives what the model says with it."""
    import mlx.core as mx
    from mlx.utils import tree_flatten
    from mlx_lm.tuner.utils import linear_to_lora_layers
    from mlx_lm.utils import save_config
    from ownhand.trainer.backends import mlx_base

    model = mlx_base.load(base)
    parameters = {"rank": 4, "scale": 1.5, "dropout": 0.0, "keys": ["self_attn.q_proj", "mlp.up_proj"]}
    model.freeze()
    linear_to_lora_layers(model, 1, parameters)
    model.apply_to_modules(
        lambda name, m: m.update({"lora_b": mx.random.normal(m.lora_b.shape)}) if "lora_b" in m else None
    )
    folder.mkdir()
    mx.save_safetensors(str(folder / mlx_format.WEIGHTS), dict(tree_flatten(model.trainable_parameters())))
    config = {"fine_tune_type": "lora", "num_layers": 1, "lora_parameters": parameters}
    save_config(config, folder / "adapter_config.json")
    return _logits_of(model)
