"""The training loop with mlx: packed rows, loss on completions, stop when held-out mail says so.

Everything random comes from the seed and the number of the step, and a checkpoint holds the rest: a training
that was killed ends with the same adapter as one that was not.
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import mlx.core as mx
import mlx.nn as nn
from mlx import optimizers
from mlx.utils import tree_flatten, tree_map, tree_unflatten
from ownhand.trainer import job as jobs
from ownhand.trainer import manifest
from ownhand.trainer.backends import course, foresight, mlx_rows
from ownhand.trainer.backends.base import Report
from ownhand.trainer.backends.course import Progress, Recipe
from ownhand.trainer.backends.mlx_model import MlxModel
from ownhand.trainer.dataset import TrainingSet
from ownhand.worker.v1 import training_pb2 as pb

_CHECKPOINT = "checkpoint.safetensors"

Weights = dict[str, mx.array]
Gradient = Callable[[Any], tuple[mx.array, Any]]


@dataclass
class State:
    """What a training has in memory beside the adapter itself."""

    optimizer: Any
    progress: Progress = field(default_factory=Progress)
    average: Weights = field(default_factory=dict)
    best: Weights = field(default_factory=dict)


def train(
    small: MlxModel,
    recipe: Recipe,
    job: pb.TrainingJob,
    data: TrainingSet,
    report: Report,
    *,
    goes_on: bool = False,
) -> Progress:
    """Leaves the adapter in the model that was best on held-out mail: perhaps that which it went on from."""
    checkpoint = manifest.partial_folder(job) / _CHECKPOINT
    gradient = nn.value_and_grad(small.model, lambda row: mlx_rows.loss(small.model, row))
    duration_s, memory = _foreseen(small, recipe, job.seed, data, gradient)
    state = _resumed(checkpoint, jobs.fingerprint(job), small)
    report.started(_started(recipe, data, state.progress.step, duration_s, memory))
    if goes_on and state.progress.step == 0:
        _average(small.trainable(), state)
        _measure(small, data, state)
    first, began = state.progress.step, time.monotonic()
    while course.goes_on(state.progress, recipe):
        loss = _step(small, recipe, job.seed, data, gradient, state)
        state.progress = replace(state.progress, step=state.progress.step + 1, train_loss=loss)
        _average(small.trainable(), state)
        valid_loss = _measure(small, data, state) if course.is_measured(state.progress, recipe) else 0.0
        step = state.progress.step
        if step % recipe.checkpoint_every == 0:
            _save(checkpoint, jobs.fingerprint(job), small.trainable(), state)
        left_s = (time.monotonic() - began) / (step - first) * (recipe.max_steps - step)
        report.step(pb.TrainingStep(step=step, loss=loss, valid_loss=valid_loss, left_s=left_s))
    _set(small, state.best)
    return state.progress


def forget_checkpoint(folder: Path) -> None:
    (folder / _CHECKPOINT).unlink(missing_ok=True)


def _step(
    small: MlxModel, recipe: Recipe, seed: int, data: TrainingSet, gradient: Gradient, state: State
) -> float:
    """One batch; the loss is the mean over all its completion tokens, however they are packed."""
    step = state.progress.step
    loss, gradients = _gradients(small, recipe, seed, data, gradient, step)
    gradients, _ = optimizers.clip_grad_norm(gradients, recipe.max_norm)
    state.optimizer.learning_rate = course.rate(recipe, step)
    state.optimizer.update(small.model, gradients)
    mx.eval(small.trainable(), state.optimizer.state)
    return loss


def _gradients(
    small: MlxModel, recipe: Recipe, seed: int, data: TrainingSet, gradient: Gradient, step: int
) -> tuple[float, Any]:
    """Of one batch, row by row: only one row's activations are in memory."""
    rows = small.rows(*course.batch(recipe, seed, small.room, data.train, step))
    n_learned = max(1, sum(len(row.targets) for row in rows))
    total, summed = 0.0, None
    for row in rows:
        loss, gradients = gradient(row)
        summed = gradients if summed is None else tree_map(mx.add, summed, gradients)
        mx.eval(loss, summed)
        total += loss.item() / n_learned
    return total, tree_map(lambda one: one / n_learned, summed)


