"""`ownhand setup` without a server: what it takes, what it writes, and what it says when it cannot."""

import io
import json
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from ownhand.daemon import cli
from ownhand.daemon.config import AccountSettings, Secret, read_settings
from ownhand.daemon.mail import autoconfig
from ownhand.daemon.mail.autoconfig import Offer
from ownhand.daemon.mail.providers import Provider, Submission
from ownhand.daemon.mail.signin.password import keep_in_keyring
from ownhand.daemon.paths import find_paths

Capture = pytest.CaptureFixture[str]
WORDS = [
    "setup",
    "--address",
    "ana@example.org",
    "--display-name",
    "Ana",
    "--password-command",
    "pass mail/work",
]
HOST = ["--host", "imap.example.org", "--no-test"]
PLAIN = "plaintext-loopback"
CLIENT = ["--client-id", "the-persons-own", "--keep-tokens", "file", "--no-test"]


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


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())


@pytest.fixture
def memory() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    memory = MemoryKeyring()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


@pytest.fixture
def no_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]  # keyring has no hints
    yield
    keyring.set_keyring(before)


def accounts() -> tuple[AccountSettings, ...]:
    return read_settings(find_paths().config_file, {}).account


def only() -> AccountSettings:
    [account] = accounts()
    return account


# --- what is written -----------------------------------------------------------------------------


