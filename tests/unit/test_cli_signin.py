"""`ownhand sign-in` against a real authorization server on loopback, and `ownhand key`."""

import io
import json
import urllib.request
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import file_keyring
import keyring
import pytest
from dialogue import dialogue
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from oauth_server import CLIENT_ID, OAuthServer, needs_openssl, oauth_server
from ownhand.daemon import cli
from ownhand.daemon.access import sign_in_of
from ownhand.daemon.config import read_settings
from ownhand.daemon.paths import find_paths

K = TypeVar("K", bound=KeyringBackend)
Capture = pytest.CaptureFixture[str]
SECRET = "correct horse"


class MemoryKeyring(KeyringBackend):
    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring has no hints
        self.kept: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[username]


class PlaintextKeyring(MemoryKeyring):
    """As that of keyrings.alt is called."""


@pytest.fixture
def memory() -> Iterator[MemoryKeyring]:
    yield from _instead(MemoryKeyring())


@pytest.fixture
def plaintext() -> Iterator[MemoryKeyring]:
    yield from _instead(PlaintextKeyring())


@pytest.fixture
def no_keyring() -> Iterator[KeyringBackend]:
    yield from _instead(NoKeyring())  # type: ignore[no-untyped-call]


def _instead(other: K) -> Iterator[K]:
    before = keyring.get_keyring()
    keyring.set_keyring(other)
    yield other
    keyring.set_keyring(before)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OAuthServer]:
    """With a person at the browser of this machine who answers as the server is told."""

    def visit(url: str) -> bool:
        # As a browser that runs in the terminal: it comes back when the person has closed it.
        with urllib.request.urlopen(url, timeout=10) as page:
            page.read()
        return True

    with oauth_server(tmp_path, "mara@example.org") as found:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        monkeypatch.setattr(webbrowser, "open", visit)
        yield found


def configure(text: str) -> None:
    file = find_paths().config_file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def account(server: OAuthServer, name: str = "work", **more: str) -> str:
    keys = {
        "client_id": CLIENT_ID,
        "token_url": server.url("token"),
        "authorize_url": server.url("authorize"),
        "device_url": server.url("device"),
    }
    lines = "\n".join(f'{key} = "{value}"' for key, value in (keys | more).items())
    return f"""
[[account]]
name = "{name}"
address = "mara@example.org"
host = "imap.example.org"
[account.oauth]
{lines}
"""


PASSWORD_ACCOUNT = """
[[account]]
name = "old"
address = "mara@example.org"
host = "imap.example.org"
password = { env = "OLD" }
"""


def token() -> str:
    """What a mail server is shown from now on."""
    paths = find_paths()
    found = next(account for account in read_settings(paths.config_file).account if account.oauth)
    return sign_in_of(found, paths).secret()


# --- signing in --------------------------------------------------------------------------------


@needs_openssl
def test_who_says_yes_in_the_browser_is_signed_in_and_nothing_secret_is_said(
    server: OAuthServer, memory: MemoryKeyring, capsys: Capture
) -> None:
    configure(account(server))

    assert cli.run(["sign-in"]) == 0

    shown = capsys.readouterr()
    assert shown.out == "" and "work is signed in." in shown.err
    assert list(memory.kept) == ["oauth/work"] and token() in server.access
    assert not any(secret in shown.err for secret in (*server.access, *server.refresh))
    assert server.refreshes == 0


@needs_openssl
@pytest.mark.parametrize("words", [["--device"], []])
def test_without_a_browser_a_code_is_shown_to_type_elsewhere(
    server: OAuthServer, memory: MemoryKeyring, capsys: Capture, words: list[str]
) -> None:
    server.interval_s, server.device_after = 0.01, 1
    configure(account(server, flow="loopback" if words else "device"))

    assert cli.run(["sign-in", "work", *words, "--json"]) == 0

    shown = capsys.readouterr()
    assert json.loads(shown.out) == {"account": "work", "signed_in": True}
    assert f"Open {server.url('type-it-here')} and enter WDJB-MJHT" in shown.err
    assert token() in server.access and not server.pages


@needs_openssl
def test_a_no_is_told_and_the_sign_in_of_before_stays(
    server: OAuthServer, memory: MemoryKeyring, capsys: Capture
) -> None:
    configure(account(server))
    cli.run(["sign-in"])
    before = dict(memory.kept)
    server.says_no = "access_denied"

    assert cli.run(["sign-in"]) == 1

    assert "was not allowed" in capsys.readouterr().err
    assert memory.kept == before


@needs_openssl
def test_what_was_signed_in_can_be_forgotten(
    server: OAuthServer, memory: MemoryKeyring, capsys: Capture
) -> None:
    configure(account(server))
    cli.run(["sign-in"])
    capsys.readouterr()

    assert [cli.run(["sign-in", "--forget"]), cli.run(["sign-in", "--forget", "--json"])] == [0, 0]

    shown = capsys.readouterr()
    assert "take the access back at the provider" in shown.err
    assert json.loads(shown.out) == {"account": "work", "forgotten": False}
    assert not memory.kept


