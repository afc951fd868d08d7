"""A base model in memory, with or without an adapter: tokens in, losses and scores out."""

import contextlib
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from ownhand.trainer import prompt
from ownhand.trainer.backends import attention, chat, packing
from ownhand.trainer.backends import base_model as bases
from ownhand.trainer.backends.decoding import Scores, Tally, n_common
from ownhand.worker.v1 import training_pb2 as pb
from tokenizers import Tokenizer

EMBEDDED = bases.EMBEDDED
_LINEAR = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
_LINEAR_OF_GRANITE = ("input_linear", "output_linear")  # what Granite 4.0 has for the last three
_UNPACKED = {"granitemoehybrid"}  # model types whose masks do not go by positions (transformers 5.23)
_ROW_TOKENS = 2048  # bounds memory; the time hardly depends on it


class SmallModel:
    """Weights, tokenizer and the way in which examples are put to it."""

    def __init__(
        self, model: Any, tokenizer: Tokenizer, form: chat.Form, base_hash: str, *, embedded: bool
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.base_hash = base_hash
        self.embedded = embedded
        self.form = form
        self.max_tokens = _max_tokens(model)
        self.tally = Tally()
        self.room = prompt.BRIEF if embedded else prompt.ROOMY
        self.encode = packing.encoder(tokenizer, form.end, self.max_tokens, form)
        self._seen: list[int] = []  # the tokens whose keys and values are kept
        self._kept: Any = None

    def add_adapter(self, *, rank: int, alpha: int, seed: int) -> None:
        """A fresh LoRA on every linear layer; on the head too where the model is too small without."""
        from peft import LoraConfig, get_peft_model

        torch.manual_seed(seed)
        targets = [*_LINEAR, "lm_head"] if self.embedded else [*_LINEAR, *_LINEAR_OF_GRANITE]
        config = LoraConfig(r=rank, lora_alpha=alpha, target_modules=targets, task_type="CAUSAL_LM")
        with _quiet():
            self.model = get_peft_model(self.model, config)
        self._forget()

    def load_adapter(self, folder: Path) -> None:
        from peft import PeftModel

        with _quiet():
            self.model = PeftModel.from_pretrained(self.model, str(folder), local_files_only=True)
        self.model.eval()
        self._forget()

    def save_adapter(self, folder: Path) -> None:
        """adapter_config.json and adapter_model.safetensors, as peft and others read them."""
        with _quiet():
            self.model.save_pretrained(str(folder), save_embedding_layers=False)
        (folder / "README.md").unlink(missing_ok=True)  # peft's, and it names a base model that is a path

    def trainable(self) -> dict[str, Any]:
        return {name: weight for name, weight in self.model.named_parameters() if weight.requires_grad}

    def read(self, tokens: Sequence[int]) -> Scores:
        """Reads a prompt, but for the beginning that it shares with what was read last."""
        self.model.eval()
        common = n_common(self._seen, tokens)
        self._kept = _cropped(self._kept, len(self._seen) - common) if common else None
        self._seen = self._seen[:common] if self._kept is not None else []
        return self._further(tokens[len(self._seen) :])

    def go_on(self, token: int) -> Scores:
        return self._further([token])

    def _forget(self) -> None:
        """What was read was read with another adapter."""
        self._kept, self._seen = None, []

    def _further(self, tokens: Sequence[int]) -> Scores:
        with torch.inference_mode():
            out = self.model(
                input_ids=torch.tensor([tokens]), past_key_values=self._kept, use_cache=True, logits_to_keep=1
            )
        self._kept = out.past_key_values
        self._seen += tokens
        scores: Scores = out.logits[0, -1].float().numpy()
        return scores

    def row_loss(self, row: packing.Row) -> Any:
        """Sum over the learned tokens, in nats."""
        self._forget()  # a step of the training follows
        targets = torch.tensor(row.targets)
        return torch.nn.functional.cross_entropy(self._scores(row), targets, reduction="sum")

    def rows(
        self, examples: Sequence[pb.Example], rooms: Sequence[prompt.Room] | None = None
    ) -> list[packing.Row]:
        rooms = rooms or [self.room] * len(examples)
        sequences = [self.encode(example, room) for example, room in zip(examples, rooms, strict=True)]
        packs = self.model.config.model_type not in _UNPACKED
        return list(packing.rows(sequences, _ROW_TOKENS if packs else 1))

    def loss(self, examples: Sequence[pb.Example]) -> float:
        """Mean over completion tokens, in nats."""
        return self.measure(examples)[1]

    def measure(self, examples: Sequence[pb.Example]) -> tuple[float, float]:
        """The share of completion tokens that are not the likeliest ones, and the mean loss in nats."""
        self.model.eval()
        n_wrong, loss, n_tokens = 0, 0.0, 0
        with torch.inference_mode():
            for row in self.rows(examples):
                scores, targets = self._scores(row), torch.tensor(row.targets)
                n_wrong += int((scores.argmax(-1) != targets).sum())
                loss += float(torch.nn.functional.cross_entropy(scores, targets, reduction="sum"))
                n_tokens += len(row.targets)
        return n_wrong / n_tokens, loss / n_tokens

    def _scores(self, row: packing.Row) -> Any:
        """Of every token, at the places that count: the head need not see the others."""
        causal = self.model.get_base_model() if hasattr(self.model, "get_base_model") else self.model
        hidden = causal.model(
            input_ids=torch.tensor([row.tokens]),
            position_ids=torch.tensor([row.positions]),
            use_cache=False,
            lengths=row.lengths,
        ).last_hidden_state[0]
        scores = causal.lm_head(hidden[torch.tensor(row.learned)])
        return scores / getattr(causal.config, "logits_scaling", 1.0)  # of Granite; else none


def _cropped(kept: Any, without: int) -> Any:
    """Keys and values but for the last ones; None where a sliding window moved on."""
    try:
        kept.crop(-without)
    except (RuntimeError, ValueError):
        return None
    return kept


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """peft 0.21 warns of a head that shares its weights with the embedding, which matters only to those who
    merge the adapter, and of a name that it uses itself.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def load_base(base_model: str, *, threads: int = 1) -> SmallModel:
    """A base model without an adapter, in float32: faster than bfloat16 on a CPU without matrix units."""
    from transformers import AutoModelForCausalLM

    folder = bases.folder_of(base_model)
    digest = base_hash(base_model)
    if threads:
        torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # what is made is always filled
    attention.register()
    model = AutoModelForCausalLM.from_pretrained(
        str(folder), dtype=torch.float32, attn_implementation=attention.NAME, local_files_only=True
    )
    model.requires_grad_(False)
    tokenizer = chat.load_tokenizer(folder)
    form = chat.form_of(folder, tokenizer)
    return SmallModel(model, tokenizer, form, digest, embedded=base_model == EMBEDDED)


def base_hash(base_model: str) -> str:
    return bases.hash_of(base_model)


def _max_tokens(model: Any) -> int:
    return min(1024, int(model.config.max_position_embeddings))
