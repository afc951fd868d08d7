"""Situation -> the nearest originals: the person's own mails that show how they write to such a reader.

They stand beside the rules as examples of style, and what they show helps the agent. The same reader counts
before the same kind of reader, and among those the words in common, weighted by how rare they are (tf-idf;
Salton & Buckley 1988).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

from ownhand.daemon import anatomy
from ownhand.daemon.domain import Letter, MessageId, Original

N_EXAMPLES = 3
_MAX_CHARACTERS = 1200


class Recall:
    """Originals with their words counted once, for any number of questions."""

    def __init__(self, originals: Sequence[Original]) -> None:
        self._originals = [original for original in originals if len(original.text) < _MAX_CHARACTERS]
        documents = [Counter(_words(original.text)) for original in self._originals]
        seen = Counter(word for document in documents for word in document)
        self._rarity = {word: math.log((1 + len(documents)) / n) for word, n in seen.items()}
        self._norms = [self._norm(document) for document in documents]
        self._holding: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, document in enumerate(documents):
            for word, n in document.items():
                self._holding[word].append((number, n))

    def nearest(
        self,
        letter: Letter,
        points: Sequence[str],
        n: int = N_EXAMPLES,
        *,
        without: Collection[MessageId] = (),
    ) -> list[Original]:
        """The n nearest originals in the language of the letter, nearest first."""
        alike = self._alike(Counter(_words(" ".join((letter.subject, *points)))))
        address = letter.recipient.address.lower()

        def nearness(number: int) -> tuple[bool, bool, float, float]:
            original = self._originals[number]
            theirs = original.letter
            return (
                theirs.recipient.address.lower() == address,
                theirs.kind == letter.kind,
                alike.get(number, 0.0),
                original.sent_at.timestamp(),
            )

        spoken = [
            number
            for number, original in enumerate(self._originals)
            if original.letter.language == letter.language and original.message_id not in without
        ]
        return [self._originals[number] for number in sorted(spoken, key=nearness, reverse=True)[:n]]

    def _alike(self, asked: Counter[str]) -> dict[int, float]:
        """The cosine with each original that shares a word."""
        shared: defaultdict[int, float] = defaultdict(float)
        for word, times in asked.items():
            for number, n in self._holding.get(word, ()):
                shared[number] += times * n * self._rarity[word] ** 2
        norm = self._norm(asked)
        return {
            number: value / (norm * self._norms[number])
            for number, value in shared.items()
            if norm * self._norms[number]
        }

    def _norm(self, document: Counter[str]) -> float:
        return math.hypot(*(n * self._rarity.get(word, 0.0) for word, n in document.items()))


def _words(text: str) -> list[str]:
    return [word.lower() for word in anatomy.words(text) if len(word) > 2]