def test_setup_writes_what_the_settings_read(capsys: Capture) -> None:
    assert cli.run([*WORDS, *HOST, "--json"]) == 0
    file = find_paths().config_file
    assert json.loads(capsys.readouterr().out)["config"] == str(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (only().name, only().address, only().display_name) == ("ana", "ana@example.org", "Ana")
    assert only().password == Secret(command=("pass", "mail/work"))


@pytest.mark.parametrize(
    ("address", "host", "port", "tls", "login"),
    [
        ("ana@posteo.de", "posteo.de", 993, "verify", "ana@posteo.de"),
        ("ana@ICLOUD.com", "imap.mail.me.com", 993, "verify", "ana"),
        ("ana@proton.me", "127.0.0.1", 1143, "starttls", "ana@proton.me"),
        ("ana@tim.it", "imap.tim.it", 143, "starttls", "ana@tim.it"),
    ],
)
def test_the_servers_of_a_provider_need_not_be_given(
    address: str, host: str, port: int, tls: str, login: str
) -> None:
    assert cli.run(["setup", "--address", address, "--password-env", "PASSWORD", "--no-test"]) == 0
    account = only()
    assert (account.host, account.server_port, account.tls, account.login) == (host, port, tls, login)


@pytest.mark.parametrize(
    ("more", "port", "tls"), [([], 1143, "plaintext-loopback"), (["--tls", "verify"], 1143, "verify")]
)
def test_a_provider_is_named_for_a_domain_of_ones_own(more: list[str], port: int, tls: str) -> None:
    words = ["setup", "--address", "ana@firm.example", "--provider", "davmail", "--password-env", "P"]
    assert cli.run([*words, "--no-test", *more]) == 0
    assert (only().host, only().server_port, only().tls) == ("127.0.0.1", port, tls)


def test_identities_are_written_with_voices_of_their_own() -> None:
    words = ["--identity", "sales@example.org", "--identity", "ana=x@club.example=club"]
    assert cli.run([*WORDS, *HOST, *words]) == 0
    assert [(one.address, one.voice) for one in only().identity] == [
        ("sales@example.org", ""), ("ana=x@club.example", "club")
    ]  # fmt: skip


def test_a_relay_is_written_with_the_submission_server_and_a_port_of_its_own() -> None:
    words = ["--relay", "--no-test", "--password-env", "P"]
    assert cli.run(["setup", "--address", "ana@gmail.com", *words]) == 0
    assert cli.run(["setup", "--address", "ana@icloud.com", *words, "--name", "two"]) == 0
    first, second = (account.relay for account in accounts())
    assert first and (first.host, first.server_port, first.tls, first.listen) == (
        "smtp.gmail.com", 465, "implicit", 1587
    )  # fmt: skip
    assert second and (second.server_port, second.tls, second.listen) == (587, "starttls", 1588)


def test_oauth_is_written_with_ones_own_client_and_sign_in_is_said_to_be_next(capsys: Capture) -> None:
    words = ["setup", "--address", "ana@outlook.com", *CLIENT, "--device"]
    assert cli.run(words) == 0
    oauth = only().oauth
    assert oauth and (oauth.provider, oauth.client_id, oauth.flow, oauth.keep) == (
        "microsoft", "the-persons-own", "device", "file"
    )  # fmt: skip
    assert "ownhand sign-in ana" in capsys.readouterr().err


def test_a_client_secret_is_read_from_a_command() -> None:
    words = ["--oauth", "google", "--client-secret-command", "pass client"]
    assert cli.run(["setup", "--address", "ana@gmail.com", *CLIENT, *words]) == 0
    oauth = only().oauth
    assert oauth and oauth.client_secret == Secret(command=("pass", "client"))


def test_a_token_command_needs_nothing_else() -> None:
    words = ["--token-command", "oauth2-token ana", "--no-test"]
    assert cli.run(["setup", "--address", "ana@outlook.com", *words]) == 0
    oauth = only().oauth
    assert oauth and oauth.command == ("oauth2-token", "ana")


def test_a_pin_is_written_as_the_settings_have_it() -> None:
    pin = ":".join(["AB"] * 32)
    assert cli.run([*WORDS, "--host", "localhost", "--no-test", "--pin", pin]) == 0
    assert only().tls_pin == f"sha256:{'ab' * 32}"


# --- several accounts ----------------------------------------------------------------------------


def test_a_second_account_stands_beside_the_first_and_its_comments() -> None:
    file = find_paths().config_file
    file.parent.mkdir(parents=True)
    file.write_text('# mine\n[model]\nkind = "offline"')
    assert cli.run([*WORDS, *HOST]) == 0
    assert cli.run([*WORDS, *HOST, "--name", 'o"dd']) == 0
    assert file.read_text().startswith("# mine\n")
    assert [account["name"] for account in tomllib.loads(file.read_text())["account"]] == ["ana", 'o"dd']


def test_the_same_first_part_elsewhere_gets_another_name() -> None:
    assert cli.run([*WORDS, *HOST]) == 0
    for address in ("ana@club.example", "ana@club.test"):
        assert cli.run([*WORDS, *HOST, "--address", address]) == 0
    assert [account.name for account in accounts()] == ["ana", "ana-club", "ana-2"]


def test_an_account_may_share_the_voice_of_another() -> None:
    assert cli.run([*WORDS, *HOST]) == 0
    assert cli.run([*WORDS, *HOST, "--address", "ana@club.example", "--voice", "ana"]) == 0
    assert [account.voice for account in accounts()] == ["", "ana"]


def test_setup_changes_no_account_that_is_there(capsys: Capture) -> None:
    assert cli.run([*WORDS, *HOST]) == 0
    before = find_paths().config_file.read_bytes()
    assert cli.run([*WORDS, "--host", "other.example.org", "--no-test"]) == 1
    assert "already" in capsys.readouterr().err
    assert cli.run([*WORDS, *HOST, "--name", "ana"]) == 1
    assert find_paths().config_file.read_bytes() == before


# --- taking out ----------------------------------------------------------------------------------


def test_an_account_is_taken_out_with_its_secrets_and_nothing_else(
    memory: MemoryKeyring, capsys: Capture
) -> None:
    assert cli.run([*WORDS, *HOST]) == 0
    before = find_paths().config_file.read_bytes()
    for name in ("club", "ana"):
        keep_in_keyring(name, "hush")
    words = ["setup", "--address", "ana@club.example", "--name", "club", "--password-keyring"]
    assert cli.run([*words, *HOST]) == 0

    assert cli.run(["setup", "--remove", "club", "--yes", "--json"]) == 0

    said = capsys.readouterr()
    assert json.loads(said.out.splitlines()[-1]) == {
        "account": "club", "removed": True, "secrets_forgotten": True
    }  # fmt: skip
    assert "ownhand forget" in said.err and "ownhand erase" in said.err
    assert find_paths().config_file.read_bytes() == before
    assert memory.kept == {"ana": "hush"}


def test_taking_out_leaves_a_password_file_of_the_persons_own(tmp_path: Path) -> None:
    file = tmp_path / "mine"
    file.write_text("hush")
    words = ["setup", "--address", "ana@example.org", "--password-file", str(file), *HOST]
    assert cli.run(words) == 0

    assert cli.run(["setup", "--remove", "ana", "--yes"]) == 0

    assert file.read_text() == "hush" and accounts() == ()


def test_nothing_is_taken_out_without_a_yes(capsys: Capture) -> None:
    assert cli.run([*WORDS, *HOST]) == 0
    assert cli.run(["setup", "--remove", "ana"]) == 1
    assert "--yes" in capsys.readouterr().err
    assert len(accounts()) == 1


def test_who_is_not_there_cannot_be_taken_out(capsys: Capture) -> None:
    assert cli.run([*WORDS, *HOST]) == 0
    assert cli.run(["setup", "--remove", "bob", "--yes"]) == 1
    assert "there are: ana" in capsys.readouterr().err


def test_where_the_keyring_is_locked_it_is_said_that_secrets_stay(no_keyring: None, capsys: Capture) -> None:
    assert cli.run(["setup", "--address", "ana@example.org", "--password-keyring", *HOST]) == 0
    assert cli.run(["setup", "--remove", "ana", "--yes"]) == 0
    assert "no keyring that can be used" in capsys.readouterr().err
    assert accounts() == ()


# --- what cannot be ------------------------------------------------------------------------------


def test_a_server_that_is_not_there_is_told_and_nothing_is_written(capsys: Capture) -> None:
    server = "--host 127.0.0.1 --port 1 --tls plaintext-loopback".split()
    assert cli.run([*WORDS[:-1], "echo hunter2", *server]) == 1
    said = capsys.readouterr().err
    assert "nothing answers on 127.0.0.1:1" in said and "hunter2" not in said
    assert not find_paths().config_file.exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "--address"),
        (["--address", "ana"], 2, "must be a mail address"),
        (["--address", "ana@example.org"], 2, "--look-up"),
        (["--address", "ana@posteo.de"], 2, "--password-command"),
        (["--address", "ana@outlook.com"], 2, "--client-id"),
        (["--address", "ana@tuta.com"], 1, "no IMAP"),
        (["--address", "ana@hey.com", "--relay"], 1, "no IMAP"),
        (["--address", "ana@example.org", "--provider", "nobody"], 2, "davmail"),
        (["--address", "ana@posteo.de", "--password-env", "A", "--password-file", "b"], 2, "give one of"),
        (["--address", "ana@posteo.de", "--password-env", "A", "--identity", "x"], 2, "--identity"),
        (["--address", "ana@proton.me", "--password-env", "A", "--pin", "abc"], 2, "64 hexadecimal"),
        (["--address", "ana@posteo.de", "--password-env", "A", "--tls", PLAIN], 2, "this machine"),
        (["--address", "ana@posteo.de", "--password-env", "A", "--voice", "bob"], 1, "voice"),
    ],
)  # fmt: skip
def test_without_a_terminal_it_says_what_to_give(
    words: list[str], code: int, said: str, capsys: Capture
) -> None:
    assert cli.run(["setup", "--no-test", *words]) == code
    assert said in capsys.readouterr().err
    assert not find_paths().config_file.exists()


