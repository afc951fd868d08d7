"""Cuts a model's reasoning out of its answer while the answer streams in."""

import re

_TAG = re.compile(r"</?think>")
_TAGS = ("<think>", "</think>")


class WithoutThoughts:
    """Takes pieces as they come, gives what is not between the tags, and keeps the whole of that."""

    def __init__(self) -> None:
        self.whole = ""
        self._held = ""  # may be the beginning of a tag
        self._thinking = False
        self._fresh = False  # only a thought stood here so far: the blank lines after it are not text

    def take(self, piece: str) -> str:
        self._held += piece
        given = ""
        while tag := _TAG.search(self._held):
            given += self._give(self._held[: tag.start()])
            self._held = self._held[tag.end() :]
            if tag[0] == "</think>":
                if not self._thinking:  # the prompt of some servers opens the thought: all so far was one
                    self.whole = ""
                self._fresh = not self.whole.strip()
            self._thinking = tag[0] == "<think>"
        n_safe = len(self._held) - _overlap(self._held)
        given += self._give(self._held[:n_safe])
        self._held = self._held[n_safe:]
        return given

    def rest(self) -> str:
        """What was held back at the end of the answer."""
        held, self._held = self._held, ""
        return self._give(held)

    def _give(self, text: str) -> str:
        if self._thinking:
            return ""
        if self._fresh:
            text = text.lstrip()
            self._fresh = not text
        self.whole += text
        return text


def _overlap(text: str) -> int:
    """The length of the longest end of a text that may be the beginning of a tag."""
    ends = (text[-n:] for n in range(min(len(text), len(_TAGS[1]) - 1), 0, -1))
    return next((len(end) for end in ends if any(tag.startswith(end) for tag in _TAGS)), 0)
