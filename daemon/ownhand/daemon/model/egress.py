"""The gate: temporary first version, to be replaced whole by its owner."""

from collections.abc import AsyncGenerator, Callable
from typing import Any

from ownhand.daemon.domain import Completion, Prompt
from ownhand.daemon.ports import LargeModel


class Gate:
    def __init__(self, inner: LargeModel, **rest: Any) -> None:
        self._inner = inner
        self.name, self.destination, self.samples = inner.name, inner.destination, inner.samples

    def leaving(self, prompt: Prompt) -> str:
        return f"{prompt.system}\n\n{prompt.text}"

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Completion, None]:
        assert self.destination == "nowhere"
        async for piece in self._inner.stream(prompt):
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()
