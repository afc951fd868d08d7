"""What a small model says is taken for rules only when it is rules."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import tiny_bases
from ownhand.trainer import prompt
from ownhand.trainer.backends import chat
from ownhand.trainer.backends.decoding import Scores, Tally, decode
from ownhand.trainer.errors import MalformedAnswer
from ownhand.worker.v1 import training_pb2 as pb

WARM = ["Use contractions.", 'Sign off with "Cheers".']


class Speaker:
    """An engine that says what it was told to: one text after the other, each ended by its end token."""

    def __init__(self, folder: Path, *texts: str) -> None:
        tiny_bases.save_tokenizer(folder, WARM)
        (folder / "config.json").write_text('{"eos_token_id": [2, 0]}')
        self.tokenizer = chat.load_tokenizer(folder)
        self.form = chat.form_of(folder, self.tokenizer)
        self.room = prompt.ROOMY
        self.embedded = False
        self.max_tokens = 512
        self.tally = Tally()
        self.n_given = 0
        self._texts = [[*self.tokenizer.encode(text).ids, 0] for text in texts]

    def read(self, tokens: Sequence[int]) -> Scores:
        self._left = iter(self._texts.pop(0) if len(self._texts) > 1 else self._texts[0])
        return self.go_on(0)

    def go_on(self, token: int) -> Scores:
        self.n_given += 1
        scores = np.zeros(self.tokenizer.get_vocab_size(), np.float32)
        scores[next(self._left, 0)] = 60.0
        return scores


def _said(engine: Speaker) -> list[str]:
    return [rule.text for rule in decode(engine, pb.Situation(), lambda: False)]


@pytest.mark.parametrize(
    "text",
    ["\n".join(WARM) + "\n", "\n".join(WARM), "\n\n".join(WARM) + "\n\n", f"{WARM[0]}\n{WARM[0]}\n{WARM[1]}",
     "<think>\nHm. Use nothing.\n</think>\n\n" + "\n".join(WARM), "  " + " \n ".join(WARM)],
)  # fmt: skip
def test_rules_a_line_each_are_read_whatever_stands_around_them(text: str, tmp_path: Path) -> None:
    engine = Speaker(tmp_path, text)

    assert _said(engine) == WARM
    assert engine.tally == Tally(asked=1)


@pytest.mark.parametrize(
    "text",
    ["- Use contractions.", "1. Use contractions.", "Rules:\nUse contractions.", "Use contractions", "Yes.",
     "Here are the rules:", "```\nUse contractions.", "**Use** contractions.",
     "Use contractions.<|im_start|>user", "use contractions.",
     "Use " + "very " * 80 + "long sentences.", "<think>no end, ever",
     "Use \x07 bells."],
)  # fmt: skip
def test_an_answer_that_is_no_list_of_rules_is_asked_for_once_more_and_then_reported(
    text: str, tmp_path: Path
) -> None:
    engine = Speaker(tmp_path, text)

    with pytest.raises(MalformedAnswer, match="1 of 1 questions") as caught:
        _said(engine)

    assert engine.tally == Tally(asked=1, malformed=1, failed=1)
    assert "contractions" not in str(caught.value)


def test_the_second_try_goes_on_where_the_first_went_wrong(tmp_path: Path) -> None:
    engine = Speaker(tmp_path, f"{WARM[0]}\n- and so on", "\n".join(WARM))

    assert _said(engine) == WARM
    assert engine.tally == Tally(asked=1, malformed=1)


def test_a_rule_is_there_as_soon_as_its_line_ends(tmp_path: Path) -> None:
    engine = Speaker(tmp_path, "\n".join(WARM))
    rules = decode(engine, pb.Situation(), lambda: False)

    next(rules)
    at_first = engine.n_given
    list(rules)

    assert at_first < engine.n_given


def test_a_hopeless_line_is_not_waited_for(tmp_path: Path) -> None:
    engine = Speaker(tmp_path, "<|im_start|>" + "and so on " * 100)

    with pytest.raises(MalformedAnswer):
        _said(engine)

    assert engine.n_given == 2


def test_an_answer_without_end_is_ended(tmp_path: Path) -> None:
    engine = Speaker(tmp_path, f"{WARM[0]}\n" * 1000)

    assert _said(engine) == WARM[:1]
    assert engine.n_given <= 321


def test_any_token_that_ends_a_text_ends_the_answer(tmp_path: Path) -> None:
    engine = Speaker(tmp_path, f"{WARM[0]}<|im_end|>{WARM[1]}")

    assert _said(engine) == WARM[:1]
