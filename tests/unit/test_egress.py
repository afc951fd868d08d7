"""What may leave, what leaves in its stead, and what is written down of it."""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import ANA, BOB, EVA
from ownhand.daemon import prompts
from ownhand.daemon.domain import (
    Completion,
    Correspondent,
    DistilTask,
    DraftTask,
    EgressEntry,
    JudgeTask,
    Letter,
    Prompt,
    RecipientKind,
)
from ownhand.daemon.errors import Invalid, LimitReached, NotReady, OwnhandError, Reason, Unreachable
from ownhand.daemon.model.egress import Gate
from ownhand.daemon.model.pseudonyms import Pseudonyms
from ownhand.daemon.ports import complete
from ownhand.daemon.store.sqlite import Store

NOW = datetime(2026, 12, 15, 9, 0, tzinfo=UTC)
AWAY = "https://api.example.org"
LETTER = Letter(ANA, (BOB,), RecipientKind.COLLEAGUE)


def prompt(text: str, *, letter: Letter = LETTER) -> Prompt:
    return Prompt("draft@1", "Write a mail.", text, DraftTask((text,), letter))


class Clock:
    def now(self) -> datetime:
        return NOW

    async def sleep(self, seconds: float) -> None: ...


class Model:
    """Says what it is told to say, in pieces of a few letters, and keeps what it was asked."""

    name, samples = "m-1", True

    def __init__(self, answer: str = "Done.", *, destination: str = AWAY, size: int = 3) -> None:
        self.answer, self.destination, self.size = answer, destination, size
        self.asked: list[Prompt] = []
        self.error: OwnhandError | None = None
        self.counts = (1000, 100)
        self.closed = False

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Completion, None]:
        self.asked.append(prompt)
        answer = prompt.text if self.answer == "echo" else self.answer
        try:
            for start in range(0, len(answer), self.size):
                yield answer[start : start + self.size]
            if self.error:
                raise self.error
        finally:
            self.closed = True
        yield Completion(answer, self.name, prompt.template, *self.counts)

    async def aclose(self) -> None: ...


class BatchModel(Model):
    async def batch(
        self, prompts: Sequence[Prompt]
    ) -> AsyncGenerator[tuple[int, Completion | OwnhandError], None]:
        self.asked.extend(prompts)
        yield 1, Invalid("refused")
        yield 0, Completion(prompts[0].text, self.name, prompts[0].template, 1000, 100)
        if self.error:
            raise self.error


class Portions(Model):
    """Answers batches, and counts the prompts of each."""

    def __init__(self) -> None:
        super().__init__()
        self.portions: list[int] = []

    async def batch(
        self, prompts: Sequence[Prompt]
    ) -> AsyncGenerator[tuple[int, Completion | OwnhandError], None]:
        self.portions.append(len(prompts))
        for n, prompt in enumerate(prompts):
            yield n, Completion("Done.", self.name, prompt.template, 400, 100)


class Books:
    """A ledger and a policy in memory."""

    def __init__(self, *consented: str, spent: float = 0.0) -> None:
        self.given, self.spent = consented, spent
        self.entries: list[EgressEntry] = []
        self.since: datetime | None = None

    def consented(self, destination: str) -> bool:
        return destination in self.given

    def add_egress(self, entry: EgressEntry) -> None:
        self.entries.append(entry)

    def spent_usd_since(self, moment: datetime) -> float:
        self.since = moment
        return self.spent


class Spending(Books):
    """A ledger that adds up."""

    def add_egress(self, entry: EgressEntry) -> None:
        super().add_egress(entry)
        self.spent += entry.cost_usd


def small() -> Prompt:
    """A prompt that reads 500 tokens, by the estimate, and may write 500."""
    return replace(prompt("y" * 1985), max_tokens=500)


def gate(model: Model, books: Any, *, limit: float | None = None, pseudonyms: bool = False) -> Gate:
    return Gate(
        model,
        policy=books,
        ledger=books,
        clock=Clock(),
        price=lambda name, read, written: (read + written) / 1000,
        monthly_limit_usd=limit,
        pseudonyms=pseudonyms,
    )


# --- consent and the limit -------------------------------------------------------------------------


