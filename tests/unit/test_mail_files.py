"""Mail in files as programs really write them: quoting, labels, deleted mail, large files, broken ones."""

import asyncio
import mailbox
import os
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest
from ownhand.daemon.domain import Cursor
from ownhand.daemon.errors import Invalid, NotFound, NotReady, Reason
from ownhand.daemon.mail.files import FilesSource
from ownhand.daemon.mail.mime import Message
from ownhand.daemon.ports import Fetched

ADDRESS = "mara@example.org"
FROM = b"From 1790000000@xxx Mon Mar 02 10:00:00 +0000 2026\r\n"


def mail(
    n: int, text: bytes = b"Dear Ana\n", *, sender: bytes = b"Mara <MARA@example.org>", more: bytes = b""
) -> bytes:
    return b"Message-ID: <%d@x>\nFrom: %s\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n%s\n%s" % (
        n,
        sender,
        more,
        text,
    )


def mbox(path: Path, messages: Sequence[bytes], separator: bytes = FROM) -> Path:
    path.write_bytes(b"".join(separator + message + b"\n" for message in messages))
    return path


async def fetched(path: Path, cursor: Cursor | None = None, batch: int = 200) -> list[Fetched]:
    return [found async for found in FilesSource(path, (ADDRESS,), batch=batch).fetch_since(cursor)]


async def read(path: Path, cursor: Cursor | None = None) -> list[Message]:
    return [message for batch in await fetched(path, cursor) for message in batch.messages]


async def skips(path: Path) -> list[str | None]:
    return [message.skip for message in await read(path)]


@pytest.mark.parametrize(
    "separator",
    [
        FROM,
        b"From - Mon Mar  2 10:00:00 2026\n",
        b"From mara@example.org Mon Mar  2 10:00:00 2026\n",
        b"From - \r\n",
    ],
    ids=["takeout", "thunderbird", "unix", "bare"],
)
async def test_messages_are_told_apart_as_each_program_writes_it(tmp_path: Path, separator: bytes) -> None:
    path = mbox(tmp_path / "Sent", [mail(1), mail(2)], separator)

    assert [message.message_id for message in await read(path)] == ["<1@x>", "<2@x>"]


async def test_quoted_from_lines_lose_one_sign_and_others_split_nothing(tmp_path: Path) -> None:
    text = b"Dear Ana,\n\n>From here on\n>>From there\n\nFrom Monday on we meet at 10.\n"

    (message,) = await read(mbox(tmp_path / "Sent", [mail(1, text)]))

    assert (message.text or "").split("\n\n")[1] == "From here on\n>From there"
    assert "From Monday on we meet" in (message.text or "")


async def test_mail_of_others_is_given_with_a_reason_and_without_its_text(tmp_path: Path) -> None:
    path = mbox(tmp_path / "All", [mail(1, sender=b"Ana <ana@example.com>"), mail(2)])

    first, second = await read(path)

    assert (first.skip, first.text) == ("not from this person", None)
    assert second.skip is None and second.text is not None


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (b"Sent,Important", None),
        (b"=?UTF-8?Q?Wichtig,Gesendet,Ge=C3=B6ffnet?=", None),
        (b"Inbox,Important", "not in the Sent folder"),
        (b"Important,\n Sent", None),
    ],
)
async def test_gmail_labels_say_what_was_sent(tmp_path: Path, labels: bytes, expected: str | None) -> None:
    path = mbox(tmp_path / "All mail.mbox", [mail(1, more=b"X-Gmail-Labels: " + labels + b"\n")])

    assert await skips(path) == [expected]


async def test_mail_that_thunderbird_has_deleted_but_not_removed_is_not_learned_from(tmp_path: Path) -> None:
    path = mbox(
        tmp_path / "Sent",
        [mail(n, more=b"X-Mozilla-Status: %s\n" % s) for n, s in enumerate((b"0009", b"0001"))],
    )

    assert await skips(path) == ["deleted", None]


async def test_flags_of_a_maildir_say_what_was_deleted_or_never_sent(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "sent")
    for n, flags in enumerate(("S", "ST", "DS")):
        message = mailbox.MaildirMessage(mail(n))
        message.set_subdir("cur")
        message.set_flags(flags)
        box.add(message)

    assert await skips(tmp_path / "sent") == [None, "deleted", "draft"]


