"""Teaches the embedded base what people's rules hang on, from invented people only.

An example carries what the same person's other mails show, as it will for a real person, so the base learns
to weigh habits against the reader and the matter of one mail. What one real person does is later learned by
the adapter.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from ownhand.trainer import prompt
from ownhand.trainer.backends import packing
from ownhand.trainer.base import people


@dataclass(frozen=True, slots=True)
class Course:
    """How much is taught."""

    steps: int
    people: int = 4  # in a step
    mails: int = 6  # of each
    batch: int = 8  # examples that are padded together
    max_tokens: int = 640
    learning_rate: float = 3e-3
    warm_up: int = 50


def pretrain(
    model: Any, tokenizer: Any, eos: int, course: Course, seed: int, report: Callable[[int, float], None]
) -> None:
    """Trains all weights. The learning rate rises, stays, and falls to nothing in the last half."""
    encode = packing.encoder(tokenizer, eos, course.max_tokens)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=course.learning_rate, betas=(0.9, 0.98), weight_decay=0.05
    )
    model.train()
    for step in range(course.steps):
        examples = _examples(encode, course, random.Random(f"{seed} step {step}"))
        for group in optimizer.param_groups:
            group["lr"] = course.learning_rate * _schedule(course, step)
        optimizer.zero_grad(set_to_none=True)
        report(step, _learn(model, examples, course.batch))
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()


def _examples(encode: packing.Encode, course: Course, dice: random.Random) -> list[packing.Sequence_]:
    """Mails of several people, the short ones first."""
    examples = []
    for _ in range(course.people):
        person = people.invent(dice)
        among = int(dice.lognormvariate(3.3, 0.8)) + course.mails
        for mail in people.mails(person, course.mails, dice, among=min(among, 120)):
            examples.append(encode(mail, packing.gaps(prompt.BRIEF, dice)))
    return sorted(examples, key=lambda example: len(example.tokens))


def _learn(model: Any, examples: list[packing.Sequence_], batch: int) -> float:
    """Gradients of the mean loss over all completion tokens; gives that loss."""
    n_learned = sum(example.n_learned for example in examples)
    total = 0.0
    for begin in range(0, len(examples), batch):
        loss = _loss(model, examples[begin : begin + batch]) / n_learned
        loss.backward()
        total += float(loss.detach())
    return total


def _loss(model: Any, examples: list[packing.Sequence_]) -> Any:
    """Padding stands at the end, where a causal model does not see it."""
    longest = max(len(example.tokens) for example in examples)
    tokens = torch.zeros(len(examples), longest, dtype=torch.long)
    labels = torch.full((len(examples), longest), -100)
    for row, example in enumerate(examples):
        n = len(example.tokens)
        tokens[row, :n] = torch.tensor(example.tokens)
        labels[row, n - example.n_learned : n] = tokens[row, n - example.n_learned : n]
    hidden = model.model(input_ids=tokens, use_cache=False).last_hidden_state
    learned = labels[:, 1:] != -100
    scores = model.lm_head(hidden[:, :-1][learned])
    return torch.nn.functional.cross_entropy(scores, labels[:, 1:][learned], reduction="sum")


def _schedule(course: Course, step: int) -> float:
    if step < course.warm_up:
        return (step + 1) / course.warm_up
    falling = course.steps / 2
    return 1.0 if step < falling else max(0.0, (course.steps - step) / (course.steps - falling))
