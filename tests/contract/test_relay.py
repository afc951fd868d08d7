"""What a client of the relay meets: the real server's offers and answers, and its mail there byte by byte."""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ownhand.daemon.mail.signin.password import Password
from smtp_servers import (
    PASSWORD,
    SECRET,
    RawClient,
    Running,
    Server,
    Tokens,
    aiosmtpd_server,
    certificate,
    relay,
    server_context,
    submission_server,
)

MAIL = (
    b"From: mara@example.org\r\nTo: sam@example.com\r\nSubject: Lot 7\r\n\r\nHi Sam,\r\n\r\nit is packed.\r\n"
)


@pytest.fixture
def server() -> Iterator[Server]:
    with submission_server() as server:
        yield server


@pytest.fixture
def running(server: Server, tmp_path: Path) -> Iterator[Running]:
    with relay(tmp_path, server.port) as running:
        yield running


@pytest.fixture
def client(running: Running) -> Iterator[RawClient]:
    with RawClient(running.port) as client:
        yield client


# --- bytes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wire",
    [
        MAIL,
        b"",
        b"\r\n",
        b"no header and one line\r\n",
        b"..\r\n",
        b"...three\r\n..\r\n\r\n..\r\n",
        b"a line of " + b"x" * 5000 + b"\r\n",
        b"x" * 200_000 + b"\r\n",
        b"8 bit \xe4\xf6\xfc and UTF-8 \xc3\xa4 and not \xff\xfe\r\n",
        b"a bare\nLF and a bare\rCR in a line\r\n",
        b"controls \x01\x02\x1a\x7f\x1b[31m\r\n",
        b"\r\n" * 40_000,
        b"ends with spaces   \t\r\n   \r\n",
    ],
    ids=lambda wire: repr(wire[:20]),
)
def test_not_a_byte_is_altered(client: RawClient, server: Server, running: Running, wire: bytes) -> None:
    reply = client.send(wire)

    assert reply == b"250-2.0.0 taken\r\n250 2.0.0 queued as 4711\r\n"
    assert [taken.wire for taken in server.taken] == [wire]
    assert running.kept() == [server.taken[0].content]


LINES = st.lists(st.binary(max_size=40) | st.sampled_from([b".", b"..", b"", b"x" * 2000]), max_size=30)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES)
def test_any_lines_arrive_as_they_were_written(client: RawClient, server: Server, lines: list[bytes]) -> None:
    """Or they are refused and nothing is sent: another server could have read them otherwise."""
    server.taken.clear()
    wire = b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)
    reply = client.send(wire) if b"\r\n.\r\n" not in wire else b"554 not one message"
    assert [taken.wire for taken in server.taken] == ([wire] if reply.startswith(b"250") else [])
    assert reply.startswith((b"250", b"554"))


@pytest.mark.parametrize(
    "end", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\r\n\0.\r\n", b"\r.\r\n"]
)
def test_what_could_end_the_message_for_others_is_refused_and_nothing_is_sent(
    client: RawClient, server: Server, running: Running, end: bytes
) -> None:
    smuggled = b"MAIL FROM:<ceo@example.org>\r\nRCPT TO:<sam@example.com>\r\nDATA\r\nPay.\r\n"

    reply = client.send(b"Subject: a\r\n\r\nbody" + end + smuggled)

    assert reply.startswith(b"554-5.6.0 Not sent")
    assert (server.taken, running.kept(), running.half_kept()) == ([], [], [])
    assert client.send(MAIL).startswith(b"250")  # the session goes on
    assert [taken.wire for taken in server.taken] == [MAIL]