async def test_a_folder_of_eml_files_is_read(tmp_path: Path) -> None:
    for n in (1, 2):
        (tmp_path / f"{n}.eml").write_bytes(mail(n))

    assert [message.message_id for message in await read(tmp_path)] == ["<1@x>", "<2@x>"]


async def test_a_broken_mail_stops_nothing(tmp_path: Path) -> None:
    broken = b"Content-Type: multipart/mixed; boundary=\nContent-Transfer-Encoding: base64\n"
    path = mbox(
        tmp_path / "Sent", [mail(1), mail(2, b"\xff\xfe\x00***\n", more=broken), b"\x00\x00\n", mail(3)]
    )

    assert [message.message_id for message in await read(path)][::3] == ["<1@x>", "<3@x>"]


async def test_a_large_attachment_is_passed_over_with_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "Sent"
    with path.open("wb") as file:
        file.write(FROM + mail(1))
        for _ in range(50 * 1024):
            file.write(b"QUJD" * 255 + b"QUI\n")
        file.write(b"\n" + FROM + mail(2))
    tracemalloc.start()

    messages = await read(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [message.message_id for message in messages] == ["<1@x>", "<2@x>"]
    assert peak < 20 * 1024 * 1024


async def test_an_import_that_was_cut_off_goes_on_where_it_stood(tmp_path: Path) -> None:
    path = mbox(tmp_path / "Sent", [mail(n) for n in range(7)])
    first = (await fetched(path, batch=3))[0]

    rest = await read(path, first.cursor)

    assert [message.message_id for message in rest] == ["<3@x>", "<4@x>", "<5@x>", "<6@x>"]


async def test_when_mail_before_the_cursor_was_removed_reading_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "Sent"
    separators = [b"From - Mon Mar  2 10:00:%02d 2026\n" % n for n in range(4)]
    path.write_bytes(b"".join(separators[n] + mail(n) + b"\n" for n in range(4)))
    cursor = (await fetched(path))[-1].cursor
    path.write_bytes(b"".join(separators[n] + mail(n) + b"\n" for n in (0, 2, 3)))

    assert [message.message_id for message in await read(path, cursor)] == ["<0@x>", "<2@x>", "<3@x>"]


async def test_the_number_of_mails_to_come_is_estimated_and_right_in_the_end(tmp_path: Path) -> None:
    path = mbox(tmp_path / "Sent", [mail(n) for n in range(90)])

    totals = [batch.total for batch in await fetched(path, batch=30)]

    assert all(80 <= total <= 100 for total in totals) and totals[-1] == 90


async def test_new_mail_in_the_file_ends_the_wait(tmp_path: Path) -> None:
    path = mbox(tmp_path / "Sent", [mail(1)])
    source = FilesSource(path, (ADDRESS,), poll_s=0.01)
    _ = [batch async for batch in source.fetch_since(None)]
    waiting = asyncio.ensure_future(source.wait())

    with path.open("ab") as file:
        file.write(FROM + mail(2) + b"\n")
    async with asyncio.timeout(5):
        await waiting


async def test_closing_ends_the_wait(tmp_path: Path) -> None:
    source = FilesSource(mbox(tmp_path / "Sent", [mail(1)]), (ADDRESS,), poll_s=60)
    waiting = asyncio.ensure_future(source.wait())

    await source.aclose()
    async with asyncio.timeout(5):
        await waiting


async def test_a_path_where_nothing_is_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no file or folder"):
        await read(tmp_path / "none")


@pytest.mark.parametrize("content", [b"hello\n", b"\x00\x01\x02", b"PK\x03\x04"])
async def test_a_file_that_is_no_mail_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.mbox").write_bytes(content)

    with pytest.raises(Invalid, match="does not begin as mbox files do"):
        await read(tmp_path / "x.mbox")


async def test_a_folder_that_is_no_mail_says_so(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no Maildir"):
        await read(tmp_path)


async def test_an_empty_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "Sent").touch()

    with pytest.raises(NotReady) as caught:
        await read(tmp_path / "Sent")

    assert caught.value.reason is Reason.TOO_LITTLE_MAIL


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    path = mbox(tmp_path / "Sent", [mail(1)])
    path.chmod(0)

    with pytest.raises(Invalid, match="no permission"):
        await read(path)


async def test_a_folder_that_stands_where_a_file_is_expected_says_so(tmp_path: Path) -> None:
    (tmp_path / "1.eml").mkdir()

    messages = await read(tmp_path)

    assert [message.skip for message in messages] == ["unreadable"]
