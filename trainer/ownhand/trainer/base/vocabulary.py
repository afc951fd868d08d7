"""The embedded base's tokenizer: bytes and pairs from made-up mail, and a token for each whole rule and fact.

A rule list is then as long as it has rules, and what decides it stands in the prompt as single tokens.
"""

import random
from collections.abc import Iterator

from ownhand.trainer import prompt
from ownhand.trainer.base import grammar, people
from ownhand.trainer.base.words import words
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

EOS = "<eos>"
_SIZE = 900  # bytes and pairs; more of them read real words better and cost weights
_MAILS = 6000


def make_tokenizer(seed: int) -> Tokenizer:
    """The same for the same seed."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_SIZE,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=[EOS],
        show_progress=False,
    )
    tokenizer.train_from_iterator(_texts(seed), trainer)
    tokenizer.add_tokens([AddedToken(text, normalized=False) for text in whole_tokens()])
    return tokenizer


def whole_tokens() -> list[str]:
    """Texts that are one token each."""
    rules = [rule + prompt.END_OF_RULE for rule in grammar.fixed_rules()]
    heads = [grammar.GREET, grammar.SIGN_OFF, grammar.TAIL + prompt.END_OF_RULE]
    return [*rules, *heads, *prompt.fact_lines(), *prompt.free_heads()]


def _texts(seed: int) -> Iterator[str]:
    """What stands between the whole tokens."""
    dice = random.Random(f"{seed} words")
    for _ in range(_MAILS // 20):
        for mail in people.mails(people.invent(dice), 20, dice):
            yield " ".join(mail.situation.points)
            yield f"{mail.situation.recipient} {mail.situation.subject}"
    for _ in range(40):
        yield from words().free_rules
        for phrases in (*words().greetings.values(), *words().sign_offs.values()):
            yield from (f'"{phrase}"' for phrase in phrases)
