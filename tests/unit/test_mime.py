"""Mail as bytes: what is read, what is repaired, and what must never be learned from."""

import base64
import quopri
from datetime import UTC, datetime
from email import message_from_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ownhand.daemon.mail.charset import decode_header, decode_text, decode_transfer, unflow
from ownhand.daemon.mail.mime import (
    HEADER_FIELDS,
    MAX_TEXT,
    Message,
    TextPart,
    message_from_parts,
    read_message,
)

HEADERS = (
    b"Message-ID: <1@ruiz.example>\r\nDate: Tue, 4 Mar 2025 10:12:00 +0100\r\n"
    b"From: Ana Ruiz <ana@ruiz.example>\r\n"
    b'To: "Holm, Mira" <mira@holm.example>, port@harbour.example\r\n'
    b"Cc: =?utf-8?q?J=C3=B6rg?= <j@holm.example>\r\n"
    b"Subject: =?utf-8?b?Qm9vdCBm?= =?utf-8?b?w7xyIE1pcmE=?=\r\nIn-Reply-To: <0@holm.example>\r\n"
    b"References: <a@holm.example>\r\n <0@holm.example>\r\n"
)


def mail(body: bytes = b"The boat is yours.\r\n", *fields: str) -> bytes:
    return HEADERS + "".join(f"{field}\r\n" for field in fields).encode() + b"\r\n" + body


def multipart(subtype: str, *parts: bytes) -> bytes:
    body = b"".join(b"--=b\r\n" + part + b"\r\n" for part in parts) + b"--=b--\r\n"
    return mail(body, f'Content-Type: multipart/{subtype}; boundary="=b"')


def test_a_plain_mail_is_read() -> None:
    message = read_message(mail())

    assert message.message_id == "<1@ruiz.example>"
    assert message.sent_at == datetime(2025, 3, 4, 9, 12, tzinfo=UTC)
    assert message.sender == ("ana@ruiz.example", "Ana Ruiz")
    assert message.to == (("mira@holm.example", "Holm, Mira"), ("port@harbour.example", ""))
    assert message.cc == (("j@holm.example", "Jörg"),)
    assert message.subject == "Boot für Mira"
    assert message.in_reply_to == "<0@holm.example>"
    assert message.references == ("<a@holm.example>", "<0@holm.example>")
    assert message.text == "The boat is yours.\n"
    assert (message.html, message.skip) == (None, None)


def test_a_mail_fetched_in_parts_gives_the_same_message() -> None:
    body = quopri.encodestring("Das Boot gehört dir. \r\nJa.\r\n".encode("latin-1"))
    fields = (
        "Content-Type: text/plain; charset=iso-8859-1; format=flowed",
        "Content-Transfer-Encoding: quoted-printable",
    )
    part = TextPart(body, "plain", "iso-8859-1", "quoted-printable", flowed=True)

    assert message_from_parts(HEADERS, [part]) == read_message(mail(body, *fields))


def test_a_mail_without_an_id_gets_one_that_stays() -> None:
    raw = mail().replace(b"Message-ID: <1@ruiz.example>\r\n", b"")
    parted = message_from_parts(raw.split(b"\r\n\r\n")[0], [TextPart(b"The boat is yours.\n")])

    assert read_message(raw).message_id.startswith("<sha256.")
    assert read_message(raw).message_id == read_message(raw).message_id == parted.message_id
    assert read_message(raw).message_id != read_message(raw.replace(b"boat", b"ship")).message_id


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Tue, 99 Mar 2025 10:12:00 +0100", "1 Jan 1900 00:00:00 +0000"]
)
def test_an_unusable_date_is_none(date: str) -> None:
    raw = mail().replace(b"Tue, 4 Mar 2025 10:12:00 +0100", date.encode())

    assert read_message(raw).sent_at is None


def test_the_plain_part_of_an_alternative_is_text_and_the_other_is_html() -> None:
    message = read_message(
        multipart(
            "alternative", b"Content-Type: text/plain\r\n\r\nYes.", b"Content-Type: text/html\r\n\r\n<p>Yes."
        )
    )

    assert message.text is not None and message.text.strip() == "Yes."
    assert message.html is not None and message.html.strip() == "<p>Yes."


def test_an_empty_plain_part_leaves_the_html() -> None:
    message = read_message(
        multipart(
            "alternative", b"Content-Type: text/plain\r\n\r\n \r\n", b"Content-Type: text/html\r\n\r\n<p>Yes."
        )
    )

    assert message.text is None
    assert message.html is not None


def test_attachments_and_nested_mails_are_not_the_persons_words() -> None:
    message = read_message(
        multipart(
            "mixed",
            b"Content-Type: text/plain\r\n\r\nSee below.",
            b"Content-Type: message/rfc822\r\n\r\nFrom: x@y.example\r\n\r\nAnother's words.",
            b"Content-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nA file's words.",
        )
    )

    assert message.text is not None and message.text.strip() == "See below."