def test_the_reading_of_another_library_is_the_same(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "mara@example.org", "sam@example.com", "Prüfung"
    message.set_content("Grüße\n.\n..\n.hidden\n\n\n")
    sent = message.as_bytes(policy=message.policy.clone(linesep="\r\n", cte_type="8bit"))
    with aiosmtpd_server() as (port, sink), relay(tmp_path, port) as running:
        with smtplib.SMTP("127.0.0.1", running.port, timeout=20) as client:
            client.login("mara", SECRET)
            client.sendmail(
                "mara@example.org", ["sam@example.com", "kim@example.com"], sent, ["BODY=8BITMIME"]
            )

        assert [envelope.original_content for envelope in sink.envelopes] == [sent]
        assert sink.envelopes[0].rcpt_tos == ["sam@example.com", "kim@example.com"]
        assert running.kept() == [sent]


# --- the dialogue ----------------------------------------------------------------------------------


def test_the_envelope_goes_on_as_it_was_said(client: RawClient, server: Server) -> None:
    mail = b"MAIL FROM:<mara@example.org> SIZE=107 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=QQ314159"
    rcpt = b"RCPT TO:<J\xc3\xbcrgen+a@ex\xc3\xa4mple.com> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Sam@example.com"
    for line in (mail, rcpt, b"DATA"):
        client.ask(line)
    client.ask(b".")

    assert (server.taken[0].mail, server.taken[0].rcpts) == (mail, [rcpt])


def test_answers_are_the_servers_own_in_all_their_lines(client: RawClient) -> None:
    assert client.ask(b"MAIL FROM:<>") == b"250-2.1.0 a first line\r\n250 2.1.0 the sender is fine\r\n"
    assert client.ask(b"RCPT TO:<nobody@example.com>") == (
        b"550-5.1.1 nobody of that name\r\n550 5.1.1 lives here\r\n"
    )
    assert client.ask(b"DATA") == b"554 5.5.1 no valid recipients\r\n"
    assert client.ask(b"RCPT TO:<sam@example.com>") == b"250 2.1.5 the recipient is fine\r\n"
    assert client.ask(b"DATA") == b"354 go ahead, end with a dot\r\n"


@pytest.mark.parametrize(
    ("answer", "step"),
    [
        (b"452 4.2.2 over quota", "MAIL"),
        (b"552 5.3.4 too big for us", "MAIL"),
        (b"450 4.7.1 come back later", "RCPT"),
        (b"451 4.3.0 not now", "DATA"),
        (b"554-5.7.1 this looks like spam\r\n554 5.7.1 to us", "dot"),
        (b"452 4.3.1 disk full", "dot"),
    ],
)
def test_a_refusal_is_the_servers_own_at_every_step(
    client: RawClient, server: Server, running: Running, answer: bytes, step: str
) -> None:
    server.faults[step] = answer
    replies = [client.ask(line) for line in (b"MAIL FROM:<mara@example.org>", b"RCPT TO:<sam@example.com>")]
    replies.append(client.ask(b"DATA"))
    if step == "dot":
        replies.append(client.ask(b"Subject: a\r\n\r\n."))

    assert answer + b"\r\n" in replies
    assert running.kept() == running.half_kept() == []


def test_only_what_the_server_offers_is_offered(tmp_path: Path) -> None:
    server = Server(features=("SIZE 1000", "DSN", "LIMITS RCPTMAX=5", "X-SECRET-EXTENSION", "BINARYMIME"))
    with (
        submission_server(server),
        relay(tmp_path, server.port) as running,
        RawClient(running.port, signed_in=False) as client,
    ):
        offered = client.ask(b"EHLO client.example").split(b"\r\n")

    assert sorted(line[4:] for line in offered if line) == [
        b"AUTH LOGIN PLAIN", b"DSN", b"LIMITS RCPTMAX=5", b"SIZE 1000", b"localhost",
    ]  # fmt: skip


def test_several_mails_and_commands_go_over_one_connection(client: RawClient, server: Server) -> None:
    client.send(MAIL)
    client.begin()
    client.say(b".\r\n")
    client.reply()
    client.ask(b"MAIL FROM:<one@example.org>")
    assert client.ask(b"MAIL FROM:<two@example.org>").startswith(b"503")
    assert client.ask(b"RSET").startswith(b"250")
    assert client.ask(b"RCPT TO:<sam@example.com>").startswith(b"503")
    assert client.ask(b"NOOP").startswith(b"250")
    assert client.ask(b"VRFY sam").startswith(b"252")
    assert client.ask(b"EXPN sam").startswith(b"502")
    client.send(MAIL)
    assert client.ask(b"QUIT").startswith(b"221")

    assert [taken.wire for taken in server.taken] == [MAIL, b"", MAIL]
    assert server.n_connections == 1
    assert b"RSET" in server.commands


def test_commands_that_are_sent_ahead_are_answered_in_their_order(client: RawClient, server: Server) -> None:
    rcpts = b"RCPT TO:<nobody@example.com>\r\nRCPT TO:<sam@example.com>\r\n"
    client.say(b"MAIL FROM:<mara@example.org>\r\n" + rcpts + b"DATA\r\n")
    assert [client.reply()[:3] for _ in range(4)] == [b"250", b"550", b"250", b"354"]
    client.say(MAIL + b".\r\nMAIL FROM:<mara@example.org>\r\nRSET\r\nQUIT\r\n")
    client.link.shutdown(socket.SHUT_WR)

    assert [client.reply()[:3] for _ in range(5)] == [b"250", b"250", b"250", b"221", b""]
    assert [taken.wire for taken in server.taken] == [MAIL]


@pytest.mark.parametrize("line", [b"MAIL FROM:<a@example.org>\rRCPT", b"MAIL TO:<a@example.org>", b"MAIL",
                                  b"MAIL FROM:<a\0b@example.org>"])  # fmt: skip
def test_a_malformed_command_is_not_passed_on(client: RawClient, server: Server, line: bytes) -> None:
    before = len(server.commands)

    assert client.ask(line).startswith(b"501")
    assert len(server.commands) == before


def test_a_command_line_without_end_is_refused(client: RawClient) -> None:
    assert client.ask(b"MAIL FROM:<" + b"a" * 100_000 + b">").startswith(b"500")
    assert client.send(MAIL).startswith(b"250")


# --- who may send ----------------------------------------------------------------------------------


def test_nobody_sends_without_the_local_secret(running: Running, server: Server) -> None:
    with smtplib.SMTP("127.0.0.1", running.port, timeout=20) as client:
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("mara@example.org", "not the secret")
        client.ehlo()
        assert client.mail("mara@example.org")[0] == 530
        assert client.rcpt("sam@example.com")[0] == 530
        assert client.docmd("DATA")[0] == 530
    assert not any(command.startswith((b"AUTH", b"MAIL")) for command in server.commands)


def test_guessing_ends_the_connection(running: Running) -> None:
    with RawClient(running.port, signed_in=False) as client:
        client.ask(b"EHLO client.example")
        assert [client.ask(b"AUTH PLAIN AGEAYg==")[:3] for _ in range(3)] == [b"535"] * 3
        assert client.reply() == b""


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "plain"])
def test_both_ways_to_sign_in_work(running: Running, mechanism: str) -> None:
    with smtplib.SMTP("127.0.0.1", running.port, timeout=20) as client:
        client.ehlo()
        client.user, client.password = "mara", SECRET
        authenticate = client.auth_login if mechanism == "LOGIN" else client.auth_plain
        assert client.auth(mechanism, authenticate)[0] == 235


