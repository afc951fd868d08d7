"""Looking servers up: who is asked for what, over a real HTTPS server, and what is believed."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from oauth_server import certificate, needs_openssl
from ownhand.daemon.errors import Invalid, NotFound, Unreachable
from ownhand.daemon.mail import https
from ownhand.daemon.mail.autoconfig import PLACES, asked, look_up, read

DOMAIN = "kiln.example"
SSL = ("imap.kiln.example", "993", "SSL")
STARTTLS = ("imap.kiln.example", "143", "STARTTLS")
PLAIN = ("imap.kiln.example", "143", "plain")


def server(kind: str, host: str, port: str, tls: str, user: str = "%EMAILADDRESS%", *ways: str) -> str:
    side = "incoming" if kind == "imap" else "outgoing"
    told = "".join(f"<authentication>{way}</authentication>" for way in ways or ("password-cleartext",))
    return (
        f'<{side}Server type="{kind}"><hostname>{host}</hostname><port>{port}</port>'
        f"<socketType>{tls}</socketType>{told}<username>{user}</username></{side}Server>"
    )


def document(*parts: str, domain: str = DOMAIN, before: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{before}<clientConfig version="1.1"><emailProvider id="kiln">'
        f"<domain>{domain}</domain><displayName>Kiln</displayName>{''.join(parts)}"
        "</emailProvider></clientConfig>"
    ).encode()


# --- what is believed ----------------------------------------------------------------------------


def test_the_server_with_tls_from_the_start_is_taken_whatever_the_order() -> None:
    found = read(document(*(server("imap", *one) for one in (PLAIN, STARTTLS, SSL))), DOMAIN)

    assert found is not None
    assert (found.host, found.port, found.tls) == ("imap.kiln.example", 993, "verify")


def test_starttls_is_taken_where_there_is_nothing_better() -> None:
    found = read(document(*(server("imap", *one) for one in (PLAIN, STARTTLS))), DOMAIN)

    assert found is not None and (found.port, found.tls) == (143, "starttls")


def test_a_server_in_plain_text_is_none() -> None:
    assert read(document(server("imap", *PLAIN)), DOMAIN) is None


def test_a_domain_that_was_not_asked_for_is_not_believed() -> None:
    assert read(document(server("imap", *SSL), domain="other.example"), DOMAIN) is None


def test_a_document_for_any_domain_of_the_hoster_is_for_this_one() -> None:
    found = read(document(server("imap", "mail.%EMAILDOMAIN%", "993", "SSL"), domain="%EMAILDOMAIN%"), DOMAIN)

    assert found is not None and found.host == "mail.kiln.example"


@pytest.mark.parametrize(
    ("user", "expected"),
    [("%EMAILADDRESS%", ""), ("%EMAILLOCALPART%", "ana"), ("%EMAILLOCALPART%@%EMAILDOMAIN%", "")],
)
def test_what_to_log_in_as_is_understood(user: str, expected: str) -> None:
    found = read(document(server("imap", *SSL, user)), DOMAIN)

    assert found is not None and found.user_of(f"ana@{DOMAIN}") == expected
    assert "--user" not in found.note


def test_a_login_that_is_not_understood_is_said() -> None:
    found = read(document(server("imap", *SSL, "kiln-4711")), DOMAIN)

    assert found is not None and found.user_of("ana@kiln.example") == "" and "--user" in found.note


def test_the_submission_server_comes_along() -> None:
    out = (
        server("smtp", "smtp.kiln.example", "587", "STARTTLS"),
        server("smtp", "smtp.kiln.example", "25", "plain"),
    )
    found = read(document(server("imap", *SSL), *out), DOMAIN)

    assert found is not None and found.submission is not None
    assert (found.submission.host, found.submission.port, found.submission.tls) == (
        "smtp.kiln.example", 587, "starttls"
    )  # fmt: skip


def test_a_domain_that_google_hosts_signs_in_there() -> None:
    issuer = "<oAuth2><issuer>accounts.google.com</issuer></oAuth2>"
    both = server("imap", "imap.gmail.com", "993", "SSL", "%EMAILADDRESS%", "OAuth2", "password-cleartext")
    found = read(document(both, issuer), DOMAIN)

    assert found is not None and found.oauth == "google" and found.password
    assert "app password" in found.note


def test_oauth_alone_means_no_password() -> None:
    only = server("imap", "outlook.office365.com", "993", "SSL", "%EMAILADDRESS%", "OAuth2")
    found = read(document(only), DOMAIN)

    assert found is not None and (found.oauth, found.password) == ("microsoft", False)


LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12)
) + "]>"  # fmt: skip
SECRET = '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    "body",
    [
        document(server("imap", "&m;", "993", "SSL"), before=LAUGHS),
        document(server("imap", *SSL), before=LAUGHS),
        document(server("imap", "&a;.example", "993", "SSL"), before=SECRET),
        document(server("imap", *SSL), before=LAUGHS).decode().encode("utf-16"),
        document(server("imap", "127.0.0.1", "993", "SSL")),
        document(server("imap", "localhost", "993", "SSL")),
        document(server("imap", "imap.kiln.example/x", "993", "SSL")),
        document(server("imap", "imap.kiln.example", "0", "SSL")),
        document(server("imap", "imap.kiln.example", "99999", "SSL")),
        document(server("imap", "imap.kiln.example", "²", "SSL")),
        document(server("imap", "imap.kiln.example", "", "SSL")),
        document(server("pop3", *SSL)),
        document(),
        document(server("imap", *SSL))[:-4],
        b"<html><body>not found</body></html>",
        b"<clientConfig/>",
        b"\0\xff",
        b"",
    ],
    ids=lambda body: body[-60:].decode("latin-1"),
)  # fmt: skip
def test_what_is_hostile_or_broken_is_no_answer(body: bytes) -> None:
    assert read(body, DOMAIN) is None


# --- who is asked --------------------------------------------------------------------------------


@dataclass
class Web:
    """An HTTPS server, and what it was asked."""

    port: int = 0
    pages: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def places(self, *paths: str) -> list[str]:
        return [f"https://localhost:{self.port}{path}" for path in paths]


@contextmanager
def running(folder: Path) -> Iterator[Web]:
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            web.asked.append(self.path)
            page = web.pages.get(self.path)
            self.send_response(200 if page is not None else 404)
            self.send_header("Content-Length", str(len(page or b"")))
            self.end_headers()
            self.wfile.write(page or b"")

        def log_message(self, *_: object) -> None: ...

    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*certificate(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.socket = tls.wrap_socket(httpd.socket, server_side=True, do_handshake_on_connect=False)
        web.port = httpd.server_port
        thread = threading.Thread(target=httpd.serve_forever, args=(0.02,))
        thread.start()
        yield web
        httpd.shutdown()
        thread.join()


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    with running(tmp_path) as web:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        yield web


def test_the_domain_itself_is_asked_before_the_database() -> None:
    assert asked("Kiln.example.") == ("autoconfig.kiln.example", "kiln.example", "autoconfig.thunderbird.net")
    assert all(place.startswith("https://") and "emailaddress" not in place for place in PLACES)


def test_a_domain_in_letters_of_its_own_is_asked_for_as_the_dns_has_it() -> None:
    assert asked("bücher.example")[1] == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    "domain", ["", "example", "127.0.0.1", "a b.example", "x.example/y", "a@b.example", "é" * 80]
)
def test_what_is_no_domain_is_not_asked_for(domain: str) -> None:
    with pytest.raises(Invalid):
        asked(domain)


@needs_openssl
def test_the_first_who_knows_is_believed(web: Web) -> None:
    web.pages = {"/two/kiln.example": document(server("imap", *SSL)), "/three": b"never"}

    offer = look_up(DOMAIN, web.places("/one", "/two/{domain}", "/three"))

    assert (offer.provider.host, offer.told_by) == ("imap.kiln.example", "localhost")
    assert web.asked == ["/one", "/two/kiln.example"]


@needs_openssl
def test_an_answer_that_is_not_believed_leads_to_the_next(web: Web) -> None:
    web.pages = {"/one": document(server("imap", *PLAIN)), "/two": document(server("imap", *STARTTLS))}

    assert look_up(DOMAIN, web.places("/one", "/two")).provider.tls == "starttls"


@needs_openssl
def test_where_nobody_knows_it_is_said_with_what_to_do(web: Web) -> None:
    web.pages = {"/big": b"<" * (https.MAX_BYTES + 1)}

    with pytest.raises(NotFound, match="--host"):
        look_up(DOMAIN, web.places("/one", "/big"))

    assert web.asked == ["/one", "/big"]


@needs_openssl
def test_a_server_whose_certificate_is_not_trusted_is_not_believed(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.pages = {"/one": document(server("imap", *SSL))}
    monkeypatch.delenv("SSL_CERT_FILE")

    with pytest.raises(Unreachable, match="network"):
        look_up(DOMAIN, web.places("/one"))


def test_a_place_without_tls_is_not_asked() -> None:
    with pytest.raises(Unreachable):
        look_up(DOMAIN, ["http://localhost/{domain}"])
