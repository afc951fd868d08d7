"""The few methods of imapclient that are used, and its answers as values of ours."""

import imaplib
import socket
from collections.abc import Mapping, Sequence
from typing import Protocol

from ownhand.daemon.mail.discover import Folder

Answers = Mapping[int, Mapping[bytes, object]]


class Client(Protocol):
    """What is used of imapclient.IMAPClient."""

    def capabilities(self) -> Sequence[bytes]: ...
    def list_folders(self) -> Sequence[tuple[Sequence[bytes], bytes | None, str]]: ...
    def folder_status(self, folder: str, what: Sequence[str]) -> Mapping[bytes, int]: ...
    def select_folder(self, folder: str, readonly: bool) -> Mapping[bytes, object]: ...
    def search(self, criteria: str) -> Sequence[int]: ...
    def fetch(self, messages: Sequence[int], data: Sequence[str]) -> Answers: ...
    def noop(self) -> object: ...
    def idle(self) -> None: ...
    def idle_done(self) -> object: ...
    def socket(self) -> socket.socket: ...
    def logout(self) -> object: ...
    def shutdown(self) -> None: ...


def list_folders(client: Client) -> list[Folder]:
    return [
        Folder(name, tuple(flag.decode("ascii", "replace") for flag in flags), (delimiter or b"").decode())
        for flags, delimiter, name in client.list_folders()
    ]


def n_messages(client: Client, name: str) -> int:
    try:
        return client.folder_status(name, ["MESSAGES"]).get(b"MESSAGES", 0)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        return 0


def number(said: Mapping[bytes, object], name: bytes) -> int:
    value = said.get(name)
    return value if isinstance(value, int) else 0
