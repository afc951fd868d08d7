"""Puts a draft in the Drafts folder of an account. Nothing here can send.

Is handed an imapclient that is signed in. What a server said is never passed on.
"""

import imaplib
import re
from datetime import datetime
from typing import Any

from ownhand.daemon.domain import MessageId, Saved
from ownhand.daemon.errors import NotReady, Reason, Unreachable
from ownhand.daemon.mail.imap import faults
from ownhand.daemon.mail.imap.discover import Folder, drafts_folder

_APPENDED = re.compile(rb"APPENDUID \d+ (\d+)")


def save(client: Any, raw: bytes, message_id: MessageId, *, wanted: str, server: str) -> Saved:
    """Appends a message, unless one with its id is there. Raises NotReady and Unreachable."""
    name = wanted
    try:
        name = wanted if wanted != "auto" else _found(client)
        client.select_folder(name, readonly=True)
        there = client.search(["HEADER", "Message-ID", message_id])
    except faults.FOREIGN as error:
        if isinstance(error, imaplib.IMAP4.abort) or not isinstance(error, imaplib.IMAP4.error):
            raise faults.translate(error, server) from None
        raise _no_folder(name, client) from None
    if there:
        return Saved(name, message_id, max(there), before=True)
    try:
        said = client.append(name, raw, ("\\Draft", "\\Seen"), datetime.now().astimezone())
    except faults.FOREIGN as error:
        if isinstance(error, imaplib.IMAP4.error) and not isinstance(error, imaplib.IMAP4.abort):
            raise Unreachable(
                f"{server} did not take the draft", hint="is the mailbox full? nothing was saved"
            ) from None
        # From here on it may have been saved. Asking again is safe: it looks before it saves.
        raise Unreachable(
            f"{server} did not say whether it saved the draft",
            hint="save it again: a draft that is there already is not saved twice",
        ) from None
    uid = _APPENDED.search(said if isinstance(said, bytes) else b"")
    return Saved(name, message_id, int(uid[1]) if uid else 0)


def _found(client: Any) -> str:
    found = drafts_folder(_folders(client))
    if found is None:
        raise _no_folder("", client)
    return found.name


def _folders(client: Any) -> list[Folder]:
    return [
        Folder(name, tuple(flag.decode("ascii", "replace") for flag in flags), (delimiter or b"").decode())
        for flags, delimiter, name in client.list_folders()
    ]


def _no_folder(wanted: str, client: Any) -> NotReady:
    there = ", ".join(f'"{folder.name}"' for folder in _folders(client)[:40])
    return NotReady(
        f'there is no folder "{wanted}"' if wanted else "the Drafts folder was not found",
        hint=f'name it in the config as drafts = "…"; the account has these folders: {there}',
        reason=Reason.FOLDER_MISSING,
    )
