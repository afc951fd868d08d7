"""Mail as bytes: what is read, what is repaired, and what must never be learned from."""

import base64
import quopri
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ownhand.daemon.mail.charset import decode_header, decode_text, decode_transfer, unflow
from ownhand.daemon.mail.mime import MAX_TEXT, TextPart, message_from_parts, read_message

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


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (mail(b"Yes", "X-Mozilla-Draft-Info: internal/draft"), "draft"),
        (multipart("encrypted", b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1"), "encrypted"),
        (mail(b"abc", "Content-Type: application/pkcs7-mime; smime-type=enveloped-data"), "encrypted"),
        (mail(b"-----BEGIN PGP MESSAGE-----\r\nabc"), "encrypted"),
        (mail(b"Away", "Auto-Submitted: auto-replied (vacation)"), "automatic reply"),
        (mail(b"Away", "X-Autoreply: yes"), "automatic reply"),
        (multipart("report; report-type=delivery-status", b"\r\nFailed"), "bounce or receipt"),
        (
            multipart("mixed", b"\r\nYes", b"Content-Type: text/calendar; method=REPLY\r\n\r\nBEGIN"),
            "calendar reply",
        ),
        (mail(b"Sale", "Precedence: bulk"), "bulk"),
        (mail(b"Sale", "List-Unsubscribe: <mailto:u@ruiz.example>"), "bulk"),
        (mail(b"Yes", "Resent-From: a@b.example"), "resent"),
        (mail(b" \r\n"), "no text"),
        (mail(b"abc", "Content-Type: image/png"), "no text"),
    ],
)
def test_mail_that_must_not_be_learned_from_says_why(raw: bytes, reason: str) -> None:
    assert read_message(raw).skip == reason


def test_mail_to_a_list_is_kept() -> None:
    raw = mail(
        b"Yes",
        "List-Id: <boats.harbour.example>",
        "Precedence: list",
        "List-Unsubscribe: <mailto:u@h.example>",
    )

    assert read_message(raw).skip is None


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
