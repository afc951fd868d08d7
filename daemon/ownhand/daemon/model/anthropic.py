"""LargeModel over Anthropic's Messages API, and its Message Batches.

Version 2026-10-21 of the API takes no sampling parameters at all, so a prompt's temperature is not sent: the
model samples in its own way. Newer models think before they write; their thoughts count as output tokens and
toward the limit of an answer, and are never part of its text.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ownhand.daemon.domain import Completion, Prompt
from ownhand.daemon.errors import OwnhandError, Unreachable
from ownhand.daemon.model import faults
from ownhand.daemon.ports import Clock

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from anthropic.types.message_create_params import (
        MessageCreateParamsNonStreaming,
        MessageCreateParamsStreaming,
    )

_WHO = "Anthropic"
_BASE_URL = "https://api.anthropic.com"
_THINKING_TOKENS = 8192  # room for thoughts, on top of the room for the answer
_CONNECT_S = 10.0
_POLL_S = 20.0  # most batches end within minutes, all within a day
_LONGEST_BATCH = timedelta(hours=25)
_CUSTOM_ID = re.compile(r"prompt-(\d+)$")


class AnthropicModel:
    """One model by its name at Anthropic. Loads the library and reads the key at the first question."""

    samples = True

    def __init__(
        self,
        name: str,
        api_key: Callable[[], str],
        *,
        base_url: str = "",
        timeout_s: float = 120.0,
        clock: Clock,
    ) -> None:
        self.name = name
        self.destination = faults.destination_of(base_url or _BASE_URL)
        self._base_url = base_url or _BASE_URL
        self._api_key = api_key
        self._timeout_s = timeout_s  # between two pieces of an answer
        self._clock = clock
        self._client: AsyncAnthropic | None = None
        self._foreign: tuple[type[Exception], ...] = ()
        self._connecting = asyncio.Lock()

    def __repr__(self) -> str:
        return f"AnthropicModel({self.name!r}, {self.destination!r})"

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Completion, None]:
        """Yields pieces of text, then exactly one Completion. Closing it closes the connection."""
        client = await self._connected()
        params: MessageCreateParamsStreaming = {**self._params(prompt), "stream": True}
        events = await self._ask(lambda: client.messages.create(**params))
        answer = _Answer()
        try:
            while not answer.ended:
                if (event := await self._next(events)) is None:
                    raise faults.cut_short(_WHO) if answer.begun else faults.not_understood(_WHO)
                if piece := answer.take(event):
                    yield piece
        finally:
            await events.close()
        yield Completion(
            "".join(answer.pieces),
            self.name,
            prompt.template,
            answer.input_tokens,
            answer.output_tokens,
            cut=answer.cut,
        )

    async def batch(
        self, prompts: Sequence[Prompt]
    ) -> AsyncGenerator[tuple[int, Completion | OwnhandError], None]:
        """Answers many prompts at half the price, within a day: (index, answer or what went wrong).

        Closing it, or cancelling the task that waits in it, cancels the batch.
        """
        client = await self._connected()
        batches: Any = client.messages.batches  # its request type is that of one question, spelled again
        requests = [{"custom_id": f"prompt-{n}", "params": self._params(p)} for n, p in enumerate(prompts)]
        batch_id = (await self._ask(lambda: batches.create(requests=requests))).id
        over = False
        try:
            await self._ended(batches, batch_id)
            over = True
            lines = await self._ask(lambda: batches.results(batch_id))
            try:
                while (line := await self._next(lines)) is not None:
                    n = _index(line.custom_id, len(prompts))
                    yield n, self._result(line.result, prompts[n])
            finally:
                await lines.close()
        finally:
            if not over:
                with suppress(OwnhandError):
                    await self._ask(lambda: batches.cancel(batch_id))

    async def aclose(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _connected(self) -> "AsyncAnthropic":
        async with self._connecting:
            if (
                self._client is None
            ):  # in a thread: the import takes a second, and a key may come from a program
                client, self._foreign = await asyncio.to_thread(self._connect)
                self._client = client
                return client
            return self._client

    def _connect(self) -> tuple["AsyncAnthropic", tuple[type[Exception], ...]]:
        import anthropic
        import httpx2

        client = anthropic.AsyncAnthropic(
            api_key=faults.clean_key(self._api_key(), _WHO),
            base_url=self._base_url,  # always: the environment must not choose where text goes
            timeout=httpx2.Timeout(self._timeout_s, connect=min(self._timeout_s, _CONNECT_S)),
            max_retries=0,
            open_telemetry=False,  # spans may hold prompts
            http_client=anthropic.DefaultAsyncHttpxClient(follow_redirects=False),
        )
        # Once a stream runs, the library lets the errors of its transport and of its decoders through.
        return client, (anthropic.AnthropicError, httpx2.HTTPError, ValueError)

    def _params(self, prompt: Prompt) -> "MessageCreateParamsNonStreaming":
        return {
            "model": self.name,
            "max_tokens": prompt.max_tokens + _THINKING_TOKENS,
            "system": [{"type": "text", "text": prompt.system, "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": prompt.text}],
        }

    async def _ask(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        return await faults.patiently(ask, self._clock, who=_WHO, foreign=self._foreign)

    async def _next(self, stream: AsyncIterator[Any]) -> Any:
        with faults.told_apart(_WHO, *self._foreign):
            return await anext(stream, None)

    async def _ended(self, batches: Any, batch_id: str) -> None:
        """Returns when the batch has ended; bears with a network that comes and goes."""
        give_up_at = self._clock.now() + _LONGEST_BATCH
        while True:
            await self._clock.sleep(_POLL_S)
            try:
                batch = await self._ask(lambda: batches.retrieve(batch_id))
            except Unreachable:
                if self._clock.now() > give_up_at:
                    raise
                continue
            if batch.processing_status == "ended":
                if faults.destination_of(batch.results_url or "") != self.destination:
                    raise faults.not_understood(_WHO)  # the library would send the key along
                return

    def _result(self, result: Any, prompt: Prompt) -> Completion | OwnhandError:
        if result.type == "errored":
            return faults.fault_of_type(result.error.error.type, _WHO)
        if result.type != "succeeded":
            return Unreachable(f"{_WHO} did not get to this prompt ({result.type})")
        text = "".join(block.text for block in result.message.content if block.type == "text")
        usage = result.message.usage
        cut = result.message.stop_reason == "max_tokens"
        n_in, n_out = _input_tokens(usage), usage.output_tokens
        return Completion(text, self.name, prompt.template, n_in, n_out, cut=cut)


@dataclass(slots=True)
class _Answer:
    """An answer as it comes, event by event."""

    pieces: list[str] = field(default_factory=list)
    input_tokens: int = 0
    output_tokens: int = 0
    begun: bool = False
    ended: bool = False
    cut: bool = False

    def take(self, event: Any) -> str:
        """The text in an event, if any; events of kinds that are new to us are passed over."""
        match event.type:
            case "message_start":
                self.begun = True
                self.input_tokens = _input_tokens(event.message.usage)
            case "content_block_delta" if event.delta.type == "text_delta":
                self.pieces.append(event.delta.text)
                return str(event.delta.text)
            case "message_delta":
                self.output_tokens = event.usage.output_tokens or 0
                self.cut = event.delta.stop_reason == "max_tokens"
            case "message_stop":
                self.ended = True
        return ""


def _input_tokens(usage: Any) -> int:
    """All that was read; what came from the cache or went there is counted apart, and priced otherwise."""
    cached = (usage.cache_creation_input_tokens or 0) + (usage.cache_read_input_tokens or 0)
    return int(usage.input_tokens or 0) + int(cached)


def _index(custom_id: str, n: int) -> int:
    found = _CUSTOM_ID.match(custom_id)
    if not found or int(found[1]) >= n:
        raise faults.not_understood(_WHO)
    return int(found[1])
