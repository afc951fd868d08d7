"""What an IMAP source does when servers, links and mails are not as they should be."""

import asyncio
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from imap_servers import PASSWORD, USER, Server, dovecot_server, free_port, pymap_server
from ownhand.daemon.domain import Connection, Cursor, FoundBy
from ownhand.daemon.errors import Invalid, LoginFailed, NotReady, Reason, Unreachable
from ownhand.daemon.mail.certificate import fingerprint_of
from ownhand.daemon.mail.imap.source import ImapSource, Patience
from ownhand.daemon.mail.mime import Message
from ownhand.daemon.mail.tls import Security
from ownhand.daemon.ports import Fetched
from scripted_imap import ScriptedMail, ScriptedPeer, scripted

QUICK = Patience(connect_s=2, read_s=2, batch_s=10, idle_s=20, poll_s=0.1, backoff_s=0.01)
IMPATIENT = Patience(
    connect_s=0.3, read_s=0.3, batch_s=10, idle_s=0.2, poll_s=0.1, backoff_s=0.01, attempts=2
)
STRUCTURE_OF_50_MB = (
    b'((("text" "plain" NIL NIL NIL "7bit" 90 1)("text" "html" NIL NIL NIL "7bit" 90 1) "alternative")'
    b'("application" "pdf" NIL NIL NIL "base64" 52000000 NIL ("attachment" ("filename" "x.pdf"))) "mixed")'
)


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Server]:
    with dovecot_server() as server:
        yield server


@pytest.fixture(scope="module")
def pymap() -> Iterator[Server]:
    with pymap_server() as server:
        server.append([])
        yield server


@pytest.fixture
def emptied(dovecot: Server) -> Server:
    with dovecot.client() as client:
        client.select_folder("Sent")
        if client.search():
            client.delete_messages(client.search())
            client.expunge()
    return dovecot


@pytest.fixture
def peer() -> Iterator[ScriptedPeer]:
    with scripted(ScriptedPeer([ScriptedMail(uid) for uid in range(1, 6)])) as found:
        yield found


def source_of(
    server: Server | ScriptedPeer,
    *,
    password: str = PASSWORD,
    folder: str = "auto",
    patience: Patience = QUICK,
) -> ImapSource:
    return ImapSource(
        "127.0.0.1", server.port, USER, lambda: password, tls=False, folder=folder, batch=3, patience=patience
    )


async def read(source: ImapSource, cursor: Cursor | None = None) -> list[Fetched]:
    try:
        return [batch async for batch in source.fetch_since(cursor)]
    finally:
        await source.aclose()


def messages(batches: Sequence[Fetched]) -> list[Message]:
    return [message for batch in batches for message in batch.messages]


def ids(batches: Sequence[Fetched]) -> list[str]:
    return [message.message_id.partition("@")[0].strip("<") for message in messages(batches)]


async def failure_of(source: ImapSource) -> LoginFailed | NotReady | Unreachable:
    try:
        with pytest.raises((LoginFailed, NotReady, Unreachable)) as caught:
            await source.check()
    finally:
        await source.aclose()
    error = caught.value
    assert isinstance(error, (LoginFailed, NotReady, Unreachable))
    # Neither the address nor the password is ever told.
    assert USER not in str(error) and PASSWORD not in str(error)
    return error


