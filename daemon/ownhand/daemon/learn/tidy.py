"""What only the whole corpus tells: the signature a person repeats, and mail that was merged for many."""

from collections.abc import Sequence
from typing import Protocol

from ownhand.daemon.domain import AccountName, MessageId, Original


class TidyStore(Protocol):
    def originals(self, account: AccountName) -> list[Original]: ...
    def endings(self, voice: AccountName) -> str: ...
    def set_endings(self, voice: AccountName, digests: str) -> None: ...
    def replace(self, originals: Sequence[Original]) -> None: ...
    def remove(self, account: AccountName, ids: Sequence[MessageId], reason: str = "") -> int: ...


def tidy(store: TidyStore, voice: AccountName) -> int:
    """Takes signatures and merged mail out of a voice's originals; gives how many of them went."""
    return 0
