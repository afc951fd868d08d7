"""The adapter that a training goes on from, if it fits."""

import sys
from pathlib import Path

from ownhand.trainer import manifest
from ownhand.trainer.adapters import peft
from ownhand.trainer.backends import base_model
from ownhand.trainer.backends.course import Recipe
from ownhand.trainer.errors import AdapterMismatch, TrainerError
from ownhand.worker.v1 import training_pb2 as pb


def of(job: pb.TrainingJob, recipe: Recipe) -> pb.AdapterManifest | None:
    """None where none is named, and where that one no longer fits: it is then a training from the base."""
    if not job.continue_from:
        return None
    folder = Path(job.continue_from)
    try:
        made = manifest.check(
            folder,
            base_model=job.base_model,
            base_hash=base_model.hash_of(job.base_model),
            backend="torch",
            weights=folder / peft.WEIGHTS,
        )
        if (made.rank, made.alpha) != (recipe.rank, recipe.alpha):
            raise AdapterMismatch([f"its rank is {made.rank}, its alpha {made.alpha}"])
    except TrainerError as exc:
        print("begun anew, not from the agent before:", exc, file=sys.stderr)
        return None
    return made
