"""How the daemon itself is."""

import os
import resource
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ownhand.daemon.domain import DaemonState


class Daemon:
    def __init__(
        self,
        *,
        version: str,
        started_at: datetime,
        model: str,
        destination: str,
        backend: str,
        n_accounts: Callable[[], int],
        n_running_jobs: Callable[[], int],
        data_folder: Path,
        log_file: Path,
    ) -> None:
        self._fixed = DaemonState(
            version=version,
            pid=os.getpid(),
            started_at=started_at,
            model=model,
            destination=destination,
            backend=backend,
            n_accounts=0,
            n_running_jobs=0,
            memory_bytes=0,
            data_folder=str(data_folder),
            log_file=str(log_file),
        )
        self._n_accounts = n_accounts
        self._n_running_jobs = n_running_jobs

    def status(self) -> DaemonState:
        return replace(
            self._fixed,
            n_accounts=self._n_accounts(),
            n_running_jobs=self._n_running_jobs(),
            memory_bytes=resident_bytes(),
        )


def resident_bytes() -> int:
    """Resident memory of this process now; where the system does not tell, the most there ever was."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
