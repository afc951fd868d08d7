"""Makes the embedded base model: `python -m ownhand.trainer.base.make [FOLDER]`.

Deterministic on one kind of machine with one version of torch and one number of threads. The weights that
ship took 1,700 steps and 36 minutes on one core (2026-11-23).
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SEED = 20261123
STEPS = 1700
_WEIGHTS = Path(__file__).with_name("weights")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=_WEIGHTS)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args(argv)
    make(arguments.folder, steps=arguments.steps, threads=arguments.threads)
    return 0


def make(folder: Path, *, steps: int, threads: int) -> None:
    """Tokenizer, weights and configuration, in Hugging Face's format."""
    import torch
    from ownhand.trainer.base.pretrain import Course, pretrain
    from ownhand.trainer.base.vocabulary import EOS, make_tokenizer

    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(SEED)
    tokenizer = make_tokenizer(SEED)
    eos = tokenizer.encode(EOS).ids[0]
    model = new_model(tokenizer.get_vocab_size(), eos)
    began = time.monotonic()

    def report(step: int, loss: float) -> None:
        if step % 20 == 0:
            print(
                f"step {step} loss {loss:.3f} {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True
            )

    pretrain(model, tokenizer, eos, Course(steps), SEED, report)
    folder.mkdir(parents=True, exist_ok=True)
    model.to(torch.bfloat16).save_pretrained(str(folder))
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)


def new_model(n_tokens: int, eos: int) -> Any:
    """A Llama of some two million weights: small enough to be kept beside its source."""
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=n_tokens,
        hidden_size=192,
        intermediate_size=512,
        num_hidden_layers=5,
        num_attention_heads=6,
        num_key_value_heads=6,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=eos,
        pad_token_id=eos,
    )
    return LlamaForCausalLM(config)


if __name__ == "__main__":
    sys.exit(main())
