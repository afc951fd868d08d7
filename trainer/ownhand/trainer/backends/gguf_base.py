"""A base model in Hugging Face's format -> one GGUF file in 8 bits beside it, for llama.cpp. Made once.

Without a vocabulary: tokens are made and read by the base's own tokenizer, and so are the same everywhere.
Needs the `gguf` package.
"""

import json
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ownhand.trainer.backends import base_model
from ownhand.trainer.errors import NotReady

Array = NDArray[Any]
Read = Callable[[], Array]

FILE = "ownhand-q8_0.gguf"
_BLOCK = 32  # weights that share a scale
_ABANDONED_S = 3600  # a conversion writes all the time; the largest base takes some minutes

# By model_type: llama.cpp's name, and whether its rotary embedding pairs neighbours, so that rows are turned.
_FAMILIES = {
    "llama": ("llama", True),
    "granite": ("granite", True),
    "smollm3": ("smollm3", True),
    "qwen2": ("qwen2", False),
    "qwen3": ("qwen3", False),
    "gemma3_text": ("gemma3", False),
}
_SAFETENSORS: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
}


def why_not(config: Mapping[str, Any]) -> str:
    """What keeps a base from being converted; empty if nothing does."""
    kind = str(config.get("model_type"))
    if kind not in _FAMILIES:
        return f"a base model of type {kind} is not known to the conversion"
    rope = _rope(config)
    if rope.get("rope_type", "default") not in ("default", "llama3"):
        return f"its positions are stretched by {rope['rope_type']}, which is not known to the conversion"
    return _unlike(kind, config)


def _unlike(kind: str, config: Mapping[str, Any]) -> str:
    """What llama.cpp takes for granted of a family, and this base has not."""
    if kind == "smollm3" and not _every(config.get("no_rope_layers"), 4, 1, 0):
        return "it has positions in other layers than SmolLM3 has"
    if kind == "gemma3_text":
        if not _every(config.get("layer_types"), 6, "sliding_attention", "full_attention"):
            return "it has its windows in other layers than Gemma 3 has"
        if config.get("query_pre_attn_scalar") != config.get("head_dim"):
            return "it scales attention otherwise than the small Gemma 3 do"
    if kind in ("qwen2", "qwen3") and config.get("use_sliding_window"):
        return "it has sliding windows"
    if config.get("attention_bias") or config.get("mlp_bias"):
        return "its layers have biases that are not known to the conversion"
    return ""


def _every(layers: Sequence[Any] | None, nth: int, others: Any, this: Any) -> bool:
    """Whether each nth layer is of one kind, and the others are of another."""
    wanted = [this if (number + 1) % nth == 0 else others for number in range(len(layers or ()))]
    return list(layers or ()) == wanted


def converted(folder: Path) -> Path:
    """The GGUF file of a base model, made if it is not there or is of other weights."""
    path = folder / FILE
    digest = base_model.hash_of(str(folder))
    if not (path.is_file() and _digest_of(path) == digest):
        temporary = path.with_name(f"{FILE}.{os.getpid()}.tmp")
        try:
            _clear(folder)
            _write(folder, temporary, digest)
            os.replace(temporary, path)
        except OSError as exc:
            said = f"the base model cannot be converted for llama.cpp ({exc.strerror}): make room beside it"
            raise NotReady(said) from exc
        finally:
            with suppress(OSError):  # it is in its place, or nothing can be removed there
                temporary.unlink()
    return path


def _clear(folder: Path) -> None:
    """What a conversion that was killed has left: as large as the base, and nobody else removes it."""
    for old in folder.glob(f"{FILE}.*.tmp"):
        if time.time() - old.stat().st_mtime > _ABANDONED_S:
            old.unlink(missing_ok=True)


def _digest_of(path: Path) -> str:
    """The hash of the weights that a file was made from."""
    import gguf

    try:
        field = gguf.GGUFReader(path).get_field("ownhand.base_hash")
    except (ValueError, IndexError):
        return ""
    return str(field.contents()) if field else ""


