"""Fetched mail -> originals: the person's own words, once each, with what was left out counted by reason."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Protocol

from ownhand.daemon import anatomy
from ownhand.daemon.domain import (
    AccountName,
    Correspondent,
    Identity,
    Letter,
    MessageId,
    Original,
    Waiting,
    recipient_kind,
    text_digest,
)
from ownhand.daemon.mail.mime import Message
from ownhand.daemon.mail.never import NeverLearn
from ownhand.daemon.mail.words.own_words import OwnWords, own_words
from ownhand.daemon.ports import MailSource

# Fewer own words than this ("ok", "thanks!") say nothing about a hand that a greeting rule could hold on to.
MIN_WORDS = 4
OTHER_SENDER = "from another sender"  # why such mail is left out
_CONTEXT_CHARACTERS = 4000
_FIELDS = tuple(one.name for one in fields(Message))
CHUNK = 40  # messages between two commits
# A reply this long in which nobody is quoted may have the other's words in it without any mark.
_LONG_REPLY = 150  # words


class ExtractStore(Protocol):
    """What the corpus is asked while mail is read."""

    def written(self) -> Mapping[MessageId, str]:
        """The exact own words of some mails, as the mail client had them before it sent them."""
        ...

    def thread_of(self, account: AccountName, ids: Sequence[MessageId]) -> MessageId | None: ...
    def began_as_draft(self, account: AccountName, digest: str, message_id: MessageId) -> bool: ...


class WaitingStore(Protocol):
    def waiting(self, account: AccountName, limit: int) -> list[Waiting]: ...
    def settle(
        self, account: AccountName, settled: Sequence[tuple[Waiting, Original | tuple[MessageId, str]]]
    ) -> int: ...


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Whose mail is read, and what of it must never be learned from."""

    account: AccountName
    identities: tuple[Identity, ...]  # the account's own first
    never: NeverLearn = field(default_factory=NeverLearn)
    read_answered: bool = True  # look at the mail that is answered, to tell its words from the person's

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(identity.person.address for identity in self.identities)

    def identity(self, address: str) -> Identity | None:
        found = (i for i in self.identities if i.person.address.lower() == address.lower())
        return next(found, None)

    @property
    def voices(self) -> tuple[AccountName, ...]:
        return tuple(dict.fromkeys(identity.voice for identity in self.identities))


async def extract(
    corpus: ExtractStore,
    mailboxes: WaitingStore,
    source: MailSource,
    mailbox: Mailbox,
    report: Callable[[int], None],
) -> int:
    """Reads what was fetched; gives the number of new originals. May stop at any point."""
    added = 0
    while waiting := mailboxes.waiting(mailbox.account, CHUNK):
        made = await read(waiting, source, mailbox, corpus)
        added += mailboxes.settle(mailbox.account, made)
        report(len(waiting))
    return added


async def read(
    waiting: Sequence[Waiting], source: MailSource, mailbox: Mailbox, corpus: ExtractStore
) -> list[tuple[Waiting, Original | tuple[MessageId, str]]]:
    """What each message gives: an original, or the reason why there is none. Keeps nothing."""
    # Looking at texts takes some milliseconds each: the event loop must not wait for it.
    exact = corpus.written()
    looked = await asyncio.to_thread(_look, waiting, mailbox, exact)
    if mailbox.read_answered:
        answered = await _answered(source, [one for one in looked if one.message.message_id not in exact])
        looked = await asyncio.to_thread(_look_again, looked, answered, mailbox)
    return [(one.waiting, _kept(one, mailbox, corpus)) for one in looked]


@dataclass(frozen=True, slots=True)
class _Looked:
    """A message as far as it alone tells what is to be learned from it."""

    waiting: Waiting
    message: Message
    words: OwnWords
    language: str = ""
    reason: str = ""  # why it is not learned from


def _look(waiting: Sequence[Waiting], mailbox: Mailbox, exact: Mapping[MessageId, str]) -> list[_Looked]:
    messages = [unpack(w.message) for w in waiting]
    return [
        _looked(w, message, mailbox, exact=exact.get(MessageId(message.message_id)))
        for w, message in zip(waiting, messages, strict=True)
    ]


