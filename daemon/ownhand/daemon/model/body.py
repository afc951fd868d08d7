"""A mail being written: its sentences, and how they will be laid out. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from ownhand.daemon import anatomy, contractions, lexicon
from ownhand.daemon.model.devices import DEVICES, Words


@dataclass(frozen=True, slots=True)
class Body:
    """A mail being written. Executors of rules take one and give one."""

    sentences: tuple[str, ...]
    language: str
    n_paragraphs: int = 1
    bullets: bool = False
    lower: bool = False  # written in lower case at the end
    kept: frozenset[str] = frozenset()  # marks that a rule asks for: nothing is divided at them

    @property
    def words(self) -> Words:
        return DEVICES.get(self.language, DEVICES["en"])

    @property
    def n_least(self) -> int:
        """How many sentences the layout needs."""
        return max(self.n_paragraphs, 2 if self.bullets else 1)

    def with_sentences(self, *sentences: str) -> "Body":
        return replace(self, sentences=tuple(s for s in sentences if s))

    def with_sentence(self, i: int, sentence: str) -> "Body":
        return self.with_sentences(*self.sentences[:i], sentence, *self.sentences[i + 1 :])

    def keeping(self, mark: str) -> "Body":
        return replace(self, kept=self.kept | {mark})

    @property
    def blocks(self) -> tuple[tuple[str, ...], ...]:
        """The sentences of each paragraph: as even as can be, or what leads to a list and the list."""
        n = min(self.n_paragraphs, len(self.sentences))
        if self.bullets and len(self.sentences) > n:
            lead, listed = self.sentences[: n - 1], self.sentences[n - 1 :]
            return (*((sentence,) for sentence in lead), listed)
        size, longer = divmod(len(self.sentences), n or 1)
        blocks, start = [], 0
        for i in range(n):
            end = start + size + (i < longer)
            blocks.append(self.sentences[start:end])
            start = end
        return tuple(blocks)

    @property
    def text(self) -> str:
        blocks = self.blocks
        if not self.bullets:
            return "\n\n".join(" ".join(block) for block in blocks)
        loose = all(len(block) == 1 for block in blocks)  # too few for a lead: a list with space between
        listed = ["\n".join(f"- {s}" for s in b) if loose or len(b) > 1 else b[0] for b in blocks]
        return "\n\n".join(listed)

    @property
    def mean_words(self) -> float:
        """Words of a sentence on average, as a reader of the finished text counts them."""
        text = self.text.lower() if self.lower else self.text
        lengths = [n for n in (len(anatomy.words(s)) for s in anatomy.sentences(text)) if n]
        return sum(lengths) / len(lengths) if lengths else 0.0


Executor = Callable[[Body, str], Body | None]
"""Carries out a rule's value on a body. Gives the same body where nothing is left to do, and None where the
value is out of reach; what it could do on the way there is kept."""


def is_statement(sentence: str) -> bool:
    """Whether it ends in one full stop: it can take another mark, or go on."""
    return re.search(r"[^.]\.$", sentence) is not None


def statements(body: Body) -> list[int]:
    return [i for i, sentence in enumerate(body.sentences) if is_statement(sentence)]


def without(sentence: str, phrases: tuple[str, ...]) -> str:
    if not phrases:
        return sentence
    pattern = contractions.phrase_pattern(phrases).pattern
    text = re.sub(rf"(?:,\s*)?{pattern}(?:\s*,)?", " ", sentence, flags=re.IGNORECASE)
    text = re.sub(r"\s+([,.?!;:])", r"\1", " ".join(text.split()))
    return text[:1].upper() + text[1:]


def lowered_start(sentence: str, body: Body) -> str:
    """The sentence as it goes on after other words: a function word loses its capital, a name keeps it."""
    first = re.match(r"[^\W\d_]+", sentence)
    if first is None or (body.language == "en" and first[0] == "I"):
        return sentence
    if first[0].isupper() and len(first[0]) > 1:
        return sentence
    known = lexicon.FUNCTION_WORDS.get(body.language, frozenset())
    small = known | body.words.imperatives | body.words.openers
    return sentence[:1].lower() + sentence[1:] if first[0].lower() in small else sentence
