"""Examples -> token sequences -> rows without padding.

Several sequences lie in one row, and what some of them have in common at their beginning lies there once.
Each attends to itself and to its own beginning. Only the completion is learned.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ownhand.trainer import prompt
from ownhand.trainer.backends import chat
from ownhand.trainer.base import grammar
from ownhand.worker.v1 import training_pb2 as pb
from tokenizers import Tokenizer

_WORTH_SHARING = 12  # tokens: each segment is a call of its own in the attention


@dataclass(frozen=True, slots=True)
class Sequence_:
    """Tokens of one example; the last `n_learned` are the completion."""

    tokens: tuple[int, ...]
    n_learned: int


@dataclass(frozen=True, slots=True)
class Segment:
    """Tokens that lie together: a sequence, the beginning of several, or what one of those goes on with."""

    begin: int  # place in the row
    length: int
    before: "tuple[Segment, ...]" = ()  # what it goes on from, first things first

    @property
    def position(self) -> int:
        """Of its first token, in the sequence."""
        return sum(segment.length for segment in self.before)


@dataclass(frozen=True, slots=True)
class Row:
    """Segments end to end, and which places predict a token that counts."""

    tokens: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    learned: list[int] = field(default_factory=list)  # places whose next token is learned
    targets: list[int] = field(default_factory=list)  # those tokens
    segments: list[Segment] = field(default_factory=list)  # what is gone on from lies before

    def put(self, tokens: Sequence[int], before: tuple[Segment, ...] = ()) -> Segment:
        segment = Segment(len(self.tokens), len(tokens), before)
        self.tokens.extend(tokens)
        self.positions.extend(range(segment.position, segment.position + len(tokens)))
        self.segments.append(segment)
        return segment

    def learn(self, sequence: Sequence_) -> None:
        """The completion of the sequence whose end was put last."""
        end = len(self.tokens) - 1
        self.learned.extend(range(end - sequence.n_learned, end))
        self.targets.extend(sequence.tokens[-sequence.n_learned :])


Encode = Callable[[pb.Example, prompt.Room], Sequence_]


def encoder(tokenizer: Tokenizer, eos: int, max_tokens: int, form: chat.Form | None = None) -> Encode:
    """How one base model sees an example. Too long prompts lose their beginning, completions never."""
    asked = form or chat.plain(tokenizer, [eos])

    def encode(example: pb.Example, room: prompt.Room) -> Sequence_:
        answer = prompt.complete(grammar.in_order(example.rules))
        learned = [*tokenizer.encode(answer, add_special_tokens=False).ids, eos][:max_tokens]
        text = prompt.render(example.situation, room)
        question = asked.ask(tokenizer, text, max_tokens - len(learned))
        return Sequence_((*question, *learned), len(learned))

    return encode


def rows(sequences: Sequence[Sequence_], max_tokens: int, *, shared: bool = False) -> Iterator[Row]:
    """First come, first packed; a sequence longer than a row has one of its own.

    `shared`: those that begin alike come together, and their beginning lies in a row once.
    """
    ordered = sorted(sequences, key=lambda s: s.tokens) if shared else sequences
    group: list[Sequence_] = []
    size = 0
    for sequence in ordered:
        more = len(sequence.tokens) - (_alike(group[-1], sequence) if shared and group else 0)
        if group and size + more > max_tokens:
            yield _row(group, shared)
            group, size, more = [], 0, len(sequence.tokens)
        group.append(sequence)
        size += more
    if group:
        yield _row(group, shared)


def _row(sequences: Sequence[Sequence_], shared: bool) -> Row:
    row = Row()
    if shared:
        _lay(row, sequences, 0, ())
        return row
    for sequence in sequences:
        row.put(sequence.tokens)
        row.learn(sequence)
    return row


def _lay(row: Row, ordered: Sequence[Sequence_], depth: int, before: tuple[Segment, ...]) -> None:
    """Sequences that have their first `depth` tokens in common, which lie in the row already."""
    for group, common in _groups(ordered, depth):
        if len(group) == 1:
            row.put(group[0].tokens[depth:], before)
            row.learn(group[0])
        else:
            _lay(row, group, common, (*before, row.put(group[0].tokens[depth:common], before)))


def _groups(ordered: Sequence[Sequence_], depth: int) -> Iterator[tuple[list[Sequence_], int]]:
    """Neighbours that share enough beyond `depth`, and up to where all of a group do."""
    group, common = [ordered[0]], 0
    for last, sequence in pairwise(ordered):
        alike = _alike(last, sequence)
        if alike - depth >= _WORTH_SHARING:
            common = min(common or alike, alike)
            group.append(sequence)
        else:
            yield group, common
            group, common = [sequence], 0
    yield group, common


def _alike(one: Sequence_, other: Sequence_) -> int:
    """How many tokens two sequences begin with alike, up to where the completion of either is predicted."""
    most = min(len(s.tokens) - s.n_learned - 1 for s in (one, other))
    pairs = enumerate(zip(one.tokens[:most], other.tokens[:most], strict=True))
    return next((place for place, (a, b) in pairs if a != b), most)


def batch_of(examples: Sequence[pb.Example], step: int, *, size: int, seed: int) -> list[pb.Example]:
    """The examples of one step: passes over all of them, each shuffled anew.

    Depends on nothing but its arguments, so a training that is taken up again needs no memory of it.
    """
    chosen = []
    for number in range(step * size, (step + 1) * size):
        epoch, place = divmod(number, len(examples))
        order = list(range(len(examples)))
        random.Random(f"{seed} {epoch}").shuffle(order)
        chosen.append(examples[order[place]])
    return chosen


def gaps(room: prompt.Room, dice: random.Random) -> prompt.Room:
    """Room for less, by chance: what a mail says must not drown whom it is for.

    Rules hang on the recipient far more than on the words, but words are what tells examples apart, so a
    model that always sees them learns a hundred mails by heart. Facts, the length among them, always show.
    Now and then what the other mails show is missing too: an agent must do without when there is none.
    """
    return prompt.Room(
        subject=0 if dice.random() < 0.7 else room.subject,
        context=0 if dice.random() < 0.8 else room.context,
        points=0 if dice.random() < 0.7 else room.points,
        usual=dice.random() < 0.9,
        with_recipient=dice.random() < 0.8,
        nearest=dice.choice((0, 0, 1, room.nearest, room.nearest)),
    )
