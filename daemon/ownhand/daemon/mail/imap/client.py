"""What is used of a connection once it is signed in, and folders as servers list them."""

import base64
import re
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from ownhand.daemon.mail.imap import answers
from ownhand.daemon.mail.imap.discover import Folder
from ownhand.daemon.mail.imap.faults import FOREIGN
from ownhand.daemon.mail.imap.wire import Refused, Response, Wire

_SHIFTED = re.compile(r"&([^-]*)-")
_UNUSUAL = re.compile(r"[^\x20-\x7e]+|&")


class Client(Protocol):
    """What is used of imapclient.IMAPClient after the sign-in."""

    def capabilities(self) -> Sequence[bytes]: ...
    def socket(self) -> socket.socket: ...
    def shutdown(self) -> None: ...


def hang_up(client: Client) -> None:
    """Ends the connection, in whatever state it is."""
    # imaplib's shutdown fails on a socket that an unfinished handshake has closed, which would hide why.
    with suppress(*FOREIGN):
        client.shutdown()


def list_folders(wire: Wire, capabilities: frozenset[str]) -> list[Folder]:
    """All folders of the account, those of other people left out."""
    found = {folder.name: folder for folder in _listed(wire.ask('LIST "" "*"'))}
    if not any("\\sent" in folder.marks for folder in found.values()):
        # RFC 6154 lets servers keep the marks for those who ask; XLIST is what Gmail had before it.
        for capability, ask in (("SPECIAL-USE", "LIST (SPECIAL-USE)"), ("XLIST", "XLIST")):
            if capability in capabilities:
                with suppress(Refused):
                    found.update((folder.name, folder) for folder in _listed(wire.ask(f'{ask} "" "*"')))
    own, others = _namespaces(wire) if "NAMESPACE" in capabilities else ([], [])
    return [
        replace(folder, prefix=_prefix(folder.name, own))
        for folder in found.values()
        if not _prefix(folder.name, others)
    ]


def n_messages(wire: Wire, name: str) -> int:
    try:
        return answers.status(wire.ask(f"STATUS {quoted(name)} (MESSAGES)")).get("MESSAGES", 0)
    except Refused:
        return 0


def quoted(name: str) -> str:
    """A folder's name as IMAP writes it: modified UTF-7 in quotes."""
    return '"{}"'.format(encode_name(name).replace("\\", "\\\\").replace('"', '\\"'))


def encode_name(name: str) -> str:
    """Modified UTF-7 (RFC 3501, 5.1.3)."""

    def shifted(found: re.Match[str]) -> str:
        if found[0] == "&":
            return "&-"
        encoded = base64.b64encode(found[0].encode("utf-16-be")).rstrip(b"=").replace(b"/", b",")
        return f"&{encoded.decode()}-"

    return _UNUSUAL.sub(shifted, name)


def decode_name(name: bytes) -> str:
    """The same back; what is no modified UTF-7 is taken for the UTF-8 that some servers send."""

    def plain(found: re.Match[str]) -> str:
        encoded = found[1].replace(",", "/").encode()
        return base64.b64decode(encoded + b"=" * (-len(encoded) % 4)).decode("utf-16-be") if encoded else "&"

    text = name.decode("utf-8", "replace")
    try:
        return _SHIFTED.sub(plain, text)
    except ValueError:
        return text


def _listed(said: Sequence[Response]) -> list[Folder]:
    return [folder for response in said if (folder := _folder(response)) is not None]


def _folder(response: Response) -> Folder | None:
    if response[0][:7].upper() not in (b"* LIST ", b"* XLIST"):
        return None
    try:
        _, _, flags, delimiter, name, *_ = answers.parse(response)
    except ValueError:
        return None
    if not isinstance(flags, tuple) or not isinstance(name, (bytes, int)):
        return None
    said = tuple(flag.decode("ascii", "replace") for flag in flags if isinstance(flag, bytes))
    between = delimiter.decode("ascii", "replace") if isinstance(delimiter, bytes) else ""
    return Folder(decode_name(name if isinstance(name, bytes) else str(name).encode()), said, between)


def _namespaces(wire: Wire) -> tuple[list[str], list[str]]:
    """Prefixes of the account's own folders, and of those of others and of all."""
    try:
        for response in wire.ask("NAMESPACE"):
            if response[0][:11].upper() == b"* NAMESPACE":
                own, *others = (_prefixes(one) for one in answers.parse(response)[2:5])
                return own, [name for names in others for name in names]
    except (Refused, ValueError, IndexError):
        pass
    return [], []


def _prefixes(namespace: object) -> list[str]:
    listed = namespace[0] if isinstance(namespace, tuple) and namespace else ()
    rows = listed if isinstance(listed, list) else []
    names = [row[0] for row in rows if isinstance(row, tuple)]
    return [decode_name(name) for name in names if isinstance(name, bytes) and name]


def _prefix(name: str, prefixes: Sequence[str]) -> str:
    return max((prefix for prefix in prefixes if name.startswith(prefix)), key=len, default="")
