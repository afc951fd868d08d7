"""Teaches the embedded base what people's rules hang on, from invented people only.

A row of it is one person: several mails, each with its rules, so that the model learns to read what this one
person does, and with whom. What one real person does is later learned by the adapter.
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
    rows: int = 8  # in a step
    row_tokens: int = 512
    learning_rate: float = 3e-3
    warm_up: int = 50


def pretrain(
    model: Any, tokenizer: Any, eos: int, course: Course, seed: int, report: Callable[[int, float], None]
) -> None:
    """Trains all weights. The learning rate rises, stays, and falls to nothing in the last third."""
    encode = packing.encoder(tokenizer, eos, course.row_tokens)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=course.learning_rate, betas=(0.9, 0.98), weight_decay=0.05
    )
    model.train()
    for step in range(course.steps):
        dice = random.Random(f"{seed} step {step}")
        rows = [_row(encode, dice, course.row_tokens) for _ in range(course.rows)]
        for group in optimizer.param_groups:
            group["lr"] = course.learning_rate * _schedule(course, step)
        optimizer.zero_grad(set_to_none=True)
        loss = _loss(model, rows)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        report(step, float(loss.detach()))


def _row(encode: packing.Encode, dice: random.Random, row_tokens: int) -> tuple[list[int], list[int]]:
    """Mails of one person, one after the other; -100 where nothing is learned."""
    person = people.invent(dice)
    tokens: list[int] = []
    labels: list[int] = []
    while True:
        sequence = encode(people.mail(person, dice), packing.gaps(prompt.BRIEF, dice))
        if len(tokens) + len(sequence.tokens) > row_tokens:
            padding = row_tokens - len(tokens)
            return tokens + [0] * padding, labels + [-100] * padding
        tokens.extend(sequence.tokens)
        labels.extend([-100] * (len(sequence.tokens) - sequence.n_learned))
        labels.extend(sequence.tokens[-sequence.n_learned :])


def _loss(model: Any, rows: list[tuple[list[int], list[int]]]) -> Any:
    hidden = model.model(
        input_ids=torch.tensor([tokens for tokens, _ in rows]), use_cache=False
    ).last_hidden_state
    labels = torch.tensor([labels for _, labels in rows])[:, 1:]
    learned = labels != -100
    scores = model.lm_head(hidden[:, :-1][learned])
    return torch.nn.functional.cross_entropy(scores, labels[learned])


def _schedule(course: Course, step: int) -> float:
    if step < course.warm_up:
        return (step + 1) / course.warm_up
    falling = course.steps * 2 / 3
    return 1.0 if step < falling else max(0.0, (course.steps - step) / (course.steps - falling))
