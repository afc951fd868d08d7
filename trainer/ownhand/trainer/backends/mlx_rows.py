"""Packed rows through mlx-lm's models: sequences of a row kept apart, the head on completion tokens alone.

mlx-lm's own loss and batches pad to 32, count one pad token a row, divide by zero where a prompt fills the
window, drop what does not fill a batch, and run the head over the prompt. None of it is used here.
"""

from typing import Any

import mlx.core as mx
import mlx.nn as nn
import numpy as np
from ownhand.trainer.backends import packing


def loss(model: Any, row: packing.Row) -> mx.array:
    """Sum over the learned tokens, in nats; zero where there is none, never a division."""
    if not row.targets:
        return mx.array(0.0)
    scores = learned(model, row).astype(mx.float32)
    return nn.losses.cross_entropy(scores, mx.array(row.targets), reduction="sum")


def learned(model: Any, row: packing.Row) -> mx.array:
    """Scores of every token at the places whose next token is learned."""
    apart = Apart(row.positions)
    tokens = mx.array([row.tokens])
    return at(model, tokens, [apart] * len(model.layers), mx.array(row.learned))


def at(model: Any, tokens: mx.array, cache: Any, places: mx.array) -> mx.array:
    """Scores at some places of the only row; the head sees no other.

    The model's own call is used, which knows what comes after the head (Granite divides): only what lies
    below the head is made to answer for fewer places.
    """
    below = model["model"]
    model["model"] = _AtPlaces(below, places)
    try:
        return model(tokens, cache=cache)[0]
    finally:
        model["model"] = below


class Apart:
    """Stands where mlx-lm's models look for a cache, and gives the mask of a packed row.

    Positions go on from one sequence to the next. That changes nothing: a rotary embedding makes attention a
    matter of distance, and no sequence sees another.
    """

    offset = 0

    def __init__(self, positions: list[int]) -> None:
        self._sequence = np.cumsum(np.array(positions) == 0)
        self._masks: dict[int, mx.array | str] = {}

    def make_mask(self, n: int, return_array: bool = False, window_size: int | None = None) -> mx.array | str:
        window = min(window_size or n, n)
        if window not in self._masks:
            self._masks[window] = self._mask(n, window)
        return self._masks[window]

    def update_and_fetch(self, keys: mx.array, values: mx.array) -> tuple[mx.array, mx.array]:
        return keys, values

    def _mask(self, n: int, window: int) -> mx.array | str:
        if self._sequence[-1] == 1 and window == n:
            return "causal"  # mlx has a faster kernel for it
        place = np.arange(n)
        distance = place[:, None] - place[None, :]
        same = self._sequence[:, None] == self._sequence[None, :]
        return mx.array(same & (distance >= 0) & (distance < window))


class _AtPlaces:
    """The part of a model below its head, answering for some places of its only row."""

    def __init__(self, below: Any, places: mx.array) -> None:
        self._below = below
        self._places = places

    def __call__(self, *arguments: Any, **named: Any) -> mx.array:
        hidden: mx.array = self._below(*arguments, **named)
        return hidden[:, self._places]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._below, name)
