"""Arrays and a configuration in the two files that PEFT and mlx-lm keep an adapter in."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ownhand.trainer import manifest
from ownhand.trainer.adapters.adapter import Array
from ownhand.trainer.errors import AdapterMismatch
from safetensors import SafetensorError, deserialize
from safetensors.numpy import save

CONFIG = "adapter_config.json"

_TYPES = {"F64": np.float64, "F32": np.float32, "F16": np.float16}


def read(path: Path) -> dict[str, Array]:
    """The arrays of a safetensors file."""
    try:
        found = deserialize(path.read_bytes())
    except (OSError, SafetensorError) as exc:
        raise AdapterMismatch([f"its {path.name} cannot be read ({type(exc).__name__})"]) from exc
    return {name: _array(name, **parts) for name, parts in found}


def write(path: Path, arrays: Mapping[str, Array]) -> None:
    """Named as torch's and mlx's readers want it: both look for the format, and any will do."""
    arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    path.write_bytes(save(arrays, metadata={"format": "pt"}))


def read_config(folder: Path) -> dict[str, Any]:
    """adapter_config.json, whichever of the two programs wrote it."""
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise AdapterMismatch([f"its {CONFIG} cannot be read ({type(exc).__name__})"]) from exc
    if not isinstance(config, dict):
        raise AdapterMismatch([f"its {CONFIG} is no object"])
    return config


def write_config(folder: Path, config: Mapping[str, Any]) -> None:
    manifest.write_text(folder / CONFIG, json.dumps(config, indent=2, sort_keys=True))


def _array(name: str, dtype: str, shape: list[int], data: bytearray) -> Array:
    if dtype == "BF16":  # numpy has no such type; it is the upper half of a float32
        halves = np.frombuffer(data, dtype="<u2").astype("<u4")
        return (halves << 16).view("<f4").reshape(shape)
    if dtype not in _TYPES:
        raise AdapterMismatch([f"{name} holds numbers of type {dtype}, not floats"])
    return np.frombuffer(data, dtype=_TYPES[dtype]).reshape(shape)
