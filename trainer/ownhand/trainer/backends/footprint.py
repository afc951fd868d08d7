"""How much memory a training on a base model takes, from its files' headers alone.

Good for choosing how to hold it, and for refusing what cannot be; a training that began says it more exactly.
"""

from dataclasses import dataclass
from pathlib import Path

from ownhand.trainer.backends import base_model

_MIB = 2**20
_PROGRAM_BYTES = {"cpu": 450 * _MIB, "cuda": 900 * _MIB}
_STATE_BYTES = 24  # of an adapter's weight: itself, gradient, two moments, mean, best
_SCORES_BYTES = 3 * 64 * _MIB  # completion tokens a chunk, forth and back
_WIDTHS = {"float32": 4.0, "bfloat16": 2.0, "nf4": 0.56}  # bytes a weight, scales included
_ADAPTED = ("_proj.weight", "_linear.weight")


@dataclass(frozen=True, slots=True)
class Size:
    """Of a base model, in weights."""

    body: int  # of the linear layers, which may be quantised
    rest: int  # embeddings, head, norms
    layers: int
    hidden: int
    ends: int  # of the linear layers, inputs and outputs together: an adapter has so many weights a rank
    kept: int  # numbers a token that the way back needs of one layer


def size_of(name: str) -> Size:
    from safetensors import safe_open

    config = base_model.config_of(name)
    shapes: dict[str, list[int]] = {}
    for part in sorted(base_model.folder_of(name).glob("*.safetensors")):
        with safe_open(Path(part), "np") as file:
            shapes |= {key: file.get_slice(key).get_shape() for key in file.keys()}  # noqa: SIM118
    linear = [shape for key, shape in shapes.items() if key.endswith(_ADAPTED) and len(shape) == 2]
    body = sum(rows * columns for rows, columns in linear)
    every = sum(_product(shape) for shape in shapes.values())
    layers, hidden = int(config["num_hidden_layers"]), int(config["hidden_size"])
    ends = sum(rows + columns for rows, columns in linear)
    return Size(body, every - body, layers, hidden, ends, _kept(hidden, ends // max(1, layers)))


def bytes_of(
    size: Size, *, device: str, precision: str, checkpointing: bool, row_tokens: int, rank: int
) -> int:
    """At most, while training."""
    wide = _WIDTHS["float32" if precision == "float32" else "bfloat16"]
    a_layer = size.kept * row_tokens
    kept = a_layer + size.layers * size.hidden * row_tokens if checkpointing else size.layers * a_layer
    weights = size.body * _WIDTHS[precision] + size.rest * wide
    state = size.ends * rank * _STATE_BYTES
    return int(weights + kept * wide + _SCORES_BYTES + state + _PROGRAM_BYTES[device])


def _kept(hidden: int, ends: int) -> int:
    """Inputs and outputs of the linear layers, and what norms, gates and attention add. Measured."""
    return ends + 8 * hidden


def _product(shape: list[int]) -> int:
    whole = 1
    for length in shape:
        whole *= length
    return whole
