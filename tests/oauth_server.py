"""An OAuth 2 authorization server on loopback, strict where real ones are: PKCE, each code and token once.

It can expire, rotate, refuse, delay and break. Dovecot asks it about tokens over plain HTTP.
"""

import json
import secrets
import shutil
import ssl
import subprocess
import threading
import time
from base64 import urlsafe_b64encode
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from ownhand.daemon.mail.signin.oauth import Authority, Client, Tokens

CLIENT_ID, CLIENT_SECRET = "the-persons-own", "not much of a secret"
SCOPE = "https://mail.example.org/"
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")


@dataclass
class Reply:
    """What is answered instead of the truth, once."""

    status: int
    body: str = "{}"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class OAuthServer:
    """The state of the server, for a test to look at and to change."""

    user: str
    port: int = 0
    plain_port: int = 0
    lifetime_s: float = 3600.0
    rotate: bool = False
    secret: str = ""  # of the client; empty: none is asked for
    says_no: str = ""  # error code for the person's answer
    device_after: int = 0  # polls until the person has typed the code
    interval_s: float = 1
    slow_down: int = 0  # polls that are told to slow down first
    instead: deque[Reply] = field(default_factory=deque)  # of the next answers of the token endpoint
    hold: threading.Event | None = None  # answers of the token endpoint wait for it
    asked: list[dict[str, str]] = field(default_factory=list)  # forms of the token endpoint
    pages: list[dict[str, str]] = field(default_factory=list)  # queries of the authorize page
    access: dict[str, float] = field(default_factory=dict)  # token -> its end
    refresh: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _devices: dict[str, int] = field(default_factory=dict)

    def url(self, path: str) -> str:
        return f"https://localhost:{self.port}/{path}"

    @property
    def introspection(self) -> str:
        return f"http://127.0.0.1:{self.plain_port}/introspect"

    @property
    def refreshes(self) -> int:
        return sum(form.get("grant_type") == "refresh_token" for form in self.asked)

    def give(self) -> dict[str, object]:
        """New tokens, as after any grant."""
        access, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.access[access] = time.time() + self.lifetime_s
        self.refresh.add(refresh)
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": self.lifetime_s,
            "refresh_token": refresh,
            "scope": SCOPE,
        }

    def revoke(self) -> None:
        """All access tokens; the refresh tokens stay good."""
        self.access.clear()

    # --- the endpoints -------------------------------------------------------------------------

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent, when the person has said yes or no."""
        self.pages.append(query)
        assert query["response_type"] == "code" and query["client_id"] == CLIENT_ID
        assert query["code_challenge_method"] == "S256" and len(query["state"]) >= 32
        assert query["redirect_uri"].startswith(("http://127.0.0.1:", "http://localhost:"))
        if self.says_no:
            answer = {"error": self.says_no, "error_description": f"{self.user} said no"}
        else:
            code = secrets.token_urlsafe(16)
            self._codes[code] = query
            answer = {"code": code}
        return f"{query['redirect_uri']}/?{urlencode({**answer, 'state': query['state']})}"

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        if form.get("client_id") != CLIENT_ID or form.get("client_secret", "") != self.secret:
            return 401, {"error": "invalid_client"}
        match form.get("grant_type"):
            case "authorization_code":
                asked = self._codes.pop(form["code"], None)
                digest = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest())
                if asked is None or asked["code_challenge"] != digest.decode().rstrip("="):
                    return 400, {"error": "invalid_grant"}
                if asked["redirect_uri"] != form["redirect_uri"]:
                    return 400, {"error": "invalid_grant"}
                return 200, self.give()
            case "refresh_token":
                if form["refresh_token"] not in self.refresh:
                    return 400, {"error": "invalid_grant", "error_description": f"gone for {self.user}"}
                given = self.give()
                if self.rotate:
                    self.refresh.discard(form["refresh_token"])
                else:
                    self.refresh.discard(str(given.pop("refresh_token")))
                return 200, given
            case "urn:ietf:params:oauth:grant-type:device_code":
                return self._poll(form["device_code"])
        return 400, {"error": "unsupported_grant_type"}

    def device(self) -> dict[str, object]:
        code = secrets.token_urlsafe(16)
        self._devices[code] = 0
        return {
            "device_code": code,
            "user_code": "WDJB-MJHT",
            "verification_uri": self.url("type-it-here"),
            "expires_in": 900,
            "interval": self.interval_s,
        }

    def introspect(self, token: str) -> dict[str, object]:
        good = self.access.get(token, 0) > time.time()
        return {"active": good, **({"username": self.user, "scope": SCOPE} if good else {})}

    def _poll(self, code: str) -> tuple[int, dict[str, object]]:
        if code not in self._devices:
            return 400, {"error": "expired_token"}
        if self.says_no:
            return 400, {"error": self.says_no}
        self._devices[code] += 1
        if self._devices[code] <= self.slow_down:
            return 400, {"error": "slow_down"}
        if self._devices[code] <= self.slow_down + self.device_after:
            return 400, {"error": "authorization_pending"}
        del self._devices[code]
        return 200, self.give()


class _Handler(BaseHTTPRequestHandler):
    oauth: OAuthServer
    timeout = 10

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/authorize":
            self._say(302, "", {"Location": self.oauth.authorize(query)})
        elif parts.path == "/introspect":
            self._say_json(200, self.oauth.introspect(query.get("token", "")))
        else:
            self._say(404, "")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        match urlsplit(self.path).path:
            case "/token":
                if self.oauth.hold:
                    self.oauth.hold.wait(10)
                with self.oauth.lock:
                    self.oauth.asked.append(form)
                    if self.oauth.instead:
                        reply = self.oauth.instead.popleft()
                        self._say(reply.status, reply.body, reply.headers)
                    else:
                        self._say_json(*self.oauth.token(form))
            case "/device":
                self._say_json(200, self.oauth.device())
            case "/introspect":
                self._say_json(200, self.oauth.introspect(form.get("token", "")))
            case _:
                self._say(404, "")

    def log_message(self, *_: object) -> None: ...

    def _say_json(self, status: int, value: dict[str, object]) -> None:
        self._say(status, json.dumps(value), {"Content-Type": "application/json"})

    def _say(self, status: int, body: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body.encode())), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())


@contextmanager
def oauth_server(folder: Path, user: str) -> Iterator[OAuthServer]:
    """Runs with a certificate of its own in `folder`/cert.pem, for SSL_CERT_FILE."""
    oauth = OAuthServer(user)
    handler = type("Handler", (_Handler,), {"oauth": oauth})
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*certificate(folder))
    with _served(handler) as plain, _served(handler, tls) as secure:
        oauth.plain_port, oauth.port = plain, secure
        yield oauth


@contextmanager
def _served(handler: type[BaseHTTPRequestHandler], tls: ssl.SSLContext | None = None) -> Iterator[int]:
    server = _Quiet(("127.0.0.1", 0), handler)
    if tls:
        # The handshake is done by the thread of the request: one who says nothing must not stop the others.
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that does not trust the certificate hangs up."""


def client_of(server: OAuthServer, *, secret: str = "") -> Client:
    authority = Authority(
        host="localhost",
        token_url=server.url("token"),
        authorize_url=server.url("authorize"),
        device_url=server.url("device"),
        scopes=(SCOPE,),
        extra=(("access_type", "offline"),),
    )
    return Client(authority, CLIENT_ID, (lambda: secret) if secret else None)


def tokens_of(server: OAuthServer) -> Tokens:
    """Those of a sign-in a moment ago."""
    given, now = server.give(), time.time()
    return Tokens(str(given["access_token"]), str(given["refresh_token"]), now, now + server.lifetime_s)


LOOPBACK = "DNS:localhost,IP:127.0.0.1"


def certificate(folder: Path, name: str = "cert", names: str = LOOPBACK) -> tuple[Path, Path]:
    """A certificate that vouches for itself, and its key."""
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    subprocess.run(
        [
            "openssl",
            *words.split(),
            "-addext",
            f"subjectAltName={names}",
            "-keyout",
            str(key),
            "-out",
            str(cert),
        ],
        check=True,
        capture_output=True,
    )
    return cert, key
