"""Which engine answers: not always the one that trained, since answers are short and must come at once.

The embedded base is answered for in numpy. For one of a hub it is mlx on Apple silicon, torch with a graphics
card, and on a CPU llama.cpp where that is installed; torch does what the others cannot.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

from ownhand.trainer.backends import base, base_model, gguf_base, mlx
from ownhand.trainer.errors import NotReady

if TYPE_CHECKING:
    from ownhand.trainer.backends.llamacpp import LlamaCppEngine

_NEEDS = {
    "mlx": ("mlx.core", "mlx_lm"),
    "torch": ("torch", "transformers", "peft"),
    "llama.cpp": ("llama_cpp", "gguf"),
}
_LIBRARIES_OF_CUDA = ("libtorch_cuda.so", "torch_cuda.dll")


@dataclass(frozen=True, slots=True)
class Machine:
    """What decides on an engine."""

    apple_silicon: bool
    cuda: bool  # a graphics card, and a torch that can use it
    engines: frozenset[str]  # those that are installed; that of the embedded base always is


def this_machine() -> Machine:
    """Looks at files alone: to import a library in order to ask it would take seconds."""
    return Machine(
        apple_silicon=mlx.is_at_home(),
        cuda=_has_cuda(),
        engines=frozenset(name for name, parts in _NEEDS.items() if all(map(_is_installed, parts))),
    )


def order(machine: Machine, backend: str, *, embedded: bool, convertible: bool) -> tuple[str, ...]:
    """The engines that can answer, the best first. Pure: this is where it is decided.

    `backend` is what the person chose to train with; `convertible`, whether llama.cpp knows such a base.
    """
    if backend == "fake":
        return ("fake",)
    if embedded:
        return ("plain",)
    wanted = ["mlx"] if backend == "mlx" or (backend == "auto" and machine.apple_silicon) else []
    wanted += ["torch"] if machine.cuda else []
    wanted += ["llama.cpp"] if convertible else []
    wanted += ["torch"]
    return tuple(dict.fromkeys(name for name in wanted if name in machine.engines))


class Serving:
    """Loads agents. Holds on to a base of llama.cpp: from one agent to another only the adapter changes."""

    def __init__(self, machine: Callable[[], Machine] = this_machine) -> None:
        self._machine = machine
        self._engine: LlamaCppEngine | None = None

    def load(self, backend: str, name: str, adapter: Path) -> base.Generator:
        """Checks the manifest whole before any weight is read, whatever answers."""
        engines = order(
            self._machine(),
            backend,
            embedded=name == base_model.EMBEDDED,
            convertible=backend != "fake" and not gguf_base.why_not(base_model.config_of(name)),
        )
        if not engines:
            base.choose(backend)  # says what is to be installed
        *others, last = engines
        for engine in others:
            try:
                return self._loaded(engine, name, adapter)
            except NotReady as exc:
                print(f"{engine} does not answer, another engine will: {exc}", file=sys.stderr)
        return self._loaded(last, name, adapter)

    def _loaded(self, engine: str, name: str, adapter: Path) -> base.Generator:
        if engine == "llama.cpp":
            return self._in_llamacpp(name, adapter)
        self._engine = None  # the memory of the old one first
        if engine == "plain":
            from ownhand.trainer.backends import plain, torch

            return plain.load(adapter, torch.checked(name, adapter))
        return base.choose(engine).load(name, adapter)

    def _in_llamacpp(self, name: str, adapter: Path) -> base.Generator:
        from ownhand.trainer.backends import llamacpp, torch

        made = torch.checked(name, adapter)
        if self._engine is None or (self._engine.name, self._engine.base_hash) != (name, made.base_hash):
            self._engine = None  # the memory of the old one first
            self._engine = llamacpp.LlamaCppEngine(name)
        self._engine.use(adapter)
        return llamacpp.LlamaCppGenerator(self._engine, made)


def _is_installed(library: str) -> bool:
    try:
        return util.find_spec(library) is not None
    except ImportError:  # of what it is a part of
        return False


def _has_cuda() -> bool:
    """On Linux and Windows. Many a machine with a graphics card has a torch without CUDA."""
    torch = util.find_spec("torch")
    if torch is None or torch.origin is None:
        return False
    driver = sys.platform == "win32" or Path("/proc/driver/nvidia/version").exists()
    libraries = Path(torch.origin).parent / "lib"
    return driver and any((libraries / name).exists() for name in _LIBRARIES_OF_CUDA)
