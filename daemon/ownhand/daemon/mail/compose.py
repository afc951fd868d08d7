"""A draft -> a message as mail programs keep it: whom it goes to, what it answers, what it quotes. Pure.

The answered mail is a stranger's: nothing in it can add a header, a line of one, or a recipient that the
person did not ask to answer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from ownhand.daemon import anatomy
from ownhand.daemon.domain import Correspondent, MessageId, text_digest
from ownhand.daemon.errors import Invalid
from ownhand.daemon.mail.mime import Message
from ownhand.daemon.mail.words.html import text_of_html

_REPLY_MARKS = re.compile(
    r"^(?:\s*(?:re|aw|antw|sv|vs|rv|res|rif|odp|ynt|ha|vá|bls|отв|ответ|回复|回覆|답장|転送|返信)"
    r"(?:\[\d+\])?\s*[:：]\s*)+",
    re.IGNORECASE,
)
_ID = re.compile(r"<[^<>\s@]+@[^<>\s@]+>")
_MADE_UP = "@ownhand.invalid>"  # ids of ours, for mail that has none
_MAX_REFERENCES = 20  # RFC 5322 lets a thread grow for ever; servers do not
_MAX_QUOTED = 200_000  # characters
# "On 2 March 2026 at 9:14, Bob wrote:" in the language of the mail.
_ATTRIBUTIONS = {
    "da": "Den {date} skrev {name}:",
    "de": "Am {date} schrieb {name}:",
    "es": "El {date}, {name} escribió:",
    "fr": "Le {date}, {name} a écrit :",
    "it": "Il {date}, {name} ha scritto:",
    "nl": "Op {date} schreef {name}:",
    "pl": "W dniu {date}, {name} napisał(a):",
    "pt": "Em {date}, {name} escreveu:",
    "sv": "Den {date} skrev {name}:",
}
_ATTRIBUTION = "On {date}, {name} wrote:"
_DATES = {"de": "%d.%m.%Y um %H:%M", "en": "%Y-%m-%d %H:%M"}


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who writes to whom, about what."""

    sender: Correspondent
    to: tuple[Correspondent, ...]
    cc: tuple[Correspondent, ...] = ()
    subject: str = ""


def reply_envelope(
    answered: Message, identities: Sequence[Correspondent], *, everyone: bool = False
) -> Envelope:
    """Whom an answer goes to, and from which of the person's addresses. An own mail is gone on with."""
    own = {one.address.lower() for one in identities}
    theirs = tuple(Correspondent(*one) for one in answered.to)
    copied = tuple(Correspondent(*one) for one in answered.cc)
    sender = choose_identity(identities, answered)
    if answered.sender[0].lower() in own:
        return Envelope(sender, theirs, copied if everyone else (), reply_subject(answered.subject))
    to = [Correspondent(*one) for one in answered.reply_to or (answered.sender,)]
    rest = [one for one in (*theirs, *copied) if one.address.lower() not in own] if everyone else []
    known = {one.address.lower() for one in to}
    cc = tuple(one for one in rest if one.address.lower() not in known)
    return Envelope(sender, tuple(to), cc, reply_subject(answered.subject))


def choose_identity(identities: Sequence[Correspondent], answered: Message) -> Correspondent:
    """The address that the mail was sent to, or from; the account's own, which is the first, otherwise."""
    named = [address.lower() for address, _ in (answered.sender, *answered.to, *answered.cc)]
    return next((one for one in identities if one.address.lower() in named), identities[0])


def reply_subject(subject: str) -> str:
    """With one "Re:", whatever marks in whatever language stood before."""
    rest = _REPLY_MARKS.sub("", _line(subject))
    return f"Re: {rest}" if rest else "Re:"


def message_id_of(draft_id: str, text: str, sender: Correspondent) -> MessageId:
    """The same for the same draft, so that it is not saved twice."""
    return MessageId(f"<{text_digest(draft_id + text)[:24]}@{_domain(sender.domain) or 'localhost'}>")


def compose(
    text: str,
    envelope: Envelope,
    *,
    answered: Message | None = None,
    quote: bool = True,
    message_id: MessageId,
    at: datetime,
) -> bytes:
    """The message as bytes, with CRLF. Raises Invalid for an address that no mail can go to."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = [_address(envelope.sender)]
    for field, people in (("To", envelope.to), ("Cc", envelope.cc)):
        if people:
            mail[field] = [_address(one) for one in people]
    mail["Subject"] = _line(envelope.subject)
    mail["Date"] = at
    mail["Message-ID"] = message_id
    if answered is not None:
        _thread(mail, answered)
    body = text.rstrip() + "\n"
    if answered is not None and quote:
        body += _quoted(answered, anatomy.language(text))
    mail.set_content(body, cte="quoted-printable" if not body.isascii() else None)
    return mail.as_bytes()


def _thread(mail: EmailMessage, answered: Message) -> None:
    if not _ID.fullmatch(answered.message_id) or answered.message_id.endswith(_MADE_UP):
        return
    mail["In-Reply-To"] = answered.message_id
    # RFC 5322, 3.6.4: the parent's References, or its In-Reply-To where it has none, and its own id.
    before = answered.references or tuple(filter(None, [answered.in_reply_to]))
    known = [one for one in dict.fromkeys(before) if _ID.fullmatch(one) and one != answered.message_id]
    if len(known) >= _MAX_REFERENCES:
        known = [known[0], *known[-_MAX_REFERENCES + 2 :]]
    mail["References"] = " ".join((*known, answered.message_id))


def _quoted(answered: Message, language: str) -> str:
    text = answered.text if answered.text is not None else text_of_html(answered.html or "")
    lines = text[:_MAX_QUOTED].replace("\r\n", "\n").strip("\n").split("\n")
    return f"\n{_attribution(answered, language)}\n" + "".join(
        f">{line}\n" if line.startswith(">") else f"> {line}".rstrip() + "\n" for line in lines
    )


def _attribution(answered: Message, language: str) -> str:
    name = _line(answered.sender[1]) or _line(answered.sender[0])
    if answered.sent_at is None:
        return f"{name}:"
    date = answered.sent_at.astimezone().strftime(_DATES.get(language, _DATES["en"]))
    return _ATTRIBUTIONS.get(language, _ATTRIBUTION).format(date=date, name=name)


def _address(person: Correspondent) -> Address:
    local, _, domain = person.address.strip().rpartition("@")
    wire = _domain(domain)
    if not local or not wire or not local.isascii() or re.search(r"[\s<>,;:\x00-\x1f\x7f]", local):
        raise Invalid(
            "a recipient has an address that mail cannot be sent to",
            hint="give the recipients with --to",
            fields={"to": "has an address that is none, or one beyond ASCII"},
        )
    return Address(_line(person.name), local, wire)


def _domain(domain: str) -> str:
    """As it travels, in ASCII; empty when it is none."""
    try:
        wire = domain.strip().encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    return wire if re.fullmatch(r"[A-Za-z0-9.\-]+|\[[0-9A-Fa-f:.]+\]", wire) else ""


def _line(text: str) -> str:
    """Without what could begin another header line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
