"""What the daemon needs from outside, as narrow Protocols.

Each has real adapters, a fake in `tests/fakes.py` that passes the same contract suite, and no other user
than the stages that are handed one.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from ownhand.daemon.domain import (
    AgentId,
    Completion,
    Cursor,
    Found,
    MessageId,
    Prediction,
    Prompt,
    Saved,
    Situation,
    TrainingProgress,
)
from ownhand.daemon.errors import OwnhandError, Unreachable
from ownhand.daemon.mail.mime import Message


@dataclass(frozen=True, slots=True)
class Fetched:
    """A batch of messages and how far the folder has been read with them.

    A fetch that finds nothing new gives one batch without messages whose cursor stands where it stood. When
    the folder holds nothing at all, that cursor has a `last_uid` of 0: a caller can tell an emptied folder
    from a quiet one.
    """

    messages: tuple[Message, ...]
    cursor: Cursor
    total: int  # messages that this fetch will give in all, as far as is known
    gone: tuple[int, ...] = ()  # UIDs among the known ones that are not in the folder any more


class MailSource(Protocol):
    """Sent mail of one account, in batches that may be committed one by one."""

    def fetch_since(self, cursor: Cursor | None, known: Sequence[int] = ()) -> AsyncIterator[Fetched]:
        """What has not been read yet. `known` are the UIDs, ascending, that are asked after.

        They are of the cursor's folder and uidvalidity; `gone` says which of them were taken out since.
        """
        ...

    async def present(self, ids: Sequence[MessageId]) -> set[MessageId]:
        """Which of these messages the account still keeps in another folder, an archive; not in the bin."""
        ...

    async def answered(self, ids: Sequence[MessageId]) -> dict[MessageId, Message]:
        """Those of these messages that the account has: mail of others, to be read and not kept."""
        ...

    async def wait(self) -> None:
        """Returns when there may be new mail: after a push, or after the polling interval."""
        ...

    async def check(self) -> Found: ...

    async def aclose(self) -> None: ...


class DraftsFolder(Protocol):
    """Where a person's mail programs look for what is not sent yet."""

    async def save_draft(self, raw: bytes, message_id: MessageId, *, folder: str = "auto") -> Saved:
        """Puts a message there, once: one with this id that stands there is left as it is."""
        ...

    async def answered(self, ids: Sequence[MessageId]) -> dict[MessageId, Message]: ...

    async def aclose(self) -> None: ...


class LargeModel(Protocol):
    """Answers one prompt. Remembers nothing between calls."""

    @property
    def name(self) -> str: ...

    @property
    def destination(self) -> str:
        """Where prompts go: "nowhere", or scheme and host."""
        ...

    @property
    def samples(self) -> bool:
        """Whether it gives different answers at temperatures above 0."""
        ...

    def stream(self, prompt: Prompt) -> AsyncIterator[str | Completion]:
        """Yields pieces of text, then exactly one Completion."""
        ...

    async def aclose(self) -> None: ...


async def complete(model: LargeModel, prompt: Prompt) -> Completion:
    """The whole answer to one prompt."""
    async for piece in model.stream(prompt):
        if isinstance(piece, Completion):
            return piece
    raise RuntimeError("the stream ended without a completion")  # a broken adapter, not a broken model


@runtime_checkable
class BatchingModel(Protocol):
    """A LargeModel that can also be asked many prompts together: cheaper, and hours slower."""

    @property
    def batches(self) -> bool:
        """Whether it is to be asked so."""
        ...

    def batch(self, prompts: Sequence[Prompt]) -> AsyncIterator[tuple[int, Completion | OwnhandError]]: ...


CONCURRENT = 2  # calls at once while learning: a person's draft must never wait behind them
_TOGETHER = 500  # prompts in one batch, where the model takes batches
_ONE_BY_ONE = 8  # prompts between two commits, where it does not


def n_together(model: LargeModel) -> int:
    """How many prompts to gather for one `complete_all`."""
    return _TOGETHER if isinstance(model, BatchingModel) and model.batches else _ONE_BY_ONE


async def complete_all(model: LargeModel, prompts: Sequence[Prompt]) -> list[Completion | OwnhandError]:
    """The answers to many prompts in their order; what went wrong with one stands in its place."""
    answers: list[Completion | OwnhandError] = [Unreachable("the model gave no answer")] * len(prompts)
    if isinstance(model, BatchingModel) and model.batches:
        async for i, answer in model.batch(prompts):
            answers[i] = answer
        return answers
    turn = asyncio.Semaphore(CONCURRENT)

    async def ask(i: int, prompt: Prompt) -> None:
        async with turn:
            try:
                answers[i] = await complete(model, prompt)
            except OwnhandError as exc:
                answers[i] = exc

    async with asyncio.TaskGroup() as group:
        for i, prompt in enumerate(prompts):
            group.create_task(ask(i, prompt))
    return answers


def raise_first(answers: Sequence[Completion | OwnhandError]) -> None:
    """Raises what went wrong first, if anything did: when the good answers have been kept."""
    for answer in answers:
        if isinstance(answer, OwnhandError):
            raise answer


class PreferenceAgent(Protocol):
    """Turns a situation into rules. Closing it frees the model."""

    def propose_rules(self, situation: Situation) -> AsyncIterator[Prediction]: ...

    async def aclose(self) -> None: ...


class Occasion(Protocol):
    """Whether work that nobody waits for may run now."""

    def why_not(self, waited_s: float) -> str:
        """Why it has to wait, in words for a person; empty when it may run. Quick enough to ask every second.

        `waited_s` is for how long it has waited already: what is only likely to disturb may then be allowed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Quiet:
    """How work that nobody waits for keeps out of the way."""

    occasion: Occasion
    tell: Callable[[str], None]  # why it waits; "" when it goes on


class AgentBackend(Protocol):
    """Runs and trains small models, in another process."""

    async def open(self, agent: AgentId) -> PreferenceAgent: ...

    def train(
        self,
        agent: AgentId,
        training_set: Path,
        current: AgentId | None = None,
        quiet: Quiet | None = None,
        parent: AgentId | None = None,
    ) -> AsyncIterator[TrainingProgress]:
        """Reports until the last report carries the manifest. Resumes a training that was cut off.

        `current` is measured on the held-out mail of this training set too, for a fair comparison. With
        `quiet` it begins when there is an occasion, and stands still while there is none. `parent` is the
        agent whose weights it begins with, if it still fits; otherwise it begins with the base model.
        """
        ...

    async def aclose(self) -> None: ...


class Clock(Protocol):
    def now(self) -> datetime: ...

    async def sleep(self, seconds: float) -> None: ...
