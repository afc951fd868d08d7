"""The engines that answer, side by side: `make bench-serve`. Time to the first rule, rules a second, memory.

Each engine runs in a process of its own and is led through the same answers, which real agents could have
given: how long a token takes does not hang on which it is, so the weights may be random. Every question is
asked twice: after another mail of the same person, as the worker is asked, and after nothing.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from ownhand.trainer import prompt
from ownhand.trainer.adapters import peft
from ownhand.trainer.adapters.adapter import Adapter, Pair
from ownhand.trainer.backends import base_model
from ownhand.trainer.backends.decoding import n_common
from ownhand.trainer.base import grammar, people
from ownhand.worker.v1 import training_pb2 as pb

# Of Qwen2.5-0.5B.
HALF_BILLION = {
    "vocab_size": 151936, "hidden_size": 896, "intermediate_size": 4864, "num_hidden_layers": 24,
    "num_attention_heads": 14, "num_key_value_heads": 2, "max_position_embeddings": 32768,
    "tie_word_embeddings": True, "rope_theta": 1_000_000.0, "bos_token_id": None, "eos_token_id": 0,
}  # fmt: skip
TEMPLATE = (
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"  # as such models have it
)
ATTENTION, FEED_FORWARD = ("q_proj", "k_proj", "v_proj", "o_proj"), ("gate_proj", "up_proj", "down_proj")
RANK = 16
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=3, help="to the base of half a billion weights")
    parser.add_argument("--slow", action="store_true", help="mlx on it too, outside Apple silicon")
    parser.add_argument("--measure", nargs=4, metavar=("ENGINE", "BASE", "ADAPTER", "QUESTIONS"))
    arguments = parser.parse_args()
    if arguments.measure:
        engine, base, adapter, n_questions = arguments.measure
        print(json.dumps(measure(LOADS[engine], base, Path(adapter), int(n_questions))))
        return 0
    at_home = sys.platform == "darwin"
    with tempfile.TemporaryDirectory(prefix="oh-") as name:
        folder = Path(name)
        heading()
        table("the base that ships", "embedded", folder, ("plain", "torch", "mlx"), 40)
        large = ("torch", "llama.cpp", *(["mlx"] if at_home or arguments.slow else []))
        table("half a billion weights", half_billion(folder / "base"), folder, large, arguments.questions)
    return 0


def table(title: str, base: str, folder: Path, engines: Sequence[str], n_questions: int) -> None:
    adapter = random_adapter(base, folder / f"adapter of {title}")
    print(title)
    for engine in engines:
        if engine == "llama.cpp":
            convert(base)
        words = [sys.executable, __file__, "--measure", engine, base, str(adapter), str(n_questions)]
        done = subprocess.run(words, env=os.environ | ONE_THREAD, capture_output=True, text=True)
        if done.returncode:
            print(f"  {engine:<10} cannot answer here: {done.stderr.strip().splitlines()[-1][:80]}")
        else:
            show(engine, json.loads(done.stdout))


def heading() -> None:
    groups = f"{'after another mail':^29}", f"{'after nothing':^18}"
    print(f"{'':<13}{'load':>7} | {groups[0]} | {groups[1]} | {'rules/':>7}{'MiB':>7}")
    first = f"{'read':>7}{'first rule':>11}{'CPU':>11}", f"{'read':>7}{'CPU':>11}"
    print(f"{'seconds':<13}{'CPU':>7} | {first[0]} | {first[1]} | {'CPU s':>7}{'most':>7}")


def show(engine: str, row: dict[str, float]) -> None:
    kept = f"{row['read']:>7.0f}{row['first']:>11.3f}{row['first_cpu']:>11.3f}"
    anew = f"{row['read_anew']:>7.0f}{row['first_anew']:>11.3f}"
    rest = f"{row['rules_s']:>7.2f}{row['mib']:>7.0f}"
    print(f"  {engine:<11}{row['load']:>7.1f} | {kept} | {anew} | {rest}", flush=True)
    if "switch" in row:
        print(f"  {'':<11}another adapter in {row['switch']:.2f} s")


def convert(base: str) -> None:
    """In a process of its own: the memory that is measured is that of answering."""
    program = (
        "import sys, time; from pathlib import Path; from ownhand.trainer.backends import gguf_base;"
        "began = time.process_time(); size = gguf_base.converted(Path(sys.argv[1])).stat().st_size;"
        "print(f'{time.process_time() - began:.0f} CPU s, {size / 2**20:.0f} MiB on disk')"
    )
    words = [sys.executable, "-c", program, base]
    done = subprocess.run(words, env=os.environ | ONE_THREAD, capture_output=True, text=True)
    print(f"  {'llama.cpp':<11}converts the base once: {done.stdout.strip() or 'not here'}")


# --- one engine ------------------------------------------------------------------------------------


Load = Callable[[str, Path], tuple[Any, dict[str, float]]]


def measure(load: Load, base: str, adapter: Path, number: int) -> dict[str, float]:
    """Medians over questions."""
    began = time.process_time()
    engine, facts = load(base, adapter)
    loaded = time.process_time() - began
    asked = [(_tokens(engine, mail), _answer(engine, mail)) for mail in _mails(number + 1)]
    kept, anew, read = [], [], []
    for (before, _), (question, answer) in pairwise(asked):
        engine.read(before)
        kept.append(_led(engine, question, answer))
        engine.read(question[-2:])  # has nothing in common with it
        anew.append(_led(engine, question, answer))
        read.append((len(question) - n_common(before, question), len(question)))
    first, first_cpu, rule = np.median(kept, axis=0)
    facts |= {"load": loaded, "first": first, "first_cpu": first_cpu, "rules_s": 1 / rule, "mib": _most_mib()}
    facts["read"], facts["read_anew"] = np.median(read, axis=0)
    return facts | {"first_anew": np.median(anew, axis=0)[1]}


def _led(engine: Any, question: list[int], answer: list[list[int]]) -> tuple[float, float, float]:
    """Seconds to the end of the first rule, by the clock and of the CPU; CPU seconds for each other rule."""
    began, began_cpu = time.perf_counter(), time.process_time()
    engine.read(question)
    for token in answer[0]:
        engine.go_on(token)
    first, first_cpu = time.perf_counter() - began, time.process_time() - began_cpu
    for token in (token for rule in answer[1:] for token in rule):
        engine.go_on(token)
    return first, first_cpu, (time.process_time() - began_cpu - first_cpu) / (len(answer) - 1)


def _mails(number: int) -> list[pb.Example]:
    dice = random.Random(7)
    person = people.invent(dice)
    mails = people.mails(person, 80 + 10 * number, dice)[80:]
    return [mail for mail in mails if len(mail.rules) > 3][:number]


def _tokens(engine: Any, mail: pb.Example) -> list[int]:
    text = prompt.render(mail.situation, engine.room)
    tokens: list[int] = engine.form.ask(engine.tokenizer, text, engine.max_tokens - 160)
    return tokens


def _answer(engine: Any, mail: pb.Example) -> list[list[int]]:
    """The tokens of each of its first rules; a base of half a billion takes seconds for one."""
    rules = grammar.in_order(mail.rules)[:6]
    return [
        engine.tokenizer.encode(rule + prompt.END_OF_RULE, add_special_tokens=False).ids for rule in rules
    ]


def _most_mib() -> float:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 2**10


def _plain(base: str, adapter: Path) -> tuple[Any, dict[str, float]]:
    from ownhand.trainer.backends.plain import PlainEngine

    return PlainEngine(base_model.folder_of(base), peft.read(adapter)), {}


def _torch(base: str, adapter: Path) -> tuple[Any, dict[str, float]]:
    from ownhand.trainer.backends.small_model import load_base

    small = load_base(base)
    small.load_adapter(adapter)
    return small, {}


def _mlx(base: str, adapter: Path) -> tuple[Any, dict[str, float]]:
    from ownhand.trainer.backends.mlx_model import load_base

    model = load_base(base)
    model.load_adapter(adapter)
    return model, {}


def _llamacpp(base: str, adapter: Path) -> tuple[Any, dict[str, float]]:
    from ownhand.trainer.backends.llamacpp import LlamaCppEngine

    engine = LlamaCppEngine(base)
    engine.use(adapter)
    began = time.process_time()
    engine.use(adapter)
    return engine, {"switch": time.process_time() - began}


LOADS = {"plain": _plain, "torch": _torch, "mlx": _mlx, "llama.cpp": _llamacpp}

# --- what is asked ---------------------------------------------------------------------------------


def random_adapter(base: str, folder: Path) -> Path:
    """On every linear layer, and on the head of the base that ships, as agents have it."""
    config, dice = base_model.config_of(base), np.random.default_rng(1)
    width, inner = int(config["hidden_size"]), int(config["intermediate_size"])
    size = int(config.get("head_dim") or width // int(config["num_attention_heads"]))
    heads, theirs = (size * int(config[f"num_{kind}_heads"]) for kind in ("attention", "key_value"))
    ends = ((width, heads), (width, theirs), (width, theirs), (heads, width))
    shapes = {f"self_attn.{name}": ends_ for name, ends_ in zip(ATTENTION, ends, strict=True)}
    ends = ((width, inner), (width, inner), (inner, width))
    shapes |= {f"mlp.{name}": ends_ for name, ends_ in zip(FEED_FORWARD, ends, strict=True)}
    n_layers = int(config["num_hidden_layers"])
    named = {f"model.layers.{n}.{name}": ends_ for n in range(n_layers) for name, ends_ in shapes.items()}
    if base == base_model.EMBEDDED:
        named["lm_head"] = (width, int(config["vocab_size"]))

    def matrix(*shape: int) -> Any:
        return (0.01 * dice.standard_normal(shape)).astype(np.float32)

    pairs = {name: Pair(matrix(RANK, into), matrix(out, RANK)) for name, (into, out) in named.items()}
    folder.mkdir()
    peft.write(folder, Adapter(RANK, 2.0, pairs, n_layers))
    return folder


def half_billion(folder: Path) -> str:
    """A base with random weights, as a hub has it; its tokens are those of invented mail."""
    folder.mkdir()
    _save_tokenizer(folder)
    program = (
        "import sys, json, torch; from transformers import AutoConfig, AutoModelForCausalLM;"
        "c = AutoConfig.for_model('qwen2', **json.loads(sys.argv[1]));"
        "torch.set_default_dtype(torch.bfloat16);"
        "AutoModelForCausalLM.from_config(c).save_pretrained(sys.argv[2])"
    )
    words = [sys.executable, "-c", program, json.dumps(HALF_BILLION), str(folder)]
    subprocess.run(words, env=os.environ | ONE_THREAD, check=True, capture_output=True)
    return str(folder)


def _save_tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    dice = random.Random(3)
    mails = [mail for _ in range(40) for mail in people.mails(people.invent(dice), 20, dice)]
    texts = [prompt.render(mail.situation, prompt.ROOMY) + prompt.complete(mail.rules) for mail in mails]
    trainer = trainers.BpeTrainer(
        vocab_size=8000, special_tokens=["<|im_end|>", "<|im_start|>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": TEMPLATE}))


if __name__ == "__main__":
    sys.exit(main())