async def test_nothing_is_asked_without_consent() -> None:
    model, books = Model(), Books("https://elsewhere.example")
    with pytest.raises(NotReady) as caught:
        await complete(gate(model, books), prompt("Hi"))
    assert caught.value.reason is Reason.NO_CONSENT and "learn --plan" in caught.value.hint
    assert model.asked == [] and books.entries == []


async def test_what_goes_nowhere_needs_no_consent_no_budget_and_no_entry() -> None:
    model, books = Model(destination="nowhere"), Books(spent=99.0)
    assert (await complete(gate(model, books, limit=0.0, pseudonyms=True), prompt("Hi Bob"))).text == "Done."
    assert books.entries == [] and model.asked == [prompt("Hi Bob")]


async def test_a_used_up_limit_says_when_it_starts_again() -> None:
    model, books = Model(), Books(AWAY, spent=5.0)
    with pytest.raises(LimitReached, match="2027-01-01"):
        await complete(gate(model, books, limit=5.0), prompt("Hi"))
    assert model.asked == [] and books.since == datetime(2026, 12, 1, tzinfo=UTC)


async def test_below_the_limit_it_is_asked() -> None:
    assert (await complete(gate(Model(), Books(AWAY, spent=4.99), limit=5.0), prompt("Hi"))).text == "Done."


async def test_the_gate_looks_like_the_model_behind_it() -> None:
    model = Model()
    found = gate(model, Books())
    assert (found.name, found.destination, found.samples) == (model.name, model.destination, model.samples)
    assert not found.batches and gate(BatchModel(), Books()).batches


# --- the ledger ----------------------------------------------------------------------------------------


async def test_a_call_is_entered_with_its_tokens_its_price_and_no_text() -> None:
    books = Books(AWAY)
    await complete(gate(Model(), books), prompt("Grüße an Bob"))
    n_bytes = len("Write a mail.\n\nGrüße an Bob".encode())
    assert books.entries == [EgressEntry(NOW, AWAY, "draft@1", "m-1", 1000, 100, 1.1, n_bytes, "completed")]


async def test_a_call_without_a_count_is_entered_with_an_estimate() -> None:
    model, books = Model("x" * 400), Books(AWAY)
    model.counts = (0, 0)
    await complete(gate(model, books), prompt("y" * 385))
    assert (books.entries[0].input_tokens, books.entries[0].output_tokens) == (100, 100)


async def test_a_failed_call_is_entered_and_its_error_passes() -> None:
    model, books = Model(), Books(AWAY)
    model.error = Unreachable("broke off")
    with pytest.raises(Unreachable):
        await complete(gate(model, books), prompt("Hi"))
    assert [entry.outcome for entry in books.entries] == ["failed"]


async def test_a_call_that_was_refused_before_any_answer_costs_nothing() -> None:
    model, books = Model(""), Books(AWAY)
    model.error = Invalid("refused")
    with pytest.raises(Invalid):
        await complete(gate(model, books), prompt("Hi"))
    assert [(entry.outcome, entry.cost_usd) for entry in books.entries] == [("failed", 0.0)]


async def test_leaving_an_answer_enters_it_and_closes_the_stream_behind() -> None:
    model, books = Model("a long answer"), Books(AWAY)
    async with aclosing(gate(model, books).stream(prompt("Hi"))) as pieces:
        await anext(pieces)
    assert model.closed and books.entries[0].outcome == "cancelled" and books.entries[0].cost_usd > 0


async def test_a_cancelled_task_is_entered_as_cancelled() -> None:
    class Waiting(Model):
        async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Completion, None]:
            asked.set()
            await asyncio.Event().wait()
            yield ""

    asked, books = asyncio.Event(), Books(AWAY)
    task = asyncio.create_task(complete(gate(Waiting(), books), prompt("Hi")))
    await asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [entry.outcome for entry in books.entries] == ["cancelled"]


async def test_the_store_is_such_a_ledger_and_such_a_policy(tmp_path: Any) -> None:
    store = Store.open(tmp_path / "ownhand.db")
    store.privacy.set_consent(AWAY, True, plan_id="p", at=NOW)
    found = gate(Model(), store.privacy, limit=2.0)
    await complete(found, prompt("Hi"))
    await complete(found, prompt("Hi"))
    with pytest.raises(LimitReached):
        await complete(found, prompt("Hi"))
    assert [entry.outcome for entry in store.privacy.egress(9)] == ["completed", "completed"]
    store.close()


