"""Messages in other folders than Sent, found by their Message-ID: kept in an archive, or answered."""

import re
from collections.abc import Iterator, Sequence

from ownhand.daemon.domain import MessageId
from ownhand.daemon.mail.imap import answers, described
from ownhand.daemon.mail.imap.discover import Folder, keepers, marked, named_inbox
from ownhand.daemon.mail.imap.folder import Opener
from ownhand.daemon.mail.imap.plan import uid_set
from ownhand.daemon.mail.imap.reader import Reader
from ownhand.daemon.mail.imap.wire import Refused
from ownhand.daemon.mail.mime import Message

MAX_ANSWERED = 50  # messages of others that are read at once
_TOGETHER = 20  # Message-IDs in one SEARCH: a server may go through a whole folder for each SEARCH
# What can stand in a quoted string, and is a Message-ID that a mail has, not one that we made up.
_ID = re.compile(r"<[\x21\x23-\x3b\x3d\x3f-\x5b\x5d-\x7e]{3,500}>")
_OURS = "@ownhand.invalid>"
_HEADER = ("BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]",)
_VALUE = re.compile(rb"<[^<>\s]+>")


def kept(opener: Opener, folders: Sequence[Folder], ids: Sequence[MessageId]) -> set[MessageId]:
    """Which of the messages stand in a folder that keeps all mail or archived mail."""
    everything = [folder for folder in keepers(folders) if "\\all" in folder.marks]
    archives = [folder for folder in keepers(folders) if "\\all" not in folder.marks]
    found = _among(opener, archives, ids)
    in_all = _among(opener, everything, [one for one in ids if one not in found])
    # Gmail's "All Mail" has nothing that is binned; Proton's has.
    binned = _among(opener, marked(folders, "\\trash", "\\junk"), sorted(in_all)) if in_all else set()
    return found | (in_all - binned)


def messages(opener: Opener, folders: Sequence[Folder], ids: Sequence[MessageId]) -> dict[MessageId, Message]:
    """The messages themselves, read as Sent mail is; at most MAX_ANSWERED of them are looked for."""
    wanted = list(dict.fromkeys(ids))[:MAX_ANSWERED]
    found: dict[MessageId, Message] = {}
    # Where one folder has everything it is enough, and elsewhere mail is answered where it arrived.
    for folder in sorted(keepers(folders) + named_inbox(folders), key=_usefulness):
        left = [one for one in wanted if one not in found]
        for uids in _places(opener, folder, left):
            reader = Reader(opener.wire, 0)
            for message in reader.read(sorted(uids), len(uids))[0]:
                if message.message_id in left:
                    found[MessageId(message.message_id)] = message
    return found


def _usefulness(folder: Folder) -> int:
    return 0 if "\\all" in folder.marks else 1 if folder.name.upper() == "INBOX" else 2


def _among(opener: Opener, folders: Sequence[Folder], ids: Sequence[MessageId]) -> set[MessageId]:
    found: set[MessageId] = set()
    for folder in folders:
        for uids in _places(opener, folder, [one for one in ids if one not in found]):
            found.update(uids.values())
    return found & set(ids)


def _places(opener: Opener, folder: Folder, ids: Sequence[MessageId]) -> Iterator[dict[int, MessageId]]:
    """The UIDs under which the folder has these messages, one of each, some at a time."""
    askable = [one for one in ids if _ID.fullmatch(one) and not one.endswith(_OURS)]
    try:
        if not askable or not opener.open(folder.name).n_messages:
            return
        for at in range(0, len(askable), _TOGETHER):
            wanted = askable[at : at + _TOGETHER]
            uids = opener.found(_any_of(wanted))
            if uids:
                # HEADER finds parts of words too: the header itself decides.
                yield {uid: one for one, uid in _ids(opener, uids).items() if one in wanted}
    except Refused:
        return  # a folder that is listed and cannot be opened or searched holds nothing for us


def _any_of(ids: Sequence[MessageId]) -> str:
    terms = [f'HEADER Message-ID "{one}"' for one in ids]
    return "OR " * (len(terms) - 1) + " ".join(terms)


def _ids(opener: Opener, uids: Sequence[int]) -> dict[MessageId, int]:
    found: dict[MessageId, int] = {}
    for response in opener.wire.ask(f"UID FETCH {uid_set(uids)} ({' '.join(_HEADER)})"):
        uid, items = answers.fetched(response)
        value = _VALUE.search(described.content(items or {}, b"BODY[HEADER") or b"")
        if uid and value:
            found[MessageId(value[0].decode("ascii", "replace"))] = uid
    return found