def test_text_around_an_attachment_is_joined() -> None:
    plain = b"Content-Type: text/plain\r\n\r\n"

    message = read_message(
        multipart("mixed", plain + b"Before.", b"Content-Type: image/png\r\n\r\n", plain + b"After.")
    )

    assert message.text is not None and message.text.split() == ["Before.", "After."]


def test_of_a_signed_mail_the_signed_part_is_read() -> None:
    message = read_message(
        multipart(
            'signed; protocol="application/pgp-signature"',
            b"Content-Type: text/plain\r\n\r\nYes.",
            b"Content-Type: application/pgp-signature\r\n\r\n-----BEGIN PGP SIGNATURE-----",
        )
    )

    assert message.skip is None
    assert message.text is not None and message.text.strip() == "Yes."


def test_a_signature_in_the_text_is_taken_off() -> None:
    armoured = (
        b"-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\nYes.\r\n- -- \r\nAna\r\n"
        b"-----BEGIN PGP SIGNATURE-----\r\n\r\nabc\r\n-----END PGP SIGNATURE-----\r\n"
    )

    assert read_message(mail(armoured)).text == "Yes.\n-- \nAna\n"


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("für".encode(), "us-ascii", "für"),
        ("für".encode(), "no-such-charset", "für"),
        ("für".encode(), "base64", "für"),
        ("für".encode("latin-1"), "utf-8", "für"),
        (b"\x93quoted\x94", "iso-8859-1", "“quoted”"),
        ("國".encode("gb18030"), "gb2312", "國"),
        ("船".encode("iso2022_jp"), "iso-2022-jp", "船"),
        ("für".encode("utf-7"), "utf-7", "für"),
        ("이메일".encode("cp949"), "ks_c_5601-1987", "이메일"),
        ("cut ü".encode()[:-1], "utf-8", "cut "),
        ("Договор уже подписан.".encode("koi8-r"), "", "Договор уже подписан."),
        ("It’s on, 20° here.".encode("cp1252"), "us-ascii", "It’s on, 20° here."),
        (
            "Umowę odeślę jeszcze dziś, dziękuję.".encode("iso-8859-2"),
            "8bit",
            "Umowę odeślę jeszcze dziś, dziękuję.",
        ),
        ("Grüße aus Köln".encode().decode("cp1252").encode(), "utf-8", "Grüße aus Köln"),
    ],
)
def test_text_is_read_whatever_its_label_says(data: bytes, charset: str, text: str) -> None:
    assert decode_text(data, charset) == text


def test_broken_transfer_encodings_give_what_can_be_read() -> None:
    assert decode_transfer(b"VGhlIGJvYXQ*=\r\n", "base64") == b"The boat"
    assert decode_transfer(base64.b64encode(b"The boat")[:-3], "BASE64 ") == b"The boa"[:6]
    assert decode_transfer(b"100=ZZ =41", "quoted-printable") == b"100=ZZ A"


def test_an_encoded_word_may_split_a_character() -> None:
    assert decode_header("=?utf-8?b?w7w=?= =?utf-8?q?=C3?=\r\n =?utf-8?q?=BC?= x") == "üü x"


def test_raw_bytes_in_a_header_are_read() -> None:
    raw = mail().replace(b"Subject: ", b"Subject: B\xc3\xb6\xc3\xb6t ")

    assert read_message(raw).subject.startswith("Bööt ")


def test_an_encoded_name_may_hold_a_comma() -> None:
    raw = mail().replace(b"Ana Ruiz <", b"=?utf-8?q?Ruiz=2C_Ana?= <")

    assert read_message(raw).sender == ("ana@ruiz.example", "Ruiz, Ana")


def test_flowed_lines_are_joined_and_their_stuffing_removed() -> None:
    flowed = "The boat \nis yours.\n From here.\n\n> > Is \n> > it\n> free?\n-- \nAna"

    assert unflow(flowed) == "The boat is yours.\nFrom here.\n\n>> Is it\n> free?\n-- \nAna"
    assert unflow(">> Is \n>> it\n> free?") == ">> Is it\n> free?"
    assert unflow("The bo \nat", delsp=True) == "The boat"


def test_long_text_is_cut() -> None:
    message = read_message(mail(b"word " * MAX_TEXT))

    assert message.text is not None and len(message.text) <= MAX_TEXT


def test_of_a_mail_signed_in_place_the_footer_of_a_list_is_not_read() -> None:
    armoured = (
        b"-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\nYes.\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\nabc\r\n"
    )

    message = read_message(mail(armoured + b"-----END PGP SIGNATURE-----\r\n____\r\nBoats mailing list\r\n"))

    assert message.text == "Yes.\n"


