"""The port of the backends, and the choice among them: made here and nowhere else."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ownhand.trainer.dataset import TrainingSet
from ownhand.trainer.errors import NotReady
from ownhand.worker.v1 import training_pb2 as pb


@dataclass(frozen=True, slots=True)
class ProposedRule:
    """One whole rule, and the logarithm of the probability that the agent gave it."""

    text: str
    log_probability: float


class Report(Protocol):
    """Where a training says how far it is; `Events` is one."""

    def started(self, event: pb.TrainingStarted) -> None: ...
    def step(self, event: pb.TrainingStep) -> None: ...


def never() -> bool:
    """For callers that do not cancel."""
    return False


class Generator(Protocol):
    """One base model with one adapter, in memory."""

    @property
    def manifest(self) -> pb.AdapterManifest: ...

    def propose(
        self, situation: pb.Situation, cancelled: Callable[[], bool] = never
    ) -> Iterator[ProposedRule]:
        """Rules, each as soon as it is whole; stops within a token of `cancelled`."""
        ...

    def loss(self, examples: Sequence[pb.Example]) -> float:
        """Mean over completion tokens, in nats."""
        ...


class Backend(Protocol):
    """A library that trains and runs small models."""

    name: str

    def available(self) -> str | None:
        """Why it cannot run here, and what to do; None if it can."""
        ...

    def train(self, job: pb.TrainingJob, data: TrainingSet, report: Report) -> pb.AdapterManifest:
        """Fills the partial folder of the job, all but the manifest, which it gives back."""
        ...

    def load(self, base_model: str, adapter: Path) -> Generator:
        """Checks the manifest whole before any weight is read."""
        ...


def choose(name: str) -> Backend:
    """The backend of that name; "auto" takes the best that runs here, and never the fake."""
    if name == "fake":
        from ownhand.trainer.backends.fake import FakeBackend

        return FakeBackend()
    if name == "mlx" or (name == "auto" and _is_for_mlx()):
        from ownhand.trainer.backends.mlx import MlxBackend

        return _ready(MlxBackend())
    if name in ("auto", "torch"):
        from ownhand.trainer.backends.torch import TorchBackend

        return _ready(TorchBackend())
    raise NotReady(f'there is no backend "{name}" in this version; use "torch", "mlx" or "auto"')


def _is_for_mlx() -> bool:
    """On Apple silicon, unless only torch is installed there."""
    from ownhand.trainer.backends.mlx import MlxBackend, is_at_home
    from ownhand.trainer.backends.torch import TorchBackend

    return is_at_home() and (MlxBackend().available() is None or TorchBackend().available() is not None)


def _ready(backend: Backend) -> Backend:
    why_not = backend.available()
    if why_not:
        raise NotReady(why_not)
    return backend
