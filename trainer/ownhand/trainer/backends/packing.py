"""Examples -> token sequences -> rows without padding.

Several sequences lie in one row one after the other, each with positions that begin at 0: that is what the
attention goes by to keep them apart. Only the completion is learned.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ownhand.trainer import prompt
from ownhand.trainer.backends import chat
from ownhand.trainer.base import grammar
from ownhand.worker.v1 import training_pb2 as pb
from tokenizers import Tokenizer


@dataclass(frozen=True, slots=True)
class Sequence_:
    """Tokens of one example; the last `n_learned` are the completion."""

    tokens: tuple[int, ...]
    n_learned: int


@dataclass(frozen=True, slots=True)
class Row:
    """Sequences end to end, and which places predict a token that counts."""

    tokens: list[int]
    positions: list[int]
    learned: list[int]  # places whose next token is learned
    targets: list[int]  # those tokens
    lengths: list[int]  # of the sequences


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


def rows(sequences: Sequence[Sequence_], max_tokens: int) -> Iterator[Row]:
    """First come, first packed. A sequence longer than a row has one of its own."""
    row = Row([], [], [], [], [])
    for sequence in sequences:
        if row.tokens and len(row.tokens) + len(sequence.tokens) > max_tokens:
            yield row
            row = Row([], [], [], [], [])
        begin = len(row.tokens) + len(sequence.tokens) - sequence.n_learned - 1
        row.lengths.append(len(sequence.tokens))
        row.tokens.extend(sequence.tokens)
        row.positions.extend(range(len(sequence.tokens)))
        row.learned.extend(range(begin, begin + sequence.n_learned))
        row.targets.extend(sequence.tokens[-sequence.n_learned :])
    if row.tokens:
        yield row


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
