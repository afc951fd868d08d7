"""PEFT's format, which is ours on disk: adapter_model.safetensors and adapter_config.json."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ownhand.trainer.adapters import tensors
from ownhand.trainer.adapters.adapter import Adapter, layers_of, paired, place
from ownhand.trainer.errors import AdapterMismatch

WEIGHTS = "adapter_model.safetensors"

_PREFIX = "base_model.model."
_A, _B = ".lora_A.weight", ".lora_B.weight"

# What PEFT can do to an adapter that other programs cannot follow, and the value that means "not done".
_PLAIN = {
    "peft_type": "LORA",
    "use_dora": False,
    "use_qalora": False,
    "alora_invocation_tokens": None,
    "layer_replication": None,
    "fan_in_fan_out": False,
    "bias": "none",
    "rank_pattern": {},
    "alpha_pattern": {},
}


def read(folder: Path) -> Adapter:
    """The adapter in a folder; all that cannot be converted is told at once."""
    config = tensors.read_config(folder)
    problems = [
        f"its {name} is {config[name]!r}, which only PEFT understands"
        for name, plain in _PLAIN.items()
        if config.get(name) and config[name] != plain
    ]
    rank = config.get("r")
    if not isinstance(rank, int) or rank < 1 or not isinstance(config.get("lora_alpha"), int | float):
        raise AdapterMismatch([*problems, f"its {tensors.CONFIG} gives no rank (r) and no lora_alpha"])
    arrays = tensors.read(folder / WEIGHTS)
    halves = {name.removeprefix(_PREFIX): array for name, array in arrays.items()}
    pairs, wrong = paired(halves, a=_A, b=_B, rank=rank)
    if problems or wrong:
        raise AdapterMismatch([*problems, *wrong])
    return Adapter(rank, _scale(config, rank), pairs, _n_layers(config, pairs))


def write(folder: Path, adapter: Adapter) -> None:
    """An adapter as PEFT saves it, but for the base model's name: that would be a path of this machine."""
    arrays = {f"{_PREFIX}{name}{_A}": pair.a for name, pair in adapter.pairs.items()}
    arrays |= {f"{_PREFIX}{name}{_B}": pair.b for name, pair in adapter.pairs.items()}
    tensors.write(folder / WEIGHTS, arrays)
    alpha = adapter.alpha
    tensors.write_config(
        folder,
        {
            "peft_type": "LORA",
            "task_type": "CAUSAL_LM",
            "base_model_name_or_path": None,
            "inference_mode": True,
            "r": adapter.rank,
            "lora_alpha": int(alpha) if alpha == int(alpha) else alpha,
            "lora_dropout": 0.0,
            "use_rslora": False,
            "bias": "none",
            **_targets(adapter),
        },
    )


def _scale(config: Mapping[str, Any], rank: int) -> float:
    root = math.sqrt(rank) if config.get("use_rslora") else rank
    return float(config["lora_alpha"]) / root


def _n_layers(config: Mapping[str, Any], pairs: Mapping[str, Any]) -> int | None:
    """Known where the configuration says "every layer", which is what short names alone mean."""
    targets, layers = config.get("target_modules"), layers_of(pairs)
    short = targets == "all-linear" or (
        isinstance(targets, list)
        and not any(part.isdigit() for target in targets for part in target.split("."))
    )
    if not layers or not short or config.get("layers_to_transform") is not None:
        return None
    return layers[-1] + 1


def _targets(adapter: Adapter) -> dict[str, Any]:
    """Short names where they mean exactly these layers, whole names where they would mean more."""
    layers = layers_of(adapter.pairs)
    inside = {what for number, what in map(place, adapter.pairs) if number is not None}
    outside = [name for name in adapter.pairs if place(name)[0] is None]
    every = layers == list(range(adapter.n_layers or 0))
    regular = len(adapter.pairs) == len(layers) * len(inside) + len(outside)
    if not regular or (outside and not every):  # with layers_to_transform PEFT leaves out what is in no layer
        return {"target_modules": sorted(adapter.pairs), "layers_to_transform": None}
    return {
        "target_modules": sorted([*(name.rpartition(".")[2] for name in inside), *outside]),
        "layers_to_transform": None if every else layers,
    }