# --- batches -------------------------------------------------------------------------------------------


async def test_a_batch_is_entered_prompt_by_prompt_at_half_the_price() -> None:
    model, books = BatchModel(), Books(AWAY)
    found = gate(model, books, pseudonyms=True)
    answers = {n: answer async for n, answer in found.batch([prompt("Hi Bob"), prompt("No")])}
    assert isinstance(answers[0], Completion) and answers[0].text == "Hi Bob"
    assert isinstance(answers[1], Invalid) and "Bob" not in model.asked[0].text
    assert [(e.outcome, e.cost_usd) for e in books.entries] == [("failed", 0.0), ("completed", 0.55)]


async def test_what_a_broken_batch_did_not_answer_is_entered_as_failed() -> None:
    model, books = BatchModel(), Books(AWAY)
    model.error = Unreachable("gone")
    with pytest.raises(Unreachable):
        _ = [answer async for answer in gate(model, books).batch([prompt("a"), prompt("b"), prompt("c")])]
    assert [entry.outcome for entry in books.entries] == ["failed", "completed", "failed"]


async def test_a_batch_is_asked_in_portions_that_the_limit_has_room_for() -> None:
    model, books = Portions(), Spending(AWAY)
    found = gate(model, books, limit=2.0)  # a prompt may cost 0.5 * 1.0 and costs 0.25
    answers = dict([answer async for answer in found.batch([small()] * 20)])
    assert model.portions == [4, 2, 1, 1] and books.spent == 2.0
    assert sum(isinstance(answer, Completion) for answer in answers.values()) == 8
    assert all(isinstance(answers[n], LimitReached) for n in range(8, 20)), "those before are not lost"


async def test_a_batch_within_the_limit_is_asked_at_once() -> None:
    model, books = Portions(), Spending(AWAY)
    answers = [answer async for answer in gate(model, books, limit=50.0).batch([small()] * 20)]
    assert model.portions == [20] and len(answers) == 20


async def test_leaving_a_portion_enters_what_was_asked_and_nothing_else() -> None:
    model, books = Portions(), Spending(AWAY)
    async with aclosing(gate(model, books, limit=2.0).batch([small()] * 20)) as answers:
        await anext(answers)
    assert [entry.outcome for entry in books.entries] == ["completed"] + ["cancelled"] * 3


async def test_a_batch_needs_consent_and_a_model_that_has_batches() -> None:
    with pytest.raises(NotReady):
        await anext(gate(BatchModel(), Books()).batch([prompt("a")]))
    with pytest.raises(NotReady):
        await anext(gate(Model(), Books(AWAY)).batch([prompt("a")]))


# --- pseudonyms ----------------------------------------------------------------------------------------

NAMED = """To: Bob Marsh <bob@kiln.example>. Hi Bob, BOB or bob, call +44 20 7946 0958 or (555) 123-4567,
pay DE89 3704 0044 0532 0130 00, see https://kiln.example/bob?x=1. Bob's kiln. Ana."""


def test_what_leaves_is_the_instructions_and_the_question() -> None:
    assert gate(Model(), Books()).leaving(prompt("Hi Bob")) == "Write a mail.\n\nHi Bob"


def test_names_addresses_and_numbers_do_not_leave_under_pseudonyms() -> None:
    text = gate(Model(), Books(), pseudonyms=True).leaving(prompt(NAMED)).lower()
    for word in ("bob", "marsh", "kiln.example", "7946", "4567", "3704", "ana."):
        assert word not in text
    assert text.startswith("write a mail.") and "'s kiln" in text


async def test_what_would_leave_is_what_leaves() -> None:
    model = Model()
    found = gate(model, Books(AWAY), pseudonyms=True)
    await complete(found, prompt(NAMED))
    assert found.leaving(prompt(NAMED)) == f"{model.asked[0].system}\n\n{model.asked[0].text}"


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
async def test_they_are_put_back_however_the_answer_is_split(size: int) -> None:
    found = gate(Model("echo", size=size), Books(AWAY), pseudonyms=True)
    pieces = [piece async for piece in found.stream(prompt(NAMED))]
    assert "".join(piece for piece in pieces if isinstance(piece, str)) == NAMED
    assert isinstance(pieces[-1], Completion) and pieces[-1].text == NAMED


