"""What trainings on this machine are about to take, for whoever must say it beforehand."""

from contextlib import suppress
from functools import cached_property
from pathlib import Path

from ownhand.daemon.bases import shelf
from ownhand.daemon.bases.machine import Machine, this_machine
from ownhand.daemon.bases.needs import needs
from ownhand.daemon.bases.table import EMBEDDED, TABLE
from ownhand.daemon.errors import Invalid


class Estimates:
    """Blocks while it looks at the machine, the first time."""

    def __init__(self, base: str, models: Path, backend: str, threads: int) -> None:
        self._base = base
        self._models = models
        self._backend = backend
        self._threads = threads

    @cached_property
    def _machine(self) -> Machine:
        return this_machine(self._backend, self._threads)

    def training(self, n_mails: int) -> tuple[float, int]:
        """Seconds and bytes with the base in use. Raises Invalid when that is no base or not here."""
        wanted = needs(shelf.describe(self._base, self._models), self._machine, n_mails)
        return 60 * wanted.minutes, wanted.train_bytes

    def others(self) -> dict[str, int]:
        """Bytes that a training takes on bases one could choose instead: without strings, or here already."""
        found = {base.name: base for base in TABLE if not base.note}
        for name in (EMBEDDED, *shelf.pulled(self._models)):
            with suppress(Invalid):  # what cannot be read cannot be chosen
                found[name] = shelf.describe(name, self._models)
        return {name: needs(base, self._machine).train_bytes for name, base in found.items()}
