"""The sample mail, divided as the demo uses it: some there from the start, some later, some never.

Knows which mail counts as usable, as collecting does; knows nothing of IMAP.
"""

from dataclasses import dataclass

from ownhand.daemon.demo.sample import PEOPLE, mailbox_file
from ownhand.daemon.domain import Correspondent
from ownhand.daemon.mail.mbox import entries
from ownhand.daemon.mail.mime import Message, read_message
from ownhand.daemon.mail.words.own_words import OwnWords, own_words

_MIN_WORDS = 4  # as learn/collect.py has it


@dataclass(frozen=True, slots=True)
class Sent:
    """One sent mail: as it came, as it was read, and its author's words."""

    raw: bytes
    message: Message
    words: OwnWords

    @property
    def to(self) -> tuple[Correspondent, ...]:
        return tuple(Correspondent(*mailbox) for mailbox in (*self.message.to, *self.message.cc))


@dataclass(frozen=True, slots=True)
class Sample:
    """One invented person and their mail, oldest first."""

    account: str
    person: Correspondent
    first: tuple[Sent, ...]  # in the Sent folder when learning begins
    later: tuple[Sent, ...]  # sent after the first agent is there
    unseen: tuple[Sent, ...]  # never in the folder: drafts are compared with these


def samples(n_later: int, n_unseen: int) -> tuple[Sample, ...]:
    """Everybody. `n_later` and `n_unseen` count usable mails from the end; others stay where they are."""
    return tuple(_sample(person, n_later, n_unseen) for person in PEOPLE)


def _sample(account: str, n_later: int, n_unseen: int) -> Sample:
    mails = [_read(entry.read()) for entry in entries(mailbox_file(account))]
    address, name = mails[0].message.sender
    usable = [n for n, mail in enumerate(mails) if _is_usable(mail, address)]
    late, unseen = usable[-n_later - n_unseen], usable[-n_unseen]
    return Sample(
        account,
        Correspondent(address, name),
        first=tuple(mails[:late]),
        later=tuple(mails[late:unseen]),
        unseen=tuple(mails[n] for n in usable[-n_unseen:]),
    )


def _read(raw: bytes) -> Sent:
    message = read_message(raw)
    if message.text is not None:
        return Sent(raw, message, own_words(message.text))
    return Sent(raw, message, own_words(message.html or "", html=True))


def _is_usable(mail: Sent, address: str) -> bool:
    message, words = mail.message, mail.words
    if message.skip or message.sent_at is None or message.sender[0].lower() != address.lower():
        return False
    return not words.refused and len(words.text.split()) >= _MIN_WORDS
