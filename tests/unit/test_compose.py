"""A draft as a message: its head, its thread, its quote; and nothing that a stranger's mail could add."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from ownhand.daemon.domain import Correspondent, MessageId
from ownhand.daemon.errors import Invalid
from ownhand.daemon.mail.compose import (
    Envelope,
    choose_identity,
    compose,
    message_id_of,
    reply_envelope,
    reply_subject,
)
from ownhand.daemon.mail.mime import Message, read_message
from ownhand.daemon.mail.words.own_words import own_words

ANA = Correspondent("ana@kiln.example", "Ana Prior")
CLUB = Correspondent("ana@club.example", "Ana")
AT = datetime(2026, 3, 2, 9, 14, tzinfo=UTC)
ID = MessageId("<draft@kiln.example>")


def asked(**more: object) -> Message:
    fields: dict[str, object] = {
        "message_id": "<q@shop.example>",
        "sent_at": AT,
        "sender": ("bob@shop.example", "Bob Marsh"),
        "to": (("ana@kiln.example", "Ana"), ("eva@shop.example", "Eva")),
        "cc": (("carl@shop.example", "Carl"),),
        "subject": "Glaze",
        "text": "Is the glaze done?\n> It was not yesterday.\n\nBob",
        **more,
    }
    return Message(**fields)  # type: ignore[arg-type]


def answer(text: str, answered: Message, **more: object) -> EmailMessage:
    envelope = reply_envelope(answered, [ANA, CLUB])
    raw = compose(text, envelope, answered=answered, message_id=ID, at=AT, **more)  # type: ignore[arg-type]
    return message_from_bytes(raw, policy=default)  # type: ignore[return-value]


def body(mail: EmailMessage) -> str:
    return str(mail.get_content()).replace("\r\n", "\n")


def test_an_answer_names_the_mail_that_it_answers_and_the_thread() -> None:
    mail = answer("It is done.", asked(references=("<a@x.example>", "<b@x.example>")))

    assert mail["In-Reply-To"] == "<q@shop.example>"
    assert mail["References"] == "<a@x.example> <b@x.example> <q@shop.example>"
    assert mail["Message-ID"] == ID
    assert (mail["Subject"], mail["To"], mail["Cc"]) == ("Re: Glaze", "Bob Marsh <bob@shop.example>", None)
    assert mail["From"] == "Ana Prior <ana@kiln.example>"


def test_a_long_thread_keeps_its_root_and_its_newest_mails() -> None:
    before = tuple(f"<{n}@x.example>" for n in range(60))

    references = str(answer("Yes, it is.", asked(references=before))["References"]).split()

    assert (len(references), references[0], references[-1]) == (20, "<0@x.example>", "<q@shop.example>")


def test_everybody_is_answered_only_when_asked_for_and_never_oneself() -> None:
    envelope = reply_envelope(asked(), [ANA, CLUB], everyone=True)

    assert [one.address for one in envelope.to] == ["bob@shop.example"]
    assert [one.address for one in envelope.cc] == ["eva@shop.example", "carl@shop.example"]


def test_an_answer_goes_where_the_mail_asks_for_it() -> None:
    envelope = reply_envelope(asked(reply_to=(("list@shop.example", "The list"),)), [ANA])

    assert [one.address for one in envelope.to] == ["list@shop.example"]


def test_an_own_mail_is_gone_on_with_to_the_same_people() -> None:
    envelope = reply_envelope(asked(sender=("ANA@kiln.example", "Ana")), [ANA])

    assert [one.address for one in envelope.to] == ["ana@kiln.example", "eva@shop.example"]


def test_the_address_that_was_written_to_answers() -> None:
    assert choose_identity([ANA, CLUB], asked(to=(("Ana@Club.example", ""),))) == CLUB
    assert choose_identity([ANA, CLUB], asked(to=(("list@shop.example", ""),))) == ANA


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Glaze", "Re: Glaze"),
        ("Re: RE: Aw: Glaze", "Re: Glaze"),
        ("SV: Antw: Glaze", "Re: Glaze"),
        ("Re[2]: Glaze", "Re: Glaze"),
        ("回复：Glaze", "Re: Glaze"),
        ("Reading: Glaze", "Re: Reading: Glaze"),
        ("", "Re:"),
    ],
)
def test_marks_of_answers_do_not_pile_up(subject: str, expected: str) -> None:
    assert reply_subject(subject) == expected


def test_the_answered_mail_is_quoted_below_with_its_own_quotes_deeper() -> None:
    text = body(answer("It is done.\n\nAna", asked()))

    assert text.startswith("It is done.\n\nAna\n\nOn 2026-03-02 ")
    assert text.endswith("Bob Marsh wrote:\n> Is the glaze done?\n>> It was not yesterday.\n>\n> Bob\n")


@pytest.mark.parametrize(
    "text",
    [
        "It is done, and you can have it on Friday.\n\nBest,\nAna",
        "Die Glasur ist fertig, und du kannst sie am Freitag haben.\n\nLiebe Grüße\nAna",
        "La glaçure est prête et vous pouvez venir la chercher vendredi.\n\nBien à vous\nAna",
        "El esmalte está listo y puedes venir a buscarlo el viernes por la tarde.\n\nUn abrazo\nAna",
        "Lo smalto è pronto e puoi venire a prenderlo venerdì, se non piove.\n\nA presto\nAna",
        "O esmalte está pronto e você pode vir buscar na sexta, se não chover.\n\nAbraços\nAna",
        "Het glazuur is klaar en je kunt het vrijdag komen halen, als het niet regent.\n\nGroet\nAna",
        "Glasyren är klar och du kan komma och hämta den på fredag, om det inte regnar.\n\nHälsningar\nAna",
        "Glasuren er færdig, og du kan hente den på fredag, hvis det ikke regner.\n\nHilsen\nAna",
        "Szkliwo jest gotowe i możesz po nie przyjść w piątek, jeśli nie będzie padać.\n\nPozdrawiam\nAna",
        "釉薬ができました。金曜日に取りに来てください。\n\nアナ",
    ],
)
def test_what_is_learned_from_a_saved_draft_is_its_own_words(text: str) -> None:
    assert own_words(body(answer(text, asked()))).text == text


def test_an_answer_to_mail_that_is_all_html_quotes_its_text() -> None:
    page = "<p>Is it <b>done</b>?</p><script>steal()</script><p style='display:none'>obey</p>"

    text = body(answer("Yes, it is.", asked(text=None, html=page)))

    assert "> Is it done?" in text
    assert "steal" not in text and "obey" not in text


def test_the_answered_mail_can_be_left_out() -> None:
    assert body(answer("It is done.", asked(), quote=False)) == "It is done.\n"


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "Glaze\r\nBcc: eve@evil.example"},
        {"sender": ("bob@shop.example", "Bob\r\nBcc: eve@evil.example")},
        {"message_id": "<q@shop.example>\r\nBcc: eve@evil.example"},
        {"references": ("<a@x.example>\r\nBcc: eve@evil.example",)},
        {"subject": "Glaze\u2028Bcc: eve@evil.example\x00"},
    ],
)
def test_nothing_in_the_answered_mail_adds_a_header(change: dict[str, object]) -> None:
    mail = answer("It is done.", asked(**change))

    assert mail["Bcc"] is None
    assert set(mail.keys()) <= {
        "From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
        "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip


@pytest.mark.parametrize(
    "address",
    ["bob@shop.example\r\nBcc: eve@evil.example", "bob shop", "böb@shop.example", "a@b@c d.example"],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(Invalid, match="cannot be sent to"):
        compose("Hi.", Envelope(ANA, (Correspondent(address),)), message_id=ID, at=AT)


def test_names_and_domains_beyond_ascii_travel_as_mail_allows() -> None:
    reader = Correspondent("jun@töpfer.example", "山田 純")

    raw = compose("Grüße aus Köln.", Envelope(ANA, (reader,), subject="Grüße"), message_id=ID, at=AT)

    assert raw.isascii()
    message = read_message(raw)
    assert message.to == (("jun@xn--tpfer-jua.example", "山田 純"),)
    assert (message.subject, (message.text or "").strip()) == ("Grüße", "Grüße aus Köln.")


def test_the_same_draft_has_the_same_id_and_another_text_another() -> None:
    assert message_id_of("d1", "Hi.", ANA) == message_id_of("d1", "Hi.", ANA)
    assert message_id_of("d1", "Hi.", ANA) != message_id_of("d1", "Hi!", ANA)
    assert message_id_of("d1", "Hi.", ANA).endswith("@kiln.example>")
