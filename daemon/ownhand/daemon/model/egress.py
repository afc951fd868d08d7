"""The gate before a large model: nothing passes without consent, within the limit, and into the ledger.

Knows where text goes and what it may cost; knows nothing of what it says.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from typing import Protocol, runtime_checkable

from ownhand.daemon.domain import Completion, EgressEntry, Prompt
from ownhand.daemon.errors import LimitReached, NotReady, OwnhandError, Reason
from ownhand.daemon.model.pseudonyms import Pseudonyms
from ownhand.daemon.model.usage import BATCH_SHARE
from ownhand.daemon.ports import Clock, LargeModel

NOWHERE = "nowhere"
_CHARACTERS_PER_TOKEN = 4  # where a call ends before the server says how many tokens it was


class Policy(Protocol):
    def consented(self, destination: str) -> bool: ...


class Ledger(Protocol):
    def add_egress(self, entry: EgressEntry) -> None: ...
    def spent_usd_since(self, moment: datetime) -> float: ...


@runtime_checkable
class Batches(Protocol):
    """A large model that answers many prompts together, later and for less."""

    def batch(self, prompts: Sequence[Prompt]) -> AsyncIterator[tuple[int, Completion | OwnhandError]]: ...


class Gate:
    """A LargeModel that asks another one, when it may."""

    def __init__(
        self,
        inner: LargeModel,
        *,
        policy: Policy,
        ledger: Ledger,
        clock: Clock,
        price: Callable[[str, int, int], float],
        monthly_limit_usd: float | None,
        pseudonyms: bool,
        batching: bool = True,
    ) -> None:
        self._inner = inner
        self._policy = policy
        self._ledger = ledger
        self._clock = clock
        self._price = price
        self._monthly_limit_usd = monthly_limit_usd
        self._batching = batching
        self._local = inner.destination == NOWHERE
        self._pseudonyms = pseudonyms and not self._local

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def destination(self) -> str:
        return self._inner.destination

    @property
    def samples(self) -> bool:
        return self._inner.samples

    @property
    def batches(self) -> bool:
        """Whether `batch` asks all prompts together."""
        return self._batching and isinstance(self._inner, Batches)

    def leaving(self, prompt: Prompt) -> str:
        """The exact text that would leave: the instructions and the question, pseudonyms in place."""
        return _text(self._hidden(prompt)[0])

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Completion, None]:
        """Yields pieces of text, then exactly one Completion; raises before any text leaves that may not."""
        self._check()
        sent, names = self._hidden(prompt)
        pieces = self._inner.stream(sent)
        outcome, answer, n_characters = "cancelled", None, 0
        try:
            async for piece in pieces:
                if isinstance(piece, Completion):
                    answer = piece
                    break
                n_characters += len(piece)
                if text := names.take(piece) if names else piece:
                    yield text
            outcome = "completed" if answer else "failed"
        except Exception:
            outcome = "failed"
            raise
        finally:
            # First the ledger: closing waits on the network, and may be cut off.
            self._note(sent, outcome, answer, n_characters)
            if isinstance(pieces, AsyncGenerator):
                await pieces.aclose()
        if names and (text := names.rest()):
            yield text
        if answer:
            yield names.completed(answer) if names else answer

    async def batch(
        self, prompts: Sequence[Prompt]
    ) -> AsyncGenerator[tuple[int, Completion | OwnhandError], None]:
        """Answers many prompts together: (index, answer or what went wrong). Closing it cancels the rest.

        Asks in portions that the monthly limit has room for; what it has none for is answered LimitReached.
        """
        self._check()
        rest = range(len(prompts))
        while rest:
            n = self._n_within_limit([prompts[i] for i in rest])
            async with aclosing(self._portion([prompts[i] for i in rest[:n]])) as answers:
                async for i, answer in answers:
                    yield rest[i], answer
            rest = rest[n:]
            try:
                if rest:
                    self._check()
            except OwnhandError as exc:  # answered, not raised: the answers so far are paid for
                for i in rest:
                    yield i, exc
                return

    async def _portion(
        self, prompts: Sequence[Prompt]
    ) -> AsyncGenerator[tuple[int, Completion | OwnhandError], None]:
        if not isinstance(self._inner, Batches):
            raise NotReady(f"{self.name} has no batches", hint="set `batch = false` under [model]")
        hidden = [self._hidden(prompt) for prompt in prompts]
        waiting = dict(enumerate(sent for sent, _ in hidden))
        answers = self._inner.batch([sent for sent, _ in hidden])
        outcome = "cancelled"
        try:
            async for n, answer in answers:
                completion = answer if isinstance(answer, Completion) else None
                self._note(
                    waiting.pop(n), "completed" if completion else "failed", completion, share=BATCH_SHARE
                )
                names = hidden[n][1]
                yield n, names.completed(completion) if completion and names else answer
            outcome = "failed"  # for those that the server left out
        except Exception:
            outcome = "failed"
            raise
        finally:
            for sent in waiting.values():
                self._note(sent, outcome, None, share=BATCH_SHARE)
            if isinstance(answers, AsyncGenerator):
                await answers.aclose()

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _check(self) -> None:
        if self._local:
            return
        if not self._policy.consented(self.destination):
            raise NotReady(
                f"nothing may leave for {self.destination} yet",
                hint="`ownhand learn --plan` shows what would leave; consent to that",
                reason=Reason.NO_CONSENT,
            )
        limit, since = self._monthly_limit_usd, _month(self._clock.now())
        if limit is not None and self._ledger.spent_usd_since(since) >= limit:
            raise LimitReached(
                f"the limit of {limit:.2f} USD a month is used up",
                hint=f"it starts again on {_next_month(since):%Y-%m-%d}; "
                "`monthly_limit_usd` under [model] sets it",
            )

    def _n_within_limit(self, prompts: Sequence[Prompt]) -> int:
        """How many prompts cost no more than is left this month, if each answer takes the room it is given.

        At least one, as of calls one by one; thoughts come on top of that room.
        """
        if self._local or self._monthly_limit_usd is None:
            return len(prompts)
        left = self._monthly_limit_usd - self._ledger.spent_usd_since(_month(self._clock.now()))
        for n, prompt in enumerate(prompts):
            read = len(_text(prompt)) // _CHARACTERS_PER_TOKEN
            left -= BATCH_SHARE * self._price(self.name, read, prompt.max_tokens)
            if left < 0:
                return max(1, n)
        return len(prompts)

    def _hidden(self, prompt: Prompt) -> tuple[Prompt, Pseudonyms | None]:
        if not self._pseudonyms:
            return prompt, None
        names = Pseudonyms(prompt)
        return replace(prompt, text=names.text), names

    def _note(
        self,
        sent: Prompt,
        outcome: str,
        answer: Completion | None,
        n_characters: int = 0,
        *,
        share: float = 1.0,
    ) -> None:
        """One line in the ledger. A call that was refused costs nothing; one that was left is estimated."""
        if self._local:
            return
        read, written = 0, 0
        if answer and answer.input_tokens:
            read, written = answer.input_tokens, answer.output_tokens
        elif answer or n_characters or outcome == "cancelled":
            read = len(_text(sent)) // _CHARACTERS_PER_TOKEN
            written = (len(answer.text) if answer else n_characters) // _CHARACTERS_PER_TOKEN
        self._ledger.add_egress(
            EgressEntry(
                at=self._clock.now(),
                destination=self.destination,
                template=sent.template,
                model=self.name,
                input_tokens=read,
                output_tokens=written,
                cost_usd=share * self._price(self.name, read, written),
                n_bytes=len(_text(sent).encode()),
                outcome=outcome,
            )
        )


def _text(prompt: Prompt) -> str:
    return f"{prompt.system}\n\n{prompt.text}"


def _month(moment: datetime) -> datetime:
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _next_month(first: datetime) -> datetime:
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
