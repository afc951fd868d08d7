"""What a look at the server behind a relay tells, and that it sends nothing."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from ownhand.daemon.domain import Connection
from ownhand.daemon.errors import Invalid, LoginFailed, OwnhandError, Unreachable
from ownhand.daemon.mail.relay.look import look
from ownhand.daemon.mail.relay.upstream import Submission
from ownhand.daemon.mail.signin.password import Password, SignIn
from smtp_servers import (
    HASTY,
    PASSWORD,
    QUICK,
    SILENT,
    USER,
    RawClient,
    Server,
    Tokens,
    certificate,
    relay,
    server_context,
    submission_server,
)

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")


@pytest.fixture
def server() -> Iterator[Server]:
    with submission_server() as server:
        yield server


def submission(
    server: Server,
    *,
    password: str = PASSWORD,
    sign_in: SignIn | None = None,
    tls: Literal["implicit", "starttls", "plaintext-loopback"] = "plaintext-loopback",
    trust: str = "",
) -> Submission:
    return Submission("localhost", server.port, tls, USER, sign_in or Password(lambda: password), trust)


async def test_it_signs_in_says_what_the_server_takes_and_sends_nothing(
    server: Server, tmp_path: Path
) -> None:
    found = await look(submission(server), tmp_path / "spool", QUICK)

    assert found.server == f"localhost:{server.port}"
    assert found.connection == Connection("", pinned=False, mechanism="PLAIN")
    assert found.max_message_bytes == 70_000_000
    assert {"SIZE 70000000", "SMTPUTF8"} <= set(found.capabilities)
    assert (found.n_messages, found.relay_running) == (0, False)
    said = {command.split()[0].upper() for command in server.commands}
    assert said <= {b"EHLO", b"AUTH", b"QUIT"}


async def test_a_server_that_names_no_size_leaves_it_open(tmp_path: Path) -> None:
    with submission_server(Server(features=("8BITMIME", "SIZE"))) as server:
        found = await look(submission(server), tmp_path / "spool", QUICK)

    assert found.max_message_bytes == 0


async def test_copies_that_wait_are_counted_and_a_relay_that_runs_is_seen(
    server: Server, tmp_path: Path
) -> None:
    with relay(tmp_path, server.port) as running, RawClient(running.port) as client:
        assert client.send(b"From: mara@example.org\r\n\r\nHi Sam\r\n").startswith(b"250")
        found = await look(submission(server), running.spool, QUICK)

    again = await look(submission(server), running.spool, QUICK)

    assert (found.n_messages, found.relay_running) == (1, True)
    assert (again.n_messages, again.relay_running) == (1, False)
    assert len(running.kept()) == 1


@needs_openssl
@pytest.mark.parametrize("tls", ["implicit", "starttls"])
async def test_it_says_which_tls_there_is(tmp_path: Path, tls: Literal["implicit", "starttls"]) -> None:
    cert, key = certificate(tmp_path)
    ours = Server(tls=server_context(cert, key), implicit=tls == "implicit")
    with submission_server(ours) as server:
        found = await look(submission(server, tls=tls, trust=str(cert)), tmp_path / "spool", QUICK)

    assert found.connection is not None
    assert found.connection.tls == "TLSv1.3"


@needs_openssl
async def test_a_certificate_that_is_not_trusted_ends_it_before_the_sign_in(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    with submission_server(Server(tls=server_context(cert, key), implicit=True)) as server:
        with pytest.raises(Unreachable, match="certificate"):
            await look(submission(server, tls="implicit"), tmp_path / "spool", QUICK)

        assert server.commands == []


async def test_a_refused_password_is_told_with_what_to_do(server: Server, tmp_path: Path) -> None:
    with pytest.raises(LoginFailed) as caught:
        await look(submission(server, password="wrong"), tmp_path / "spool", QUICK)

    assert "refused the sign-in" in caught.value.message
    assert "app password" in caught.value.hint
    assert "wrong" not in str(caught.value)


async def test_a_token_that_ran_out_is_followed_by_a_fresh_one(server: Server, tmp_path: Path) -> None:
    found = await look(submission(server, sign_in=Tokens(["stale", PASSWORD])), tmp_path / "spool", QUICK)

    assert found.connection is not None
    assert found.connection.mechanism == "XOAUTH2"


async def test_a_server_that_says_nothing_is_told_in_time(server: Server, tmp_path: Path) -> None:
    server.faults["greeting"] = SILENT

    with pytest.raises(Unreachable, match="in time"):
        await look(submission(server), tmp_path / "spool", HASTY)


async def test_certificates_that_cannot_be_read_are_a_mistake_in_the_settings(
    server: Server, tmp_path: Path
) -> None:
    with pytest.raises(OwnhandError) as caught:
        await look(submission(server, tls="implicit", trust=str(tmp_path / "none")), tmp_path / "spool")

    assert isinstance(caught.value, Invalid)
