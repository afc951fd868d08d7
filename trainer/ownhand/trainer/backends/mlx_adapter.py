"""The adapter of a model of mlx-lm's: made anew, read from and written to PEFT's format."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
from mlx.utils import tree_flatten
from ownhand.trainer.adapters import mlx as mlx_format
from ownhand.trainer.adapters import peft
from ownhand.trainer.adapters.adapter import Adapter
from ownhand.trainer.backends import mlx_base
from ownhand.trainer.errors import AdapterMismatch

_LINEAR = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


def add(model: Any, *, rank: int, alpha: int, seed: int, head: bool, layers: int = 0) -> None:
    """A fresh LoRA on every linear layer, or of the top layers alone; and on the head if asked."""
    mx.random.seed(seed)
    names = {name for layer in model.layers for name, _ in layer.named_modules()}
    keys = [name for name in sorted(names) if name.rpartition(".")[2] in _LINEAR]
    if head:
        mlx_base.untie(model)
    keys += ["lm_head"] * head
    number = min(layers or len(model.layers), len(model.layers))
    _adapt(model, number, {"rank": rank, "scale": alpha / rank, "dropout": 0.0, "keys": keys})


def load(model: Any, folder: Path) -> None:
    """Weights in PEFT's format, converted in memory."""
    adapter = replace(peft.read(folder), n_layers=len(model.layers))
    if "lm_head" in adapter.pairs:
        mlx_base.untie(model)
    config = mlx_format.config(adapter)
    _adapt(model, config["num_layers"], config["lora_parameters"])
    fill(model, adapter)


def fill(model: Any, adapter: Adapter) -> None:
    """The weights of an adapter into a model that has a place for them."""
    weights = {name: mx.array(array) for name, array in mlx_format.arrays(adapter.pairs).items()}
    _check(weights, trainable(model))
    model.load_weights(list(weights.items()), strict=False)
    mx.eval(model.parameters())


def save(model: Any, folder: Path, *, alpha: int) -> None:
    """adapter_config.json and adapter_model.safetensors, as peft reads them."""
    weights = {name: np.array(weight) for name, weight in trainable(model).items()}
    rank = next(weight.shape[1] for name, weight in weights.items() if name.endswith("lora_a"))
    pairs = mlx_format.pairs(weights, rank=rank)
    peft.write(folder, Adapter(rank, alpha / rank, pairs, len(model.layers)))


def trainable(model: Any) -> dict[str, mx.array]:
    """The adapter's arrays, by mlx-lm's names."""
    return dict(tree_flatten(model.trainable_parameters()))


def _adapt(model: Any, num_layers: int, config: Mapping[str, Any]) -> None:
    from mlx_lm.tuner.utils import linear_to_lora_layers

    model.freeze()
    linear_to_lora_layers(model, num_layers, config)


def _check(weights: Mapping[str, mx.array], known: Mapping[str, mx.array]) -> None:
    """All that does not fit, at once."""
    problems = [f"the base model has no {name}" for name in weights if name not in known]
    problems += [
        f"{name} should be {known[name].shape} and is {weight.shape}"
        for name, weight in weights.items()
        if name in known and known[name].shape != weight.shape
    ]
    if problems:
        raise AdapterMismatch(problems)
