"""One trainer on given samples, in a process of its own that train.py or gpu.py starts; prints JSON.

All have the same base in the same precision, the same fresh LoRA (rank 16, all linear layers), learning rate,
and order of samples, as far as they can be told to. The first step warms up and is not timed.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

RANK, ALPHA, RATE = 16, 32, 1e-3
LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
_PACKED = 2048  # tokens a row, with TRL

Samples = Sequence[tuple[list[int], int]]  # tokens, and how many at the end are learned


@dataclass
class Watch:
    """Time and completion tokens of all steps but the first. With a GPU the time is the clock's."""

    device: str = "cpu"
    losses: list[float] = field(default_factory=list)
    n_tokens: int = 0
    began: float = 0.0
    seconds: float = 0.0

    def step(self, n_tokens: int, loss: float | None = None) -> None:
        """A step is over."""
        now = self._now()
        if self.began:
            self.n_tokens += n_tokens
            self.seconds = now - self.began
        else:
            self.began = now
        if loss is not None:
            self.losses.append(loss)

    def peak_mib(self) -> float:
        """Of the process, or of the GPU."""
        if self.device == "cuda":
            import torch

            return torch.cuda.max_memory_allocated() / 2**20
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / (2**20 if sys.platform == "darwin" else 1024)

    def _now(self) -> float:
        if self.device == "cpu":
            return time.process_time()
        import torch

        torch.cuda.synchronize()
        return time.monotonic()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("trainer", choices=TRAINERS)
    parser.add_argument("model", type=Path)
    parser.add_argument("samples", type=Path)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--precision", choices=("float32", "bfloat16", "nf4"), default="float32")
    told = parser.parse_args()
    samples = json.loads(told.samples.read_text())
    watch = Watch(told.device)
    TRAINERS[told.trainer](told, samples, watch)
    speed = watch.n_tokens / watch.seconds
    print(json.dumps({"tokens_per_s": speed, "peak_mib": watch.peak_mib(), "losses": watch.losses}))


def batches(samples: Samples, size: int) -> Iterator[Samples]:
    return (samples[begin : begin + size] for begin in range(0, len(samples), size))


# --- ours ------------------------------------------------------------------------------------------


def ours(told: argparse.Namespace, samples: Samples, watch: Watch) -> None:
    """The backend's model, rows, loss and optimizer; its loop without checkpoints and held-out mail."""
    import torch
    from ownhand.trainer.backends import attention, packing, placement, small_model

    width_of = json.loads((told.model / "config.json").read_text())["hidden_size"]
    how = replace(
        next(placement.ways(told.device, "float32", width_of, quantises=False)), precision=told.precision
    )
    small = small_model.load_base(str(told.model), threads=told.threads, how=how)
    small.add_adapter(rank=RANK, alpha=ALPHA, seed=1)
    weights = list(small.trainable().values())
    optimizer = torch.optim.AdamW(weights, lr=RATE, weight_decay=0.0, fused=True)
    small.model.train()
    shared = attention.shares(small.model.config)
    for batch in batches(samples, told.batch):
        sequences = [packing.Sequence_(tuple(tokens), n_learned) for tokens, n_learned in batch]
        n_learned = sum(sequence.n_learned for sequence in sequences)
        total = 0.0
        optimizer.zero_grad(set_to_none=True)
        for row in packing.rows(sequences, how.row_tokens, shared=shared):
            loss = small.row_loss(row) / n_learned
            loss.backward()
            total += loss.item()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        watch.step(n_learned, total)


