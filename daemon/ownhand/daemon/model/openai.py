"""LargeModel over any server that speaks Chat Completions: Ollama, llama.cpp, LM Studio, vLLM, OpenAI.

Servers differ in what they take: a request that is refused as malformed is asked once more with nothing in it
but what all of them take. Reasoning, in its own field or between tags, is never part of an answer.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

from ownhand.daemon.domain import Completion, Prompt
from ownhand.daemon.model import faults
from ownhand.daemon.model.thoughts import WithoutThoughts
from ownhand.daemon.ports import Clock

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_CONNECT_S = 10.0
_OPENAI = "https://api.openai.com"
_MALFORMED = (400, 422)
_THINKING_TOKENS = 4096  # room for thoughts, which count toward the limit, on top of that for the answer


class OpenAIModel:
    """One model by its name at one server. Loads the library and reads the key at the first question."""

    samples = True

    def __init__(
        self,
        name: str,
        base_url: str,
        api_key: Callable[[], str] | None = None,
        *,
        timeout_s: float = 300.0,
        clock: Clock,
    ) -> None:
        self.name = name
        self.destination = faults.destination_of(base_url)
        self._base_url = base_url
        self._api_key = api_key
        self._timeout_s = timeout_s  # between two pieces; a local server may load a model before the first
        self._clock = clock
        self._plain = False  # whether this server was found to take only what all take
        self._client: AsyncOpenAI | None = None
        self._headers: dict[str, object] = {}
        self._foreign: tuple[type[Exception], ...] = ()
        self._connecting = asyncio.Lock()

    def __repr__(self) -> str:
        return f"OpenAIModel({self.name!r}, {self.destination!r})"

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Completion, None]:
        """Yields pieces of text, then exactly one Completion. Closing it closes the connection."""
        client = await self._connected()
        chunks = await faults.patiently(
            lambda: self._asked(client, prompt), self._clock, who=self.destination, foreign=self._foreign
        )
        text, usage, begun, ended, cut = WithoutThoughts(), None, False, False, False
        try:
            while (chunk := await self._next(chunks)) is not None:
                begun = begun or bool(chunk.choices)
                usage = getattr(chunk, "usage", None) or usage
                for choice in chunk.choices or ():
                    ended = ended or bool(choice.finish_reason)
                    cut = cut or choice.finish_reason == "length"
                    if piece := text.take(getattr(choice.delta, "content", None) or ""):
                        yield piece
            if not ended:
                raise faults.cut_short(self.destination) if begun else faults.not_understood(self.destination)
            if piece := text.rest():
                yield piece
        finally:
            await chunks.close()
        n_in, n_out = getattr(usage, "prompt_tokens", 0), getattr(usage, "completion_tokens", 0)
        yield Completion(text.whole, self.name, prompt.template, n_in or 0, n_out or 0, cut=cut)

    async def aclose(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _connected(self) -> "AsyncOpenAI":
        async with self._connecting:
            if (
                self._client is None
            ):  # in a thread: the import takes a second, and a key may come from a program
                client, self._foreign = await asyncio.to_thread(self._connect)
                self._client = client
                return client
            return self._client

    def _connect(self) -> tuple["AsyncOpenAI", tuple[type[Exception], ...]]:
        import httpx2
        import openai

        # The environment may name an organization and hold a key; they are no other server's business.
        if self.destination != _OPENAI:
            self._headers = {"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()}
        if self._api_key is None:
            self._headers["Authorization"] = openai.Omit()
        client = openai.AsyncOpenAI(
            api_key=faults.clean_key(self._api_key(), self.destination) if self._api_key else "none",
            base_url=self._base_url,
            timeout=httpx2.Timeout(self._timeout_s, connect=min(self._timeout_s, _CONNECT_S)),
            max_retries=0,
            http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False),
        )
        return client, (openai.OpenAIError, httpx2.HTTPError, ValueError)

    async def _asked(self, client: "AsyncOpenAI", prompt: Prompt) -> Any:
        """The chunks of an answer; of a plainer question, where the server refuses the full one."""
        completions: Any = client.chat.completions
        if not self._plain:
            try:
                return await completions.create(**self._params(prompt), **self._extras(prompt))
            except self._foreign as exc:
                if faults.status_of(exc) not in _MALFORMED:
                    raise
        chunks = await completions.create(**self._params(prompt))
        self._plain = True
        return chunks

    def _params(self, prompt: Prompt) -> dict[str, object]:
        # OpenAI's newer models refuse the old name of the limit, many other servers do not know the new one.
        limit = "max_completion_tokens" if self.destination == _OPENAI else "max_tokens"
        return {
            "model": self.name,
            "messages": [
                {"role": "system", "content": prompt.system},
                {"role": "user", "content": prompt.text},
            ],
            limit: prompt.max_tokens + _THINKING_TOKENS,
            "stream": True,
            "extra_headers": self._headers,
        }

    def _extras(self, prompt: Prompt) -> dict[str, object]:
        extras: dict[str, object] = {"stream_options": {"include_usage": True}}
        if prompt.temperature is not None:
            extras["temperature"] = prompt.temperature
        return extras

    async def _next(self, chunks: AsyncIterator[Any]) -> Any:
        with faults.told_apart(self.destination, *self._foreign):
            return await anext(chunks, None)