def test_tokens_are_kept_in_a_file_only_when_the_person_says_so(no_keyring: None, capsys: Capture) -> None:
    assert cli.run(["setup", "--address", "ana@outlook.com", "--client-id", "id", "--no-test"]) == 1
    said = capsys.readouterr().err
    assert "CAREFUL" in said and "not encrypted" in said and "--keep-tokens file" in said


# --- looking up ----------------------------------------------------------------------------------


def _offer(domain: str) -> Offer:
    server = Provider(
        "", domain, (domain,), "imap.hoster.example", 143, "starttls", Submission("smtp.hoster.example")
    )
    return Offer(server, "autoconfig.example.org")


LOOK_UP = ["setup", "--address", "ana@example.org", "--look-up", "--password-env", "P", "--no-test"]


def test_nobody_is_asked_without_a_yes(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    asked: list[str] = []
    monkeypatch.setattr(autoconfig, "look_up", asked.append)
    assert cli.run(LOOK_UP) == 1
    said = capsys.readouterr().err
    assert "autoconfig.example.org, example.org, autoconfig.thunderbird.net" in said and "--yes" in said
    assert asked == []


def test_what_was_looked_up_is_shown_and_written(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr(autoconfig, "look_up", _offer)
    assert cli.run([*LOOK_UP, "--yes"]) == 0
    assert "imap.hoster.example, port 143, STARTTLS" in capsys.readouterr().err
    assert (only().host, only().server_port, only().tls) == ("imap.hoster.example", 143, "starttls")


def test_nobody_is_asked_for_a_domain_unless_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(autoconfig, "look_up", asked.append)
    assert cli.run([*WORDS, *HOST]) == 0
    assert asked == []
