"""Scores of tokens -> rules, one after the other, each as soon as it is whole. Whatever computed the scores.

The likeliest token each time. What may not come is left out: a second rule of one dimension, and a rule that
was said already.
"""

from collections.abc import Callable, Generator, Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from ownhand.trainer import prompt
from ownhand.trainer.backends.base import ProposedRule
from ownhand.trainer.base import grammar
from ownhand.worker.v1 import training_pb2 as pb
from tokenizers import Tokenizer

Scores = NDArray[np.float32]  # of every token of the vocabulary

_MAX_TOKENS = 320
_MAX_RULES = 16


class Speaker(Protocol):
    """A model that reads a prompt and goes on token by token."""

    tokenizer: Tokenizer
    eos: int
    room: prompt.Room
    embedded: bool

    def read(self, tokens: list[int]) -> Scores:
        """Begins anew with a prompt; the scores of the token that follows it."""
        ...

    def go_on(self, token: int) -> Scores:
        """The scores of the token after this one."""
        ...


def rules(speaker: Speaker, situation: pb.Situation, cancelled: Callable[[], bool]) -> Iterator[ProposedRule]:
    """The rules for one situation."""
    said: set[str] = set()
    pending: list[int] = []
    log_probability = 0.0
    allowed = _Allowed(speaker)
    steps = _steps(speaker, prompt.render(situation, speaker.room), cancelled)
    scores = next(steps, None)
    while scores is not None and len(said) < _MAX_RULES:
        scores = allowed.of(scores, at_start=not pending)
        token = int(scores.argmax())
        log_probability += _log_probability(scores, token)
        if token != speaker.eos:
            pending.append(token)
        text = speaker.tokenizer.decode(pending, skip_special_tokens=False)
        if token == speaker.eos or text.endswith(prompt.END_OF_RULE):
            rule = text.strip()
            if rule and rule not in said:
                said.add(rule)
                yield ProposedRule(rule, log_probability)
            allowed.said(rule)
            pending, log_probability = [], 0.0
        scores = None if token == speaker.eos else _next(steps, token)


def _steps(speaker: Speaker, question: str, cancelled: Callable[[], bool]) -> Generator[Scores, int, None]:
    """Is sent tokens, and yields the scores of the next one."""
    if cancelled():
        return
    scores = speaker.read(speaker.tokenizer.encode(question, add_special_tokens=False).ids)
    for _ in range(_MAX_TOKENS):
        token = yield scores
        if cancelled():
            return
        scores = speaker.go_on(token)


def _next(steps: Generator[Scores, int, None], token: int) -> Scores | None:
    try:
        return steps.send(token)
    except StopIteration:
        return None


def _log_probability(scores: Scores, token: int) -> float:
    above = scores.astype(np.float64) - scores.max()
    return min(0.0, float(above[token] - np.log(np.exp(above).sum())))


class _Allowed:
    """Leaves out tokens that would begin a second rule of a dimension; only where a token is a whole rule."""

    def __init__(self, speaker: Speaker) -> None:
        self._first: dict[int, list[int]] = {}
        if speaker.embedded:
            heads = [grammar.GREET, grammar.SIGN_OFF]
            for rule in [rule + prompt.END_OF_RULE for rule in grammar.fixed_rules()] + heads:
                token = speaker.tokenizer.token_to_id(rule)
                place = grammar.dimension_of(rule.strip("\n"))
                if token is not None and place is not None:
                    self._first.setdefault(place, []).append(token)
        self._taken: list[int] = []

    def said(self, rule: str) -> None:
        place = grammar.dimension_of(rule)
        if place is not None:
            self._taken += self._first.get(place, [])

    def of(self, scores: Scores, *, at_start: bool) -> Scores:
        if not at_start or not self._taken:
            return scores
        left: Any = scores.copy()
        left[self._taken] = -np.inf
        return left  # type: ignore[no-any-return]