def test_words_above_a_quoted_signed_mail_stay() -> None:
    quoted = b"> -----BEGIN PGP SIGNED MESSAGE-----\r\n> Hash: x\r\n>\r\n> Is it free?\r\n"

    message = read_message(mail(b"It is.\r\n" + quoted + b"> -----BEGIN PGP SIGNATURE-----\r\n> abc\r\n"))

    assert message.text is not None and message.text.startswith("It is.\n> -----BEGIN")


def test_of_a_signed_mail_in_the_wrapping_of_a_list_only_the_signed_part_is_read() -> None:
    signed = multipart(
        "signed",
        b"Content-Type: text/plain\r\n\r\nYes.",
        b"Content-Type: text/plain\r\n\r\nNot a signature.",
    )
    content_type = b'Content-Type: multipart/signed; boundary="=b"\r\n\r\n'
    inner = content_type + signed.partition(b"\r\n\r\n")[2]
    footer = b"Content-Type: text/plain\r\n\r\nBoats mailing list"
    outer = b"--=o\r\n" + inner + b"\r\n--=o\r\n" + footer + b"\r\n--=o--\r\n"

    message = read_message(mail(outer, 'Content-Type: multipart/mixed; boundary="=o"'))

    assert message.text is not None and message.text.strip() == "Yes."


def fetched(raw: bytes) -> Message:
    """The same mail as a server gives it: the fields that are asked for, the types of all parts, the text."""
    parsed = message_from_bytes(raw)
    types = [part.get_content_type() for part in parsed.walk()]
    header = b"".join(
        f"{name}: {value}\r\n".encode() for name in HEADER_FIELDS for value in parsed.get_all(name, [])
    )
    texts = [part for part in parsed.walk() if part.get_content_type() in ("text/plain", "text/html")]
    parts = [TextPart(str(part.get_payload()).encode(), part.get_content_subtype()) for part in texts]
    return message_from_parts(header, parts, media_types=types)


