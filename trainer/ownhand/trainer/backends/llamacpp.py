"""Answers of a hub's base by llama.cpp, on a CPU: with a fifth of torch's memory, rules thrice as fast.

The base is held in 8 bits; adapters are changed at run time. Needs the `cpu` extra; torch answers without it.
"""

import ctypes
import math
import os
import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from ownhand.trainer import prompt
from ownhand.trainer.adapters import gguf, peft
from ownhand.trainer.backends import base_model, chat, gguf_base, packing
from ownhand.trainer.backends.base import ProposedRule, never
from ownhand.trainer.backends.decoding import Scores, Tally, decode, n_common
from ownhand.trainer.errors import NotReady
from ownhand.worker.v1 import training_pb2 as pb

_MAX_TOKENS = 1024  # of a prompt with its answer
_MORE_TOKENS = 256  # of a long answer to a question that fills the window
_MAX_THREADS = 4


class LlamaCppEngine:
    """decoding.Engine over llama.cpp's C interface."""

    def __init__(self, name: str) -> None:
        self._library = _library()
        folder = base_model.folder_of(name)
        self._config = base_model.config_of(name)
        self.name, self.base_hash = name, base_model.hash_of(name)
        self.tokenizer = chat.load_tokenizer(folder)
        self.form = chat.form_of(folder, self.tokenizer)
        self.room, self.embedded = prompt.ROOMY, False
        self.max_tokens = min(_MAX_TOKENS, int(self._config["max_position_embeddings"]))
        self.tally = Tally()
        self._n_scores = int(self._config["vocab_size"])
        self._model, self._context = self._opened(gguf_base.converted(folder))
        weakref.finalize(self, _free, self._library, self._model, self._context)
        self._adapter: object = None
        self._seen: list[int] = []

    def use(self, folder: Path) -> None:
        """Changes the adapter; the base stays where it is."""
        library = self._library
        # Beside the adapter and not in the system's temporary folder: it is made of the person's mail.
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".gguf-") as place:
            gguf.write(Path(place), peft.read(folder), self._config)
            file = os.fsencode(Path(place) / gguf.WEIGHTS)
            adapter = library.llama_adapter_lora_init(self._model, file)
        if not adapter:
            raise NotReady("llama.cpp cannot read the adapter")
        one = (library.llama_adapter_lora_p_ctypes * 1)(adapter)
        if library.llama_set_adapters_lora(self._context, one, 1, (ctypes.c_float * 1)(1.0)):
            raise NotReady("llama.cpp cannot use the adapter")
        if self._adapter:
            library.llama_adapter_lora_free(self._adapter)
        self._adapter = adapter
        self._keep(0)  # what was read was read with another adapter

    def read(self, tokens: Sequence[int]) -> Scores:
        """But for the beginning that a prompt shares with what was read last."""
        common = n_common(self._seen, tokens)
        self._keep(common)
        return self._further(tokens[len(self._seen) :])

    def go_on(self, token: int) -> Scores:
        return self._further([token])

    def losses(self, tokens: Sequence[int], n_learned: int) -> float:
        """Sum over the last tokens, in nats."""
        scores = self.read(tokens[:-n_learned])
        total = 0.0
        for token in tokens[-n_learned:]:
            best = float(scores.max())
            total += best + math.log(float(np.exp(scores - best).sum())) - float(scores[token])
            scores = self.go_on(token)
        return total

    def _further(self, tokens: Sequence[int]) -> Scores:
        library = self._library
        given = (library.llama_token * len(tokens))(*tokens)
        if library.llama_decode(self._context, library.llama_batch_get_one(given, len(tokens))):
            raise NotReady("llama.cpp could not read the question; ask again")
        self._seen += tokens
        scores = library.llama_get_logits_ith(self._context, -1)
        return np.ctypeslib.as_array(scores, (self._n_scores,)).copy()

    def _keep(self, number: int) -> None:
        memory = self._library.llama_get_memory(self._context)
        if not self._library.llama_memory_seq_rm(memory, 0, number, -1):
            self._library.llama_memory_clear(memory, True)
            number = 0
        self._seen = self._seen[:number]

    def _opened(self, path: Path) -> tuple[object, object]:
        library = self._library
        library.llama_backend_init()
        model = library.llama_model_load_from_file(os.fsencode(path), library.llama_model_default_params())
        if not model:
            raise NotReady("llama.cpp cannot read the base model")
        settings = library.llama_context_default_params()
        settings.n_ctx = self.max_tokens + _MORE_TOKENS
        settings.n_batch = self.max_tokens  # the most that is read at once
        settings.n_threads = settings.n_threads_batch = _n_threads()
        settings.swa_full = True  # or a common beginning could not be kept
        context = library.llama_init_from_model(model, settings)
        if not context:
            library.llama_model_free(model)
            raise NotReady("the base model needs more memory than there is; choose a smaller one")
        return model, context


def _n_threads() -> int:
    """Half of the cores at most: its threads wait for one another by spinning, and where another process had
    one of two cores, answers took twenty times as long (2026-11-23).
    """
    return max(1, min(_MAX_THREADS, (os.cpu_count() or 1) // 2))


def _library() -> Any:
    try:
        import llama_cpp
    except (ImportError, OSError, RuntimeError) as exc:  # it loads a library that was built on this machine
        said = (
            f"llama.cpp cannot be loaded ({type(exc).__name__}); install it again: pip install 'ownhand[cpu]'"
        )
        raise NotReady(said) from exc
    llama_cpp.llama_log_set(_silence(llama_cpp), None)
    return llama_cpp


@cache
def _silence(library: Any) -> object:
    """What llama.cpp logs to. Kept for good: it is called by whatever is freed, after its engine is gone."""
    return library.llama_log_callback(lambda *_: None)


def _free(library: Any, model: object, context: object) -> None:
    """Gives the memory back, that of adapters too."""
    library.llama_free(context)
    library.llama_model_free(model)


class LlamaCppGenerator:
    """backends.base.Generator over it."""

    def __init__(self, engine: LlamaCppEngine, made: pb.AdapterManifest) -> None:
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
        """Mean over completion tokens, in nats."""
        engine = self._engine
        encode = packing.encoder(engine.tokenizer, engine.form.end, engine.max_tokens, engine.form)
        sequences = [encode(example, engine.room) for example in examples]
        total = sum(engine.losses(sequence.tokens, sequence.n_learned) for sequence in sequences)
        return total / sum(sequence.n_learned for sequence in sequences)