def _write(folder: Path, path: Path, digest: str) -> None:
    import gguf

    config = base_model.config_of(str(folder))
    name, turned = _FAMILIES[config["model_type"]]
    writer = gguf.GGUFWriter(path, name)
    _add_facts(writer, config)
    writer.add_string("ownhand.base_hash", digest)
    architecture = next(number for number, known in gguf.MODEL_ARCH_NAMES.items() if known == name)
    names = gguf.get_tensor_name_map(architecture, int(config["num_hidden_layers"]))
    parts = list(_parts(folder, config, names, turned))
    for told, shape, kind, _ in parts:
        stored = gguf.quant_shape_to_byte_shape(shape, kind) if kind else shape
        bytes_a_number = 1 if kind else 4
        of_type = np.dtype("u1" if kind else "<f4")
        writer.add_tensor_info(told, stored, of_type, math.prod(stored) * bytes_a_number, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for _, _, kind, read in parts:  # one at a time: a base is larger than what a worker should hold
        array = np.ascontiguousarray(read(), np.float32)
        writer.write_tensor_data(gguf.quants.quantize(array, kind) if kind else array)
    writer.close()


def _parts(folder: Path, config: Mapping[str, Any], names: Any, turned: bool) -> Iterator[tuple[Any, ...]]:
    """Name, shape, type in the file (None: as it is) and how it is read, of every tensor."""
    import gguf

    for name, shape, read in _tensors(folder):
        if name == "lm_head.weight" and config.get("tie_word_embeddings"):
            continue
        told = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if told is None:
            raise NotReady(f"llama.cpp has no name for the base model's {name}")
        large = len(shape) == 2 and shape[-1] % _BLOCK == 0
        kind = gguf.GGMLQuantizationType.Q8_0 if large else None
        yield told, shape, kind, _changed(name, read, config, turned)
    if (factors := _stretched(config)) is not None:
        yield "rope_freqs.weight", factors.shape, None, lambda: factors


def _changed(name: str, read: Read, config: Mapping[str, Any], turned: bool) -> Read:
    """How a tensor is read as llama.cpp wants it."""
    heads = int(config["num_attention_heads"])
    if turned and ".q_proj." in name:
        return lambda: _turned(read(), heads)
    if turned and ".k_proj." in name:
        return lambda: _turned(read(), int(config.get("num_key_value_heads") or heads))
    if config["model_type"] == "gemma3_text" and name.endswith("norm.weight"):
        return lambda: read() + 1
    return read


def _turned(array: Array, heads: int) -> Array:
    """Within each head the rows 0, 1, 2 ... of both halves alternate."""
    return array.reshape(heads, 2, -1, *array.shape[1:]).swapaxes(1, 2).reshape(array.shape)


def _add_facts(writer: Any, config: Mapping[str, Any]) -> None:
    heads = int(config["num_attention_heads"])
    size = int(config.get("head_dim") or int(config["hidden_size"]) // heads)
    writer.add_vocab_size(int(config["vocab_size"]))
    writer.add_tokenizer_model("no_vocab")
    writer.add_context_length(int(config["max_position_embeddings"]))
    writer.add_embedding_length(int(config["hidden_size"]))
    writer.add_block_count(int(config["num_hidden_layers"]))
    writer.add_feed_forward_length(int(config["intermediate_size"]))
    writer.add_head_count(heads)
    writer.add_head_count_kv(int(config.get("num_key_value_heads") or heads))
    writer.add_key_length(size)
    writer.add_value_length(size)
    writer.add_layer_norm_rms_eps(float(config["rms_norm_eps"]))
    writer.add_rope_dimension_count(size)
    writer.add_rope_freq_base(float(_rope(config).get("rope_theta") or config.get("rope_theta") or 1e4))
    if config["model_type"] == "granite":
        writer.add_attention_scale(float(config["attention_multiplier"]))
        writer.add_embedding_scale(float(config["embedding_multiplier"]))
        writer.add_residual_scale(float(config["residual_multiplier"]))
        writer.add_logit_scale(float(config["logits_scaling"]))
    if config["model_type"] == "gemma3_text":
        writer.add_sliding_window(int(config["sliding_window"]))


def _rope(config: Mapping[str, Any]) -> dict[str, Any]:
    """What turns positions: under one key or another, and for Gemma by the kind of layer."""
    said = dict(config.get("rope_parameters") or config.get("rope_scaling") or {})
    return dict(said.get("full_attention") or said)


def _stretched(config: Mapping[str, Any]) -> Array | None:
    """Llama 3's longer waves: what each frequency is divided by."""
    rope = _rope(config)
    if rope.get("rope_type") != "llama3":
        return None
    size = int(config.get("head_dim") or int(config["hidden_size"]) // int(config["num_attention_heads"]))
    theta = float(rope.get("rope_theta") or config.get("rope_theta") or 1e4)
    waves = 2 * np.pi * theta ** (np.arange(0, size, 2) / size)
    factor, low, high = (float(rope[f"{name}factor"]) for name in ("", "low_freq_", "high_freq_"))
    place = (float(rope["original_max_position_embeddings"]) / waves - low) / (high - low)
    share = np.clip(place, 0, 1)
    return np.asarray(1 / ((1 - share) / factor + share), np.float32)


def _tensors(folder: Path) -> Iterator[tuple[str, tuple[int, ...], Read]]:
    """Name, shape and a way to read it, of every tensor in a folder's safetensors."""
    for file in sorted(folder.glob("*.safetensors")):
        with file.open("rb") as opened:
            length = int.from_bytes(opened.read(8), "little")
            header = json.loads(opened.read(length))
        for name, told in header.items():
            if name != "__metadata__":
                yield name, tuple(told["shape"]), _reader(file, 8 + length, told)


def _reader(file: Path, begin: int, told: Mapping[str, Any]) -> Read:
    kind, shape = told["dtype"], tuple(told["shape"])
    if kind not in _SAFETENSORS:
        raise NotReady(f"the base model's weights are of type {kind}, not floats")

    def read() -> Array:
        array: Array = np.memmap(file, _SAFETENSORS[kind], "r", begin + told["data_offsets"][0], shape)
        if kind == "BF16":  # the upper half of a float32
            return np.asarray((array.astype("<u4") << 16).view("<f4"))
        return np.asarray(array, np.float32)

    return read
