"""`ownhand check` against a real daemon and real servers, as a person would run it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from imap_servers import Server, dovecot_server
from ownhand.v1 import accounts_pb2, learning_pb2
from running import Daemon, daemon
from smtp_servers import PASSWORD as SMTP_PASSWORD
from smtp_servers import submission_server
from watched import ENVIRON, config, learn, mail

FOLDER = 'sent = "{}"\n[agent]'
RELAY = """
[[account]]
name = "work"
address = "mara@example.org"
password = {{ env = "WORK_PASSWORD" }}
[account.relay]
host = "127.0.0.1"
port = {port}
tls = "plaintext-loopback"
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Of 220 mails the newest 200 are looked at: 20 of them are too short, 5 are from another address."""
    with dovecot_server() as server:
        club = [mail(n).replace(b"<mara@example.org>", b"<mara@club.example>") for n in range(300, 305)]
        short = [mail(n, "ok, thanks") for n in range(195, 215)]
        server.append([*(mail(n) for n in range(195)), *short, *club])
        server.append([mail(n) for n in range(3)], folder="Few")
        server.append([], folder="Bare")
        yield server


def check(home: Daemon, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ownhand.daemon", "check", *words]
    return subprocess.run(
        command, env={**os.environ, "OWNHAND_HOME": str(home.home)}, capture_output=True, text=True
    )


def settings(server: Server, folder: str = "") -> str:
    text = config(server, watch=False)
    return text.replace("[agent]", FOLDER.format(folder)) if folder else text


def test_a_good_account_is_explained_and_nothing_of_it_is_kept_or_shown(
    tmp_path: Path, server: Server
) -> None:
    with daemon(tmp_path / "home", settings(server), ENVIRON, ("--log-level", "DEBUG")) as (running, client):
        done = check(running)
        listed = client.accounts.ListAccounts(accounts_pb2.ListAccountsRequest(), timeout=30).accounts
        written = running.paths.log_file.read_text() + running.output.read_text()

    assert done.returncode == 0
    assert '"Sent", which the server marks as the one for sent mail: 220 messages' in done.stdout
    assert "Newest 200   175 can be learned from; left out:" in done.stdout
    assert "20  fewer than four words of your own" in done.stdout
    assert "In all       about 190 usable mails: enough for an agent, which needs 20" in done.stdout
    assert "CAREFUL: 5 of these mails are from mara@club.example" in done.stdout
    assert done.stderr == "Next: `ownhand learn`\n"
    assert [(a.n_originals, dict(a.n_skipped), a.HasField("collect_time")) for a in listed] == [
        (0, {}, False)
    ]
    for secret in ("packed", "sam@shop.example", "Lot 1", "Sam Hale"):
        assert secret not in done.stdout + done.stderr + written
    assert "club.example" not in written


def test_the_same_as_data(tmp_path: Path, server: Server) -> None:
    with daemon(tmp_path / "home", settings(server), ENVIRON) as (running, _):
        found = json.loads(check(running, "work", "--json").stdout)

    assert (found["usable"], found["n_messages"], found["n_usable"]) == (True, 220, 190)
    assert found["sample"]["n_skipped"] == {"too few own words": 20, "from another sender": 5}
    assert found["sample"]["n_by_language"] == {"en": 175}
    assert (found["pushes"], found["tells_deletions"], found["found_by"]) == (True, True, "special_use")


def test_after_learning_the_estimate_is_a_count(tmp_path: Path, server: Server) -> None:
    with daemon(tmp_path / "home", settings(server), ENVIRON) as (running, client):
        learn(client, learning_pb2.STAGE_COLLECT)
        done = check(running)

    assert "Learned      from 195 so far" in done.stdout
    assert "In all       195 usable mails: enough for an agent" in done.stdout
    assert done.stderr.startswith("Most of it was learned from already")


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("Bare", "the folder is empty"),
        ("Few", "17 more usable mails are needed for an agent"),
        ("Posted", 'there is no folder "Posted"'),
    ],
)
def test_what_is_not_enough_is_1_and_says_why(tmp_path: Path, server: Server, folder: str, said: str) -> None:
    with daemon(tmp_path / "home", settings(server, folder), ENVIRON) as (running, _):
        done = check(running)

    assert done.returncode == 1
    assert done.stderr.startswith("ownhand: ") and said in done.stderr


def test_a_wrong_password_and_a_server_that_is_down_say_which_it_is(tmp_path: Path) -> None:
    with dovecot_server() as server:
        with daemon(tmp_path / "home", settings(server), {"WORK_PASSWORD": "wrong"}) as (running, _):
            refused = check(running)
        running = Daemon(tmp_path / "home", settings(server), ENVIRON)
        running.start().channel.close()
    try:
        down = check(running)
    finally:
        running.stop()

    assert (refused.returncode, down.returncode) == (1, 1)
    assert "refused the login" in refused.stderr
    assert "refused the connection; it may be down" in down.stderr
    assert refused.stdout + down.stdout == ""


def test_a_relay_is_tried_without_sending_anything(tmp_path: Path) -> None:
    with submission_server() as server:
        environ = {"WORK_PASSWORD": SMTP_PASSWORD}
        with daemon(tmp_path / "home", RELAY.format(port=server.port), environ) as (running, _):
            done = check(running)
        commands = {command.split()[0].upper() for command in server.commands}

    assert (done.returncode, server.taken) == (0, [])
    assert commands <= {b"EHLO", b"AUTH", b"QUIT"}
    assert f"127.0.0.1:{server.port}, without TLS" in done.stdout
    assert "up to 70 MB" in done.stdout
    assert "none waits to be read; learned from 0 so far" in done.stdout
    assert "start `ownhand relay`" in done.stderr


def test_imported_mail_can_be_checked_when_the_file_is_gone(tmp_path: Path) -> None:
    box = tmp_path / "sent.mbox"
    box.write_bytes(b"".join(b"From mara Mon Mar  2 09:00:00 2026\n" + mail(n) + b"\n" for n in range(4)))
    with daemon(tmp_path / "home", '[agent]\nbackend = "fake"\n') as (running, client):
        request = accounts_pb2.ImportMailRequest(path=str(box), address="mara@example.org")
        client.wait(client.accounts.ImportMail(request, timeout=30).job_id)
        box.unlink()
        done = check(running)

    assert "this mail was imported from files" in done.stdout
    assert "Read so far  all can be learned from" in done.stdout
    assert "4 usable mails: not enough yet" in done.stdout
    assert done.returncode == 1
