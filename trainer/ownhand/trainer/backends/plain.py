"""The embedded base with an adapter, in numpy alone: for answers, which torch would take longer to start for.

A Llama in sixty lines. Importing torch, transformers and peft took nine seconds and 350 MB (2026-11-23),
numpy takes a tenth of a second. Trains nothing.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ownhand.trainer import prompt
from ownhand.trainer.adapters import peft, tensors
from ownhand.trainer.adapters.adapter import Adapter
from ownhand.trainer.backends import base_model, chat, packing
from ownhand.trainer.backends.base import ProposedRule, never
from ownhand.trainer.backends.decoding import Tally, decode, n_common
from ownhand.worker.v1 import training_pb2 as pb

Array = NDArray[np.float32]

_MAX_TOKENS = 1024


class PlainEngine:
    """decoding.Engine over `Llama`."""

    def __init__(self, folder: Path, adapter: Adapter | None = None) -> None:
        self._llama = Llama(folder, adapter)
        self.tokenizer = chat.load_tokenizer(folder)
        self.form = chat.form_of(folder, self.tokenizer)
        self.room = prompt.BRIEF
        self.embedded = True
        self.max_tokens = min(_MAX_TOKENS, self._llama.n_positions)
        self.tally = Tally()

    def read(self, tokens: Sequence[int]) -> Array:
        return np.asarray(self._llama.read(tokens)[-1])

    def go_on(self, token: int) -> Array:
        return np.asarray(self._llama.go_on([token])[-1])

    def loss(self, examples: Sequence[pb.Example]) -> float:
        """Mean over completion tokens, in nats."""
        encode = packing.encoder(self.tokenizer, self.form.end, self.max_tokens, self.form)
        loss, n_tokens = 0.0, 0
        for example in examples:
            sequence = encode(example, self.room)
            begin = len(sequence.tokens) - sequence.n_learned
            scores = self._llama.read(sequence.tokens[:-1], since=begin - 1).astype(np.float64)
            scores -= scores.max(-1, keepdims=True)
            right = scores[np.arange(sequence.n_learned), list(sequence.tokens[begin:])]
            loss -= float((right - np.log(np.exp(scores).sum(-1))).sum())
            n_tokens += sequence.n_learned
        return loss / n_tokens


class PlainGenerator:
    """backends.base.Generator over it."""

    def __init__(self, engine: PlainEngine, made: pb.AdapterManifest) -> None:
        self._engine = engine
        self._manifest = made

    @property
    def manifest(self) -> pb.AdapterManifest:
        return self._manifest

    def propose(
        self, situation: pb.Situation, cancelled: Callable[[], bool] = never
    ) -> Iterator[ProposedRule]:
        return decode(self._engine, situation, cancelled)

    def loss(self, examples: Sequence[pb.Example]) -> float:
        return self._engine.loss(examples)


def load(adapter: Path, made: pb.AdapterManifest) -> PlainGenerator:
    """The embedded base with an adapter that was checked."""
    engine = PlainEngine(base_model.folder_of(base_model.EMBEDDED), peft.read(adapter))
    return PlainGenerator(engine, made)


class Llama:
    """Weights, and what was read last: its keys and values stay, so that a common beginning is read once."""

    def __init__(self, folder: Path, adapter: Adapter | None) -> None:
        config = base_model.config_of(str(folder))
        self._weights = _merged(_weights(folder), adapter)
        self._heads = int(config["num_attention_heads"])
        self._kv_heads = int(config.get("num_key_value_heads") or self._heads)
        self._size = int(config.get("head_dim") or int(config["hidden_size"]) // self._heads)
        self._epsilon = float(config["rms_norm_eps"])
        self._layers = [f"model.layers.{n}." for n in range(int(config["num_hidden_layers"]))]
        self.n_positions = int(config["max_position_embeddings"])
        theta = float(
            (config.get("rope_parameters") or {}).get("rope_theta") or config.get("rope_theta") or 1e4
        )
        self._frequencies = theta ** (-np.arange(0, self._size, 2, dtype=np.float32) / self._size)
        self._read: list[int] = []
        nothing = np.zeros((self._kv_heads, 0, self._size), np.float32)
        self._kept = {layer: (nothing, nothing) for layer in self._layers}

    def read(self, tokens: Sequence[int], since: int = 0) -> Array:
        """Scores after each token from `since` on, or only after those that had not been read before."""
        common = n_common(self._read, tokens)
        if since:
            common = min(common, since)
        self._read = self._read[:common]
        self._kept = {name: (k[:, :common], v[:, :common]) for name, (k, v) in self._kept.items()}
        return self.go_on(tokens[common:], since=max(0, since - common))

    def go_on(self, tokens: Sequence[int], since: int = 0) -> Array:
        """Scores after each further token, from the one at `since` on."""
        x = self._weights["model.embed_tokens"][list(tokens)]
        places = np.arange(len(self._read), len(self._read) + len(tokens), dtype=np.float32)
        angles = np.tile(np.outer(places, self._frequencies), 2)
        turned = np.cos(angles), np.sin(angles)
        for layer in self._layers:
            x = x + self._attention(layer, self._norm(x, layer + "input_layernorm"), turned)
            x = x + self._feed_forward(layer, self._norm(x, layer + "post_attention_layernorm"))
        self._read += tokens
        scores = self._norm(x[since:], "model.norm") @ self._weights["lm_head"].T
        return np.asarray(scores, np.float32)

    def _attention(self, layer: str, x: Array, turned: tuple[Array, Array]) -> Array:
        queries, keys, values = (self._split(layer, x, name) for name in ("q_proj", "k_proj", "v_proj"))
        old_keys, old_values = self._kept[layer]
        keys = np.concatenate([old_keys, _turn(keys, turned)], axis=1)
        values = np.concatenate([old_values, values], axis=1)
        self._kept[layer] = keys, values
        times = self._heads // self._kv_heads
        if times > 1:
            keys, values = np.repeat(keys, times, axis=0), np.repeat(values, times, axis=0)
        shares = _turn(queries, turned) @ keys.swapaxes(1, 2) / np.float32(math.sqrt(self._size))
        if len(x) > 1:
            later = np.triu(np.ones(shares.shape[1:], bool), keys.shape[1] - len(x) + 1)
            shares[:, later] = -np.inf
        shares = np.exp(shares - shares.max(-1, keepdims=True))
        mixed = (shares / shares.sum(-1, keepdims=True)) @ values
        return self._linear(layer + "self_attn.o_proj", mixed.swapaxes(0, 1).reshape(len(x), -1))

    def _split(self, layer: str, x: Array, name: str) -> Array:
        """(heads, tokens, size of a head)"""
        return self._linear(f"{layer}self_attn.{name}", x).reshape(len(x), -1, self._size).swapaxes(0, 1)

    def _feed_forward(self, layer: str, x: Array) -> Array:
        gate = self._linear(layer + "mlp.gate_proj", x)
        gate /= 1 + np.exp(-gate)
        return self._linear(layer + "mlp.down_proj", gate * self._linear(layer + "mlp.up_proj", x))

    def _linear(self, name: str, x: Array) -> Array:
        return np.asarray(x @ self._weights[name].T)

    def _norm(self, x: Array, name: str) -> Array:
        scale = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + np.float32(self._epsilon))
        return np.asarray(x * scale * self._weights[name])


def _turn(x: Array, turned: tuple[Array, Array]) -> Array:
    """Rotary embedding as Hugging Face has it: the two halves of a head are the pairs."""
    half = x.shape[-1] // 2
    other = np.concatenate([-x[..., half:], x[..., :half]], axis=-1)
    return np.asarray(x * turned[0] + other * turned[1])


def _weights(folder: Path) -> dict[str, Array]:
    found: dict[str, Any] = {}
    for file in sorted(folder.glob("*.safetensors")):
        found |= {name.removesuffix(".weight"): part for name, part in tensors.read(file).items()}
    found.setdefault("lm_head", found["model.embed_tokens"])
    return {name: np.ascontiguousarray(part, np.float32) for name, part in found.items()}


def _merged(weights: dict[str, Array], adapter: Adapter | None) -> dict[str, Array]:
    if adapter:
        for name, pair in adapter.pairs.items():
            weights[name] = np.asarray(weights[name] + adapter.scale * (pair.b @ pair.a), np.float32)
    return weights
