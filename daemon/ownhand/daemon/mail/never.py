"""What the person never wants to be learned from: people, domains, folders. Pure."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from ownhand.daemon.domain import NeverEntry, NeverKind
from ownhand.daemon.mail.mime import Message


@dataclass(frozen=True, slots=True)
class NeverLearn:
    """The person's list. Addresses and domains are compared without regard to case."""

    people: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()

    @classmethod
    def of(cls, entries: Iterable[NeverEntry]) -> "NeverLearn":
        entries = list(entries)
        return cls(
            *(
                frozenset(_plain(entry) for entry in entries if entry.kind is kind)
                for kind in (NeverKind.PERSON, NeverKind.DOMAIN, NeverKind.FOLDER)
            )
        )

    def reason(self, message: Message, folder: str = "") -> str | None:
        """Why this message must not be learned from; one recipient on the list is enough."""
        if folder in self.folders:
            return "folder is never learned from"
        addresses = [_ascii(address) for address, _ in (*message.to, *message.cc)]
        if self.people.intersection(addresses):
            return "recipient is never learned from"
        if any(domain in self.domains for address in addresses for domain in _domains(address)):
            return "domain is never learned from"
        return None


def _plain(entry: NeverEntry) -> str:
    return entry.what if entry.kind is NeverKind.FOLDER else _ascii(entry.what.removeprefix("@"))


def _ascii(address: str) -> str:
    """In lower case, with its domain as it travels: bücher.example and xn--bcher-kva.example are one."""
    local, at, domain = address.strip().lower().rpartition("@")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    return f"{local}{at}{domain}"


def _domains(address: str) -> list[str]:
    """The domain of an address, and each above it: mail.example.org, example.org, org."""
    labels = address.rpartition("@")[2].split(".")
    return [".".join(labels[i:]) for i in range(len(labels))]
