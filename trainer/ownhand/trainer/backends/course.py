"""The course of a training, whatever library computes it: what it is made with, how fast, when it ends.

Knows numbers and examples; knows no weights.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ownhand.trainer import prompt
from ownhand.trainer.backends import packing
from ownhand.worker.v1 import training_pb2 as pb

_AVERAGE_OVER = 20  # steps


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one base model is trained with. Lengths of time are in steps."""

    rank: int
    alpha: int
    learning_rate: float
    max_steps: int
    batch_size: int  # examples
    warm_up: int = 10
    measure_every: int = 10
    patience: int = 4  # measurements without a better one
    checkpoint_every: int = 10
    max_norm: float = 1.0
    top_layers: int = 0  # that are adapted; 0 means all


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training is, and how good its best adapter was on held-out mail."""

    step: int = 0
    best_wrong: float = math.inf  # share of completion tokens that were not the likeliest
    best_loss: float = math.inf
    n_worse: int = 0
    train_loss: float = 0.0


def recipe_for(job: pb.TrainingJob, *, embedded: bool) -> Recipe:
    """The defaults that were measured best, where the job does not say otherwise."""
    usual = (
        Recipe(rank=16, alpha=32, learning_rate=2e-3, max_steps=80, batch_size=16)
        if embedded
        else Recipe(rank=16, alpha=32, learning_rate=2e-4, max_steps=300, batch_size=8)
    )
    return Recipe(
        rank=job.rank or usual.rank,
        alpha=job.alpha or usual.alpha,
        learning_rate=job.learning_rate or usual.learning_rate,
        max_steps=job.max_steps or usual.max_steps,
        batch_size=job.batch_size or usual.batch_size,
        checkpoint_every=job.checkpoint_every or usual.checkpoint_every,
        top_layers=job.layers,
    )


def going_on(recipe: Recipe, job: pb.TrainingJob) -> Recipe:
    """For a training that begins with an agent: most is known already.

    A quarter of the steps at half the rate was as good as a training from the base (docs/log.md).
    """
    return replace(
        recipe,
        learning_rate=job.learning_rate or recipe.learning_rate / 2,
        max_steps=job.max_steps or recipe.max_steps // 4,
    )


def goes_on(progress: Progress, recipe: Recipe) -> bool:
    """Until held-out mail says so, and no longer than the recipe."""
    return progress.step < recipe.max_steps and progress.n_worse < recipe.patience


def is_measured(progress: Progress, recipe: Recipe) -> bool:
    return progress.step % recipe.measure_every == 0 or progress.step == recipe.max_steps


def measured(progress: Progress, wrong: float, loss: float) -> Progress:
    """Better by what it says first, then by how surely.

    With a hundred examples the loss rises long before the rules get worse: the agent grows too sure of what
    cannot be foreseen, and by the loss alone it stopped too early.
    """
    if (wrong, loss) < (progress.best_wrong, progress.best_loss):
        return replace(progress, best_wrong=wrong, best_loss=loss, n_worse=0)
    return replace(progress, n_worse=progress.n_worse + 1)


def rate(recipe: Recipe, step: int) -> float:
    """The learning rate of a step: warm-up, then half a cosine down to a tenth."""
    if step < recipe.warm_up:
        return recipe.learning_rate * (step + 1) / recipe.warm_up
    done = (step - recipe.warm_up) / max(1, recipe.max_steps - recipe.warm_up)
    return recipe.learning_rate * (0.1 + 0.45 * (1 + math.cos(math.pi * done)))


def share(step: int) -> float:
    """How much the weights after a step count in their running mean, which is long when there are many."""
    return 1 - min(1 - 1 / _AVERAGE_OVER, (1 + step) / (10 + step))


def batch(
    recipe: Recipe, seed: int, room: prompt.Room, examples: Sequence[pb.Example], step: int
) -> tuple[list[pb.Example], list[prompt.Room]]:
    """The examples of a step and how much of each is shown; depends on nothing but the arguments.

    Where only the top is adapted each is always shown alike: what the layers below make of it is kept.
    """
    chosen = packing.batch_of(examples, step, size=recipe.batch_size, seed=seed)
    if recipe.top_layers:
        return chosen, [packing.gaps(room, _dice_of(example, seed)) for example in chosen]
    dice = random.Random(f"{seed} gaps {step}")
    return chosen, [packing.gaps(room, dice) for _ in chosen]


def _dice_of(example: pb.Example, seed: int) -> random.Random:
    return random.Random(f"{seed} ".encode() + example.SerializeToString(deterministic=True))
