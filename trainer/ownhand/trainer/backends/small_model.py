"""A base model in memory, with or without an adapter: tokens in, losses and scores out."""

import contextlib
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from ownhand.trainer import prompt
from ownhand.trainer.backends import attention, chat, completion, lora_layer, packing, placement
from ownhand.trainer.backends import base_model as bases
from ownhand.trainer.backends.decoding import Scores, Tally, n_common
from ownhand.trainer.backends.lower import Lower
from ownhand.trainer.backends.placement import Placement
from ownhand.worker.v1 import training_pb2 as pb
from tokenizers import Tokenizer

EMBEDDED = bases.EMBEDDED
_LINEAR = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
_LINEAR_OF_GRANITE = ("input_linear", "output_linear")  # what Granite 4.0 has for the last three
_UNPACKED = {"granitemoehybrid"}  # model types whose masks do not go by positions (transformers 5.23)


class SmallModel:
    """Weights, tokenizer and the way in which examples are put to it."""

    def __init__(
        self,
        model: Any,
        tokenizer: Tokenizer,
        form: chat.Form,
        base_hash: str,
        *,
        embedded: bool,
        how: Placement | None = None,
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.base_hash = base_hash
        self.embedded = embedded
        self.form = form
        self.how = how or Placement()
        self.max_tokens = _max_tokens(model)
        self.tally = Tally()
        self.room = prompt.BRIEF if embedded else prompt.ROOMY
        self.encode = packing.encoder(tokenizer, form.end, self.max_tokens, form)
        self._seen: list[int] = []  # the tokens whose keys and values are kept
        self._kept: Any = None
        self._lower: Lower | None = None

    def add_adapter(self, *, rank: int, alpha: int, seed: int, layers: int = 0) -> None:
        """A fresh LoRA on every linear layer; on the head too where the model is too small without.

        `layers`: of so many of the top layers alone, if it is not 0.
        """
        from peft import LoraConfig, get_peft_model

        torch.manual_seed(seed)
        n_layers = int(self.model.config.num_hidden_layers)
        top = list(range(max(0, n_layers - layers), n_layers)) if layers else None
        with_head = self.embedded and top is None  # peft leaves out what is in no layer
        targets = [*_LINEAR, "lm_head"] if with_head else [*_LINEAR, *_LINEAR_OF_GRANITE]
        config = LoraConfig(
            r=rank, lora_alpha=alpha, target_modules=targets, task_type="CAUSAL_LM", layers_to_transform=top
        )
        with _quiet():
            self.model = get_peft_model(self.model, config)
        lora_layer.fuse(self.model)
        if layers and layers < n_layers:
            self._lower = Lower(self._causal().model.layers, n_layers - layers)
        if self.how.checkpointing:
            self.model.activation_checkpointing_enable({"use_reentrant": False})
        self._forget()

    def begin_from(self, folder: Path) -> None:
        """The weights of a finished adapter of the same shape, into the one that was added."""
        from peft import set_peft_model_state_dict
        from safetensors.torch import load_file

        set_peft_model_state_dict(self.model, load_file(folder / "adapter_model.safetensors"))

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
            ids = self._tensor([tokens])
            out = self.model(input_ids=ids, cache=self._kept, use_cache=True, logits_to_keep=1)
        self._kept = out.cache
        self._seen += tokens
        scores: Scores = out.logits[0, -1].float().cpu().numpy()
        return scores

    def row_loss(self, row: packing.Row) -> Any:
        """Sum over the learned tokens, in nats."""
        self._forget()  # a step of the training follows
        return completion.loss(self._causal(), self._hidden(row), self._tensor(row.targets))

    def rows(
        self, examples: Sequence[pb.Example], rooms: Sequence[prompt.Room] | None = None
    ) -> list[packing.Row]:
        rooms = rooms or [self.room] * len(examples)
        sequences = [self.encode(example, room) for example, room in zip(examples, rooms, strict=True)]
        config = self.model.config
        longest = 1 if config.model_type in _UNPACKED else self.how.row_tokens
        shared = attention.shares(config) and not self._lower  # what that keeps, it keeps by whole sequences
        return list(packing.rows(sequences, longest, shared=shared))

    def loss(self, examples: Sequence[pb.Example]) -> float:
        """Mean over completion tokens, in nats."""
        return self.measure(examples)[1]

    def measure(self, examples: Sequence[pb.Example]) -> tuple[float, float]:
        """The share of completion tokens that are not the likeliest ones, and the mean loss in nats."""
        self.model.eval()
        n_wrong, loss, n_tokens = 0, 0.0, 0
        with torch.inference_mode():
            for row in self.rows(examples):
                wrong, nats = completion.measure(self._causal(), self._hidden(row), self._tensor(row.targets))
                n_wrong, loss, n_tokens = n_wrong + wrong, loss + nats, n_tokens + len(row.targets)
        return n_wrong / n_tokens, loss / n_tokens

    def _hidden(self, row: packing.Row) -> Any:
        """What comes out below the head, at the places that count: the head need not see the others."""
        with self._lower.reading(row) if self._lower else contextlib.nullcontext():
            hidden = self._causal().model(
                input_ids=self._tensor([row.tokens]),
                position_ids=self._tensor([row.positions]),
                use_cache=False,
                segments=row.segments,
            )
        return hidden.last_hidden_state[0][self._tensor(row.learned)]

    def _causal(self) -> Any:
        return self.model.get_base_model() if hasattr(self.model, "get_base_model") else self.model

    def _tensor(self, numbers: Sequence[Any]) -> Any:
        return torch.tensor(numbers, device=self.how.device)


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


def load_base(base_model: str, *, threads: int = 1, how: Placement | None = None) -> SmallModel:
    """A base model without an adapter, held as answers want it, or a training."""
    from transformers import AutoModelForCausalLM

    folder = bases.folder_of(base_model)
    digest = base_hash(base_model)
    if threads:
        torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # what is made is always filled
    attention.register()
    how = how or placement.for_answers()
    model = AutoModelForCausalLM.from_pretrained(
        str(folder), attn_implementation=attention.NAME, local_files_only=True, **_held(how)
    )
    model.requires_grad_(False)
    _widen(model, how)
    _keep_layout(model)
    tokenizer = chat.load_tokenizer(folder)
    form = chat.form_of(folder, tokenizer)
    return SmallModel(model, tokenizer, form, digest, embedded=base_model == EMBEDDED, how=how)


def _held(how: Placement) -> dict[str, Any]:
    """NF4 with double quantisation as in QLoRA (Dettmers et al. 2023)."""
    held: dict[str, Any] = {"device_map": how.device} if how.device != "cpu" else {}
    if how.precision != "nf4":
        return held | {"dtype": getattr(torch, how.precision)}
    from transformers import BitsAndBytesConfig

    four_bits = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=getattr(torch, placement.wide(how.device)),
    )
    return {"device_map": how.device, "dtype": torch.bfloat16, "quantization_config": four_bits}


def _widen(model: Any, how: Placement) -> None:
    """What is not quantised, where 16 bits are slow: the layers then compute in 32.

    Asked for 32 bits, transformers would widen all that it is going to quantise, too, and need the memory.
    """
    if how.precision == "nf4" and (width := placement.wide(how.device)) == "float32":
        for weight in model.parameters():
            if weight.is_floating_point():
                weight.data = weight.data.to(getattr(torch, width))


def _keep_layout(model: Any) -> None:
    """On CPUs with AVX512-BF16, bitsandbytes lays weights out anew, in place, when it first answers.

    That fails where a row is no multiple of its blocks, and a training that goes on after it would read other
    weights.
    """
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False


def base_hash(base_model: str) -> str:
    return bases.hash_of(base_model)


def _max_tokens(model: Any) -> int:
    return min(1024, int(model.config.max_position_embeddings))
