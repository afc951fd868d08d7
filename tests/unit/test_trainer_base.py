"""The embedded base as it ships."""

from pathlib import Path

import pytest
from ownhand.trainer import prompt
from ownhand.trainer.backends import packing
from ownhand.trainer.base import grammar, make, vocabulary
from ownhand.worker.v1 import training_pb2 as pb
from tokenizers import Tokenizer

FOLDER = Path(make.__file__).with_name("weights")
MIB = 2**20


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(FOLDER / "tokenizer.json"))


def test_the_base_is_small_enough_to_ship() -> None:
    sizes = [path.stat().st_size for path in FOLDER.iterdir()]

    assert sum(sizes) < 20 * MIB


def test_the_tokenizer_that_ships_is_the_one_that_the_program_makes(tokenizer: Tokenizer) -> None:
    made = vocabulary.make_tokenizer(make.SEED)

    assert made.to_str() == tokenizer.to_str()


def test_every_rule_with_a_closed_set_of_values_is_one_token(tokenizer: Tokenizer) -> None:
    for rule in grammar.fixed_rules():
        assert len(tokenizer.encode(rule + prompt.END_OF_RULE).ids) == 1


def test_any_rule_at_all_can_be_written_and_read_back(tokenizer: Tokenizer) -> None:
    rules = ["Say 好 when you mean ja.", 'Greet with "Sehr geehrte Frau".', "Use contractions."]

    tokens = tokenizer.encode(prompt.complete(rules)).ids

    assert tokenizer.decode(tokens, skip_special_tokens=False) == prompt.complete(rules)


def test_a_list_of_ten_rules_is_short(tokenizer: Tokenizer) -> None:
    encode = packing.encoder(tokenizer, 0, 512)
    rules = ['Greet with "Hi".', 'Sign off with "Kind regards".', *grammar.fixed_rules()[20:60:5]]

    sequence = encode(pb.Example(rules=rules), prompt.BRIEF)

    assert sequence.n_learned <= 24
