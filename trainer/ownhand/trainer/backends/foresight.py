"""How long a training will take, from a step that was tried, and what it holds; for every backend."""

import resource
import sys
import time

from ownhand.trainer import prompt
from ownhand.trainer.backends.course import Recipe
from ownhand.trainer.backends.decoding import Engine
from ownhand.worker.v1 import training_pb2 as pb

COPIES = (
    5  # of an adapter, that a training makes after its first step: two moments, the mean, the best, the last
)
_FORWARD = 1 / 3  # of a step is the way forth
_TRIED = 8  # tokens


def seconds(recipe: Recipe, step_s: float, answer_s: float, n_held_out: int) -> float:
    """Of the whole training: all steps, what is measured between them, and the answers at the end."""
    a_measurement = step_s * _FORWARD * n_held_out / recipe.batch_size
    n_measurements = recipe.max_steps / recipe.measure_every
    return recipe.max_steps * step_s + n_measurements * a_measurement + n_held_out * answer_s


def seconds_an_answer(engine: Engine, example: pb.Example) -> float:
    """From a few tokens: an agent that has learned nothing yet may not know where to end."""
    room = engine.max_tokens - _TRIED
    question = engine.form.ask(engine.tokenizer, prompt.render(example.situation, engine.room), room)
    answer = engine.tokenizer.encode(prompt.complete(example.rules), add_special_tokens=False).ids
    began = time.monotonic()
    engine.read(question)
    read_at = time.monotonic()
    for token in answer[:_TRIED]:
        engine.go_on(token)
    a_token = (time.monotonic() - read_at) / max(1, len(answer[:_TRIED]))
    return read_at - began + a_token * len(answer)


def most_resident_bytes() -> int:
    """That this process held so far."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