def ours_mlx(told: argparse.Namespace, samples: Samples, watch: Watch) -> None:
    import mlx.core as mx
    import mlx.nn as nn
    from mlx import optimizers
    from mlx.utils import tree_map
    from ownhand.trainer.backends import mlx_model, mlx_rows, packing

    small = mlx_model.load_base(str(told.model))
    small.add_adapter(rank=RANK, alpha=ALPHA, seed=1)
    gradient = nn.value_and_grad(small.model, lambda row: mlx_rows.loss(small.model, row))
    optimizer = optimizers.AdamW(RATE, weight_decay=0.0, bias_correction=True)
    for batch in batches(samples, told.batch):
        sequences = [packing.Sequence_(tuple(tokens), n_learned) for tokens, n_learned in batch]
        n_learned, total, summed = sum(s.n_learned for s in sequences), 0.0, None
        for row in packing.rows(sequences, mlx_model.ROW_TOKENS):
            loss, gradients = gradient(row)
            summed = gradients if summed is None else tree_map(mx.add, summed, gradients)
            mx.eval(loss, summed)
            total += loss.item() / n_learned
        clipped, _ = optimizers.clip_grad_norm(tree_map(lambda g: g / n_learned, summed), 1.0)  # noqa: B023
        optimizer.update(small.model, clipped)
        mx.eval(small.trainable(), optimizer.state)
        watch.step(n_learned, total)


# --- the peers -------------------------------------------------------------------------------------


def hugging_face(told: argparse.Namespace, samples: Samples, watch: Watch) -> None:
    """The Trainer of transformers; each batch is padded to its longest."""
    import torch
    import transformers

    def padded(batch: list[dict[str, Any]]) -> dict[str, Any]:
        longest = max(len(one["input_ids"]) for one in batch)
        rows = [(one["input_ids"], one["n_learned"], longest - len(one["input_ids"])) for one in batch]
        return {
            "input_ids": torch.tensor([ids + [0] * pad for ids, _, pad in rows]),
            "attention_mask": torch.tensor([[1] * len(ids) + [0] * pad for ids, _, pad in rows]),
            "labels": torch.tensor(
                [[-100] * (len(ids) - n) + ids[-n:] + [-100] * pad for ids, n, pad in rows]
            ),
        }

    settings = transformers.TrainingArguments(
        output_dir=str(told.model / "out"), per_device_train_batch_size=told.batch,
        remove_unused_columns=False, **_common(told),
    )  # fmt: skip
    rows = [{"input_ids": ids, "n_learned": n} for ids, n in samples]
    trainer = _watched(transformers.Trainer, watch)(
        model=_peft_model(told), args=settings, train_dataset=rows, data_collator=padded
    )
    trainer.train()


def trl(told: argparse.Namespace, samples: Samples, watch: Watch) -> None:
    """SFTTrainer as it is without being told anything: it pads, and computes activations twice."""
    _sft(told, samples, watch, per_device_train_batch_size=told.batch, max_length=None)


def trl_packing(told: argparse.Namespace, samples: Samples, watch: Watch) -> None:
    _sft(told, samples, watch, per_device_train_batch_size=1, packing=True, max_length=_PACKED)


def unsloth(told: argparse.Namespace, samples: Samples, watch: Watch) -> None:
    """On a GPU alone: its own kernels under SFTTrainer."""
    from unsloth import FastLanguageModel

    model, _ = FastLanguageModel.from_pretrained(
        str(told.model), max_seq_length=512, load_in_4bit=told.precision == "nf4"
    )
    model = FastLanguageModel.get_peft_model(
        model, r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules=LINEAR, random_state=1
    )
    _sft(told, samples, watch, model, per_device_train_batch_size=told.batch, max_length=512)


def mlx_lm(told: argparse.Namespace, samples: Samples, watch: Watch) -> None:
    """mlx_lm.lora's own trainer, batches and loss, with --mask-prompt."""
    import mlx.core as mx
    from mlx import optimizers
    from mlx_lm.tuner import datasets, trainer, utils
    from ownhand.trainer.backends import mlx_base

    model = mlx_base.load(told.model, exact=False)
    model.freeze()
    mx.random.seed(1)
    keys = [name for name, _ in model.layers[0].named_modules() if name.rpartition(".")[2] in LINEAR]
    config = {"rank": RANK, "scale": ALPHA / RANK, "dropout": 0.0, "keys": keys}
    utils.linear_to_lora_layers(model, len(model.layers), config)

    class Told(trainer.TrainingCallback):  # type: ignore[misc]
        def on_train_loss_report(self, info: dict[str, Any]) -> None:
            watch.step(n_learned, info["train_loss"])

    class Rows:
        def __len__(self) -> int:
            return len(samples)

        def __getitem__(self, place: int) -> tuple[list[int], int]:
            return samples[place][0], len(samples[place][0]) - samples[place][1]

        def process(self, row: tuple[list[int], int]) -> tuple[list[int], int]:
            return row

    n_steps = len(samples) // told.batch
    n_learned = sum(n for _, n in samples) // n_steps  # its batches come in an order of its own
    trainer.train(
        model, optimizers.Adam(RATE), datasets.CacheDataset(Rows()), datasets.CacheDataset(Rows()),
        args=trainer.TrainingArgs(
            batch_size=told.batch, iters=n_steps, steps_per_report=1, steps_per_eval=10**9, val_batches=1,
            steps_per_save=10**9, max_seq_length=512, adapter_file=str(told.model / "out.safetensors"),
        ),
        training_callback=Told(),
    )  # fmt: skip


