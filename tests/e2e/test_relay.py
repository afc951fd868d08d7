"""A mail sent through `ownhand relay` reaches the real server, and the daemon learns from it."""

import os
import re
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ownhand.v1 import accounts_pb2, learning_pb2, privacy_pb2, rules_pb2
from running import Client, daemon
from smtp_servers import PASSWORD, Server, submission_server

ENVIRON = {"WORK_PASSWORD": PASSWORD}


@pytest.fixture
def server() -> Iterator[Server]:
    with submission_server() as server:
        yield server


def config(port: int) -> str:
    return f"""
[[account]]
name = "work"
address = "mara@example.org"
password = {{ env = "WORK_PASSWORD" }}

[account.relay]
host = "127.0.0.1"
port = {port}
tls = "plaintext-loopback"
listen = 0

[agent]
backend = "fake"
"""


def mail(n: int) -> bytes:
    return (
        f"From: Mara Ost <mara@example.org>\r\nTo: Sam Hale <sam@shop.example>\r\nSubject: Lot {n}\r\n"
        f"Date: Mon, {n % 28 + 1} Mar 2026 09:{n % 60:02}:00 +0000\r\nMessage-ID: <{n}@example.org>\r\n"
        f"\r\nHi Sam,\r\n\r\nlot {n} is packed - I'm sending it tomorrow!\r\n\r\nCheers,\r\nMara\r\n"
    ).encode()


@contextmanager
def relay(home: Path) -> Iterator[int]:
    """`ownhand relay`, ended with the block; gives its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ownhand.daemon", "relay", "--log-level", "DEBUG"],
        env={**os.environ, **ENVIRON, "OWNHAND_HOME": str(home)}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        said = process.stderr.readline()
        found = re.fullmatch(r"ownhand: the relay of work answers on 127\.0\.0\.1:(\d+)\n", said)
        assert found, said + process.stderr.read()
        yield int(found[1])
    finally:
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=30)
    assert (process.returncode, rest) == (0, "")


def secret(home: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "ownhand.daemon", "relay", "secret"],
        env={**os.environ, "OWNHAND_HOME": str(home)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def send(port: int, password: str, mails: list[bytes]) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client.login("mara@example.org", password)
        for content in mails:
            client.sendmail("mara@example.org", ["sam@shop.example"], content)


def learn(client: Client) -> learning_pb2.Job:
    request = learning_pb2.StartLearningRequest(account="work", until=learning_pb2.STAGE_VERIFY)
    return client.wait(client.learning.StartLearning(request, timeout=30).job.id)


def account(client: Client) -> accounts_pb2.Account:
    return client.accounts.ListAccounts(accounts_pb2.ListAccountsRequest(), timeout=30).accounts[0]


def eventually(what: Callable[[], bool], said: str) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline, said
        time.sleep(0.05)


def test_what_is_sent_is_learned_and_its_copy_goes(tmp_path: Path, server: Server) -> None:
    home = tmp_path / "home"
    with daemon(home, config(server.port), ENVIRON) as (running, client), relay(home) as port:
        word = secret(home)
        send(port, word, [mail(n) for n in range(3)])
        assert learn(client).state == learning_pb2.JOB_STATE_SUCCEEDED
        assert (account(client).n_originals, account(client).source) == (3, "relay")

        send(port, word, [mail(n) for n in range(3, 5)])

        eventually(lambda: account(client).n_originals == 5, "the mails sent later were not learned")
        rules = client.rules.ListRules(rules_pb2.ListRulesRequest(account="work"), timeout=30).rules
        assert 'Greet with "Hi".' in [rule.text for rule in rules]
        spool = running.paths.relayed
        eventually(lambda: not [*spool.glob("*/new/*"), *spool.glob("*/tmp/*")], "copies were left behind")
    assert [taken.content for taken in server.taken] == [mail(n) for n in range(5)]


def test_without_a_daemon_mail_is_sent_and_learned_when_there_is_one(tmp_path: Path, server: Server) -> None:
    home = tmp_path / "home"
    (home / "config").mkdir(parents=True)
    (home / "config" / "config.toml").write_text(config(server.port))
    with relay(home) as port:
        send(port, secret(home), [mail(1), mail(2)])
    assert len(server.taken) == 2

    with daemon(home, config(server.port), ENVIRON) as (_, client):
        learn(client)
        assert account(client).n_originals == 2


def test_what_is_kept_is_for_its_owner_alone_and_the_log_names_nobody(tmp_path: Path, server: Server) -> None:
    home = tmp_path / "home"
    (home / "config").mkdir(parents=True)
    (home / "config" / "config.toml").write_text(config(server.port))
    with relay(home) as port:
        word = secret(home)
        send(port, word, [mail(1)])

    files = [file for file in (home / "data").rglob("*") if file.is_file()]
    folders = [file for file in (home / "data").rglob("*") if file.is_dir()]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}
    logged = (home / "log" / "relay.log").read_text()
    assert "relayed" in logged
    for private in ("example.org", "shop.example", "Lot", "Mara", word, PASSWORD):
        assert private not in logged
        assert not [file for file in [*files, *folders] if private in file.name]


def test_erasing_takes_the_copies_too_and_the_relay_goes_on(tmp_path: Path, server: Server) -> None:
    home = tmp_path / "home"
    with daemon(home, config(server.port), ENVIRON) as (running, client), relay(home) as port:
        send(port, secret(home), [mail(1)])
        token = client.privacy.EraseData(privacy_pb2.EraseDataRequest(), timeout=30).token
        client.privacy.EraseData(privacy_pb2.EraseDataRequest(token=token), timeout=30)
        assert not running.paths.relayed.exists()

        send(port, secret(home), [mail(2)])
        assert len([*running.paths.relayed.glob("*/new/*")]) == 1
    assert len(server.taken) == 2


def test_a_second_relay_for_the_same_account_is_refused(tmp_path: Path, server: Server) -> None:
    home = tmp_path / "home"
    (home / "config").mkdir(parents=True)
    (home / "config" / "config.toml").write_text(config(server.port))
    with relay(home):
        second = subprocess.run(
            [sys.executable, "-m", "ownhand.daemon", "relay"],
            env={**os.environ, "OWNHAND_HOME": str(home)}, capture_output=True, text=True, timeout=30,
        )  # fmt: skip
    assert second.returncode == 1
    assert "another relay runs already" in second.stderr
