"""Which engine answers: not always the one that trained, since answers are short and must come at once.

On a CPU the embedded base runs in numpy, and one of a hub in llama.cpp where that is installed. All else is
answered by the backend that trained.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from ownhand.trainer.backends import base, base_model

if TYPE_CHECKING:
    from ownhand.trainer.backends.llamacpp import LlamaCppEngine


class Serving:
    """Loads agents. Holds on to a base of llama.cpp: from one agent to another only the adapter changes."""

    def __init__(self) -> None:
        self._engine: LlamaCppEngine | None = None

    def load(self, backend: str, name: str, adapter: Path) -> base.Generator:
        """Checks the manifest whole before any weight is read, whatever answers."""
        chosen = base.choose(backend)
        if chosen.name == "torch" and name == base_model.EMBEDDED:
            from ownhand.trainer.backends import plain, torch

            self._engine = None
            return plain.load(adapter, torch.checked(name, adapter))
        if chosen.name == "torch" and _runs_in_llamacpp(name):
            return self._in_llamacpp(name, adapter)
        self._engine = None
        return chosen.load(name, adapter)

    def _in_llamacpp(self, name: str, adapter: Path) -> base.Generator:
        from ownhand.trainer.backends import llamacpp, torch

        made = torch.checked(name, adapter)
        if self._engine is None or (self._engine.name, self._engine.base_hash) != (name, made.base_hash):
            self._engine = None  # the memory of the old one first
            self._engine = llamacpp.LlamaCppEngine(name)
        self._engine.use(adapter)
        return llamacpp.LlamaCppGenerator(self._engine, made)


def _runs_in_llamacpp(name: str) -> bool:
    from ownhand.trainer.backends import llamacpp

    return llamacpp.suits(name)
