"""Every path the program uses. Knows where things are, not what is in them."""

import os
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ownhand.daemon.errors import Invalid

_MAX_SOCKET_PATH = 103  # bytes; macOS has room for 104 with the final zero, Linux for 108
_LONGEST_SOCKET_NAME = len("/worker-4194304-abcd.sock")  # as agents/child.py makes it


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders of one person on one machine."""

    config: Path
    data: Path  # everything that derives from mail, and nothing else
    logs: Path
    runtime: Path
    cache: Path

    @property
    def config_file(self) -> Path:
        return self.config / "config.toml"

    @property
    def database(self) -> Path:
        return self.data / "ownhand.db"

    @property
    def trainingsets(self) -> Path:
        return self.data / "trainingsets"

    @property
    def adapters(self) -> Path:
        return self.data / "adapters"

    @property
    def relayed(self) -> Path:
        """What was sent through relays and not learned from yet."""
        return self.data / "relayed"

    @property
    def relay_secrets(self) -> Path:
        return self.data / "relay"

    @property
    def sign_ins(self) -> Path:
        """Tokens of accounts, where the person keeps them in files, and locks for renewing them."""
        return self.data / "sign-in"

    @property
    def lock(self) -> Path:
        return self.data / "daemon.lock"

    @property
    def log_file(self) -> Path:
        return self.logs / "daemon.log"

    @property
    def endpoint(self) -> Path:
        return self.runtime / "endpoint.json"

    @property
    def socket(self) -> Path:
        return self.runtime / "daemon.sock"

    @property
    def models(self) -> Path:
        return self.cache / "models"

    def make(self) -> None:
        """Makes the folders that the daemon writes in, for the owner's eyes only."""
        for folder in (self.data, self.trainingsets, self.adapters, self.logs, self.runtime):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.data, self.runtime):
            _refuse_strange(folder)
            folder.chmod(0o700)


def find_paths(environ: Mapping[str, str] = os.environ) -> Paths:
    """The folders where this system wants them, or all under `OWNHAND_HOME` when that is set."""
    if home := environ.get("OWNHAND_HOME"):
        root = Path(home).absolute()
        return Paths(root / "config", root / "data", root / "log", short_enough(root / "run"), root / "cache")
    import platformdirs

    # The data folder has a name of its own: on macOS configuration and data share their parent.
    return Paths(
        config=platformdirs.user_config_path("ownhand", appauthor=False),
        data=platformdirs.user_data_path("ownhand", appauthor=False) / "data",
        logs=platformdirs.user_log_path("ownhand", appauthor=False),
        runtime=short_enough(_runtime()),
        cache=platformdirs.user_cache_path("ownhand", appauthor=False),
    )


def short_enough(runtime: Path) -> Path:
    """The folder itself, or a short one in the temporary folder when a socket's path would not fit.

    The short name is the same each time, so that a client finds the daemon.
    """
    if _fits(runtime):
        return runtime
    name = f"ownhand-{os.getuid()}-{sha256(os.fsencode(runtime)).hexdigest()[:8]}"
    for parent in (Path(tempfile.gettempdir()), Path("/tmp")):
        if _fits(parent / name):
            return parent / name
    longest = _MAX_SOCKET_PATH - _LONGEST_SOCKET_NAME
    raise Invalid(
        f"the folder for sockets has a path of {len(os.fsencode(runtime))} bytes; {longest} is the most",
        hint="set XDG_RUNTIME_DIR or TMPDIR to a shorter one",
        fields={"runtime": "has too long a path"},
    )


def _fits(runtime: Path) -> bool:
    return len(os.fsencode(runtime)) + _LONGEST_SOCKET_NAME <= _MAX_SOCKET_PATH


def _runtime() -> Path:
    import platformdirs

    with warnings.catch_warnings():
        # It warns when it falls back to the temporary folder; `make` checks whose folder that is.
        warnings.simplefilter("ignore")
        return platformdirs.user_runtime_path("ownhand", appauthor=False)


def _refuse_strange(folder: Path) -> None:
    """In a temporary folder anybody may have made a folder of this name before us."""
    found = folder.lstat()
    if not folder.is_dir() or folder.is_symlink() or found.st_uid != os.getuid():
        raise Invalid(
            "a folder that Ownhand needs belongs to somebody else, or is a link",
            hint="remove it, or set OWNHAND_HOME to a folder of your own",
            fields={folder.name: "is not a folder of this user"},
        )
