"""LoRA with transformers and peft, on a graphics card or the CPU: trains, loads, measures.

The heavy libraries are imported in functions: to ask for a backend must not cost seconds.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata, util
from pathlib import Path
from typing import Any

from ownhand.trainer import manifest, prompt, scoring
from ownhand.trainer.backends import base_model as bases
from ownhand.trainer.backends.base import ProposedRule, Report, never
from ownhand.trainer.dataset import TrainingSet
from ownhand.trainer.errors import AdapterMismatch
from ownhand.worker.v1 import training_pb2 as pb

_LIBRARIES = ("torch", "transformers", "peft", "tokenizers", "safetensors")
_WEIGHTS = "adapter_model.safetensors"


class TorchGenerator:
    """A base model with one adapter, in memory."""

    def __init__(self, small: Any, made: pb.AdapterManifest) -> None:
        self._small = small  # backends.small_model.SmallModel
        self._manifest = made

    @property
    def manifest(self) -> pb.AdapterManifest:
        return self._manifest

    def propose(
        self, situation: pb.Situation, cancelled: Callable[[], bool] = never
    ) -> Iterator[ProposedRule]:
        from ownhand.trainer.backends.decoding import decode

        return decode(self._small, situation, cancelled)

    def loss(self, examples: Sequence[pb.Example]) -> float:
        return self._small.loss(examples)  # type: ignore[no-any-return]


class TorchBackend:
    """Deterministic: the same job gives the same adapter on the same machine, also when it was cut off."""

    name = "torch"

    def available(self) -> str | None:
        missing = [name for name in _LIBRARIES if util.find_spec(name) is None]
        if missing:
            return f"{', '.join(missing)} must be installed: pip install 'ownhand[torch]'"
        return None

    def train(self, job: pb.TrainingJob, data: TrainingSet, report: Report) -> pb.AdapterManifest:
        from ownhand.trainer.backends import course, lora, parent, placement, small_model

        began = time.monotonic()
        recipe = course.recipe_for(job, embedded=job.base_model == bases.EMBEDDED)
        how = placement.for_training(job, rank=recipe.rank)
        small = small_model.load_base(job.base_model, threads=job.threads, how=how)
        small.add_adapter(rank=recipe.rank, alpha=recipe.alpha, seed=job.seed, layers=recipe.top_layers)
        before = parent.of(job, recipe)
        if before:
            recipe = course.going_on(recipe, job)
            small.begin_from(Path(job.continue_from))
        progress = lora.train(small, recipe, job, data, report, goes_on=before is not None)
        folder = manifest.partial_folder(job)
        small.save_adapter(folder)
        lora.forget_checkpoint(folder)
        held_out = scoring.measure(TorchGenerator(small, pb.AdapterManifest()), data.valid)
        return pb.AdapterManifest(
            agent_id=job.agent_id,
            base_model=job.base_model,
            base_hash=small.base_hash,
            backend=self.name,
            rank=recipe.rank,
            alpha=recipe.alpha,
            training_set_hash=job.training_set_hash,
            prompt_template=prompt.TEMPLATE,
            seed=job.seed,
            n_examples=len(data.train),
            steps=progress.step,
            train_loss=progress.train_loss,
            valid_loss=held_out.loss,
            precision=held_out.precision,
            recall=held_out.recall,
            library_versions={name: metadata.version(name) for name in _LIBRARIES},
            duration_s=time.monotonic() - began,
            weights_hash=manifest.file_hash(folder / _WEIGHTS),
            memory_bytes=lora.most_bytes(small.how.device),
            continued_from=before.agent_id if before else "",
        )

    def load(self, base_model: str, adapter: Path) -> TorchGenerator:
        made = checked(base_model, adapter)
        from ownhand.trainer.backends import small_model

        small = small_model.load_base(base_model)
        small.load_adapter(adapter)
        return TorchGenerator(small, made)


def checked(base_model: str, adapter: Path) -> pb.AdapterManifest:
    """The manifest of an adapter that torch made, if all of it fits. Imports nothing heavy."""
    made = manifest.check(
        adapter,
        base_model=base_model,
        base_hash=bases.hash_of(base_model),
        backend=TorchBackend.name,
        weights=adapter / _WEIGHTS,
    )
    _check_config(adapter, made)
    return made


def _check_config(adapter: Path, made: pb.AdapterManifest) -> None:
    """peft believes its own file: it must say what the manifest says."""
    try:
        config = json.loads((adapter / "adapter_config.json").read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise AdapterMismatch([f"its adapter_config.json cannot be read ({type(exc).__name__})"]) from exc
    problems = [
        f"the {name} should be {wanted} and is {config.get(key)}"
        for name, key, wanted in (("rank", "r", made.rank), ("alpha", "lora_alpha", made.alpha))
        if config.get(key) != wanted
    ]
    if problems:
        raise AdapterMismatch(problems)