def _average(weights: Weights, state: State) -> None:
    """A running mean of the adapter: with a hundred examples and a high rate the last step is noise."""
    share = course.share(state.progress.step)
    if not state.average:
        state.average = dict(weights)
    for name, weight in weights.items():
        state.average[name] = state.average[name] + share * (weight - state.average[name])
    mx.eval(state.average)


def _measure(small: MlxModel, data: TrainingSet, state: State) -> float:
    """Keeps the averaged adapter if it is the best so far."""
    last = small.trainable()
    _set(small, state.average)
    wrong, loss = small.measure(data.valid)
    _set(small, last)
    state.progress = course.measured(state.progress, wrong, loss)
    if state.progress.n_worse == 0:
        state.best = dict(state.average)
    return loss


def _set(small: MlxModel, weights: Mapping[str, mx.array]) -> None:
    small.model.update(tree_unflatten(list(weights.items())))
    small.forget()


def most_bytes() -> int:
    """That the arrays of this training took so far."""
    return int(mx.get_peak_memory())


# --- what is said beforehand -----------------------------------------------------------------------


def _foreseen(
    small: MlxModel, recipe: Recipe, seed: int, data: TrainingSet, gradient: Gradient
) -> tuple[float, int]:
    """Seconds and bytes at most, from two steps that are not taken: the first one also compiles kernels."""
    mx.reset_peak_memory()
    times = []
    for step in range(2):
        began = time.monotonic()
        _gradients(small, recipe, seed, data, gradient, step)
        times.append(time.monotonic() - began)
    answer_s = foresight.seconds_an_answer(small, data.valid[0])
    adapter = sum(weight.nbytes for weight in small.trainable().values())
    memory = most_bytes() + foresight.COPIES * adapter
    return foresight.seconds(recipe, times[-1], answer_s, len(data.valid)), memory


def _started(
    recipe: Recipe, data: TrainingSet, step: int, duration_s: float, memory: int
) -> pb.TrainingStarted:
    return pb.TrainingStarted(
        backend="mlx",
        device="cpu" if mx.default_device() == mx.cpu else "gpu",
        n_examples=len(data.train),
        max_steps=recipe.max_steps,
        resumed_at_step=step,
        duration_s=duration_s * (1 - step / recipe.max_steps),
        memory_bytes=memory,
    )


# --- checkpoints -----------------------------------------------------------------------------------


def _save(path: Path, fingerprint: str, weights: Weights, state: State) -> None:
    """Replaces the checkpoint whole."""
    parts = {"weights": weights, "average": state.average, "best": state.best}
    arrays = {f"{part}/{name}": array for part, named in parts.items() for name, array in named.items()}
    arrays |= {f"optimizer/{name}": array for name, array in tree_flatten(state.optimizer.state)}
    temporary = path.with_name("checkpoint.tmp.safetensors")  # mlx insists on the ending
    told = {"job": fingerprint, "progress": json.dumps(asdict(state.progress))}
    mx.save_safetensors(str(temporary), arrays, told)
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(path)


def _resumed(path: Path, fingerprint: str, small: MlxModel) -> State:
    """Where an earlier run of the same job was cut off, or the beginning."""
    state = State(optimizers.AdamW(0.0, weight_decay=0.0, bias_correction=True))
    state.optimizer.init(small.model.trainable_parameters())
    if not path.exists():
        return state
    arrays, told = mx.load(str(path), return_metadata=True)
    if told["job"] != fingerprint:
        return state
    parts: dict[str, Weights] = {"weights": {}, "average": {}, "best": {}, "optimizer": {}}
    for name, array in arrays.items():
        part, _, rest = name.partition("/")
        parts[part][rest] = array
    mx.eval(parts)  # before the file is replaced
    _set(small, parts["weights"])
    state.optimizer.state = tree_unflatten(list(parts["optimizer"].items()))
    return State(state.optimizer, Progress(**json.loads(told["progress"])), parts["average"], parts["best"])