def _sft(told: argparse.Namespace, samples: Samples, watch: Watch, model: Any = None, **more: Any) -> None:
    import tokenizers
    import transformers
    import trl
    from datasets import Dataset

    settings = trl.SFTConfig(
        output_dir=str(told.model / "out"), completion_only_loss=True, dataset_num_proc=None,
        **_common(told), **more,
    )  # fmt: skip
    masks = [[0] * (len(ids) - n) + [1] * n for ids, n in samples]
    rows = Dataset.from_dict({"input_ids": [ids for ids, _ in samples], "completion_mask": masks})
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizers.Tokenizer.from_file(str(told.model / "tokenizer.json"))
    )
    tokenizer.pad_token = tokenizer.eos_token = tokenizer.convert_ids_to_tokens(0)
    trainer = _watched(trl.SFTTrainer, watch)(
        model=model or _peft_model(told), args=settings, train_dataset=rows, processing_class=tokenizer
    )
    trainer.train()


def _common(told: argparse.Namespace) -> dict[str, Any]:
    return {
        "num_train_epochs": 1, "learning_rate": RATE, "lr_scheduler_type": "constant", "weight_decay": 0.0,
        "optim": "adamw_torch_fused", "max_grad_norm": 1.0, "use_cpu": told.device == "cpu", "seed": 1,
        "bf16": told.device == "cuda",
        "logging_steps": 1, "save_strategy": "no", "report_to": "none", "disable_tqdm": True,
        "dataloader_pin_memory": False,
    }  # fmt: skip


def _peft_model(told: argparse.Namespace) -> Any:
    import peft
    import torch
    import transformers

    if told.threads:
        torch.set_num_threads(told.threads)
    width = torch.float32 if told.device == "cpu" else torch.bfloat16
    held: dict[str, Any] = {"dtype": torch.float32 if told.precision == "float32" else width}
    if told.precision == "nf4":
        held["quantization_config"] = transformers.BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=width,
        )  # fmt: skip
    model = transformers.AutoModelForCausalLM.from_pretrained(str(told.model), device_map=told.device, **held)
    model.requires_grad_(False)
    torch.manual_seed(1)
    config = peft.LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=LINEAR, task_type="CAUSAL_LM")
    return peft.get_peft_model(model, config)


def _watched(trainer: type, watch: Watch) -> type:
    """It takes the samples in their order, and tells of each step."""

    class Watched(trainer):  # type: ignore[misc]
        n_learned = 0

        def _get_train_sampler(self, *arguments: Any) -> Any:
            import torch

            return torch.utils.data.SequentialSampler(self.train_dataset)

        def training_step(self, model: Any, inputs: dict[str, Any], *arguments: Any, **named: Any) -> Any:
            self.n_learned = int((inputs["labels"] != -100).sum())
            return super().training_step(model, inputs, *arguments, **named)

        def log(self, logs: dict[str, float], *arguments: Any, **named: Any) -> None:
            if "loss" in logs:
                watch.step(self.n_learned, logs["loss"])

    return Watched


TRAINERS: dict[str, Callable[[argparse.Namespace, Samples, Watch], None]] = {
    "ours": ours,
    "ours-mlx": ours_mlx,
    "transformers": hugging_face,
    "trl": trl,
    "trl-packing": trl_packing,
    "unsloth": unsloth,
    "mlx-lm": mlx_lm,
}

if __name__ == "__main__":
    main()
