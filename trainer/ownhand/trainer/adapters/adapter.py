"""What a LoRA adapter is, whatever file it lies in: low-rank changes of linear layers.

numpy alone: an adapter is read and converted where neither torch nor mlx is installed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_LAYER = re.compile(r"^model\.layers\.(\d+)\.(.+)$")


@dataclass(frozen=True, slots=True)
class Pair:
    """The change of one linear layer: scale x B x A."""

    a: Array  # (rank, in)
    b: Array  # (out, rank)


@dataclass(frozen=True, slots=True)
class Adapter:
    """`pairs` by the name that Hugging Face gives the layer, as `model.layers.0.self_attn.q_proj`."""

    rank: int
    scale: float
    pairs: Mapping[str, Pair]
    n_layers: int | None  # of the base model; None where the adapter's files do not tell

    @property
    def alpha(self) -> float:
        """The number that, divided by the rank, is the scale."""
        return self.scale * self.rank


def place(name: str) -> tuple[int | None, str]:
    """The number of the layer and what is changed in it; no number for what stands outside, as the head."""
    found = _LAYER.match(name)
    return (int(found[1]), found[2]) if found else (None, name)


def layers_of(names: Mapping[str, Any]) -> list[int]:
    """The numbers of the layers that are changed, in order."""
    return sorted({number for number, _ in map(place, names) if number is not None})


def paired(halves: Mapping[str, Array], *, a: str, b: str, rank: int) -> tuple[dict[str, Pair], list[str]]:
    """Arrays by name, `a` and `b` being their endings -> pairs, and what is wrong with them."""
    problems = [f"{name} is not part of a LoRA" for name in halves if not name.endswith((a, b))]
    names = sorted({name.removesuffix(a).removesuffix(b) for name in halves if name.endswith((a, b))})
    pairs = {}
    for name in names:
        first, second = halves.get(name + a), halves.get(name + b)
        if first is None or second is None:
            problems.append(f"{name} has only one of its two matrices")
        elif first.ndim != 2 or second.ndim != 2 or not first.shape[0] == rank == second.shape[1]:
            problems.append(f"{name} has matrices of {first.shape} and {second.shape}, not of rank {rank}")
        else:
            pairs[name] = Pair(first, second)
    return pairs, problems or ([] if pairs else ["it changes no layer"])


def same(one: Adapter, other: Adapter) -> bool:
    """Whether both change a model in the same way, bit for bit."""
    return (
        (one.rank, one.scale) == (other.rank, other.scale)
        and one.pairs.keys() == other.pairs.keys()
        and all(
            np.array_equal(pair.a, other.pairs[name].a) and np.array_equal(pair.b, other.pairs[name].b)
            for name, pair in one.pairs.items()
        )
    )