def _looked(
    waiting: Waiting,
    message: Message,
    mailbox: Mailbox,
    parent: str | None = None,
    exact: str | None = None,
) -> _Looked:
    if reason := _unfit(message, waiting.place.folder, mailbox):
        return _Looked(waiting, message, OwnWords(""), reason=reason)
    words = _own_words(message, mailbox, parent)
    if exact is not None:
        words = replace(words, text=exact, refused=None)
    if parent and not words.quoted:
        words = replace(words, quoted=parent)
    few = "too few own words" if len(words.text.split()) < MIN_WORDS else ""
    return _Looked(waiting, message, words, anatomy.language(words.text), words.refused or few)


def _unfit(message: Message, folder: str, mailbox: Mailbox) -> str | None:
    """What its header says against learning from it."""
    if message.skip:
        return message.skip
    if message.sent_at is None:
        return "no date"
    if mailbox.identity(message.sender[0]) is None:
        return OTHER_SENDER
    return mailbox.never.reason(message, folder)


def _own_words(message: Message, mailbox: Mailbox, parent: str | None = None) -> OwnWords:
    text, html = (message.text, False) if message.text is not None else (message.html or "", True)
    return own_words(text, html=html, parent=parent, addresses=mailbox.addresses)


async def _answered(source: MailSource, looked: Sequence[_Looked]) -> Mapping[MessageId, Message]:
    """The answered mails, where the replies alone do not tell whose words are whose."""
    wanted = [
        MessageId(one.message.in_reply_to)
        for one in looked
        if one.message.in_reply_to and _is_uncertain(one.words)
    ]
    return await source.answered(wanted) if wanted else {}


def _is_uncertain(words: OwnWords) -> bool:
    return bool(words.refused) or (not words.quoted and len(words.text.split()) > _LONG_REPLY)


def _look_again(
    looked: Sequence[_Looked], answered: Mapping[MessageId, Message], mailbox: Mailbox
) -> list[_Looked]:
    again = []
    for one in looked:
        parent = answered.get(MessageId(one.message.in_reply_to or ""))
        again.append(_looked(one.waiting, one.message, mailbox, _text(parent)) if parent is not None else one)
    return again


def _text(message: Message) -> str:
    if message.text is not None:
        return message.text
    words = own_words(message.html or "", html=True)
    return "\n".join(filter(None, (words.text, words.signature, words.quoted)))


def _kept(one: _Looked, mailbox: Mailbox, corpus: ExtractStore) -> Original | tuple[MessageId, str]:
    """The original, or why there is none."""
    message_id = MessageId(one.message.message_id)
    identity = mailbox.identity(one.message.sender[0])
    if one.reason or identity is None or one.message.sent_at is None:
        return message_id, one.reason
    if corpus.began_as_draft(identity.voice, text_digest(one.words.text), message_id):
        return message_id, "our own draft, sent unchanged"
    return _original(one, one.message.sent_at, identity, corpus)


def _original(one: _Looked, sent_at: datetime, identity: Identity, corpus: ExtractStore) -> Original:
    message, words, person = one.message, one.words, identity.person
    to = tuple(Correspondent(address, name) for address, name in (*message.to, *message.cc))
    earlier = [MessageId(i) for i in (*message.references, *filter(None, [message.in_reply_to]))]
    thread = corpus.thread_of(identity.voice, earlier) if earlier else None
    return Original(
        message_id=MessageId(message.message_id),
        account=identity.voice,
        sent_at=sent_at,
        thread=thread or (earlier[0] if earlier else MessageId(message.message_id)),
        letter=Letter(
            sender=Correspondent(person.address, person.name or message.sender[1]),
            to=to,
            kind=recipient_kind(person, to),
            subject=message.subject,
            reply=bool(earlier) or bool(words.quoted),
            context=words.quoted[:_CONTEXT_CHARACTERS],
            language=one.language,
        ),
        text=words.text,
    )


def pack(message: Message) -> str:
    """A message as it is kept until it is read."""
    sent_at = message.sent_at.isoformat() if message.sent_at else None
    known = {name: getattr(message, name) for name in _FIELDS}
    return json.dumps({**known, "sent_at": sent_at}, ensure_ascii=False)


def unpack(text: str) -> Message:
    known = json.loads(text)
    return Message(
        **{
            **known,
            "sent_at": datetime.fromisoformat(known["sent_at"]) if known["sent_at"] else None,
            "sender": tuple(known["sender"]),
            "to": tuple(map(tuple, known["to"])),
            "cc": tuple(map(tuple, known["cc"])),
            "references": tuple(known["references"]),
            "reply_to": tuple(map(tuple, known["reply_to"])),
        }
    )
