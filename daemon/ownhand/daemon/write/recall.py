"""Situation -> the nearest originals: the person's own mails that show how they write to such a reader.

They stand beside the rules as examples of style. The same reader counts before the same kind of reader, and
among those the words in common, weighted by how rare they are (tf-idf; Salton & Buckley 1988).
"""

import math
from collections import Counter
from collections.abc import Sequence

from ownhand.daemon import anatomy
from ownhand.daemon.domain import Original, Situation

N_EXAMPLES = 3
_MAX_CHARACTERS = 1200


def recall(originals: Sequence[Original], situation: Situation, n: int = N_EXAMPLES) -> list[Original]:
    """The n nearest originals in the language of the situation, nearest first."""
    letter = situation.letter
    spoken = [o for o in originals if o.letter.language == letter.language and len(o.text) < _MAX_CHARACTERS]
    if not spoken:
        return []
    documents = [Counter(_words(original.text)) for original in spoken]
    rarity = _rarity(documents)
    asked = Counter(_words(" ".join((letter.subject, *situation.points))))

    def nearness(pair: tuple[Original, Counter[str]]) -> tuple[bool, bool, float, float]:
        original, document = pair
        theirs = original.letter
        same = theirs.recipient.address.lower() == letter.recipient.address.lower()
        return (
            same,
            theirs.kind == letter.kind,
            _cosine(asked, document, rarity),
            original.sent_at.timestamp(),
        )

    ranked = sorted(zip(spoken, documents, strict=True), key=nearness, reverse=True)
    return [original for original, _ in ranked[:n]]


def _words(text: str) -> list[str]:
    return [word.lower() for word in anatomy.words(text) if len(word) > 2]


def _rarity(documents: Sequence[Counter[str]]) -> dict[str, float]:
    seen = Counter(word for document in documents for word in document)
    return {word: math.log((1 + len(documents)) / n) for word, n in seen.items()}


def _cosine(a: Counter[str], b: Counter[str], rarity: dict[str, float]) -> float:
    shared = sum(a[w] * b[w] * rarity.get(w, 0.0) ** 2 for w in a if w in b)
    norm = math.hypot(*(n * rarity.get(w, 0.0) for w, n in a.items())) * math.hypot(
        *(n * rarity.get(w, 0.0) for w, n in b.items())
    )
    return shared / norm if norm else 0.0
