"""A base model of Hugging Face's format in mlx-lm's memory, right and in a size that the machine can hold."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mlx.core as mx
import mlx.nn as nn
from mlx.utils import tree_flatten
from ownhand.trainer.backends import base_model
from ownhand.trainer.errors import NotReady

_QUANTISE_FROM = 0.4  # share of the machine's memory that the weights would take
_AT_MOST = 0.8  # share of it that they may take in four bits
_BYTES_IN_FOUR_BITS = 0.6  # of a weight, with its part of the scales
_FREED_KEPT = 256 << 20  # bytes; mlx keeps freed memory by size, and rows have many sizes


def load(folder: Path, *, exact: bool = False, memory: int = 0) -> Any:
    """The model; in four bits where it would take too much of `memory` (bytes) otherwise.

    In float32 if it is to be exact, and always on a CPU, where mlx computes bfloat16 number by number.
    """
    from mlx_lm.utils import load_model

    overrides = rotary(base_model.config_of(str(folder)))
    try:
        model, _ = load_model(folder, lazy=True, model_config=overrides)
    except (ValueError, FileNotFoundError, TypeError) as exc:
        raise NotReady(f"mlx-lm cannot load this base model ({type(exc).__name__}); use torch") from exc
    if exact or mx.default_device() == mx.cpu:
        model.set_dtype(mx.float32)
    _fit(model, memory or machine_memory())
    mx.set_cache_limit(_FREED_KEPT)
    mx.eval(model.parameters())
    return model


def machine_memory() -> int:
    """Bytes that a model may use here: on Apple silicon what Metal recommends, else all memory."""
    limit = mx.device_info().get("max_recommended_working_set_size")
    return int(limit or os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))


def rotary(config: Mapping[str, Any]) -> dict[str, Any]:
    """What transformers 5 saves in `rope_parameters`, where mlx-lm looks for it: at the top level.

    mlx-lm 0.32 reads `rope_parameters` for some architectures; for Llama and Qwen2 it silently falls back to
    a rope_theta of its own, and the model misjudges every distance.
    """
    rope = config.get("rope_parameters")
    if not isinstance(rope, dict):
        return {}
    full, sliding = rope.get("full_attention", rope), rope.get("sliding_attention", {})
    known = {name: full[name] for name in ("rope_theta", "partial_rotary_factor") if name in full}
    if full.get("rope_type", "default") != "default":
        known["rope_scaling"] = full
    if "rope_theta" in sliding:
        known["rope_local_base_freq"] = sliding["rope_theta"]
    return {name: value for name, value in known.items() if config.get(name) is None}


def untie(model: Any) -> None:
    """Gives the head weights under a name of their own, so that it can be adapted and the embedding not.

    The numbers are the same ones in memory.
    """
    if "lm_head" in model:
        return
    embedding = model.model.embed_tokens
    model.lm_head = _head_of(embedding)
    model.lm_head.freeze()
    for owner in (model, model.args):
        if hasattr(owner, "tie_word_embeddings"):
            owner.tie_word_embeddings = False


def _head_of(embedding: Any) -> Any:
    if isinstance(embedding, nn.QuantizedEmbedding):
        head: Any = nn.QuantizedLinear(
            64, 64, bias=False, group_size=embedding.group_size, bits=embedding.bits, mode=embedding.mode
        )
        head.scales = embedding.scales
        if "biases" in embedding:
            head.biases = embedding.biases
    else:
        head = nn.Linear(1, 1, bias=False)
    head.weight = embedding.weight
    return head


def _fit(model: Any, memory: int) -> None:
    """Quantises the base model if memory asks for it; refuses if that does not help."""
    weights = [weight for _, weight in tree_flatten(model.parameters())]
    n_bytes = sum(weight.nbytes for weight in weights)
    if n_bytes < _QUANTISE_FROM * memory or any(weight.dtype == mx.uint32 for weight in weights):
        return
    n_weights = sum(weight.size for weight in weights)
    fits = int(_AT_MOST * memory / _BYTES_IN_FOUR_BITS)
    if n_weights > fits:
        raise NotReady(
            f"the base model has {n_weights / 1e6:.0f} million weights, and this machine has memory for "
            f"{fits / 1e6:.0f} million at most; choose a smaller one"
        )
    quantise(model)


def quantise(model: Any) -> None:
    """Four bits a weight where the sizes allow; an architecture may ask for more in places."""
    asked = getattr(model, "quant_predicate", None)

    def how(path: str, module: Any) -> Any:
        if not hasattr(module, "to_quantized") or module.weight.shape[-1] % 64:
            return False
        return asked(path, module) if asked else True

    nn.quantize(model, group_size=64, bits=4, class_predicate=how)
