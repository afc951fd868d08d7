"""mlx-lm's format: adapters.safetensors and adapter_config.json. Without mlx.

mlx-lm keeps the matrices transposed, multiplies by a scale where PEFT has alpha / rank, and counts layers
from the last one.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ownhand.trainer.adapters import tensors
from ownhand.trainer.adapters.adapter import Adapter, Array, Pair, layers_of, paired, place
from ownhand.trainer.errors import AdapterMismatch

WEIGHTS = "adapters.safetensors"

_A, _B = ".lora_a", ".lora_b"


def read(folder: Path) -> Adapter:
    """The adapter in a folder; all that cannot be converted is told at once."""
    config = tensors.read_config(folder)
    kind, lora = config.get("fine_tune_type", "lora"), config.get("lora_parameters")
    if kind != "lora":
        raise AdapterMismatch([f"its fine_tune_type is {kind!r}, and only lora can be converted"])
    rank, scale = (lora.get("rank"), lora.get("scale")) if isinstance(lora, dict) else (None, None)
    if not isinstance(rank, int) or rank < 1 or not isinstance(scale, int | float):
        raise AdapterMismatch([f"its {tensors.CONFIG} gives no lora_parameters with rank and scale"])
    turned = {name: array.T for name, array in tensors.read(folder / WEIGHTS).items()}
    pairs, problems = paired(turned, a=_A, b=_B, rank=rank)
    problems += [f"{name} is an embedding, which PEFT keeps otherwise" for name in pairs if "embed" in name]
    if problems:
        raise AdapterMismatch(problems)
    return Adapter(rank, float(scale), pairs, _n_layers(config.get("num_layers"), pairs))


def write(folder: Path, adapter: Adapter) -> None:
    """An adapter as mlx-lm saves it."""
    tensors.write(folder / WEIGHTS, arrays(adapter.pairs))
    tensors.write_config(folder, config(adapter))


def config(adapter: Adapter) -> dict[str, Any]:
    """What mlx-lm's `linear_to_lora_layers` and `load_adapters` are to be told."""
    layers = layers_of(adapter.pairs)
    if layers and adapter.n_layers is None:
        raise AdapterMismatch(
            ["mlx-lm counts layers from the last, and how many there are is not known: name the base model"]
        )
    return {
        "fine_tune_type": "lora",
        "num_layers": (adapter.n_layers or 0) - layers[0] if layers else 0,
        "lora_parameters": {
            "rank": adapter.rank,
            "scale": adapter.scale,
            "dropout": 0.0,
            "keys": sorted({what for _, what in map(place, adapter.pairs)}),
        },
    }


def arrays(pairs: Mapping[str, Pair]) -> dict[str, Array]:
    """mlx-lm's names and directions."""
    turned = {f"{name}{_A}": pair.a.T for name, pair in pairs.items()}
    return turned | {f"{name}{_B}": pair.b.T for name, pair in pairs.items()}


def pairs(turned: Mapping[str, Array], *, rank: int) -> dict[str, Pair]:
    """The other way."""
    found, problems = paired({name: array.T for name, array in turned.items()}, a=_A, b=_B, rank=rank)
    if problems:
        raise AdapterMismatch(problems)
    return found


def _n_layers(num_layers: object, pairs: Mapping[str, Any]) -> int | None:
    """The last layer that is changed is the last there is, unless the count says more."""
    layers = layers_of(pairs)
    if not layers:
        return None
    return max(layers[-1] + 1, num_layers if isinstance(num_layers, int) else 0)
