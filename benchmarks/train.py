"""How quickly the trainer learns, and in how much memory, beside others: `make bench-train`.

Completion tokens per second of processor time, of all steps but the first; the best of the rounds, which take
turns. Bases have random weights, samples are invented: lengths spread as those of mail, about 230 tokens, the
first 48 of them the same system prompt, a good half learned. All start from the same LoRA and see the samples
in the same order, but for TRL's packing, which sorts them, and for mlx-lm, which shuffles: the losses beside
the table show that the others compute the same. A trainer that is not installed is named, and left out.
"""

import argparse
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ownhand.trainer.backends import base_model

TRAINERS = Path(__file__).with_name("trainers.py")


@dataclass(frozen=True, slots=True)
class Shape:
    """A base with random weights, and what is trained on it."""

    name: str
    config: dict[str, int]
    batch: int  # examples a step
    steps: int
    rounds: int
    trainers: tuple[str, ...]
    qwen: bool = False


_SYSTEM = 48  # tokens: the system prompt that all examples of ours begin with
TORCH = ("ours", "transformers", "trl", "trl-packing")
SHAPES = (
    Shape(
        "tiny: Llama, 4 layers of 256",
        dict(vocab_size=4096, hidden_size=256, intermediate_size=688, num_hidden_layers=4,
             num_attention_heads=4, num_key_value_heads=4),
        batch=8, steps=8, rounds=3, trainers=TORCH,
    ),
    Shape(
        "0.5B: Qwen2, 24 layers of 896",
        dict(vocab_size=151936, hidden_size=896, intermediate_size=4864, num_hidden_layers=24,
             num_attention_heads=14, num_key_value_heads=2),
        batch=4, steps=3, rounds=1, trainers=("ours", "transformers"), qwen=True,
    ),
    Shape(
        "for mlx on a CPU: Llama, 2 layers of 128",
        dict(vocab_size=1024, hidden_size=128, intermediate_size=344, num_hidden_layers=2,
             num_attention_heads=4, num_key_value_heads=4),
        batch=8, steps=8, rounds=2, trainers=("ours-mlx", "mlx-lm"),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """What a trainer told of one run."""

    tokens_per_s: float
    peak_mib: float
    losses: tuple[float, ...]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--peers", type=Path, help="the python that has TRL; without it, ours and what is here"
    )
    parser.add_argument("--quick", action="store_true", help="the tiny shapes alone, one round, one thread")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="oh-") as folder:
        for number, shape in enumerate(SHAPES):
            if told.quick and shape.qwen:
                continue
            model = Path(folder, str(number))
            save(shape, model)
            for threads in (1,) if told.quick else (1, 2):
                show(
                    shape,
                    threads,
                    measure(shape, model, threads, told.peers, 1 if told.quick else shape.rounds),
                )
            shutil.rmtree(model)
    return 0


def save(shape: Shape, folder: Path) -> None:
    """Weights, a tokenizer, and the samples beside them."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.manual_seed(0)
    config, model = (Qwen2Config, Qwen2ForCausalLM) if shape.qwen else (LlamaConfig, LlamaForCausalLM)
    made = config(**shape.config, max_position_embeddings=4096, tie_word_embeddings=True, eos_token_id=0)
    model(made).to(torch.bfloat16 if shape.qwen else torch.float32).save_pretrained(folder)
    shutil.copy(base_model.folder_of(base_model.EMBEDDED) / "tokenizer.json", folder)
    Path(folder, "samples.json").write_text(json.dumps(samples(shape)))


def samples(shape: Shape) -> list[tuple[list[int], int]]:
    """All begin alike; 55 % of each is learned."""
    drawn, dice = lengths(shape.batch * shape.steps)

    def tokens(number: int) -> list[int]:
        return [dice.randrange(5, shape.config["vocab_size"]) for _ in range(number)]

    system = tokens(_SYSTEM)
    return [(system + tokens(length - _SYSTEM), int(0.55 * length)) for length in drawn]


def lengths(number: int) -> tuple[list[int], random.Random]:
    """Lognormal, 112 to 512 tokens, and the dice that drew them."""
    dice = random.Random(3)
    drawn = [math.exp(dice.gauss(math.log(214) - 0.18, 0.6)) for _ in range(number)]
    return [int(min(512, max(112, length))) for length in drawn], dice


def measure(shape: Shape, model: Path, threads: int, peers: Path | None, rounds: int) -> dict[str, list[Run]]:
    runs: dict[str, list[Run]] = {name: [] for name in shape.trainers}
    for _ in range(rounds):
        for name in shape.trainers:
            if name.startswith("trl") and not peers:
                continue
            if run := _run(peers if name.startswith("trl") else None, name, shape, model, threads):
                runs[name].append(run)
    return runs


def _run(peers: Path | None, name: str, shape: Shape, model: Path, threads: int) -> Run | None:
    words = [str(peers or sys.executable), str(TRAINERS), name, str(model), str(model / "samples.json")]
    words += ["--batch", str(shape.batch), "--threads", str(threads)]
    environ = os.environ | {
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": str(threads),
        "TOKENIZERS_PARALLELISM": "false",
    }
    done = subprocess.run(words, capture_output=True, text=True, env=environ, check=False)
    if done.returncode:
        print(f"{name} could not run: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    told = json.loads(done.stdout.strip().splitlines()[-1])
    return Run(told["tokens_per_s"], told["peak_mib"], tuple(told["losses"]))


def show(shape: Shape, threads: int, runs: dict[str, list[Run]]) -> None:
    print(f"\n{shape.name}, batches of {shape.batch}, {threads} thread{'s' * (threads > 1)}")
    print(f"{'':14} {'tokens/CPU s':>12} {'ours is':>8} {'MiB':>6}   losses")
    own = runs[shape.trainers[0]]
    for name, several in runs.items():
        if not several or not own:
            print(f"{name:14} {'-':>12}")
            continue
        best = max(run.tokens_per_s for run in several)
        times = max(run.tokens_per_s for run in own) / best
        peak = min(run.peak_mib for run in several)
        print(f"{name:14} {best:12.0f} {times:7.1f}x {peak:6.0f}   {_curve(several[0].losses)}", flush=True)


def _curve(losses: Sequence[float]) -> str:
    return " ".join(f"{loss:.3f}" for loss in losses)


if __name__ == "__main__":
    sys.exit(main())
