"""LoRA and QLoRA on a GPU, beside TRL and, where it is installed, unsloth: `python benchmarks/gpu.py`.

Bases have random weights in the real shapes of Llama 3; samples are invented, of mixed lengths as mail has
them. Tokens are all tokens, prompts too. MFU is the share of the GPU's 16-bit peak that the model's own
operations are: four a weight and token (two forth, two back; frozen weights have no gradient), the head on
completion tokens alone, whatever a trainer computes besides. Without a GPU nothing is measured and nothing is
guessed. `--rehearse` runs every line on a CPU with a tiny shape, and gives no numbers worth keeping.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

TRAINERS = Path(__file__).with_name("trainers.py")
NAMES = ("ours", "trl", "unsloth")
# The makers' dense peaks in 16 bits, TFLOP/s.
PEAKS = {"B200": 2250, "H200": 989, "H100": 989, "A100": 312, "L40S": 362, "4090": 165, "3090": 71}


@dataclass(frozen=True, slots=True)
class Base:
    """A Llama with random weights."""

    name: str
    precision: str
    layers: int
    hidden: int
    inner: int
    heads: int
    kv_heads: int
    vocabulary: int
    tied: bool

    @property
    def body(self) -> int:
        """Weights of the linear layers."""
        kv = self.hidden * self.kv_heads // self.heads
        return self.layers * self.hidden * (2 * self.hidden + 2 * kv + 3 * self.inner)

    def flops(self, n_tokens: int, n_learned: int) -> float:
        return 4.0 * (self.body * n_tokens + self.vocabulary * self.hidden * n_learned)


BASES = (
    Base("1B, LoRA, bf16", "bfloat16", 16, 2048, 8192, 32, 8, 128256, True),
    Base("8B, QLoRA, NF4", "nf4", 32, 4096, 14336, 32, 8, 128256, False),
)
TINY = (
    Base("tiny, LoRA", "float32", 2, 128, 256, 4, 2, 1024, True),
    Base("tiny, QLoRA", "nf4", 2, 128, 256, 4, 2, 1024, False),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--peers", type=Path, default=Path(sys.executable), help="the python that has the peers"
    )
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--rehearse", action="store_true")
    told = parser.parse_args()
    gpu = gpu_name()
    if not gpu and not told.rehearse:
        print("no GPU here: nothing was measured")
    header = f"{'tokens/s':>10} {'ours is':>8} {'MFU':>6} {'GiB':>6}"
    for base in TINY if told.rehearse else BASES:
        print(f"\n{base.name}, batches of {told.batch}, {gpu or 'no GPU'}\n{'':10} {header}")
        with tempfile.TemporaryDirectory(prefix="oh-") as name:
            runs = measured(base, Path(name), told) if gpu or told.rehearse else {}
        for trainer in NAMES:
            print(line(base, trainer, runs, gpu))
    return 0


def gpu_name() -> str:
    import torch

    return str(torch.cuda.get_device_name()) if torch.cuda.is_available() else ""


def measured(base: Base, folder: Path, told: argparse.Namespace) -> dict[str, dict[str, float]]:
    """By trainer: tokens a second, their share that is learned, and memory. Those that could not run lack."""
    rows = samples(base, told.batch * told.steps)
    save(base, folder, "cpu" if told.rehearse else "cuda")
    (folder / "samples.json").write_text(json.dumps(rows))
    n_tokens, n_learned = sum(len(row) for row, _ in rows), sum(n for _, n in rows)
    runs = {}
    for name in NAMES:
        words = [str(sys.executable if name == "ours" else told.peers), str(TRAINERS), name, str(folder)]
        words += [str(folder / "samples.json"), "--batch", str(told.batch), "--precision", base.precision]
        words += ["--device", "cpu" if told.rehearse else "cuda"]
        environ = os.environ | {"HF_HUB_OFFLINE": "1"}
        done = subprocess.run(words, capture_output=True, text=True, env=environ, check=False)
        if done.returncode:
            print(f"{name} could not run: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
            continue
        said = json.loads(done.stdout.strip().splitlines()[-1])
        speed = said["tokens_per_s"] * n_tokens / n_learned
        runs[name] = {"speed": speed, "learned": n_learned / n_tokens, "mib": said["peak_mib"]}
    return runs


def line(base: Base, trainer: str, runs: dict[str, dict[str, float]], gpu: str) -> str:
    if trainer not in runs:
        return f"{trainer:10} {'-':>10} {'-':>8} {'-':>6} {'-':>6}"
    run, own = runs[trainer], runs.get("ours", runs[trainer])
    peak = next((tflops for part, tflops in PEAKS.items() if part in gpu), None)
    share = mfu(base, run["speed"], run["learned"], peak) if peak else None
    told = f"{share:6.1%}" if share is not None else f"{'-':>6}"
    times, gib = own["speed"] / run["speed"], run["mib"] / 1024
    return f"{trainer:10} {run['speed']:10.0f} {times:7.1f}x {told} {gib:6.1f}"


def mfu(base: Base, tokens_per_s: float, learned: float, peak_tflops: float) -> float:
    """0 to 1; `learned` is the share of the tokens that are."""
    n = round(tokens_per_s)
    return base.flops(n, round(n * learned)) / (peak_tflops * 1e12)


def samples(base: Base, number: int) -> list[tuple[list[int], int]]:
    """Lengths are lognormal, 48 to 512; 55 % of each is learned."""
    from train import lengths

    drawn, dice = lengths(number)
    return [([dice.randrange(5, base.vocabulary) for _ in range(n)], int(0.55 * n)) for n in drawn]


def save(base: Base, folder: Path, device: str) -> None:
    """Weights made where they are quickest made, and a tokenizer."""
    import shutil

    import torch
    from ownhand.trainer.backends import base_model
    from transformers import LlamaConfig, LlamaForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    config = LlamaConfig(
        vocab_size=base.vocabulary, hidden_size=base.hidden, intermediate_size=base.inner,
        num_hidden_layers=base.layers, num_attention_heads=base.heads, num_key_value_heads=base.kv_heads,
        max_position_embeddings=4096, tie_word_embeddings=base.tied, eos_token_id=0,
    )  # fmt: skip
    with torch.device(device):
        torch.set_default_dtype(torch.float32 if base.precision == "float32" else torch.bfloat16)
        model = LlamaForCausalLM(config)
    torch.set_default_dtype(torch.float32)
    model.save_pretrained(folder)
    shutil.copy(base_model.folder_of(base_model.EMBEDDED) / "tokenizer.json", folder)


if __name__ == "__main__":
    sys.exit(main())
