"""The base models that we know and have a word for. Data, and what follows from the shape of a model.

Shapes are those of the models' config.json, sizes follow from them. Licences as of 2026-11; what the hub
says when a base is pulled counts.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EMBEDDED = "embedded"
RANK = 16  # of the adapters that are trained


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides how much a model needs. Sizes in weights."""

    layers: int
    hidden: int
    feed_forward: int
    heads: int
    kv_heads: int
    head: int
    vocabulary: int
    tied: bool = True  # the head is the embedding

    @property
    def query(self) -> int:
        return self.heads * self.head

    @property
    def embedding(self) -> int:
        return self.vocabulary * self.hidden * (1 if self.tied else 2)

    @property
    def body(self) -> int:
        """Weights of the layers: what is computed with for each token."""
        kv = self.kv_heads * self.head
        attention = 2 * self.hidden * self.query + 2 * self.hidden * kv
        return self.layers * (attention + 3 * self.hidden * self.feed_forward)

    @property
    def parameters(self) -> int:
        return self.embedding + self.body

    @property
    def adapter(self) -> int:
        """Weights of a LoRA on all linear layers."""
        kv = self.kv_heads * self.head
        ends = 2 * (self.hidden + self.query) + 2 * (self.hidden + kv)
        return self.layers * RANK * (ends + 3 * (self.hidden + self.feed_forward))


@dataclass(frozen=True, slots=True)
class Base:
    """One base model."""

    name: str  # at the hub; a folder; or "embedded"
    shape: Shape
    licence: str
    note: str = ""

    @property
    def download_bytes(self) -> int:
        """About: 16 bits a weight."""
        return 2 * self.shape.parameters


_LLAMA = 'gated: accept the terms at the hub first; what is made with it must be named "Llama ..."; not OSI'
_GEMMA = "gated: accept the terms at the hub first; uses are restricted; not OSI"

TABLE = (
    Base("Qwen/Qwen3-0.6B", Shape(28, 1024, 3072, 16, 8, 128, 151_936), "Apache-2.0"),
    Base("Qwen/Qwen3-1.7B", Shape(28, 2048, 6144, 16, 8, 128, 151_936), "Apache-2.0"),
    Base("Qwen/Qwen3-4B", Shape(36, 2560, 9728, 32, 8, 128, 151_936), "Apache-2.0"),
    Base("HuggingFaceTB/SmolLM3-3B", Shape(36, 2048, 11_008, 16, 4, 128, 128_256), "Apache-2.0"),
    Base("ibm-granite/granite-4.0-350m", Shape(28, 1024, 2048, 16, 4, 64, 100_352), "Apache-2.0"),
    Base("ibm-granite/granite-4.0-1b", Shape(40, 2048, 4096, 16, 4, 128, 100_352), "Apache-2.0"),
    Base("meta-llama/Llama-3.2-1B-Instruct", Shape(16, 2048, 8192, 32, 8, 64, 128_256), "Llama 3.2", _LLAMA),
    Base("meta-llama/Llama-3.2-3B-Instruct", Shape(28, 3072, 8192, 24, 8, 128, 128_256), "Llama 3.2", _LLAMA),
    Base("google/gemma-3-270m-it", Shape(18, 640, 2048, 4, 1, 256, 262_144), "Gemma", _GEMMA),
    Base("google/gemma-3-1b-it", Shape(26, 1152, 6912, 4, 1, 256, 262_144), "Gemma", _GEMMA),
)


def known(name: str) -> Base | None:
    """The base of that name, however its letters are written."""
    return next((base for base in TABLE if base.name.lower() == name.lower()), None)


def shape_of(config: str) -> Shape | None:
    """The shape that a config.json tells; None when it is no dense language model that we can read."""
    try:
        facts = json.loads(config)
        facts = facts.get("text_config", facts)
        return _shape(facts)
    except (ValueError, KeyError, TypeError, AttributeError, ZeroDivisionError):
        return None


def _shape(facts: Mapping[str, Any]) -> Shape:
    heads = int(facts["num_attention_heads"])
    return Shape(
        layers=int(facts["num_hidden_layers"]),
        hidden=int(facts["hidden_size"]),
        # The dense Granite 4.0 calls its only feed-forward part shared.
        feed_forward=int(facts.get("shared_intermediate_size") or facts["intermediate_size"]),
        heads=heads,
        kv_heads=int(facts.get("num_key_value_heads") or heads),
        head=int(facts.get("head_dim") or int(facts["hidden_size"]) // heads),
        vocabulary=int(facts["vocab_size"]),
        tied=bool(facts.get("tie_word_embeddings", True)),
    )