@needs_openssl
@pytest.mark.parametrize("backend", ["no_keyring", "plaintext"])
def test_without_a_safe_keyring_nobody_is_asked_and_the_person_hears_what_they_can_do(
    server: OAuthServer, backend: str, request: pytest.FixtureRequest, capsys: Capture
) -> None:
    request.getfixturevalue(backend)
    configure(account(server))

    assert cli.run(["sign-in"]) == 1

    said = capsys.readouterr().err
    assert "keyring" in said and 'keep = "file"' in said and "whoever reads your files can read" in said
    assert not server.pages and not server.asked


@needs_openssl
def test_tokens_are_kept_in_a_file_of_ones_own_where_the_person_says_so(
    server: OAuthServer, no_keyring: KeyringBackend
) -> None:
    configure(account(server, keep="file"))

    assert cli.run(["sign-in"]) == 0

    file = find_paths().sign_ins / "work.json"
    assert token() in file.read_text() and file.stat().st_mode & 0o777 == 0o600


@needs_openssl
def test_a_server_whose_certificate_is_not_trusted_is_told_nothing(
    server: OAuthServer, memory: MemoryKeyring, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(account(server, flow="device"))
    monkeypatch.delenv("SSL_CERT_FILE")

    assert cli.run(["sign-in"]) == 1

    assert "is not trusted" in capsys.readouterr().err and not memory.kept


@needs_openssl
def test_one_of_several_accounts_must_be_named(
    server: OAuthServer, memory: MemoryKeyring, capsys: Capture
) -> None:
    configure(account(server) + account(server, "club") + PASSWORD_ACCOUNT)

    assert cli.run(["sign-in"]) == 2
    assert "name one of work, club" in capsys.readouterr().err
    assert cli.run(["sign-in", "club"]) == 0

    assert list(memory.kept) == ["oauth/club"]


def test_an_account_without_oauth_says_what_to_write(capsys: Capture) -> None:
    configure(PASSWORD_ACCOUNT)

    assert [cli.run(["sign-in"]), cli.run(["sign-in", "new"]), cli.run(["sign-in", "old"])] == [2, 2, 1]

    nobody, unknown, other = capsys.readouterr().err.splitlines()
    assert "no account has [account.oauth]" in nobody and "there is no account new" in unknown
    assert "write [account.oauth] with client_id" in other


def test_tokens_of_a_command_are_none_of_ours(capsys: Capture) -> None:
    configure(PASSWORD_ACCOUNT.replace('password = { env = "OLD" }', '[account.oauth]\ncommand = ["oama"]'))

    assert [cli.run(["sign-in"]), cli.run(["sign-in", "old", "--forget"])] == [2, 1]


# --- the keyring -------------------------------------------------------------------------------


def type_(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_a_secret_from_a_pipe_is_kept_and_forgotten(
    memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    type_(f"{SECRET}\r\nsecond line\n", monkeypatch)

    assert cli.run(["key", "set", "work", "--json"]) == 0
    assert memory.kept == {"work": SECRET}
    assert [cli.run(["key", "forget", "work"]), cli.run(["key", "forget", "work", "--json"])] == [0, 0]

    shown = capsys.readouterr()
    first, last = map(json.loads, shown.out.splitlines())
    assert first == {"name": "work", "kept": True} and last == {"name": "work", "forgotten": False}
    assert shown.err == "Forgotten.\n" and not memory.kept


def test_a_secret_that_is_typed_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "keyring.json"

    seen = dialogue(["key", "set", "model/anthropic"], [("Secret", SECRET)], file_keyring.environ(file))

    assert seen.code == 0 and not seen.unanswered
    assert SECRET not in seen.text and "Kept in the keyring" in seen.told
    assert list(file_keyring.entries_of(file).values()) == [SECRET]


def test_nothing_given_changes_nothing(memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    memory.kept["work"] = SECRET
    type_("\n", monkeypatch)

    assert cli.run(["key", "set", "work"]) == 2
    assert memory.kept == {"work": SECRET}


def test_a_machine_without_a_keyring_says_so_before_the_secret_is_asked_for(
    no_keyring: KeyringBackend, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    type_(SECRET, monkeypatch)

    assert [cli.run(["key", "set", "work"]), cli.run(["key", "forget", "work"])] == [1, 1]

    said = capsys.readouterr().err.splitlines()
    assert all("no keyring" in line and "command = " in line for line in said)


def test_a_keyring_that_is_not_encrypted_needs_a_yes(
    plaintext: MemoryKeyring, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    type_(SECRET, monkeypatch)

    assert cli.run(["key", "set", "work"]) == 1
    assert "say it with --yes" in capsys.readouterr().err and not plaintext.kept

    assert cli.run(["key", "set", "work", "--yes"]) == 0
    assert plaintext.kept == {"work": SECRET}
