"""Nothing is said to a mail server before it has shown who it is: certificates, pins and STARTTLS."""

import shutil
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from imap_servers import PASSWORD, USER, dovecot_server
from imapclient import IMAPClient
from oauth_server import certificate
from ownhand.daemon.errors import Invalid, OwnhandError, Unreachable
from ownhand.daemon.mail.certificate import fingerprint_of
from ownhand.daemon.mail.imap.login import start_tls
from ownhand.daemon.mail.imap.source import ImapSource, Patience
from ownhand.daemon.mail.tls import Mode, Security
from scripted_imap import ScriptedMail, ScriptedPeer, scripted
from watched import mail

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates")
QUICK = Patience(connect_s=5, read_s=5, idle_s=5, poll_s=0.1, backoff_s=0.001)
MODES: tuple[Mode, ...] = ("verify", "starttls")
BEFORE_TLS = {"CAPABILITY", "STARTTLS", "LOGOUT"}


def server_context(folder: Path, **more: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(folder, **more))
    return context


def pin_of(folder: Path) -> str:
    return fingerprint_of(ssl.PEM_cert_to_DER_cert((folder / "cert.pem").read_text()))


@contextmanager
def peer_with_tls(folder: Path, mode: Mode, **more: str) -> Iterator[ScriptedPeer]:
    peer = ScriptedPeer([ScriptedMail(uid) for uid in range(1, 4)])
    context = server_context(folder, **more)
    if mode == "verify":
        peer.tls = context
    else:
        peer.capabilities += " STARTTLS"
        peer.starttls = context
    with scripted(peer):
        yield peer


def source_of(port: int, security: Security) -> ImapSource:
    return ImapSource(security.host, port, USER, lambda: PASSWORD, tls=security, patience=QUICK)


async def n_read(port: int, security: Security) -> int:
    source = source_of(port, security)
    try:
        return sum([len(batch.messages) async for batch in source.fetch_since(None)])
    finally:
        await source.aclose()


async def failure_of(port: int, security: Security) -> OwnhandError:
    with pytest.raises(OwnhandError) as caught:
        await n_read(port, security)
    assert PASSWORD not in str(caught.value)
    return caught.value


def trusting(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / "cert.pem"))


# --- certificates and pins -----------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_the_pinned_certificate_of_a_server_on_this_machine_is_accepted(
    tmp_path: Path, mode: Mode, host: str
) -> None:
    with peer_with_tls(tmp_path, mode, names="DNS:bridge.invalid") as peer:
        assert await n_read(peer.port, Security(host, mode, pin_of(tmp_path))) == 3


async def test_a_real_server_is_read_over_starttls_by_its_pin(tmp_path: Path) -> None:
    with dovecot_server(certificate=certificate(tmp_path)) as server:
        server.append([mail(n) for n in range(3)])

        assert await n_read(server.port, Security("127.0.0.1", "starttls", pin_of(tmp_path))) == 3


@pytest.mark.parametrize("mode", MODES)
async def test_another_certificate_than_the_pinned_one_hears_nothing(tmp_path: Path, mode: Mode) -> None:
    with peer_with_tls(tmp_path, mode) as peer:
        certificate(tmp_path)  # another one, in the place of the peer's

        error = await failure_of(peer.port, Security("127.0.0.1", mode, pin_of(tmp_path)))

    assert (
        isinstance(error, Unreachable) and "another certificate" in error.message and "tls_pin" in error.hint
    )
    assert set(peer.commands) <= BEFORE_TLS


@pytest.mark.parametrize("mode", MODES)
async def test_a_certificate_that_nobody_vouches_for_hears_nothing(tmp_path: Path, mode: Mode) -> None:
    with peer_with_tls(tmp_path, mode) as peer:
        error = await failure_of(peer.port, Security("localhost", mode))

    assert "certificate" in error.message and set(peer.commands) <= BEFORE_TLS


@pytest.mark.parametrize("mode", MODES)
async def test_the_certificate_of_another_host_hears_nothing(tmp_path: Path, mode: Mode) -> None:
    with peer_with_tls(tmp_path, mode, names="DNS:mail.example.org") as peer:
        error = await failure_of(peer.port, Security("localhost", mode, trust=trusting(tmp_path)))

    assert "certificate" in error.message and set(peer.commands) <= BEFORE_TLS


