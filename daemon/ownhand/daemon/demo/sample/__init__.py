"""The sent mail of two invented people, as mbox files."""

from importlib.resources import files
from pathlib import Path

PEOPLE = ("maren", "dev")


def mailbox_file(person: str) -> Path:
    """The mbox file of one of `PEOPLE`."""
    return Path(str(files(__name__) / f"{person}.mbox"))