def test_the_relay_listens_on_loopback_alone(running: Running) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(
            ("192.0.2.1", 9)
        )  # sends nothing; tells the address towards the outside, if there is one
        outside = probe.getsockname()[0]
    if outside.startswith("127."):
        pytest.skip("this machine has no other address")
    with pytest.raises(OSError), socket.create_connection((outside, running.port), timeout=5):
        pass


# --- secure links ----------------------------------------------------------------------------------


def test_a_client_may_ask_for_tls(server: Server, tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    with (
        relay(tmp_path, server.port, own_tls=server_context(cert, key)) as running,
        smtplib.SMTP("localhost", running.port, timeout=20) as client,
    ):
        client.starttls(context=ssl.create_default_context(cafile=cert))
        client.login("mara", SECRET)
        client.sendmail("mara@example.org", "sam@example.com", MAIL)

    assert [taken.wire for taken in server.taken] == [MAIL]


def test_a_client_that_fails_at_tls_harms_nobody(server: Server, tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    with relay(tmp_path, server.port, own_tls=server_context(cert, key)) as running:
        with RawClient(running.port) as client:
            assert client.ask(b"STARTTLS").startswith(b"220")
            client.say(b"MAIL FROM:<mara@example.org>\r\n" * 100)
            with suppress(ConnectionResetError):
                assert not client.lines.read().startswith(b"250")
        with RawClient(running.port) as other:
            assert other.send(MAIL).startswith(b"250")


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_the_link_to_the_server_is_secured(tmp_path: Path, tls: str) -> None:
    cert, key = certificate(tmp_path)
    server = Server(tls=server_context(cert, key), implicit=tls == "implicit")
    with (
        submission_server(server),
        relay(tmp_path, server.port, host="localhost", tls=tls, trust=str(cert)) as running,
        RawClient(running.port) as client,
    ):
        assert client.send(MAIL).startswith(b"250")

    assert [taken.wire for taken in server.taken] == [MAIL]
    assert server.hellos == [b"EHLO client.example"] * (2 if tls == "starttls" else 1)


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tmp_path: Path, tls: str) -> None:
    server = Server(tls=server_context(*certificate(tmp_path)), implicit=tls == "implicit")
    with (
        submission_server(server),
        relay(tmp_path, server.port, host="localhost", tls=tls) as running,
        RawClient(running.port) as client,
    ):
        reply = client.ask(b"MAIL FROM:<mara@example.org>")

    assert reply.startswith(b"451 4.4.2 Nothing was sent: the certificate of the submission server")
    assert b"AUTH PLAIN" not in server.commands


def test_without_starttls_no_password_is_said(server: Server, tmp_path: Path) -> None:
    with relay(tmp_path, server.port, tls="starttls") as running, RawClient(running.port) as client:
        reply = client.ask(b"MAIL FROM:<mara@example.org>")

    assert reply.startswith(b"451 4.4.2 Nothing was sent: the submission server offers no STARTTLS")
    assert b"AUTH PLAIN" not in server.commands


def test_what_was_said_before_the_handshake_does_not_count(tmp_path: Path) -> None:
    """Somebody on the way may add answers to the one that begins TLS: who keeps them believes them."""
    cert, key = certificate(tmp_path)
    server = Server(tls=server_context(cert, key))
    server.faults["STARTTLS"] = b"220 go on\r\n250-mail.example.org\r\n250 SIZE 4711"
    with (
        submission_server(server),
        relay(tmp_path, server.port, host="localhost", tls="starttls", trust=str(cert)) as running,
        RawClient(running.port) as client,
    ):
        assert b"4711" not in client.ask(b"EHLO client.example")


@pytest.mark.parametrize("offers", ["PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"])
def test_the_relay_signs_in_as_the_server_wants(tmp_path: Path, offers: str) -> None:
    sign_in = Tokens([PASSWORD]) if "OAUTH" in offers else Password(lambda: PASSWORD)
    with (
        submission_server(Server(auth=offers)) as server,
        relay(tmp_path, server.port, sign_in=sign_in) as running,
        RawClient(running.port) as client,
    ):
        assert client.send(MAIL).startswith(b"250")
    assert b"AUTH " + offers.encode() in server.commands


# --- many and long ---------------------------------------------------------------------------------


def test_two_hundred_clients_send_at_once(running: Running, server: Server) -> None:
    together = threading.Barrier(200)

    def send(n: int) -> bytes:
        with RawClient(running.port) as client:
            client.begin(b"%d@example.com" % n)
            together.wait(60)
            client.say(MAIL.replace(b"Lot 7", b"Lot %d" % n) + b".\r\n")
            return client.reply()[:3]

    with ThreadPoolExecutor(200) as pool:
        replies = list(pool.map(send, range(200)))

    assert replies == [b"250"] * 200
    assert (
        len({taken.wire for taken in server.taken}) == len({taken.rcpts[0] for taken in server.taken}) == 200
    )
    for taken in server.taken:
        n = taken.rcpts[0].removeprefix(b"RCPT TO:<").partition(b"@")[0]
        assert b"Subject: Lot %s\r\n" % n in taken.wire
    assert len(running.kept()) == 200


def test_fifty_megabytes_arrive_whole(client: RawClient, server: Server, running: Running) -> None:
    line = b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3ODkr\r\n"
    wire = MAIL + line * (50_000_000 // len(line))

    assert client.send(wire).startswith(b"250")
    assert server.taken[0].wire == wire
    (kept,) = running.kept()
    assert kept == wire[: 2 * 1024 * 1024]


def test_a_server_that_takes_nothing_stops_the_client_too(
    client: RawClient, server: Server, running: Running
) -> None:
    """Else the relay would hold in memory what the server has not taken."""
    server.reads_body.clear()
    client.begin()
    client.link.settimeout(0.5)
    n_sent = 0
    with pytest.raises(TimeoutError):
        while n_sent < 100_000_000:
            n_sent += client.link.send(b"x" * 998 + b"\r\n")
    assert n_sent < 60_000_000  # what the system's buffers hold