@pytest.mark.parametrize("mode", MODES)
async def test_a_certificate_that_is_trusted_needs_no_pin(tmp_path: Path, mode: Mode) -> None:
    with peer_with_tls(tmp_path, mode) as peer:
        assert await n_read(peer.port, Security("localhost", mode, trust=trusting(tmp_path))) == 3


@pytest.mark.parametrize("host", ["mail.example.org", "192.168.1.4", "localhost.example.org", "8.8.8.8"])
def test_a_pin_is_refused_for_a_host_elsewhere(host: str) -> None:
    with pytest.raises(Invalid) as caught:
        Security(host, pin=f"sha256:{'0' * 64}")

    assert "tls_pin" in caught.value.fields


@pytest.mark.parametrize("pin", ["sha256:", "0" * 64, f"sha256:{'0' * 63}", f"sha256:{'A' * 64}", "sha1:00"])
def test_a_pin_that_is_none_is_refused(pin: str) -> None:
    with pytest.raises(Invalid):
        Security("127.0.0.1", pin=pin)


def test_a_context_that_looks_at_no_names_is_refused() -> None:
    context = ssl.create_default_context()
    context.check_hostname = False

    with pytest.raises(Invalid):
        Security("mail.example.org", trust=context)


# --- a man in the middle -------------------------------------------------------------------------


@pytest.mark.parametrize("pinned", [True, False])
async def test_where_the_offer_of_starttls_was_taken_out_nothing_is_said(
    tmp_path: Path, pinned: bool
) -> None:
    certificate(tmp_path)
    peer = ScriptedPeer(capabilities="IMAP4rev1 AUTH=PLAIN")
    with scripted(peer):
        error = await failure_of(
            peer.port, Security("localhost", "starttls", pin_of(tmp_path) if pinned else "")
        )

    assert isinstance(error, Unreachable) and "offers no STARTTLS" in error.message
    assert set(peer.commands) <= BEFORE_TLS


@pytest.mark.parametrize("said", ["NO not now", "BAD what"])
async def test_where_starttls_is_refused_nothing_is_said(tmp_path: Path, said: str) -> None:
    with peer_with_tls(tmp_path, "starttls") as peer:
        peer.starttls = None
        peer.instead = [("STARTTLS", said)]

        error = await failure_of(peer.port, Security("localhost", "starttls", trust=trusting(tmp_path)))

    assert isinstance(error, Unreachable) and "refused STARTTLS" in error.message
    assert set(peer.commands) <= BEFORE_TLS


async def test_a_greeting_that_leaves_no_room_for_starttls_is_not_believed(tmp_path: Path) -> None:
    with peer_with_tls(tmp_path, "starttls") as peer:
        peer.greeting = f"PREAUTH [CAPABILITY {peer.capabilities}] welcome {USER}"
        peer.starttls = None

        error = await failure_of(peer.port, Security("localhost", "starttls", trust=trusting(tmp_path)))

    assert isinstance(error, Unreachable)
    assert set(peer.commands) <= BEFORE_TLS


async def test_a_server_that_says_it_begins_tls_and_does_not_is_told_nothing() -> None:
    peer = ScriptedPeer(capabilities="IMAP4rev1 STARTTLS", instead=[("STARTTLS", "OK go on")])
    with scripted(peer):
        error = await failure_of(peer.port, Security("localhost", "starttls"))

    assert isinstance(error, Unreachable)
    assert set(peer.commands[:2]) <= BEFORE_TLS and PASSWORD not in str(peer.commands)


_INJECTED = b'* CAPABILITY IMAP4rev1 AUTH=XYZZY\r\n* LIST (\\Drafts) "/" "XYZZY"\r\n'


@pytest.mark.parametrize("injected", [(_INJECTED, b""), (b"", _INJECTED)], ids=["before", "after"])
def test_what_was_said_before_tls_does_not_count_afterwards(
    tmp_path: Path, injected: tuple[bytes, bytes]
) -> None:
    """Somebody on the way may add answers to the one that begins TLS: who keeps them believes them."""
    with peer_with_tls(tmp_path, "starttls") as peer:
        peer.injected = injected
        client = IMAPClient("localhost", peer.port, ssl=False, timeout=5)
        try:
            start_tls(client, trusting(tmp_path), "localhost")
            client.login(USER, PASSWORD)
            found = f"{client.capabilities()} {client.list_folders()}"
        finally:
            client.shutdown()

    assert "Sent" in found and "XYZZY" not in found
