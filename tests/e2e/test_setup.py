"""`ownhand setup` against a real mail server."""

import json
from pathlib import Path

import pytest
from imap_servers import Server, pymap_server
from ownhand.daemon import cli
from ownhand.daemon.config import read_settings
from ownhand.daemon.paths import find_paths

MAIL = b"From: mara@example.org\r\nTo: sam@example.org\r\nMessage-ID: <1@example.org>\r\n\r\nIt is done.\r\n"
Capture = pytest.CaptureFixture[str]


def _setup(server: Server, password_file: Path, *more: str) -> int:
    words = f"setup --address mara@example.org --display-name Mara --host {server.host} --port {server.port}"
    plain = ["--tls", "plaintext-loopback", "--user", server.user, "--password-file", str(password_file)]
    return cli.run([*words.split(), *plain, *more])


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.touch(mode=0o600)
    return file


def test_setup_logs_in_finds_the_sent_folder_and_writes_it_down(password_file: Path, capsys: Capture) -> None:
    with pymap_server() as server:
        password_file.write_text(server.password)
        server.append([MAIL, MAIL.replace(b"<1@", b"<2@")])
        assert _setup(server, password_file, "--json") == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["sent_folder"] == "Sent"
    assert "Sent with 2 messages" in said.err and "ownhand learn" in said.err
    [account] = read_settings(find_paths().config_file, {}).account
    assert (account.name, account.user, account.server_port) == ("mara", server.user, server.port)


def test_a_wrong_password_writes_nothing_and_is_not_shown(password_file: Path, capsys: Capture) -> None:
    with pymap_server() as server:
        password_file.write_text("marigold")
        assert _setup(server, password_file) == 1
    said = capsys.readouterr().err
    assert "password" in said and "marigold" not in said
    assert not find_paths().config_file.exists()


def test_a_folder_that_is_not_there_is_told_with_those_that_are(password_file: Path, capsys: Capture) -> None:
    with pymap_server() as server:
        password_file.write_text(server.password)
        server.append([MAIL])
        assert _setup(server, password_file, "--sent", "Gesendet") == 1
    assert "Sent" in capsys.readouterr().err
    assert not find_paths().config_file.exists()
