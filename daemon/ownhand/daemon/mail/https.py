"""One small HTTPS request, bounded in time and size. For OAuth 2 and for server settings; knows neither.

Nothing of a request or an answer goes into an error: tokens and addresses are in them.
"""

import http.client
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from ownhand.daemon.errors import Unreachable

MAX_BYTES = 256 * 1024  # of an answer; what is asked for here has a few kilobytes
_STEP_S = 10.0  # without a byte
_IN_ALL_S = 20.0  # a server may drip
_MOVED = (301, 302, 303, 307, 308)
_MAX_MOVES = 3


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes = field(repr=False)
    retry_after_s: float | None = None  # as the server asks


def get(url: str, *, in_all_s: float = _IN_ALL_S) -> Answer:
    """What stands at an https address; follows redirects to other https addresses."""
    for _ in range(_MAX_MOVES):
        answer, moved = _ask(url, None, in_all_s)
        if not moved:
            return answer
        url = urljoin(url, moved)
    raise Unreachable(f"{_host(url)} redirects too often", hint="is it the right address?")


def post(url: str, form: str, *, in_all_s: float = _IN_ALL_S) -> Answer:
    """The answer to a form. Follows no redirect: what the form says is for this address only."""
    return _ask(url, form.encode("ascii"), in_all_s)[0]


def _ask(url: str, form: bytes | None, in_all_s: float) -> tuple[Answer, str]:
    """The answer, and where it says to ask instead, if it does."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise Unreachable(
            f"{_host(url)} is not asked: its address does not begin with https://", hint="correct the address"
        )
    connection = http.client.HTTPSConnection(
        parts.hostname, parts.port or 443, timeout=_STEP_S, context=ssl.create_default_context()
    )
    late = threading.Event()
    timer = threading.Timer(in_all_s, _cut, (connection, late))
    timer.daemon = True
    timer.start()
    try:
        target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        headers = {"Accept": "application/json, text/xml, */*;q=0.1", "User-Agent": "ownhand"}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("GET" if form is None else "POST", target, form, headers)
        response = connection.getresponse()
        moved = response.getheader("Location") or "" if response.status in _MOVED and form is None else ""
        body = response.read(MAX_BYTES + 1)
        wait = response.getheader("Retry-After") or ""
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _failed(error, _host(url), late.is_set()) from None
    finally:
        timer.cancel()
        connection.close()
    if len(body) > MAX_BYTES:
        raise Unreachable(f"{_host(url)} answered with too much", hint="is it the right address?")
    return Answer(response.status, body, float(wait) if wait.isdecimal() else None), moved


def _cut(connection: http.client.HTTPSConnection, late: threading.Event) -> None:
    late.set()
    if connection.sock is not None:
        with suppress(OSError):
            # Not the TLS layer's: that would be taken away while another thread reads through it.
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


def _failed(error: Exception, host: str, late: bool) -> Unreachable:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unreachable(
            f"the certificate of {host} is not trusted",
            hint="check the address; the network may be changing what is sent",
        )
    if late or isinstance(error, TimeoutError):
        return Unreachable(f"{host} did not answer in time", hint="check the network connection")
    if isinstance(error, socket.gaierror):
        return Unreachable(f"the host {host} is not known", hint="check the name and the network connection")
    return Unreachable(f"the connection to {host} failed", hint="check the network connection")


def _host(url: str) -> str:
    """Host and port alone: the rest of an address can hold more."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or "the address"
