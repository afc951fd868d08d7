"""`ownhand setup` against real mail servers: with options as a program gives them, and at a terminal."""

import json
import stat
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import file_keyring
import pytest
import smtp_servers
from dialogue import dialogue
from imap_servers import PASSWORD, USER, Server, dovecot_server, free_port, pymap_server
from oauth_server import CLIENT_ID, SCOPE, certificate, needs_openssl, oauth_server
from ownhand.daemon import cli
from ownhand.daemon.access import tokens_of
from ownhand.daemon.config import AccountSettings, Secret, read_settings
from ownhand.daemon.mail.signin.authorities import AUTHORITIES
from ownhand.daemon.mail.signin.oauth import Authority
from ownhand.daemon.mail.tls import to_pin
from ownhand.daemon.paths import find_paths
from smtp_servers import submission_server

MAIL = b"From: mara@example.org\r\nTo: sam@example.org\r\nMessage-ID: <%d@example.org>\r\n\r\nIt is done.\r\n"
Capture = pytest.CaptureFixture[str]
NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


def _setup(server: Server, password_file: Path, *more: str) -> int:
    words = f"setup --address mara@example.org --display-name Mara --host {server.host} --port {server.port}"
    plain = ["--tls", "plaintext-loopback", "--user", server.user, "--password-file", str(password_file)]
    return cli.run([*words.split(), *plain, *more])


def accounts() -> tuple[AccountSettings, ...]:
    return read_settings(find_paths().config_file, {}).account


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.touch(mode=0o600)
    return file


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def dovecot(tls: tuple[Path, Path]) -> Iterator[Server]:
    """With STARTTLS and a certificate that nobody vouches for; three mails in Sent."""
    with dovecot_server(certificate=tls) as server:
        server.append([MAIL % n for n in range(3)])
        yield server


# --- with options --------------------------------------------------------------------------------


def test_setup_logs_in_finds_the_sent_folder_and_writes_it_down(password_file: Path, capsys: Capture) -> None:
    with pymap_server() as server:
        password_file.write_text(server.password)
        server.append([MAIL % 1, MAIL % 2])
        assert _setup(server, password_file, "--json") == 0
    said = capsys.readouterr()
    facts = json.loads(said.out)
    assert (facts["sent_folder"], facts["n_messages"], facts["account"]) == ("Sent", 2, "mara")
    assert "the folder Sent, with 2 messages" in said.err and "ownhand learn" in said.err
    [account] = accounts()
    assert (account.name, account.user, account.server_port) == ("mara", server.user, server.port)


def test_a_wrong_password_writes_nothing_and_is_not_shown(password_file: Path, capsys: Capture) -> None:
    with pymap_server() as server:
        password_file.write_text("marigold")
        assert _setup(server, password_file) == 1
    said = capsys.readouterr().err
    assert "password" in said and "marigold" not in said and "Nothing was written" in said
    assert not find_paths().config_file.exists()


def test_a_folder_that_is_not_there_is_told_with_those_that_are(password_file: Path, capsys: Capture) -> None:
    with pymap_server() as server:
        password_file.write_text(server.password)
        server.append([MAIL % 1])
        assert _setup(server, password_file, "--sent", "Gesendet") == 1
    assert "Sent" in capsys.readouterr().err
    assert not find_paths().config_file.exists()


@needs_openssl
def test_without_a_terminal_a_certificate_is_accepted_by_its_fingerprint_alone(
    dovecot: Server, password_file: Path, capsys: Capture
) -> None:
    password_file.write_text(dovecot.password)
    shown = to_pin(dovecot.host, dovecot.port, "starttls")
    assert shown is not None

    assert _setup(dovecot, password_file, "--tls", "starttls") == 1
    assert f"--pin {shown.fingerprint}" in capsys.readouterr().err and not find_paths().config_file.exists()
    # As openssl prints it.
    digits = shown.fingerprint.removeprefix("sha256:").upper()
    pin = ":".join(digits[at : at + 2] for at in range(0, 64, 2))
    assert _setup(dovecot, password_file, "--tls", "starttls", "--pin", pin) == 0
    assert [(account.tls, account.tls_pin) for account in accounts()] == [("starttls", shown.fingerprint)]


@needs_openssl
def test_another_certificate_than_the_pinned_one_gets_no_password(
    dovecot: Server, password_file: Path, capsys: Capture
) -> None:
    password_file.write_text(dovecot.password)

    assert _setup(dovecot, password_file, "--tls", "starttls", "--pin", "0" * 64) == 1

    assert "another certificate" in capsys.readouterr().err and not find_paths().config_file.exists()


