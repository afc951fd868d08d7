"""How much memory a training on a base model takes, from its files' headers alone.

Good for choosing how to hold it, and for refusing what cannot be; a training that began says it more exactly.
"""

from dataclasses import dataclass
from pathlib import Path

from ownhand.trainer.backends import base_model

_MIB = 2**20
_PROGRAM_BYTES = {"cpu": 450 * _MIB, "cuda": 900 * _MIB}
_STATE_BYTES = 24  # of an adapter's weight: itself, gradient, two moments, mean, best
_SCORES = 3 * 16 * 2**20  # of a chunk of completion tokens, forth and back; of small vocabularies fewer:
_LEARNED = 3 * 1024  # tokens
_WIDTHS = {"float32": 4.0, "bfloat16": 2.0, "nf4": 0.56}  # bytes a weight, scales included
_UNPACKING_BYTES = 400 * _MIB  # that quantised weights are turned into and back
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
    vocabulary: int


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
    kept = ends // max(1, layers) + 8 * hidden  # what norms, gates and attention add: measured
    return Size(body, every - body, layers, hidden, ends, kept, int(config["vocab_size"]))


def bytes_of(
    size: Size, *, device: str, precision: str, width: str, checkpointing: bool, row_tokens: int, rank: int
) -> int:
    """At most, while training. `width` is what is computed in; it differs from `precision` if that is nf4."""
    a_layer = size.kept * row_tokens
    kept = a_layer + size.layers * size.hidden * row_tokens if checkpointing else size.layers * a_layer
    scores = min(_SCORES, _LEARNED * size.vocabulary)
    weights = size.body * _WIDTHS[precision] + size.rest * _WIDTHS[width]
    state = size.ends * rank * _STATE_BYTES
    unpacking = _UNPACKING_BYTES if precision == "nf4" else 0
    return int(weights + kept * _WIDTHS[width] + 4 * scores + state + unpacking + _PROGRAM_BYTES[device])


def _product(shape: list[int]) -> int:
    whole = 1
    for length in shape:
        whole *= length
    return whole
