"""The invented people that the embedded base is made from."""

import random
from collections import Counter

from ownhand.trainer.backends import packing
from ownhand.trainer.base import grammar, people
from ownhand.trainer.base.vocabulary import whole_tokens
from ownhand.worker.v1 import training_pb2 as pb


def test_the_same_dice_invent_the_same_mail() -> None:
    first, second = (_mails(3, 5) for _ in range(2))

    assert first == second


def test_a_mail_shows_at_most_one_rule_of_each_dimension() -> None:
    for example in _mails(4, 200):
        places = [grammar.dimension_of(rule) for rule in example.rules]
        assert max(Counter(place for place in places if place is not None).values()) == 1


def test_what_a_person_does_hangs_on_the_recipient() -> None:
    mails = _mails(5, 300)
    everyone = _agreement([mails])
    by_recipient: dict[str, list[pb.Example]] = {}
    for example in mails:
        by_recipient.setdefault(example.situation.recipient, []).append(example)

    assert _agreement(list(by_recipient.values())) > everyone + 0.1


def test_whole_tokens_are_whole_lines_or_heads_and_none_twice() -> None:
    tokens = whole_tokens()

    assert len(tokens) == len(set(tokens))
    assert {rule + "\n" for rule in grammar.fixed_rules()} <= set(tokens)


def test_every_pass_takes_every_example_once() -> None:
    examples = [pb.Example(id=str(number)) for number in range(10)]

    taken = [e.id for step in range(5) for e in packing.batch_of(examples, step, size=4, seed=1)]

    assert sorted(taken[:10]) == sorted(taken[10:]) == [str(number) for number in range(10)]
    assert taken[:10] != taken[10:]


def _mails(seed: int, number: int) -> list[pb.Example]:
    dice = random.Random(seed)
    person = people.invent(dice)
    return people.mails(person, number, dice)


def _agreement(groups: list[list[pb.Example]]) -> float:
    """How often a rule stands in another mail of the same group."""
    shares = []
    for group in groups:
        counts = Counter(rule for example in group for rule in example.rules)
        shares += [(counts[rule] - 1) / max(1, len(group) - 1) for e in group for rule in e.rules]
    return sum(shares) / len(shares)
