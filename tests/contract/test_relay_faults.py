"""Whatever goes wrong with the real server, and when: the client hears the truth, and no mail goes twice."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ownhand.daemon.mail.signin.password import Password, SignIn, password_reader
from smtp_servers import (
    CUT,
    CUT_INSIDE,
    HASTY,
    PASSWORD,
    SILENT,
    Fault,
    RawClient,
    Running,
    Server,
    Tokens,
    certificate,
    relay,
    server_context,
    submission_server,
)

MAIL = (
    b"From: mara@example.org\r\nTo: sam@example.com\r\nSubject: Lot 7\r\n\r\nHi Sam,\r\n\r\nit is packed.\r\n"
)
BEGIN = (b"MAIL FROM:<mara@example.org>", b"RCPT TO:<sam@example.com>", b"DATA")
STEPS = ("greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA")


@pytest.fixture
def server() -> Iterator[Server]:
    with submission_server() as server:
        yield server


@pytest.fixture
def running(server: Server, tmp_path: Path) -> Iterator[Running]:
    with relay(tmp_path, server.port) as running:
        yield running


@pytest.fixture
def hasty(server: Server, tmp_path: Path) -> Iterator[Running]:
    """One that waits half a second at most."""
    with relay(tmp_path / "hasty", server.port, patience=HASTY) as running:
        yield running


def attempt(client: RawClient, wire: bytes = MAIL) -> list[bytes]:
    """A client that sends one mail and stops where it is refused; the replies."""
    replies = []
    for line in (*BEGIN, wire + b"."):
        replies.append(client.ask(line))
        if not replies[-1].startswith((b"2", b"3")):
            break
    return replies


def is_empty(running: Running) -> bool:
    return running.kept() == running.half_kept() == []


@pytest.mark.parametrize(
    "fault", [CUT, CUT_INSIDE, SILENT, b"421 4.3.2 going down", b"gibberish", b"250-never ending"]
)
@pytest.mark.parametrize("step", STEPS)
def test_before_the_message_every_fault_is_a_refusal_that_may_pass(
    hasty: Running, server: Server, step: str, fault: Fault
) -> None:
    server.faults[step] = fault
    with RawClient(hasty.port) as client:
        last = attempt(client)[-1]

    assert last.startswith(b"421 4.3.2 going down\r\n" if fault == b"421 4.3.2 going down" and
                           step in ("MAIL", "RCPT", "DATA") else b"451 4.4.2 Nothing was sent: ")  # fmt: skip
    assert server.taken == [] and is_empty(hasty)


def test_after_a_fault_the_next_mail_is_sent(running: Running, server: Server) -> None:
    server.faults["RCPT"] = CUT
    with RawClient(running.port) as client:
        attempt(client)
        server.faults.clear()

        assert attempt(client)[-1].startswith(b"250")
    assert [taken.wire for taken in server.taken] == [MAIL]


def test_commands_sent_ahead_after_a_fault_are_refused_alike(running: Running, server: Server) -> None:
    server.faults["RCPT"] = CUT
    with RawClient(running.port) as client:
        client.say(b"\r\n".join([BEGIN[0], BEGIN[1], BEGIN[1], BEGIN[2], b""]))
        replies = [client.reply() for _ in range(4)]

    assert replies[0].startswith(b"250")
    assert len(set(replies[1:])) == 1 and replies[1].startswith(b"451 4.4.2 Nothing was sent: ")


def test_a_server_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with relay(tmp_path, port) as running, RawClient(running.port) as client:
        reply = client.ask(BEGIN[0])

    assert reply == b"451 4.4.2 Nothing was sent: the submission server does not take connections\r\n"


def test_a_server_that_speaks_no_tls_is_said_so(server: Server, tmp_path: Path) -> None:
    with relay(tmp_path, server.port, tls="implicit") as running, RawClient(running.port) as client:
        reply = client.ask(BEGIN[0])

    assert reply == b"451 4.4.2 Nothing was sent: no secure link to the submission server came about\r\n"


def test_a_handshake_that_is_never_answered_ends(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        relay(tmp_path, silent.getsockname()[1], tls="implicit", patience=HASTY) as running,
        RawClient(running.port) as client,
    ):
        reply = client.ask(BEGIN[0])

    assert reply == b"451 4.4.2 Nothing was sent: the submission server did not answer in time\r\n"


@pytest.mark.parametrize("step", ["EHLO", "STARTTLS"])
def test_starttls_that_fails_is_a_refusal(tmp_path: Path, step: str) -> None:
    cert, key = certificate(tmp_path)
    server = Server(tls=server_context(cert, key), faults={step: b"454 4.7.0 not available"})
    with (
        submission_server(server),
        relay(tmp_path, server.port, tls="starttls", trust=str(cert)) as running,
        RawClient(running.port) as client,
    ):
        reply = client.ask(BEGIN[0])

    assert reply == b"451 4.4.2 Nothing was sent: the submission server lets nobody in (454)\r\n"
    assert PASSWORD.encode() not in b"".join(server.commands)


@pytest.mark.parametrize(
    ("sign_in", "hint"),
    [(Password(lambda: "old"), b"check user and password; "), (Tokens(["old"]), b"check `user`, and that ")],
    ids=["password", "token"],
)
def test_a_refused_sign_in_will_not_pass_by_itself(
    server: Server, tmp_path: Path, sign_in: SignIn, hint: bytes
) -> None:
    with relay(tmp_path, server.port, sign_in=sign_in) as running, RawClient(running.port) as client:
        reply = client.ask(BEGIN[0])

    told = b"554 5.7.8 Nothing was sent: the submission server refused the sign-in (535); " + hint
    assert reply.startswith(told) and len(reply) < 512


def test_a_token_that_ran_out_is_replaced(server: Server, tmp_path: Path) -> None:
    tokens = Tokens(["old", PASSWORD])
    with relay(tmp_path, server.port, sign_in=tokens) as running, RawClient(running.port) as client:
        assert attempt(client)[-1].startswith(b"250")
    assert len(server.taken) == 1


def test_tokens_that_are_all_refused_are_given_up(server: Server, tmp_path: Path) -> None:
    tokens = Tokens(["old", "older", "oldest"])
    with relay(tmp_path, server.port, sign_in=tokens) as running, RawClient(running.port) as client:
        assert attempt(client)[-1].startswith(b"554 5.7.8 Nothing was sent: ")
    assert server.commands.count(b"AUTH XOAUTH2") == 2


def test_a_password_that_cannot_be_had_is_said_so(server: Server, tmp_path: Path) -> None:
    locked = Password(password_reader({"env": "NO_SUCH_PASSWORD"}, "work"))
    with relay(tmp_path, server.port, sign_in=locked) as running, RawClient(running.port) as client:
        reply = client.ask(BEGIN[0])

    assert reply.startswith(
        b"451 4.7.0 Nothing was sent: the environment variable NO_SUCH_PASSWORD is not set"
    )


def test_a_sign_in_that_cannot_be_judged_now_may_pass(running: Running, server: Server) -> None:
    server.faults["AUTH"] = b"454 4.7.0 the password server sleeps"
    with RawClient(running.port) as client:
        assert client.ask(BEGIN[0]).startswith(b"451 4.4.2 Nothing was sent: ")


# --- in the message --------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [CUT, b"552 5.3.4 too much for us", b"421 4.3.2 going down"])
def test_a_link_that_is_lost_within_the_message_sends_nothing(
    running: Running, server: Server, fault: Fault
) -> None:
    server.faults["body"] = fault
    with RawClient(running.port) as client:
        last = attempt(client, MAIL + b"a line of the message\r\n" * 100_000)[-1]

    expected = fault if isinstance(fault, bytes) else b"451 4.4.2 Nothing was sent: "
    assert last.startswith((expected, b"451 4.4.2 Nothing was sent: "))  # the reset may outrun the last words
    assert server.taken == [] and is_empty(running)


def test_a_server_that_stops_reading_is_given_up(hasty: Running, server: Server) -> None:
    with RawClient(hasty.port) as client:
        client.begin()
        server.reads_body.clear()
        client.say(b"x" * 998 + b"\r\n")
        client.say((b"x" * 998 + b"\r\n") * 30_000 + b".\r\n")
        reply = client.reply()

        assert reply == b"451 4.4.2 Nothing was sent: the submission server did not answer in time\r\n"
        server.reads_body.set()
    assert server.taken == [] and is_empty(hasty)


def test_an_early_yes_is_none(running: Running, server: Server) -> None:
    server.faults["DATA"] = b"354 go on\r\n250 2.0.0 taken already"
    with RawClient(running.port) as client:
        last = attempt(client)[-1]

    assert last == b"451 4.4.2 Nothing was sent: the submission server spoke too early\r\n"


def test_a_client_that_goes_away_before_the_dot_sends_nothing(running: Running, server: Server) -> None:
    with RawClient(running.port) as client:
        client.begin()
        client.say(MAIL * 1000)
    _until(lambda: bool(server.unfinished))

    assert server.taken == [] and is_empty(running)


# --- after the dot ---------------------------------------------------------------------------------

UNKNOWN = (
    b"554-5.4.2 The submission server did not say whether it took the message.\r\n554 5.4.2 It may have been"
)


@pytest.mark.parametrize("fault", [CUT, CUT_INSIDE, SILENT, b"gibberish", b"354 again"])
def test_when_nobody_knows_what_came_of_it_that_is_what_is_said(
    hasty: Running, server: Server, fault: Fault
) -> None:
    server.faults["dot"] = fault
    with RawClient(hasty.port) as client:
        last = attempt(client)[-1]
        server.faults.clear()
        client.ask(b"NOOP")

    assert last.startswith(UNKNOWN)
    assert len(server.taken) == 1  # it had taken it; the relay did not send it again
    assert is_empty(hasty)


def test_the_servers_word_after_the_dot_is_final_even_when_it_goes_down(
    running: Running, server: Server
) -> None:
    server.faults["dot"] = b"421 4.3.2 going down"
    with RawClient(running.port) as client:
        assert attempt(client)[-1] == b"421 4.3.2 going down\r\n"
        assert client.reply() == b""
    assert is_empty(running)


def test_a_client_that_goes_away_after_the_dot_changes_nothing(running: Running, server: Server) -> None:
    server.answers_dot.clear()
    with RawClient(running.port) as client:
        client.begin()
        client.say(MAIL + b".\r\n")
        client.link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        _until(lambda: server.n_ended == 1)
    server.answers_dot.set()
    _until(lambda: bool(running.kept()))

    assert [taken.wire for taken in server.taken] == [MAIL]


def test_a_relay_that_is_stopped_waits_for_the_servers_word(server: Server, tmp_path: Path) -> None:
    server.answers_dot.clear()
    with relay(tmp_path, server.port) as running:
        client = RawClient(running.port)
        client.begin()
        client.say(MAIL + b".\r\n")
        _until(lambda: server.n_ended == 1)
        server.answers_dot.set()
    with client:
        assert client.reply().startswith(b"250")
        assert client.reply() == b""
    assert running.kept() == [MAIL]


# --- between mails ---------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["hung up", "421"])
def test_a_link_that_died_while_idle_is_made_anew(running: Running, server: Server, how: str) -> None:
    with RawClient(running.port) as client:
        assert attempt(client)[-1].startswith(b"250")
        if how == "421":
            server.links[-1].sendall(b"421 4.4.2 idle too long\r\n")
        server.hang_up()

        assert attempt(client)[-1].startswith(b"250")
    assert len(server.taken) == 2


def test_a_server_that_always_says_421_is_asked_no_more_than_twice(running: Running, server: Server) -> None:
    with RawClient(running.port) as client:
        attempt(client)
        server.faults["MAIL"] = b"421 4.7.0 too many mails"

        assert attempt(client)[-1] == b"421 4.7.0 too many mails\r\n"
        assert client.reply() == b""
    assert server.n_connections == 2


def _until(what: object) -> None:
    deadline = time.monotonic() + 20
    while not what():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.01)