def test_the_same_word_has_the_same_stand_in_and_keeps_its_case() -> None:
    hidden = Pseudonyms(prompt("Bob, bob, BOB, a@b.example, c@d.example, a@b.example"))
    first, lower, upper, *mails = hidden.text.split(", ")
    assert (first.lower(), first.upper()) == (lower, upper) and first[0].isupper()
    assert mails[0] == mails[2] != mails[1]


def test_a_model_may_bend_a_stand_in_as_it_would_a_name() -> None:
    hidden = Pseudonyms(prompt("Bob"))
    assert hidden.put_back(f"{hidden.text}s Ofen, {hidden.text.lower()}") == "Bobs Ofen, bob"


def test_a_name_that_is_a_word_is_only_a_name_in_capitals() -> None:
    letter = Letter(ANA, (Correspondent("w@kiln.example", "Will Marsh"),), RecipientKind.COLLEAGUE)
    hidden = Pseudonyms(prompt("Will, you will see", letter=letter))
    assert "Will" not in hidden.text and "you will see" in hidden.text


@pytest.mark.parametrize(
    "text", ["on 2026-03-01 at 10:30", "am 12.03.2026", "for 1 200 000 euros", "order 4711", "the bobsled"]
)
def test_days_amounts_and_other_words_are_left_as_they_are(text: str) -> None:
    assert Pseudonyms(prompt(text)).text == text


def test_a_stand_in_is_never_a_word_of_the_prompt() -> None:
    taken = Pseudonyms(prompt("Bob")).text
    assert Pseudonyms(prompt(f"Bob and {taken}")).text.count(taken) == 1


def test_the_people_of_the_mails_that_are_shown_are_hidden_too() -> None:
    theirs = Letter(ANA, (EVA,), RecipientKind.PERSONAL)
    asked = prompts.draft(DraftTask(("It is hot.",), LETTER), [(theirs, "hi eva, Lund is far.\n\nana")])
    hidden = Pseudonyms(asked)
    assert not re.search("eva|lund|ana", hidden.text, re.IGNORECASE)
    assert hidden.put_back(hidden.text) == asked.text


def test_without_a_letter_the_names_that_greet_and_sign_are_hidden() -> None:
    asked = prompts.judge(JudgeTask("Hi Bobby,\n\nask Bobby's wife.\n\nCheers,\nNell", ("Be brief.",)))
    assert not re.search("bobby|nell", Pseudonyms(asked).text, re.IGNORECASE)


def test_a_nickname_and_the_name_under_the_answered_mail_are_hidden() -> None:
    letter = Letter(ANA, (BOB,), RecipientKind.COLLEAGUE, context="When?\n\nBest,\nRufus")
    asked = prompts.distil(DistilTask("Hey Bobbo,\n\ntell Rufus tomorrow.\n\nAna", letter), None)
    assert not re.search("bobbo|rufus", Pseudonyms(asked).text, re.IGNORECASE)


def test_a_greeting_without_a_name_hides_no_word() -> None:
    asked = prompts.judge(JudgeTask("Hi all,\n\nall is well with you.\n\nThanks", ()))
    assert Pseudonyms(asked).text == asked.text


@settings(deadline=None)
@given(
    st.text(alphabet="Bob MarshAn@.exmpl+0123456789 [-]mailVemr\n", max_size=80),
    st.lists(st.integers(1, 7), min_size=1, max_size=8),
)
def test_what_was_hidden_comes_back_as_it_was(text: str, sizes: list[int]) -> None:
    hidden = Pseudonyms(prompt(text))
    given_back, start, n = "", 0, 0
    while start < len(hidden.text):
        given_back += hidden.take(hidden.text[start : start + sizes[n % len(sizes)]])
        start, n = start + sizes[n % len(sizes)], n + 1
    given_back += hidden.rest()
    assert given_back == hidden.put_back(hidden.text)
    assert given_back.casefold() == text.casefold()
