"""Rules out of a small model, one after the other, each as soon as it is whole.

The likeliest token each time. What may not come is left out: a second rule of one dimension, and a rule that
was said already. An answer that is no list of rules is asked for once more, by chance this time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from ownhand.trainer import prompt
from ownhand.trainer.backends import answers
from ownhand.trainer.backends.base import ProposedRule
from ownhand.trainer.backends.chat import Form
from ownhand.trainer.base import grammar
from ownhand.trainer.errors import MalformedAnswer
from ownhand.worker.v1 import training_pb2 as pb
from tokenizers import Tokenizer

Scores = NDArray[Any]  # of every token to come next

_MAX_TOKENS = 320
_MAX_RULES = 32  # a mail shows some twenty
_LEFT_FOR_ANSWERS = 160  # tokens of the window that a prompt leaves free
_TEMPERATURE = 0.7  # of the second try


class Engine(Protocol):
    """A base model with its adapter. Gives one answer at a time."""

    tokenizer: Tokenizer
    form: Form
    room: prompt.Room
    embedded: bool
    max_tokens: int
    tally: "Tally"

    def read(self, tokens: Sequence[int]) -> Scores:
        """Begins anew with a prompt; the scores of the token that follows it."""
        ...

    def go_on(self, token: int) -> Scores:
        """The scores of the token after this one."""
        ...


@dataclass
class Tally:
    """How often a model was asked, and answered with something else than rules."""

    asked: int = 0
    malformed: int = 0  # the first time
    failed: int = 0  # the second time too


def decode(engine: Engine, situation: pb.Situation, cancelled: Callable[[], bool]) -> Iterator[ProposedRule]:
    """The rules for one situation. Raises MalformedAnswer when two answers were none."""
    room = engine.max_tokens - min(_LEFT_FOR_ANSWERS, engine.max_tokens // 2)
    question = engine.form.ask(engine.tokenizer, prompt.render(situation, engine.room), room)
    engine.tally.asked += 1
    rules: set[str] = set()
    for dice in (None, np.random.default_rng(len(question))):  # the same question has the same answers
        answer = _Answer(engine, rules, dice)
        yield from answer.rules(question, cancelled)
        if not answer.malformed or cancelled():
            return
        engine.tally.malformed += dice is None
    engine.tally.failed += 1
    raise MalformedAnswer(engine.tally.failed, engine.tally.asked)


def n_common(seen: Sequence[int], tokens: Sequence[int]) -> int:
    """How many tokens a prompt need not read again, since what was read last begins with them.

    Never all: to say what follows the last one, an engine must read it.
    """
    most = min(len(seen), len(tokens) - 1)
    return next((n for n in range(most) if seen[n] != tokens[n]), most)


class _Answer:
    """One try at an answer."""

    def __init__(self, engine: Engine, known: set[str], dice: np.random.Generator | None) -> None:
        self._engine = engine
        self._known = known  # said already, by this answer or the one before
        self._dice = dice
        self._allowed = _Allowed(engine)
        self.malformed = False

    def rules(self, question: Sequence[int], cancelled: Callable[[], bool]) -> Iterator[ProposedRule]:
        """Whole rules, until the end or the first line that is none."""
        log_probability, n_lines, text = 0.0, 0, ""
        for text, gained, ended in self._texts(question, cancelled):
            log_probability += gained
            lines = answers.said(text).split(prompt.END_OF_RULE)
            whole, unfinished = (lines, "") if ended else (lines[:-1], lines[-1])
            for line in map(str.strip, whole[n_lines:]):
                if line and not answers.is_rule(line):
                    self.malformed = True
                    return
                if line and line not in self._known:
                    self._known.add(line)
                    yield ProposedRule(line, log_probability)
                self._allowed.said(line)
                log_probability = 0.0
            n_lines = len(whole)
            self.malformed = answers.is_lost(unfinished)
            if self.malformed or len(self._known) >= _MAX_RULES:
                return
        self.malformed = answers.is_thinking(text)

    def _texts(
        self, question: Sequence[int], cancelled: Callable[[], bool]
    ) -> Iterator[tuple[str, float, bool]]:
        """What was said so far, the logarithm of the last token's probability, and whether it is the end."""
        tokens: list[int] = []
        text = ""
        if cancelled():
            return
        scores = self._engine.read(question)
        while True:
            scores = self._allowed.of(scores, at_start=not text or text.endswith(prompt.END_OF_RULE))
            token, gained = self._chosen(scores)
            ended = token in self._engine.form.ends
            if not ended:
                tokens.append(token)
                text = self._engine.tokenizer.decode(tokens, skip_special_tokens=False)
            yield text, gained, ended
            if ended or cancelled() or len(tokens) >= _MAX_TOKENS:
                return
            scores = self._engine.go_on(token)

    def _chosen(self, scores: Scores) -> tuple[int, float]:
        shares = scores.astype(np.float64) - scores.max()
        shares -= np.log(np.exp(shares).sum())
        if self._dice is None:
            token = int(shares.argmax())
        else:
            hot = np.exp(shares / _TEMPERATURE)
            token = int(self._dice.choice(len(hot), p=hot / hot.sum()))
        return token, float(shares[token])


class _Allowed:
    """Leaves out tokens that would begin a second rule of a dimension; only where a token is a whole rule."""

    def __init__(self, engine: Engine) -> None:
        self._first: dict[int, list[int]] = {}
        if engine.embedded:
            heads = [grammar.GREET, grammar.SIGN_OFF]
            for rule in [rule + prompt.END_OF_RULE for rule in grammar.fixed_rules()] + heads:
                token = engine.tokenizer.token_to_id(rule)
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
        scores = scores.copy()
        scores[self._taken] = -np.inf
        return scores
