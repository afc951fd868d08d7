"""A base model in mlx-lm's memory, with or without an adapter: tokens in, losses and scores out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mlx.core as mx
import mlx.nn as nn
import numpy as np
from ownhand.trainer import prompt
from ownhand.trainer.adapters import peft
from ownhand.trainer.backends import base_model, chat, mlx_adapter, mlx_base, mlx_rows, packing
from ownhand.trainer.backends.decoding import Scores, Tally, n_common
from ownhand.worker.v1 import training_pb2 as pb

ROW_TOKENS = 512  # attention is dense over a row
_MAX_TOKENS = 1024


class MlxModel:
    """Weights, tokenizer and the way in which examples are put to it; decoding.Engine besides."""

    def __init__(self, name: str, model: Any) -> None:
        self.model = model
        self.embedded = name == base_model.EMBEDDED
        folder = base_model.folder_of(name)
        self.tokenizer = chat.load_tokenizer(folder)
        self.form = chat.form_of(folder, self.tokenizer)
        self.room = prompt.BRIEF if self.embedded else prompt.ROOMY
        places = int(base_model.config_of(name).get("max_position_embeddings", _MAX_TOKENS))
        self.max_tokens = min(_MAX_TOKENS, places)
        self.tally = Tally()
        self.encode = packing.encoder(self.tokenizer, self.form.end, self.max_tokens, self.form)
        self._row_tokens = ROW_TOKENS if _attends_only(model) else 1
        self._reading = _Reading(model)

    def add_adapter(self, *, rank: int, alpha: int, seed: int, layers: int = 0) -> None:
        """On every linear layer; on the head too where the model is too small without.

        `layers`: of so many of the top layers alone, if it is not 0.
        """
        head = self.embedded and not layers
        mlx_adapter.add(self.model, rank=rank, alpha=alpha, seed=seed, head=head, layers=layers)
        self.forget()

    def begin_from(self, folder: Path) -> None:
        """The weights of a finished adapter of the same shape, into the one that was added."""
        mlx_adapter.fill(self.model, peft.read(folder))
        self.forget()

    def load_adapter(self, folder: Path) -> None:
        mlx_adapter.load(self.model, folder)
        self.forget()

    def save_adapter(self, folder: Path, *, alpha: int) -> None:
        mlx_adapter.save(self.model, folder, alpha=alpha)

    def trainable(self) -> dict[str, mx.array]:
        return mlx_adapter.trainable(self.model)

    def rows(
        self, examples: Sequence[pb.Example], rooms: Sequence[prompt.Room] | None = None
    ) -> list[packing.Row]:
        rooms = rooms or [self.room] * len(examples)
        sequences = [self.encode(example, room) for example, room in zip(examples, rooms, strict=True)]
        return list(packing.rows(sequences, self._row_tokens))

    def loss(self, examples: Sequence[pb.Example]) -> float:
        """Mean over completion tokens, in nats."""
        return self.measure(examples)[1]

    def measure(self, examples: Sequence[pb.Example]) -> tuple[float, float]:
        """The share of completion tokens that are not the likeliest ones, and the mean loss in nats."""
        n_wrong, loss, n_tokens = 0, 0.0, 0
        for row in self.rows(examples):
            scores, targets = mlx_rows.learned(self.model, row).astype(mx.float32), mx.array(row.targets)
            n_wrong += (scores.argmax(-1) != targets).sum().item()
            loss += nn.losses.cross_entropy(scores, targets, reduction="sum").item()
            n_tokens += len(row.targets)
        return n_wrong / n_tokens, loss / n_tokens

    def forget(self) -> None:
        """What was read was read with another adapter."""
        self._reading = _Reading(self.model)

    def read(self, tokens: Sequence[int]) -> Scores:
        return self._reading.begin(list(tokens))

    def go_on(self, token: int) -> Scores:
        return self._reading.go_on([token])


def load_base(name: str) -> MlxModel:
    """A base model without an adapter."""
    folder = base_model.folder_of(name)
    return MlxModel(name, mlx_base.load(folder, exact=name == base_model.EMBEDDED))


class _Reading:
    """A prompt and what was said after it, as keys and values; what the next prompt has in common is kept."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._tokens: list[int] = []
        self._cache: Any = None

    def begin(self, tokens: list[int]) -> Scores:
        from mlx_lm.models import cache

        common = n_common(self._tokens, tokens)
        if self._cache is None or not cache.can_trim_prompt_cache(self._cache):
            self._cache, common = cache.make_prompt_cache(self._model), 0
        else:
            cache.trim_prompt_cache(self._cache, len(self._tokens) - common)
        self._tokens = tokens[:common]
        return self.go_on(tokens[common:])

    def go_on(self, tokens: list[int]) -> Scores:
        last = mx.array([len(tokens) - 1])
        scores = mlx_rows.at(self._model, mx.array([tokens]), self._cache, last)[0]
        self._tokens = self._tokens + tokens
        return np.array(scores.astype(mx.float32))


def _attends_only(model: Any) -> bool:
    """Whether all layers attend: a recurrent one would carry one sequence of a row into the next."""
    from mlx_lm.models import cache

    return all(isinstance(c, cache.KVCache | cache.RotatingKVCache) for c in cache.make_prompt_cache(model))
