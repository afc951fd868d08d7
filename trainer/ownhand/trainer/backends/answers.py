"""What a model says -> rules: one a line, and nothing else.

Strict, because what is no rule has no place in a large model's prompt: no heading, no bullet, no apology.
"""

import re

_MAX_CHARS = 240  # longer than any rule
_THOUGHT = re.compile(r"\s*<think>.*?(</think>|\Z)", re.DOTALL)
# Begins like an imperative sentence, ends like one, and holds at least two words.
_RULE = re.compile(r"[^\W\d_a-z][\w'’-]*[, ].*[.!?]", re.DOTALL)
_FOREIGN = re.compile(r"<\||\|>|</?\w+>|```|[\x00-\x08\x0b-\x1f\x7f�]|\*\*")


def said(text: str) -> str:
    """The answer without a thought at its beginning; empty while that lasts."""
    return _THOUGHT.sub("", text, count=1) if text.lstrip().startswith("<think>") else text


def is_thinking(text: str) -> bool:
    """Whether a thought has begun and not ended."""
    return text.lstrip().startswith("<think>") and "</think>" not in text


def is_rule(line: str) -> bool:
    """Whether a line can be a preference rule."""
    return len(line) <= _MAX_CHARS and _RULE.fullmatch(line) is not None and not _FOREIGN.search(line)


def is_lost(line: str) -> bool:
    """Whether an unfinished line can become none, whatever follows."""
    return len(line) > _MAX_CHARS or _FOREIGN.search(line.rstrip("�")) is not None
