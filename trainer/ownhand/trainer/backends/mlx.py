"""LoRA with mlx-lm, on Apple silicon and, for tests, on Linux: trains, loads, measures.

The heavy libraries are imported in functions: to ask for a backend must not cost seconds.
"""

import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata, util
from pathlib import Path
from typing import Any

from ownhand.trainer import manifest, prompt, scoring
from ownhand.trainer.adapters import peft
from ownhand.trainer.backends import base_model as bases
from ownhand.trainer.backends.base import ProposedRule, Report, never
from ownhand.trainer.dataset import TrainingSet
from ownhand.worker.v1 import training_pb2 as pb

_LIBRARIES = ("mlx", "mlx-lm", "tokenizers", "safetensors")


class MlxGenerator:
    """A base model with one adapter, in memory."""

    def __init__(self, small: Any, made: pb.AdapterManifest) -> None:
        self._small = small  # backends.mlx_model.MlxModel
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


class MlxBackend:
    """Deterministic: the same job gives the same adapter on the same machine, also when it was cut off."""

    name = "mlx"

    def available(self) -> str | None:
        """On Linux `mlx` alone is not enough: without mlx[cpu] it has no library to load."""
        extra = "pip install 'ownhand[mlx]'"
        missing = [name for name in _LIBRARIES if util.find_spec(name.replace("-", "_")) is None]
        if missing:
            return f"{', '.join(missing)} must be installed: {extra}"
        try:
            import mlx.core  # noqa: F401
        except ImportError:
            return f"mlx is installed without a backend for this machine: {extra}"
        return None

    def train(self, job: pb.TrainingJob, data: TrainingSet, report: Report) -> pb.AdapterManifest:
        from ownhand.trainer.backends import course, mlx_lora, mlx_model, parent

        began = time.monotonic()
        base_hash = bases.hash_of(job.base_model)
        small = mlx_model.load_base(job.base_model)
        recipe = course.recipe_for(job, embedded=small.embedded)
        small.add_adapter(rank=recipe.rank, alpha=recipe.alpha, seed=job.seed, layers=recipe.top_layers)
        before = parent.of(job, recipe)
        if before:
            recipe = course.going_on(recipe, job)
            small.begin_from(Path(job.continue_from))
        progress = mlx_lora.train(small, recipe, job, data, report, goes_on=before is not None)
        folder = manifest.partial_folder(job)
        small.save_adapter(folder, alpha=recipe.alpha)
        mlx_lora.forget_checkpoint(folder)
        held_out = scoring.measure(MlxGenerator(small, pb.AdapterManifest()), data.valid)
        return pb.AdapterManifest(
            agent_id=job.agent_id,
            base_model=job.base_model,
            base_hash=base_hash,
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
            weights_hash=manifest.file_hash(folder / peft.WEIGHTS),
            memory_bytes=mlx_lora.most_bytes(),
            continued_from=before.agent_id if before else "",
        )

    def load(self, base_model: str, adapter: Path) -> MlxGenerator:
        made = manifest.check(
            adapter,
            base_model=base_model,
            base_hash=bases.hash_of(base_model),
            backend=self.name,
            weights=adapter / peft.WEIGHTS,
        )
        from ownhand.trainer.backends import mlx_model

        small = mlx_model.load_base(base_model)
        small.load_adapter(adapter)
        return MlxGenerator(small, made)


def is_at_home() -> bool:
    """Whether this is Apple silicon: elsewhere mlx runs, but torch is faster."""
    return sys.platform == "darwin" and platform.machine() == "arm64"
