"""Rules out of a small model, one after the other, each as soon as it is whole.

The likeliest token each time. What may not come is left out: a second rule of one dimension, and a rule that
was said already.
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from ownhand.trainer import prompt
from ownhand.trainer.backends.base import ProposedRule
from ownhand.trainer.backends.small_model import SmallModel
from ownhand.trainer.base import grammar
from ownhand.worker.v1 import training_pb2 as pb

_MAX_TOKENS = 320
_MAX_RULES = 32  # a mail shows some twenty


def decode(
    small: SmallModel, situation: pb.Situation, cancelled: Callable[[], bool]
) -> Iterator[ProposedRule]:
    """The rules for one situation."""
    small.model.eval()
    said: set[str] = set()
    pending: list[int] = []
    log_probability = 0.0
    steps = _steps(small, prompt.render(situation, small.room), cancelled)
    allowed = _Allowed(small)
    scores = next(steps, None)
    while scores is not None and len(said) < _MAX_RULES:
        scores = allowed.of(scores, at_start=not pending)
        token = int(scores.argmax())
        log_probability += float(scores.log_softmax(-1)[token])
        if token != small.eos:
            pending.append(token)
        text = small.tokenizer.decode(pending, skip_special_tokens=False)
        if token == small.eos or text.endswith(prompt.END_OF_RULE):
            rule = text.strip()
            if rule and rule not in said:
                said.add(rule)
                yield ProposedRule(rule, log_probability)
            allowed.said(rule)
            pending, log_probability = [], 0.0
        if token == small.eos:
            return
        scores = _next(steps, token)


def _next(steps: Any, token: int) -> Any:
    try:
        return steps.send(token)
    except StopIteration:
        return None


def _steps(small: SmallModel, question: str, cancelled: Callable[[], bool]) -> Any:
    """A generator that is sent tokens and yields the scores of the next one."""
    tokens = small.tokenizer.encode(question, add_special_tokens=False).ids
    cache = None
    for _ in range(_MAX_TOKENS):
        if cancelled():
            return
        with torch.inference_mode():
            out = small.model(input_ids=torch.tensor([tokens]), past_key_values=cache, use_cache=True)
        cache = out.past_key_values
        tokens = [(yield out.logits[0, -1])]


class _Allowed:
    """Leaves out tokens that would begin a second rule of a dimension; only where a token is a whole rule."""

    def __init__(self, small: SmallModel) -> None:
        self._first: dict[int, list[int]] = {}
        if small.embedded:
            heads = [grammar.GREET, grammar.SIGN_OFF]
            for rule in [rule + prompt.END_OF_RULE for rule in grammar.fixed_rules()] + heads:
                token = small.tokenizer.token_to_id(rule)
                place = grammar.dimension_of(rule.strip("\n"))
                if token is not None and place is not None:
                    self._first.setdefault(place, []).append(token)
        self._taken: list[int] = []

    def said(self, rule: str) -> None:
        place = grammar.dimension_of(rule)
        if place is not None:
            self._taken += self._first.get(place, [])

    def of(self, scores: Any, *, at_start: bool) -> Any:
        if not at_start or not self._taken:
            return scores
        return scores.index_fill(0, torch.tensor(self._taken), float("-inf"))