def test_a_relay_is_tried_at_its_submission_server(password_file: Path, capsys: Capture) -> None:
    password_file.write_text(smtp_servers.PASSWORD)
    with submission_server() as server:
        words = f"setup --relay --address {USER} --host 127.0.0.1 --port {server.port} --password-file"
        plain = ["--tls", "plaintext-loopback"]
        assert cli.run([*words.split(), str(password_file), *plain]) == 0
        password_file.write_text("wrong")
        assert cli.run([*words.split(), str(password_file), *plain, "--name", "two"]) == 1
    [account] = accounts()
    assert account.relay is not None and account.host == ""
    assert (account.relay.host, account.relay.server_port, account.relay.listen) == (
        "127.0.0.1", server.port, 1587
    )  # fmt: skip
    assert server.taken == []
    assert "refused the sign-in" in capsys.readouterr().err


# --- by OAuth 2 ----------------------------------------------------------------------------------


def _visit(url: str) -> bool:
    """As a browser would, in a thread of its own."""

    def visit() -> None:
        with urllib.request.urlopen(url, timeout=10) as page:
            page.read()

    threading.Thread(target=visit, daemon=True).start()
    return True


@needs_openssl
def test_setup_signs_in_with_the_browser_and_logs_in_with_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("webbrowser.open", _visit)
    with oauth_server(tmp_path, USER) as oauth, dovecot_server(introspection=oauth.introspection) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        local = Authority("localhost", oauth.url("token"), oauth.url("authorize"), scopes=(SCOPE,))
        monkeypatch.setitem(AUTHORITIES, "google", local)
        server.append([MAIL % 1])
        words = f"setup --address {USER} --host {server.host} --port {server.port} --oauth google --json"
        more = ["--client-id", CLIENT_ID, "--keep-tokens", "file", "--tls", "plaintext-loopback"]

        assert cli.run([*words.split(), *more]) == 0

        assert json.loads(capsys.readouterr().out)["sent_folder"] == "Sent"
        [account] = accounts()
        assert account.oauth is not None and account.oauth.client_id == CLIENT_ID
        assert tokens_of(account, find_paths()).secret() in oauth.access
        # A sign-in that then cannot log in leaves no tokens behind.
        monkeypatch.setattr(oauth, "user", "somebody@example.org")
        assert cli.run([*words.split(), *more, "--name", "two"]) == 1
        assert [file.name for file in find_paths().sign_ins.glob("*.json")] == ["mara.json"]


# --- at a terminal -------------------------------------------------------------------------------


@needs_openssl
def test_a_person_sets_up_an_account_with_a_wrong_password_at_first(dovecot: Server, home: Path) -> None:
    words = f"setup --host {dovecot.host} --port {dovecot.port} --tls starttls".split()
    answers = [
        ("Mail address", "mara"),
        ("Mail address", USER),
        ("own server", "y"),
        ("Your name", "Mara Lind"),
        ("Another address", "mara@club.example"),
        ("its voice", "club"),
        ("Another address", ""),
        ("Password", "marigold"),
        ("Password", dovecot.password),
        ("where your sent mail is", ""),
        ("Where is it to be kept", "file"),
    ]

    session = dialogue(words, answers, {"OWNHAND_HOME": str(home), **NO_KEYRING})

    assert (session.code, session.unanswered) == (0, []), session.text
    for said in (
        "no mail address",
        "CN=localhost",
        "refused the login",
        "3 messages",
        "CAREFUL",
        "ownhand serve",
    ):
        assert said in session.told
    assert "marigold" not in session.text and dovecot.password not in session.text
    [account] = accounts()
    assert account.tls_pin and account.display_name == "Mara Lind"
    assert [(one.address, one.voice) for one in account.identity] == [("mara@club.example", "club")]
    assert account.password is not None
    file = Path(account.password.file)
    assert file.read_text() == dovecot.password and stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_typed_password_goes_into_the_keyring_where_there_is_one(home: Path, tmp_path: Path) -> None:
    kept = tmp_path / "keyring.json"
    with pymap_server() as server:
        server.append([MAIL % 1])
        words = f"setup --address {USER} --host {server.host} --port {server.port} --tls plaintext-loopback"
        answers = [("Your name", ""), ("Password", server.password), ("where your sent mail is", "y")]
        environ = {"OWNHAND_HOME": str(home), **file_keyring.environ(kept)}

        session = dialogue(words.split(), answers, environ)
        assert (session.code, session.unanswered) == (0, []), session.text
        assert "CAREFUL" not in session.text
        assert file_keyring.entries_of(kept) == {"ownhand/mara": server.password}
        assert [account.password for account in accounts()] == [Secret(keyring=True)]
        # What is there is found there; and it goes with the account.
        again = [*words.split(), "--name", "two", "--password-keyring"]
        assert dialogue(again, [("Your name", "")], environ).code == 1
        assert dialogue("setup --remove mara".split(), [("secrets", "y")], environ).code == 0
    assert file_keyring.entries_of(kept) == {} and accounts() == ()


