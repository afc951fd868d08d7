"""A person signs in: in the browser of this machine, or with a code on any other.

Both block until the person is done. The first listens on loopback for the one answer of the browser.
"""

import socket
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

from ownhand.daemon.errors import LoginFailed, Unreachable
from ownhand.daemon.mail.signin.oauth import Client, Consent, DeviceCode, NotYet, Tokens

WAIT_S = 300.0  # for a person to find their second factor
_SLOWER_S = 5.0  # RFC 8628, 3.5
_ONE_REQUEST_S = 5.0  # a browser opens connections and says nothing on them
_MAX_FAILURES = 5
_DONE = b"<!doctype html><meta charset=utf-8><title>Ownhand</title><p>Done. You can close this window."
_NOT_DONE = (
    b"<!doctype html><meta charset=utf-8><title>Ownhand</title><p>That did not work; see the terminal."
)


def through_browser(client: Client, open_url: Callable[[str], None], *, wait_s: float = WAIT_S) -> Tokens:
    """Sends the person to the authority's page by `open_url`. Raises LoginFailed or Unreachable."""
    with _Redirect(client, wait_s) as server:
        open_url(server.consent.url)
        while server.tokens is None and server.failure is None:
            server.timeout = server.until - time.monotonic()
            if server.timeout <= 0:
                raise LoginFailed(
                    f"nobody signed in within {wait_s / 60:.0f} minutes",
                    hint="run `ownhand sign-in` again; the browser must be on this machine",
                )
            server.handle_request()
    if server.failure is not None:
        raise server.failure
    assert server.tokens is not None
    return server.tokens


def with_code(
    client: Client,
    show: Callable[[DeviceCode], None],
    *,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> Tokens:
    """Has the person type a code elsewhere, and asks until they have. Raises LoginFailed or Unreachable."""
    code = client.ask_device()
    show(code)
    until, pause_s, n_failures = now() + code.expires_s, code.interval_s, 0
    while now() < until:
        sleep(pause_s)
        try:
            return client.redeem_device(code)
        except NotYet as answer:
            n_failures = 0
            pause_s += _SLOWER_S if answer.slower else 0.0
        except Unreachable:
            # A short break of the network is no reason to make the person begin anew.
            n_failures += 1
            if n_failures >= _MAX_FAILURES:
                raise
            pause_s *= 2
    raise LoginFailed("the code was not used in time", hint="run `ownhand sign-in` again")


class _Redirect(HTTPServer):
    """Waits on loopback for the browser to come back with the answer to one question."""

    def __init__(self, client: Client, wait_s: float) -> None:
        self.until = time.monotonic() + wait_s
        super().__init__(("127.0.0.1", 0), _Visit)
        self.client = client
        try:
            # Without a path: that is how Google and Microsoft compare it, whatever the port.
            redirect_uri = f"http://{client.authority.redirect_host}:{self.server_port}"
            self.consent: Consent = client.consent(redirect_uri)
        except BaseException:
            self.server_close()
            raise
        self.tokens: Tokens | None = None
        self.failure: LoginFailed | Unreachable | None = None

    def handle_error(self, request: object, client_address: object) -> None:
        """A visitor who hangs up is no news, and a traceback would show the code."""

    def server_bind(self) -> None:
        # HTTPServer's asks the network for this machine's name.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]


class _Visit(BaseHTTPRequestHandler):
    """One request. Only the answer with the right state counts; anything else on this machine may knock."""

    server: _Redirect
    timeout = _ONE_REQUEST_S

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        state = parse_qs(parts.query).get("state", [""])[0]
        if parts.path != "/" or state != self.server.consent.state:
            self._say(404, _NOT_DONE)
            return
        try:
            self.server.tokens = self.server.client.redeem(parts.query, self.server.consent)
        except (LoginFailed, Unreachable) as error:
            self.server.failure = error
        self._say(200, _DONE if self.server.tokens else _NOT_DONE)

    def log_message(self, *_: object) -> None:
        """It would write the code to stderr."""

    def _say(self, status: int, page: bytes) -> None:
        self.send_response(status)
        for name, value in (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(page))),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("Connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page)
