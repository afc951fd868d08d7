"""Certificates that nobody vouches for, as servers of this machine show them."""

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imap_servers import free_port
from oauth_server import certificate, needs_openssl, oauth_server
from ownhand.daemon.errors import Unreachable
from ownhand.daemon.mail.certificate import describe
from ownhand.daemon.mail.tls import to_pin

pytestmark = needs_openssl


def der_of(cert: Path) -> bytes:
    return ssl.PEM_cert_to_DER_cert(cert.read_text())


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Of a server with TLS and a certificate of its own."""
    with oauth_server(tmp_path, "mara@example.org") as server:
        yield server.port


def test_what_is_said_of_a_certificate_is_what_openssl_says(tmp_path: Path) -> None:
    cert, _ = certificate(tmp_path)
    words = f"openssl x509 -in {cert} -noout -fingerprint -sha256 -dates -dateopt iso_8601"
    said = subprocess.run(words.split(), capture_output=True, text=True, check=True).stdout

    found = describe(der_of(cert))

    assert found.subject == "CN=localhost"
    assert found.fingerprint == "sha256:" + said.splitlines()[0].partition("=")[2].replace(":", "").lower()
    assert f"notBefore={found.since}" in said and f"notAfter={found.until}" in said


@given(st.binary(max_size=200))
def test_any_bytes_are_described_without_an_error(der: bytes) -> None:
    assert describe(der).fingerprint.startswith("sha256:")


def test_a_certificate_that_is_cut_off_anywhere_is_described_without_an_error(tmp_path: Path) -> None:
    der = der_of(certificate(tmp_path)[0])

    assert {describe(der[:n]).subject for n in range(len(der))} == {"cannot be read"}


def test_a_certificate_that_nobody_vouches_for_is_shown(port: int, tmp_path: Path) -> None:
    found = to_pin("127.0.0.1", port, "verify")

    assert found == describe(der_of(tmp_path / "cert.pem"))


def test_one_that_this_machine_trusts_needs_no_pin(
    port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))

    assert to_pin("127.0.0.1", port, "verify") is None


def test_where_nothing_answers_the_person_is_told_to_start_it() -> None:
    with pytest.raises(Unreachable, match="nothing answers"):
        to_pin("127.0.0.1", free_port(), "starttls")
