"""What a large model did not end is not taken for the whole."""

from collections.abc import AsyncGenerator

import pytest
from invented import WORK, original
from ownhand.daemon.domain import Completion, DistilTask, DraftTask, Prompt
from ownhand.daemon.learn.drafts import draft_zero_shot
from ownhand.daemon.learn.intents import distil_intents
from ownhand.daemon.learn.rules import infer_rules
from ownhand.daemon.store.sqlite import Store

INTENT = "<core_content>\n- The kiln is hot.\n</core_content>"
RULES = "<rules>\n- Say please.\n</rules>"


class Model:
    """Answers each kind of question in one way."""

    name, destination, samples = "m", "nowhere", False

    def __init__(self, *, cut: str = "", draft: str = "The kiln is hot.") -> None:
        self._cut = cut  # the name of the template whose answers have no end
        self._draft = draft

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Completion, None]:
        text = RULES
        if isinstance(prompt.task, DistilTask):
            text = INTENT
        elif isinstance(prompt.task, DraftTask):
            text = self._draft
        yield text
        cut = bool(self._cut) and prompt.template.startswith(self._cut)
        yield Completion(text, self.name, prompt.template, cut=cut)

    async def aclose(self) -> None: ...


@pytest.fixture
def store() -> Store:
    store = Store.open(None)
    store.corpus.add(original(1, "Hi Bob,\nthe kiln is hot, come by!\nAna"))
    return store


async def run(store: Store, model: Model) -> list[tuple[int, int, int]]:
    """The three stages; what each reported last: done, total, failed."""
    told: list[tuple[int, int, int]] = []

    def report(done: int, total: int, n_failed: int = 0) -> None:
        told.append((done, total, n_failed))

    await distil_intents(store.learning, model, WORK, variants=1, report=report)
    await draft_zero_shot(store.learning, model, WORK, report=report)
    await infer_rules(store.learning, model, WORK, contrast=True, report=report)
    return told


async def test_a_cut_intent_is_counted_as_failed_and_not_used(store: Store) -> None:
    assert (await run(store, Model(cut="intent")))[0] == (1, 1, 1)

    assert store.learning.intents(WORK) == []


@pytest.mark.parametrize("model", [Model(cut="zero_shot"), Model(draft="  ")], ids=["cut", "empty"])
async def test_half_a_draft_and_none_are_contrasted_with_nothing(store: Store, model: Model) -> None:
    told = await run(store, model)

    assert told[1] == (1, 1, 1)
    assert 'Greet with "Hi".' in [rule.text for rule in store.learning.rules(WORK)]


async def test_cut_rules_are_counted_as_failed_and_the_measured_ones_stay(store: Store) -> None:
    assert (await run(store, Model(cut="rules")))[-1] == (1, 1, 1)

    texts = [rule.text for rule in store.learning.rules(WORK)]
    assert 'Greet with "Hi".' in texts and "Say please." not in texts
