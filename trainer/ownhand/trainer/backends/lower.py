"""The layers below the first that is adapted: what comes out of them is the same in every epoch.

Where only the top of a model learns, the way through the rest is made once a mail and remembered.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from ownhand.trainer.backends import packing

_MOST_BYTES = 2**30  # remembered; what is beyond is computed each time


class Lower:
    """Stands in for the lowest `number` of a model's layers."""

    def __init__(self, layers: Sequence[Any], number: int) -> None:
        self._last = number - 1
        self._left = _MOST_BYTES
        self._known: dict[tuple[int, ...], Any] = {}  # what comes out, by the tokens of a sequence
        self._reading: list[tuple[int, ...]] = []
        self._whole: Any = None
        for place, layer in enumerate(layers[:number]):
            layer.forward = partial(self._run, place, layer.forward)

    @contextmanager
    def reading(self, row: packing.Row) -> Iterator[None]:
        """Meanwhile the model reads this row, from its beginning to its end."""
        self._reading = list(_sequences(row))
        if all(sequence in self._known for sequence in self._reading):
            self._whole = torch.cat([self._known[sequence] for sequence in self._reading], 1)
        try:
            yield
        finally:
            self._reading, self._whole = [], None

    def _run(self, place: int, layer: Any, hidden: Any, *arguments: Any, **named: Any) -> Any:
        """`hidden` is (1, tokens, hidden), also what comes out."""
        if self._whole is not None:
            return self._whole if place == self._last else hidden
        with torch.no_grad():
            hidden = layer(hidden, *arguments, **named)
        if place == self._last and self._reading:
            self._remember(hidden)
        return hidden

    def _remember(self, hidden: Any) -> None:
        begin = 0
        for sequence in self._reading:
            part = hidden[:, begin : begin + len(sequence)]
            begin += len(sequence)
            if sequence not in self._known and part.nbytes <= self._left:
                self._known[sequence] = part.clone()
                self._left -= part.nbytes


def _sequences(row: packing.Row) -> Iterator[tuple[int, ...]]:
    return (tuple(row.tokens[s.begin : s.begin + s.length]) for s in row.segments)