async def until(condition: Callable[[], bool], timeout_s: float = 5.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in a thread of the peer
            await asyncio.sleep(0.005)


# --- signing in and finding the folder ---------------------------------------------------------


@pytest.mark.parametrize("name", ["dovecot", "pymap"])
async def test_a_wrong_password_is_a_failed_login_with_a_hint(
    name: str, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue(name)

    error = await failure_of(source_of(server, password="wrong"))

    assert isinstance(error, LoginFailed)
    assert "app password" in error.hint


async def test_a_busy_server_is_not_a_wrong_password(peer: ScriptedPeer) -> None:
    peer.login = (
        "NO [UNAVAILABLE] Too many logins for mara@example.org. Suggested Backoff Time: 7000 milliseconds"
    )

    error = await failure_of(source_of(peer))

    assert isinstance(error, Unreachable)
    assert error.retry_after_s == 7.0


async def test_an_unknown_host_is_named_with_a_hint() -> None:
    source = ImapSource("mail.invalid", 993, USER, lambda: PASSWORD, patience=QUICK)

    error = await failure_of(source)

    assert isinstance(error, Unreachable)
    assert "mail.invalid" in error.message and "host name" in error.hint


async def test_a_port_where_nobody_listens_is_unreachable() -> None:
    source = ImapSource("127.0.0.1", free_port(), USER, lambda: PASSWORD, tls=False, patience=QUICK)

    error = await failure_of(source)

    assert "refused the connection" in error.message


async def test_a_missing_folder_is_said_with_the_folders_that_are_there(dovecot: Server) -> None:
    error = await failure_of(source_of(dovecot, folder="Gesendet"))

    assert error.reason is Reason.FOLDER_MISSING
    assert '"Gesendet"' in error.message and 'sent = "…"' in error.hint and '"Sent"' in error.hint


async def test_an_account_without_a_sent_folder_says_which_folders_it_has(peer: ScriptedPeer) -> None:
    peer.folders = ['() "/" "INBOX"', '() "/" "Projects"']

    error = await failure_of(source_of(peer))

    assert error.reason is Reason.FOLDER_MISSING
    assert '"INBOX", "Projects"' in error.hint


async def test_the_folder_that_the_server_marks_is_taken_whatever_its_name() -> None:
    with dovecot_server(sent="Ausgang 2026") as server:
        source = source_of(server)

        found = await source.check()
        await source.aclose()

    assert found.sent_folder == "Ausgang 2026"
    assert found.found_by is FoundBy.SPECIAL_USE
    assert "IDLE" in found.capabilities
    assert found.connection == Connection(tls="", pinned=False, mechanism="PLAIN")


async def test_a_localised_name_is_found_where_nothing_is_marked() -> None:
    with dovecot_server(sent="Éléments envoyés".encode("utf-7").decode(), mark="") as server:
        with server.client() as client:
            client.create_folder("Éléments envoyés")
        source = source_of(server)

        found = await source.check()
        await source.aclose()

    assert found.sent_folder == "Éléments envoyés"
    assert found.found_by is FoundBy.NAME


async def test_another_folder_that_may_have_sent_mail_is_told_when_something_is_in_it(
    emptied: Server,
) -> None:
    emptied.append([b"From: mara@example.org\r\n\r\nDear Ana\r\n"], folder="Sent Items")
    emptied.append([], folder="Sent Messages")
    source = source_of(emptied)

    found = await source.check()
    await source.aclose()
    with emptied.client() as client:
        client.delete_folder("Sent Items")
        client.delete_folder("Sent Messages")

    assert (found.sent_folder, found.other_sent_folders) == ("Sent", ("Sent Items",))


def test_plaintext_is_refused_except_on_this_machine() -> None:
    with pytest.raises(Invalid) as caught:
        ImapSource("mail.example.org", 143, USER, lambda: PASSWORD, tls=False)

    assert "tls" in caught.value.fields


def test_a_context_that_checks_no_certificates_is_refused() -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    with pytest.raises(Invalid):
        ImapSource("mail.example.org", 993, USER, lambda: PASSWORD, tls=context)


async def test_a_server_without_tls_where_tls_is_wanted_is_unreachable(peer: ScriptedPeer) -> None:
    source = ImapSource("127.0.0.1", peer.port, USER, lambda: PASSWORD, tls=True, patience=QUICK)

    error = await failure_of(source)

    assert "does not speak TLS" in error.message


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate of this test")
async def test_a_certificate_that_nobody_vouches_for_is_refused(peer: ScriptedPeer, tmp_path: Path) -> None:
    peer.tls = certificate(tmp_path)
    source = ImapSource("localhost", peer.port, USER, lambda: PASSWORD, tls=True, patience=QUICK)

    error = await failure_of(source)

    assert "certificate" in error.message and not peer.commands


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate of this test")
async def test_reads_and_waits_over_tls_with_a_certificate_that_is_trusted(
    peer: ScriptedPeer, tmp_path: Path
) -> None:
    peer.tls = certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    source = ImapSource("localhost", peer.port, USER, lambda: PASSWORD, tls=trusting, patience=QUICK)
    batches = [batch async for batch in source.fetch_since(None)]
    waiting = asyncio.ensure_future(source.wait())
    await until(peer.idles.is_set)

    peer.arrive(ScriptedMail(6))
    async with asyncio.timeout(3):
        await waiting
    await source.aclose()

    assert len(messages(batches)) == 5


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate of this test")
@pytest.mark.parametrize("pinned", [False, True])
async def test_a_check_tells_how_the_link_is_secured(
    peer: ScriptedPeer, tmp_path: Path, pinned: bool
) -> None:
    peer.tls = certificate(tmp_path)
    der = ssl.PEM_cert_to_DER_cert((tmp_path / "cert.pem").read_text())
    trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    security = Security("localhost", pin=fingerprint_of(der)) if pinned else trusting
    source = ImapSource("localhost", peer.port, USER, lambda: PASSWORD, tls=security, patience=QUICK)

    found = await source.check()
    await source.aclose()

    assert found.connection is not None
    assert (found.connection.tls, found.connection.pinned) == ("TLSv1.3", pinned)


def certificate(folder: Path) -> ssl.SSLContext:
    cert, key = folder / "cert.pem", folder / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    subprocess.run([*command, *subject, "-keyout", key, "-out", cert], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


# --- mails that are not as they should be --------------------------------------------------------


async def test_an_empty_folder_is_told_by_a_cursor_at_zero(emptied: Server) -> None:
    (batch,) = await read(source_of(emptied), Cursor("Sent", 1, 40))

    assert (batch.messages, batch.cursor.last_uid, batch.total) == ((), 0, 0)


async def test_reading_leaves_mail_unseen(emptied: Server) -> None:
    emptied.append([b"From: mara@example.org\r\n\r\nDear Ana\r\n"])

    await read(source_of(emptied))

    with emptied.client() as client:
        client.select_folder("Sent")
        assert client.search("UNSEEN") == client.search("ALL") != []


async def test_drafts_in_the_folder_are_marked_as_such(emptied: Server) -> None:
    emptied.append([b"From: mara@example.org\r\n\r\nDear Ana\r\n"], flags=[b"\\Draft"])

    batches = await read(source_of(emptied))

    assert [message.skip for message in messages(batches)] == ["draft"]


async def test_broken_charset_and_broken_base64_stop_nothing(emptied: Server) -> None:
    head = b"From: mara@example.org\r\nMIME-Version: 1.0\r\n"
    emptied.append(
        [
            head + b"Content-Type: text/plain; charset=no-such-charset\r\n\r\nGr\xfc\xdfe an alle\r\n",
            head + b"Content-Transfer-Encoding: base64\r\n\r\nSGFsbG8gQW5h!!!*\r\n=zzz\r\n",
            head + b"\r\nDear Ana\r\n",
        ]
    )

    batches = await read(source_of(emptied))

    assert len(messages(batches)) == 3
    assert (messages(batches)[0].text or "").strip() == "Dear Ana"


@pytest.mark.parametrize(
    "structure",
    [
        b"BROKEN (((",
        b"(NIL NIL NIL)",
        b"()",
        b'(("text" "plain" NIL NIL NIL "7bit" 9 1) NIL "related")',
        b'("text" "plain" ("charset" "x") NIL NIL "7bit" "many" 1)',
        b'("text" "pl"ain" NIL NIL NIL "7bit" 9 1)',
        b"NIL",
        None,
    ],
    ids=["unbalanced", "nils", "nothing", "nil part", "no number", "quote", "nil", "left out"],
)
async def test_a_broken_structure_costs_no_mail(peer: ScriptedPeer, structure: bytes | None) -> None:
    peer.mails[1].structure = structure

    batches = await read(source_of(peer))

    assert ids(batches) == ["5", "4", "3", "2", "1"]
    assert all("the plan is ready" in (message.text or "") for message in messages(batches))


async def test_a_body_that_the_server_leaves_out_is_read_with_the_whole_mail(peer: ScriptedPeer) -> None:
    peer.mails[1] = ScriptedMail(2, text=None, structure=b'("text" "plain" NIL NIL NIL "7bit" 9 1)')
    peer.mails[1].whole = peer.mails[1].header + b"Dear Ana\r\n"

    batches = await read(source_of(peer))

    assert (messages(batches)[3].text or "").strip() == "Dear Ana"


async def test_a_mail_that_cannot_be_read_at_all_is_counted_and_passed(peer: ScriptedPeer) -> None:
    peer.mails[1].structure, peer.mails[1].whole = b"BROKEN (((", None

    batches = await read(source_of(peer))

    assert [message.skip for message in messages(batches)] == [None, None, None, "unreadable", None]
    assert batches[-1].cursor == Cursor("Sent", 7, 5)


async def test_a_mail_that_makes_the_server_hang_up_is_passed_in_the_end(peer: ScriptedPeer) -> None:
    peer.mails[1].hangs_up = True

    batches = await read(source_of(peer))

    assert [message.skip for message in messages(batches)] == [None, None, None, "unreadable", None]


async def test_a_server_that_can_give_no_mail_at_all_is_ill(peer: ScriptedPeer) -> None:
    for mail in peer.mails:
        mail.structure, mail.whole = b"BROKEN (((", None
    source = ImapSource("127.0.0.1", peer.port, USER, lambda: PASSWORD, tls=False, patience=QUICK)

    with pytest.raises(Unreachable, match="none of 4 messages"):
        await read(source)


async def test_of_a_mail_of_50_mb_only_the_text_is_fetched(peer: ScriptedPeer) -> None:
    peer.mails[1] = ScriptedMail(2, structure=STRUCTURE_OF_50_MB, size=52_000_000)
    peer.hangs_on = "BODY.PEEK[]"

    batches = await read(source_of(peer))

    assert "the plan is ready" in (messages(batches)[3].text or "")
    assert any("BODY.PEEK[1.1]<0.262144>" in command for command in peer.commands)


async def test_mail_that_is_deleted_while_it_is_read_is_not_missed(peer: ScriptedPeer) -> None:
    source = source_of(peer)
    reading = source.fetch_since(None)
    first = await anext(reading)
    del peer.mails[1]

    rest = [batch async for batch in reading]
    await source.aclose()

    assert ids([first, *rest]) == ["5", "4", "3", "1"]


# --- links that break ----------------------------------------------------------------------------


@pytest.mark.parametrize("cut_after", [0, 300, 700, 1100, 1500])
async def test_a_link_that_is_cut_anywhere_loses_and_repeats_nothing(
    peer: ScriptedPeer, cut_after: int
) -> None:
    peer.cut_after = cut_after

    batches = await read(source_of(peer))

    assert ids(batches) == ["5", "4", "3", "2", "1"]
    assert peer.cut_after is None and peer.n_connections == 2


async def test_when_the_folder_gets_a_new_life_in_between_reading_begins_anew(peer: ScriptedPeer) -> None:
    source = source_of(peer)
    reading = source.fetch_since(None)
    await anext(reading)
    peer.uidvalidity, peer.cut_after = 8, 0

    rest = [batch async for batch in reading]
    await source.aclose()

    assert ids(rest) == ["5", "4", "3", "2", "1"]


async def test_a_link_that_lay_dead_is_made_again_without_a_word(peer: ScriptedPeer) -> None:
    source = source_of(peer)
    await source.check()
    peer.hang_up()

    batches = await read(source)

    assert len(messages(batches)) == 5


async def test_a_server_that_falls_silent_is_unreachable_within_the_timeout(peer: ScriptedPeer) -> None:
    source = source_of(peer, patience=IMPATIENT)
    await source.check()
    peer.silent.set()

    async with asyncio.timeout(5):
        with pytest.raises(Unreachable, match="did not answer in time"):
            await read(source)


async def test_a_server_that_falls_silent_while_it_is_waited_for_is_noticed(peer: ScriptedPeer) -> None:
    source = source_of(peer, patience=IMPATIENT)
    waiting = asyncio.ensure_future(source.wait())
    await until(peer.idles.is_set)
    peer.silent.set()

    async with asyncio.timeout(8):
        with pytest.raises(Unreachable):
            await waiting
    await source.aclose()


# --- waiting ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["dovecot", "pymap"])
async def test_new_mail_ends_the_wait_within_two_seconds(name: str, request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue(name)
    source = source_of(server)
    before = [batch async for batch in source.fetch_since(None)][-1].cursor
    waiting = asyncio.ensure_future(source.wait())
    # Past the first, short turn: what is measured is the push.
    await asyncio.wait({waiting}, timeout=1.5)
    assert not waiting.done()

    await asyncio.to_thread(
        server.append, [b"Message-ID: <new@x>\r\nFrom: mara@example.org\r\n\r\nHello there\r\n"]
    )
    async with asyncio.timeout(2):
        await waiting

    assert ids(await read(source, before)) == ["new"]


async def test_mail_that_came_between_reading_and_waiting_ends_the_wait_at_once(peer: ScriptedPeer) -> None:
    source = source_of(peer)
    _ = [batch async for batch in source.fetch_since(None)]
    peer.mails.append(ScriptedMail(6))

    async with asyncio.timeout(1):
        await source.wait()
    await source.aclose()


async def test_without_idle_the_folder_is_looked_at_now_and_then(peer: ScriptedPeer) -> None:
    peer.capabilities = "IMAP4rev1"
    source = source_of(peer)
    waiting = asyncio.ensure_future(source.wait())
    await until(lambda: "NOOP" in peer.commands)

    peer.mails.append(ScriptedMail(6))
    async with asyncio.timeout(3):
        await waiting
    await source.aclose()

    assert "IDLE" not in peer.commands


async def test_idle_is_renewed_before_servers_hang_up(peer: ScriptedPeer) -> None:
    source = source_of(peer, patience=IMPATIENT)
    waiting = asyncio.ensure_future(source.wait())

    await until(lambda: peer.commands.count("IDLE") >= 3)
    waiting.cancel()
    await source.aclose()

    assert peer.n_connections == 1


async def test_a_link_that_is_cut_while_waiting_is_made_again(peer: ScriptedPeer) -> None:
    source = source_of(peer)
    waiting = asyncio.ensure_future(source.wait())
    await until(peer.idles.is_set)
    peer.idles.clear()

    peer.hang_up()
    await until(peer.idles.is_set)
    peer.arrive(ScriptedMail(6))
    async with asyncio.timeout(3):
        await waiting
    await source.aclose()

    assert peer.n_connections == 2


# --- ending ----------------------------------------------------------------------------------------


async def test_closing_ends_wait_connection_and_thread_at_once(peer: ScriptedPeer) -> None:
    source = source_of(peer)
    waiting = asyncio.ensure_future(source.wait())
    await until(peer.idles.is_set)

    began = time.monotonic()
    await source.aclose()
    await waiting

    assert time.monotonic() - began < 1
    assert "LOGOUT" in peer.commands
    await until(lambda: not any(thread.name.startswith("mail") for thread in threading.enumerate()))


async def test_closing_does_not_wait_for_a_silent_server(peer: ScriptedPeer) -> None:
    source = source_of(peer, patience=Patience(read_s=60, batch_s=60))
    peer.hangs_on = "LIST"
    checking = asyncio.ensure_future(source.check())
    await until(lambda: any("LIST" in command for command in peer.commands))

    began = time.monotonic()
    await source.aclose()
    with pytest.raises(Unreachable):
        await checking

    assert time.monotonic() - began < 3


async def test_a_cancelled_wait_leaves_the_source_usable(peer: ScriptedPeer) -> None:
    source = source_of(peer)
    waiting = asyncio.ensure_future(source.wait())
    await until(peer.idles.is_set)

    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert len(messages(await read(source))) == 5


async def test_a_cancelled_fetch_leaves_the_source_usable(peer: ScriptedPeer) -> None:
    peer.hangs_on = "BODYSTRUCTURE"
    source = source_of(peer, patience=IMPATIENT)
    reading = asyncio.ensure_future(read_only(source))
    await until(lambda: any("BODYSTRUCTURE" in command for command in peer.commands))

    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    peer.hangs_on = "nothing"

    assert len(messages(await read(source))) == 5


async def read_only(source: ImapSource) -> list[Fetched]:
    return [batch async for batch in source.fetch_since(None)]


async def test_logs_hold_nothing_of_mail_people_or_passwords(
    peer: ScriptedPeer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="ownhand")
    peer.mails[0].structure = b'("text" "XYZZY" ((('
    peer.mails[1].hangs_up = True
    peer.mails[2].text = b"XYZZY \x00\xff"
    source = source_of(peer, password="XYZZY")

    await read(source)
    peer.login = "NO XYZZY mara@example.org"
    error = await failure_of(source_of(peer, password="XYZZY"))

    said = "".join(record.getMessage() for record in caplog.records if record.name.startswith("ownhand"))
    assert said and "XYZZY" not in said and USER not in said
    assert "XYZZY" not in str(error)
