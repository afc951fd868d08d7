"""A keyring for daemons that tests start: entries in a file of the test's, by PYTHON_KEYRING_BACKEND."""

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend

_FILE = "OWNHAND_TEST_KEYRING"


class FileKeyring(KeyringBackend):
    priority = 1.0

    def get_password(self, service: str, username: str) -> str | None:
        return _entries().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        _write({**_entries(), f"{service}/{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        entries = _entries()
        del entries[f"{service}/{username}"]
        _write(entries)


def environ(file: Path) -> dict[str, str]:
    """For a process that is to have this keyring."""
    folder = str(Path(__file__).parent)
    return {"PYTHON_KEYRING_BACKEND": "file_keyring.FileKeyring", "PYTHONPATH": folder, _FILE: str(file)}


def entries_of(file: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    return found


def _entries() -> dict[str, str]:
    return entries_of(Path(os.environ[_FILE]))


def _write(entries: dict[str, str]) -> None:
    Path(os.environ[_FILE]).write_text(json.dumps(entries))
