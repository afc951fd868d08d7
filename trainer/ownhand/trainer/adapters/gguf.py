"""llama.cpp's format: one GGUF file with the matrices of a LoRA. Needs the `gguf` package."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import Any

import numpy as np
from ownhand.trainer.adapters.adapter import Adapter, Array
from ownhand.trainer.errors import AdapterMismatch, NotReady

WEIGHTS = "adapter.gguf"


@dataclass(frozen=True, slots=True)
class _Family:
    """How llama.cpp calls an architecture, and whether it keeps the halves of each head interleaved."""

    name: str
    interleaved: bool


# By model_type. llama.cpp turns the rows of q_proj and k_proj of the Llama family around, as its rotary
# embedding pairs neighbours; an adapter must be turned with them.
_FAMILIES = {
    "llama": _Family("llama", True),
    "mistral": _Family("llama", True),
    "smollm3": _Family("smollm3", True),
    "granite": _Family("granite", True),
    "qwen2": _Family("qwen2", False),
    "qwen3": _Family("qwen3", False),
    "gemma3_text": _Family("gemma3", False),
}


def write(folder: Path, adapter: Adapter, base: Mapping[str, Any]) -> None:
    """`base` is the base model's config.json."""
    if util.find_spec("gguf") is None:
        raise NotReady("gguf must be installed: pip install 'ownhand[gguf]'")
    import gguf

    family = _family(base)
    names = gguf.get_tensor_name_map(_architecture(family), int(base["num_hidden_layers"]))
    writer = gguf.GGUFWriter(folder / WEIGHTS, family.name)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, adapter.alpha)  # divided by the rank there
    for name, pair in sorted(adapter.pairs.items()):
        theirs = names.get_name(name)
        if theirs is None:
            raise AdapterMismatch([f"llama.cpp has no name for {name} in the architecture {family.name}"])
        b = _interleaved(pair.b, _n_heads(name, base)) if family.interleaved else pair.b
        writer.add_tensor(f"{theirs}.weight.lora_a", _float32(pair.a))
        writer.add_tensor(f"{theirs}.weight.lora_b", _float32(b))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def notes(adapter: Adapter, base: Mapping[str, Any]) -> list[str]:
    """What whoever uses the file must know."""
    if "lm_head" in adapter.pairs and base.get("tie_word_embeddings", False):
        return ["the head is adapted: the base model's GGUF needs an output.weight of its own"]
    return []


def _family(base: Mapping[str, Any]) -> _Family:
    kind = str(base.get("model_type"))
    if kind not in _FAMILIES:
        known = ", ".join(sorted(_FAMILIES))
        raise AdapterMismatch([f"a base model of type {kind} is not known to the conversion, only {known}"])
    return _FAMILIES[kind]


def _architecture(family: _Family) -> Any:
    import gguf

    return next(number for number, name in gguf.MODEL_ARCH_NAMES.items() if name == family.name)


def _n_heads(name: str, base: Mapping[str, Any]) -> int:
    """How many heads the rows of this layer are; 0 if they are none that are turned."""
    heads = int(base["num_attention_heads"])
    if name.endswith(".q_proj"):
        return heads
    return int(base.get("num_key_value_heads") or heads) if name.endswith(".k_proj") else 0


def _interleaved(b: Array, n_heads: int) -> Array:
    """Within each head the rows 0, 1, 2 ... of both halves alternate."""
    if not n_heads:
        return b
    return b.reshape(n_heads, 2, -1, b.shape[1]).swapaxes(1, 2).reshape(b.shape)


def _float32(array: Array) -> Array:
    return np.ascontiguousarray(array, dtype=np.float32)