NOTIFICATION = (
    b"Content-Type: message/disposition-notification\r\n\r\nDisposition: manual-action; displayed\r\n"
)
STATUS = (
    b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; a.example\r\n\r\nAction: failed\r\n"
)
ARMOURED = b"-----BEGIN PGP MESSAGE-----\r\n\r\nabc\r\n-----END PGP MESSAGE-----\r\n"
NEVER_LEARNED = [
    ("draft", mail(b"Yes", "X-Mozilla-Draft-Info: internal/draft; vcard=0")),
    ("draft", mail(b"Yes", "X-Uniform-Type-Identifier: com.apple.mail-draft")),
    ("draft", mail(b"Yes", "X-Uniform-Type-Identifier: com.apple.mail-note")),
    ("encrypted", multipart("encrypted", b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1")),
    (
        "encrypted",
        multipart("mixed", b"\r\nYes", b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1"),
    ),
    ("encrypted", mail(b"abc", "Content-Type: application/pkcs7-mime; smime-type=enveloped-data")),
    ("encrypted", mail(b"abc", "Content-Type: application/x-pkcs7-mime; name=smime.p7m")),
    ("encrypted", mail(b"abc", "Content-Type: application/octet-stream; smime-type=authEnveloped-data")),
    ("encrypted", mail(b"Yes", "Content-Class: rpmsg.message")),
    ("encrypted", mail(ARMOURED)),
    ("encrypted", mail(b"<pre>" + ARMOURED, "Content-Type: text/html")),
    ("automatic reply", mail(b"Away", "Auto-Submitted: auto-replied (vacation)")),
    ("automatic reply", mail(b"Away", "Auto-Submitted: auto-generated; owner-email=a@b.example")),
    ("automatic reply", mail(b"Away", "X-Autoreply: yes")),
    ("automatic reply", mail(b"Away", "X-Autorespond: Away")),
    ("automatic reply", mail(b"Away", "Precedence: auto_reply")),
    ("bounce or receipt", multipart("report; report-type=delivery-status", b"\r\nFailed", STATUS)),
    ("bounce or receipt", multipart("mixed", b"\r\nFailed", STATUS)),
    ("bounce or receipt", mail(b"Failed", "X-Failed-Recipients: a@b.example")),
    (
        "bounce or receipt",
        multipart("report; report-type=disposition-notification", b"\r\nRead", NOTIFICATION),
    ),
    ("bounce or receipt", multipart("mixed", b"\r\nRead", NOTIFICATION)),
    ("bounce or receipt", mail(b"Read", "Content-Class: urn:content-classes:mdn")),
    (
        "calendar reply",
        multipart("alternative", b"\r\nYes", b"Content-Type: text/calendar; method=REPLY\r\n\r\nBEGIN"),
    ),
    ("calendar reply", mail(b"BEGIN:VCALENDAR", "Content-Type: text/calendar; method=REQUEST")),
    ("calendar reply", mail(b"Accepted", "Content-class: urn:content-classes:calendarmessage")),
    ("bulk", mail(b"Sale", "Precedence: bulk")),
    ("bulk", mail(b"Sale", "Precedence: junk")),
    ("bulk", mail(b"Sale", "List-Unsubscribe: <mailto:u@ruiz.example>")),
    ("bulk", mail(b"Sale", "List-Id: <sale.ruiz.example>", "List-Unsubscribe: <mailto:u@ruiz.example>")),
    ("bulk", mail(b"Sale", "List-Id: <sale.ruiz.example>", "List-Post: NO", "Precedence: bulk")),
    ("resent", mail(b"Yes", "Resent-From: a@b.example")),
    ("resent", mail(b"Yes", "Resent-Date: Tue, 4 Mar 2025 10:12:00 +0100")),
    ("no text", mail(b" \r\n")),
    ("no text", mail(b"abc", "Content-Type: image/png")),
]


@pytest.mark.parametrize(("reason", "raw"), NEVER_LEARNED)
def test_mail_that_must_not_be_learned_from_says_why(reason: str, raw: bytes) -> None:
    assert (read_message(raw).skip, fetched(raw).skip) == (reason, reason)


@pytest.mark.parametrize("noted", ["X-Unsent: 1", "X-Status: T"])
def test_a_draft_kept_in_a_file_is_known(noted: str) -> None:
    assert read_message(mail(b"Yes", noted)).skip == "draft"


@pytest.mark.parametrize(
    "fields",
    [
        (),
        ("Auto-Submitted: no",),
        ("Content-Class: urn:content-classes:message",),
        ("List-Id: <boats.harbour.example>", "Precedence: list", "List-Unsubscribe: <mailto:u@h.example>"),
        ("List-Id: Boats <boats.lists.example>", "Precedence: bulk", "List-Post: <mailto:b@lists.example>"),
    ],
)
def test_what_a_person_wrote_also_to_a_list_is_kept(fields: tuple[str, ...]) -> None:
    raw = mail(b"Yes", *fields)

    assert (read_message(raw).skip, fetched(raw).skip) == (None, None)


def test_a_bounce_that_somebody_passes_on_says_nothing_of_their_own_words() -> None:
    bounce = multipart("report; report-type=delivery-status", b"\r\nFailed", STATUS).replace(b"=b", b"=c")

    message = read_message(
        multipart("mixed", b"\r\nWhat is this?", b"Content-Type: message/rfc822\r\n\r\n" + bounce)
    )

    assert (message.skip, message.text and message.text.strip()) == (None, "What is this?")


def test_the_types_of_the_parts_tell_calendar_mail_fetched_in_parts() -> None:
    message = message_from_parts(HEADERS, [TextPart(b"Yes")], media_types=["text/plain", "text/calendar"])

    assert message.skip == "calendar reply"


def test_parts_nested_without_end_are_survived() -> None:
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(3000)
    )

    assert read_message(HEADERS + nested).sender == ("ana@ruiz.example", "Ana Ruiz")


def test_comments_nested_without_end_are_survived() -> None:
    assert read_message(b"From: " + b"(" * 50_000 + b"\r\n\r\nYes").sender == ("", "")


@settings(deadline=None)
@given(st.binary())
def test_no_bytes_raise(raw: bytes) -> None:
    for source in (raw, HEADERS + raw, mail(raw, "Content-Type: text/plain; charset=utf-16; format=flowed")):
        assert read_message(source).message_id


_HEADER_PIECES = st.sampled_from(
    (
        *(
            b"From: ",
            b"To: ",
            b"Date: ",
            b"Subject: ",
            b"Content-Type: ",
            b"multipart/mixed; boundary=",
            b"x",
            b"--x",
        ),
        *(
            b"\r\n",
            b"\r\n\r\n",
            b" ",
            b"=?utf-8?b?",
            b"?=",
            b'"',
            b"<",
            b">",
            b"@",
            b",",
            b"(",
            b"\x00",
            b"\xff",
            b"=",
        ),
        *(
            b"message/rfc822",
            b"text/plain; charset*=",
            b"Content-Transfer-Encoding: base64",
            b"99",
            b"-0000",
            b":",
            b";",
        ),
    )
)


@settings(deadline=None)
@given(st.lists(_HEADER_PIECES, max_size=40).map(b"".join), st.binary(max_size=40))
def test_no_header_raises(headers: bytes, content: bytes) -> None:
    part = TextPart(content, "plain", content.decode("latin-1"), "base64", flowed=True)

    assert message_from_parts(headers, [part]).message_id
    assert read_message(headers).message_id