def test_a_password_that_was_kept_is_forgotten_when_the_account_cannot_be_written(
    home: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "keyring.json"
    with pymap_server() as server:
        server.append([MAIL % 1])
        words = f"setup --address {USER} --host {server.host} --port {server.port} --tls plaintext-loopback"
        answers = [("Your name", ""), ("Password", server.password), ("where your sent mail is", "y")]
        environ = {"OWNHAND_HOME": str(home), **file_keyring.environ(kept)}

        session = dialogue([*words.split(), "--voice", "nobody"], answers, environ)

    assert session.code == 1 and "voice" in session.told and "Nothing was written." in session.text
    assert kept.exists() and file_keyring.entries_of(kept) == {}


@pytest.mark.parametrize(
    ("answers", "code", "place"),
    [
        ([("be kept", "stop")], 1, None),
        ([("be kept", "command"), ("Command", "echo no"), ("Command", f"echo {PASSWORD}")], 0, "command"),
    ],
    ids=["stop", "command"],
)
def test_without_a_keyring_the_person_says_where_the_password_is_kept(
    answers: list[tuple[str, str]], code: int, place: str | None, home: Path
) -> None:
    with pymap_server() as server:
        server.append([MAIL % 1])
        words = f"setup --address {USER} --host {server.host} --port {server.port} --tls plaintext-loopback"
        first = [("Your name", ""), ("Password", PASSWORD), ("where your sent mail is", "y")]

        session = dialogue(words.split(), [*first, *answers], {"OWNHAND_HOME": str(home), **NO_KEYRING})

    assert (session.code != 0, session.unanswered) == (code != 0, []), session.text
    assert [list(account.password.spec) for account in accounts() if account.password] == (
        [[place]] if place else []
    )


def test_after_three_wrong_passwords_nothing_is_written(home: Path) -> None:
    with pymap_server() as server:
        words = f"setup --address {USER} --host {server.host} --port {server.port} --tls plaintext-loopback"
        answers = [("Your name", ""), *[("Password", "wrong")] * 3]

        session = dialogue(words.split(), answers, {"OWNHAND_HOME": str(home), **NO_KEYRING})

    assert (session.code, session.unanswered) == (1, []), session.text
    assert session.text.count("refused the login") == 3 and "Nothing was written." in session.text
    assert not find_paths().config_file.exists()


@needs_openssl
def test_a_certificate_that_the_person_does_not_know_ends_it_before_the_password(
    dovecot: Server, home: Path
) -> None:
    words = f"setup --address {USER} --host {dovecot.host} --port {dovecot.port} --tls starttls".split()

    session = dialogue(words, [("own server", "n")], {"OWNHAND_HOME": str(home), **NO_KEYRING})

    assert session.code == 1 and "Password" not in session.text
    assert not find_paths().config_file.exists()


def test_where_the_sent_folder_has_another_name_the_person_chooses(home: Path) -> None:
    with dovecot_server(sent="Ausgang 2026", mark="") as server:
        server.append([MAIL % 1], "Ausgang 2026")
        words = f"setup --address {USER} --host {server.host} --port {server.port} --tls plaintext-loopback"
        answers = [
            ("Your name", ""),
            ("Password", server.password),
            ("Which folder", "Ausgang 2026"),
            ("Where is it to be kept", "file"),
        ]

        session = dialogue(words.split(), answers, {"OWNHAND_HOME": str(home), **NO_KEYRING})

    assert (session.code, session.unanswered) == (0, []), session.text
    assert [account.sent for account in accounts()] == ["Ausgang 2026"]


def test_a_closed_port_is_told_before_anything_is_asked(home: Path) -> None:
    words = f"setup --address {USER} --host 127.0.0.1 --port {free_port()} --tls starttls".split()

    session = dialogue(words, [], {"OWNHAND_HOME": str(home), **NO_KEYRING})

    assert session.code == 1 and "nothing answers on 127.0.0.1" in session.told
