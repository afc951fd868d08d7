"""A base model in memory, with or without an adapter: tokens in, losses and scores out."""

import contextlib
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from ownhand.trainer import manifest, prompt
from ownhand.trainer.backends import packing
from ownhand.trainer.errors import NotReady
from ownhand.worker.v1 import training_pb2 as pb
from tokenizers import Tokenizer

EMBEDDED = "embedded"
_EMBEDDED_FOLDER = Path(__file__).parent.parent / "base" / "weights"
_LINEAR = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
_ROW_TOKENS = 512  # attention is dense over a row: 1024 took 1.4 times as long for the same examples


class SmallModel:
    """Weights, tokenizer and the way in which examples are put to it."""

    def __init__(self, model: Any, tokenizer: Tokenizer, base_hash: str, *, embedded: bool) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.base_hash = base_hash
        self.embedded = embedded
        self.eos = _eos(model)
        self.room = prompt.BRIEF if embedded else prompt.ROOMY
        self.encode = packing.encoder(tokenizer, self.eos, _max_tokens(model))

    def add_adapter(self, *, rank: int, alpha: int, seed: int) -> None:
        """A fresh LoRA on every linear layer; on the head too where the model is too small without."""
        from peft import LoraConfig, get_peft_model

        torch.manual_seed(seed)
        targets = [*_LINEAR, "lm_head"] if self.embedded else list(_LINEAR)
        config = LoraConfig(r=rank, lora_alpha=alpha, target_modules=targets, task_type="CAUSAL_LM")
        with _quiet():
            self.model = get_peft_model(self.model, config)

    def load_adapter(self, folder: Path) -> None:
        from peft import PeftModel

        with _quiet():
            self.model = PeftModel.from_pretrained(self.model, str(folder), local_files_only=True)
        self.model.eval()

    def save_adapter(self, folder: Path) -> None:
        """adapter_config.json and adapter_model.safetensors, as peft and others read them."""
        with _quiet():
            self.model.save_pretrained(str(folder), save_embedding_layers=False)
        (folder / "README.md").unlink(missing_ok=True)  # peft's, and it names a base model that is a path

    def trainable(self) -> dict[str, Any]:
        return {name: weight for name, weight in self.model.named_parameters() if weight.requires_grad}

    def row_loss(self, row: packing.Row) -> Any:
        """Sum over the learned tokens, in nats."""
        targets = torch.tensor(row.targets)
        return torch.nn.functional.cross_entropy(self._scores(row), targets, reduction="sum")

    def rows(
        self, examples: Sequence[pb.Example], rooms: Sequence[prompt.Room] | None = None
    ) -> list[packing.Row]:
        rooms = rooms or [self.room] * len(examples)
        sequences = [self.encode(example, room) for example, room in zip(examples, rooms, strict=True)]
        return list(packing.rows(sequences, _ROW_TOKENS))

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
        ).last_hidden_state[0]
        return causal.lm_head(hidden[torch.tensor(row.learned)])


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

    folder = _folder(base_model)
    digest = base_hash(base_model)
    if threads:
        torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    model = AutoModelForCausalLM.from_pretrained(
        str(folder), dtype=torch.float32, attn_implementation="sdpa", local_files_only=True
    )
    model.requires_grad_(False)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    return SmallModel(model, tokenizer, digest, embedded=base_model == EMBEDDED)


def base_hash(base_model: str) -> str:
    """SHA-256 of the weights; of the hashes of the parts if there are several."""
    weights = sorted(_folder(base_model).glob("*.safetensors"))
    if len(weights) == 1:
        return manifest.file_hash(weights[0])
    return manifest.text_hash("".join(manifest.file_hash(part) for part in weights))


def _folder(base_model: str) -> Path:
    folder = _EMBEDDED_FOLDER if base_model == EMBEDDED else Path(base_model)
    missing = [name for name in ("config.json", "tokenizer.json") if not (folder / name).is_file()]
    if not list(folder.glob("*.safetensors")):
        missing.append("*.safetensors")
    if missing:
        raise NotReady(f"the base model is not whole: its folder has no {', no '.join(missing)}")
    return folder


def _eos(model: Any) -> int:
    eos = model.generation_config.eos_token_id
    if eos is None:
        eos = model.config.eos_token_id
    if eos is None:
        raise NotReady("the base model does not say which token ends a text (eos_token_id)")
    return int(eos[0] if isinstance(eos, list) else eos)


def _max_tokens(model: Any) -> int:
    return min(1024, int(model.config.max_position_embeddings))
