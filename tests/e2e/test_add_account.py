"""A mail client hands an account over to a daemon that runs: it is tried, kept, and watched at once."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from file_keyring import entries_of, environ
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from imap_servers import PASSWORD, USER, Server, dovecot_server
from ownhand.v1 import accounts_pb2, learning_pb2, privacy_pb2
from running import Client, Daemon, daemon
from watched import eventually, learn, mail

CONFIG = '# mine\n[agent]\nbackend = "fake"\n\n[learning]\nmin_mails = 20\nnew_mails = 3\n'
NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


@pytest.fixture
def dovecot() -> Iterator[Server]:
    with dovecot_server() as server:
        server.append([mail(n) for n in range(24)])
        yield server


@pytest.fixture
def keyring_file(tmp_path: Path) -> Path:
    return tmp_path / "keyring.json"


@pytest.fixture
def running(tmp_path: Path, keyring_file: Path) -> Iterator[tuple[Daemon, Client]]:
    """A daemon without an account."""
    with daemon(tmp_path / "home", CONFIG, environ(keyring_file)) as found:
        yield found


def request(server: Server, **more: object) -> accounts_pb2.AddAccountRequest:
    given = {
        "name": "work",
        "address": USER,
        "secret": PASSWORD,
        "host": server.host,
        "port": server.port,
        "security": accounts_pb2.SERVER_SECURITY_PLAINTEXT_LOOPBACK,
        **more,
    }
    return accounts_pb2.AddAccountRequest(**given)  # type: ignore[arg-type]


def refused(client: Client, asked: accounts_pb2.AddAccountRequest) -> tuple[grpc.StatusCode, str, str]:
    with pytest.raises(grpc.RpcError) as caught:
        client.accounts.AddAccount(asked, timeout=30)
    details = str(caught.value.details())
    assert asked.secret not in details
    return caught.value.code(), _reason_of(caught.value), details


def test_an_account_that_is_handed_over_is_learned_from_and_watched_at_once(
    running: tuple[Daemon, Client], dovecot: Server, keyring_file: Path
) -> None:
    process, client = running
    identity = accounts_pb2.NewIdentity(address="mara@club.example", voice="club")

    added = client.accounts.AddAccount(
        request(dovecot, display_name="Mara Ost", identities=[identity]), timeout=30
    )

    assert (added.sent_folder, added.n_messages, added.account.name) == ("Sent", 24, "work")
    assert list(added.account.addresses) == [USER, "mara@club.example"]
    assert entries_of(keyring_file) == {"ownhand/work": PASSWORD}
    text = process.paths.config_file.read_text()
    assert text.startswith(CONFIG) and PASSWORD not in text and "keyring = true" in text
    # Nothing is read before the person asks for it; after that, new mail is noticed without being asked.
    assert learn(client).state == learning_pb2.JOB_STATE_SUCCEEDED
    dovecot.append([mail(24)])

    def noticed() -> bool:
        listed = client.accounts.ListAccounts(accounts_pb2.ListAccountsRequest(), timeout=30).accounts
        return [(a.n_originals, a.watching) for a in listed if a.name == "work"] == [(25, True)]

    eventually(noticed, "the new mail was not noticed")


def test_an_account_that_is_handed_over_is_there_after_a_new_start(
    running: tuple[Daemon, Client], dovecot: Server
) -> None:
    process, client = running
    client.accounts.AddAccount(request(dovecot), timeout=30)
    process.kill()

    again = process.start()

    found = again.accounts.CheckAccount(accounts_pb2.CheckAccountRequest(account="work"), timeout=30)
    assert found.sent_folder == "Sent"
    again.channel.close()


def test_an_account_that_is_taken_out_is_read_no_more_and_what_was_learned_stays(
    running: tuple[Daemon, Client], dovecot: Server, keyring_file: Path
) -> None:
    process, client = running
    client.accounts.AddAccount(request(dovecot), timeout=30)
    learn(client, learning_pb2.STAGE_COLLECT)

    removed = client.accounts.RemoveAccount(accounts_pb2.RemoveAccountRequest(account="work"), timeout=30)

    assert removed.problem == "" and entries_of(keyring_file) == {}
    assert process.paths.config_file.read_text() == CONFIG
    [account] = client.accounts.ListAccounts(accounts_pb2.ListAccountsRequest(), timeout=30).accounts
    assert (account.n_originals, account.watching) == (24, False)
    found = client.accounts.CheckAccount(accounts_pb2.CheckAccountRequest(account="work"), timeout=30)
    assert (found.server, found.n_learned) == ("", 24)
    # And it can come back.
    assert client.accounts.AddAccount(request(dovecot), timeout=30).account.n_originals == 24


def test_after_everything_was_erased_the_account_is_there_and_can_be_learned_from_again(
    running: tuple[Daemon, Client], dovecot: Server
) -> None:
    _, client = running
    client.accounts.AddAccount(request(dovecot), timeout=30)
    assert learn(client).state == learning_pb2.JOB_STATE_SUCCEEDED

    token = client.privacy.EraseData(privacy_pb2.EraseDataRequest(), timeout=30).token
    client.privacy.EraseData(privacy_pb2.EraseDataRequest(token=token), timeout=60)

    (account,) = client.accounts.ListAccounts(accounts_pb2.ListAccountsRequest(), timeout=30).accounts
    assert (account.name, account.n_originals) == ("work", 0)
    assert learn(client).state == learning_pb2.JOB_STATE_SUCCEEDED


def test_what_cannot_be_is_refused_and_nothing_is_kept(
    running: tuple[Daemon, Client], dovecot: Server, keyring_file: Path
) -> None:
    process, client = running
    precondition, invalid = grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.INVALID_ARGUMENT
    cases = [
        (request(dovecot, secret="marigold"), precondition, "LOGIN_FAILED"),
        (request(dovecot, sent_folder="Gesendet"), precondition, "FOLDER_MISSING"),
        (request(dovecot, port=1), grpc.StatusCode.UNAVAILABLE, "UNREACHABLE"),
        (request(dovecot, voice="nobody"), invalid, "INVALID"),
        (request(dovecot, address="mara"), invalid, "INVALID"),
        (request(dovecot, tls_pin="sha256:0"), invalid, "INVALID"),
        (request(dovecot, security=99), invalid, "INVALID"),
    ]

    for asked, code, reason in cases:
        assert refused(client, asked)[:2] == (code, reason)

    assert process.paths.config_file.read_text() == CONFIG
    assert entries_of(keyring_file) == {}
    assert not client.accounts.ListAccounts(accounts_pb2.ListAccountsRequest(), timeout=30).accounts


def test_an_account_that_is_there_is_left_alone(
    running: tuple[Daemon, Client], dovecot: Server, keyring_file: Path
) -> None:
    process, client = running
    client.accounts.AddAccount(request(dovecot), timeout=30)
    before = process.paths.config_file.read_text()

    code, _, details = refused(client, request(dovecot, secret="hush hush"))

    assert code is grpc.StatusCode.INVALID_ARGUMENT and "already" in details
    assert process.paths.config_file.read_text() == before
    assert entries_of(keyring_file) == {"ownhand/work": PASSWORD}


def test_a_machine_without_a_keyring_says_so_before_it_logs_in(dovecot: Server, tmp_path: Path) -> None:
    with daemon(tmp_path / "home", CONFIG, NO_KEYRING) as (process, client):
        code, reason, details = refused(client, request(dovecot, port=1))

        assert (code, reason) == (grpc.StatusCode.FAILED_PRECONDITION, "NO_KEYRING")
        assert "ownhand setup" in details
        assert process.paths.config_file.read_text() == CONFIG


def _reason_of(error: grpc.RpcError) -> str:
    info = error_details_pb2.ErrorInfo()
    found = [detail for detail in rpc_status.from_call(error).details if detail.Unpack(info)]
    return str(info.reason).removeprefix("ERROR_REASON_") if found else ""
