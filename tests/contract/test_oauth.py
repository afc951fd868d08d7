"""OAuth 2 against a real authorization server on loopback: signing in, renewing, and all that goes wrong."""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit

import pytest
from oauth_server import (
    CLIENT_ID,
    CLIENT_SECRET,
    SCOPE,
    OAuthServer,
    Reply,
    client_of,
    needs_openssl,
    oauth_server,
    tokens_of,
)
from ownhand.daemon.errors import LoginFailed, NotReady, Unreachable
from ownhand.daemon.mail import https
from ownhand.daemon.mail.signin import tokens
from ownhand.daemon.mail.signin.flow import through_browser, with_code
from ownhand.daemon.mail.signin.oauth import Authority, Client, DeviceCode, Tokens
from ownhand.daemon.mail.signin.shelf import InFile
from ownhand.daemon.mail.signin.tokens import TokenSignIn

pytestmark = needs_openssl
USER = "mara@example.org"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OAuthServer]:
    with oauth_server(tmp_path, USER) as found:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        yield found


@pytest.fixture
def client(server: OAuthServer) -> Client:
    return client_of(server)


@pytest.fixture
def shelf(tmp_path: Path) -> InFile:
    return InFile(tmp_path / "tokens" / "work")


@pytest.fixture
def sign_in(client: Client, shelf: InFile, server: OAuthServer, tmp_path: Path) -> TokenSignIn:
    """Of an account that was signed in a moment ago."""
    made = TokenSignIn(client, shelf, tmp_path / "lock")
    made.keep(tokens_of(server))
    return made


def aged(shelf: InFile, *, left_s: float, life_s: float = 3600.0) -> str:
    """Makes the tokens old; gives the access token."""
    tokens = Tokens.from_json(shelf.read())
    now = time.time()
    shelf.write(Tokens(tokens.access, tokens.refresh, now + left_s - life_s, now + left_s).to_json())
    return tokens.access


def browser(url: str) -> None:
    """Follows the page as a browser does, in a thread of its own."""
    threading.Thread(target=_visit, args=(url,), daemon=True).start()


def _visit(url: str) -> None:
    with urllib.request.urlopen(url, timeout=10) as page:
        page.read()


def failure_of(call: object, *args: object, **more: object) -> LoginFailed | NotReady | Unreachable:
    assert callable(call)
    with pytest.raises((LoginFailed, NotReady, Unreachable)) as caught:
        call(*args, **more)
    error = caught.value
    assert isinstance(error, LoginFailed | NotReady | Unreachable)
    # What servers write beside their error codes has addresses in it.
    assert USER not in str(error) and error.hint
    assert error.__context__ is None or error.__suppress_context__
    return error


# --- signing in --------------------------------------------------------------------------------


def test_a_person_signs_in_with_the_browser_of_this_machine(client: Client, server: OAuthServer) -> None:
    tokens = through_browser(client, browser)

    assert tokens.access in server.access and tokens.refresh in server.refresh
    [page] = server.pages
    assert page["scope"] == SCOPE and page["access_type"] == "offline"
    assert "client_secret" not in server.asked[0] and server.asked[0]["code_verifier"] not in page.values()


def test_every_sign_in_has_a_state_and_a_verifier_of_its_own(client: Client) -> None:
    first, second = client.consent("http://127.0.0.1:1"), client.consent("http://127.0.0.1:1")

    assert len({first.state, first.verifier, second.state, second.verifier}) == 4
    assert first.state not in repr(first).replace(first.url, "") and first.verifier not in repr(first)


def test_a_client_secret_is_sent_where_there_is_one(server: OAuthServer) -> None:
    server.secret = CLIENT_SECRET

    through_browser(client_of(server, secret=CLIENT_SECRET), browser)

    assert server.asked[0]["client_secret"] == CLIENT_SECRET


def test_a_visit_without_the_right_state_changes_nothing(client: Client, server: OAuthServer) -> None:
    strangers: list[int] = []

    def person(url: str) -> None:
        redirect = parse_qs(urlsplit(url).query)["redirect_uri"][0]

        def all_visits() -> None:
            for path in ("/?code=stolen&state=guessed", "/?error=access_denied", "/favicon.ico"):
                try:
                    _visit(redirect + path)
                except HTTPError as error:
                    error.close()
                    strangers.append(error.code)
            _visit(url)

        threading.Thread(target=all_visits, daemon=True).start()

    tokens = through_browser(client, person)

    assert strangers == [404, 404, 404] and tokens.access in server.access
    assert [form["grant_type"] for form in server.asked] == ["authorization_code"]


def test_the_browser_is_listened_for_on_loopback_alone(client: Client) -> None:
    seen: list[str] = []

    with pytest.raises(LoginFailed) as caught:
        through_browser(client, seen.append, wait_s=0.05)

    assert parse_qs(urlsplit(seen[0]).query)["redirect_uri"][0].startswith("http://127.0.0.1:")
    assert "nobody signed in" in caught.value.message


def test_nothing_listens_any_more_when_the_sign_in_is_over(client: Client) -> None:
    redirects: list[str] = []

    def person(url: str) -> None:
        redirects.append(parse_qs(urlsplit(url).query)["redirect_uri"][0])
        browser(url)

    through_browser(client, person)

    with pytest.raises(OSError):
        _visit(redirects[0])


@pytest.mark.parametrize(
    ("code", "told"), [("access_denied", "was not allowed"), ("invalid_scope", "scopes"), ("odd", "refused")]
)
def test_a_no_is_told_as_such(client: Client, server: OAuthServer, code: str, told: str) -> None:
    server.says_no = code

    error = failure_of(through_browser, client, browser)

    assert isinstance(error, LoginFailed) and told in error.message


def test_a_wrong_client_id_is_told(server: OAuthServer) -> None:
    server.secret = CLIENT_SECRET

    error = failure_of(through_browser, client_of(server), browser)

    assert "client id" in error.message and "client_secret" in error.hint


def test_a_code_is_typed_elsewhere_while_the_server_is_asked_at_its_pace(
    client: Client, server: OAuthServer
) -> None:
    server.slow_down, server.device_after, server.interval_s = 2, 1, 7
    shown: list[DeviceCode] = []
    pauses: list[float] = []

    tokens = with_code(client, shown.append, sleep=pauses.append)

    assert tokens.access in server.access and shown[0].user_code == "WDJB-MJHT"
    assert shown[0].device_code not in repr(shown[0])
    assert pauses == [7, 12, 17, 17]


def test_a_short_break_of_the_network_does_not_end_the_waiting_for_a_code(
    client: Client, server: OAuthServer
) -> None:
    server.instead.extend([Reply(503), Reply(502)])
    pauses: list[float] = []

    assert with_code(client, lambda _: None, sleep=pauses.append).access in server.access
    assert pauses == [1, 2, 4]


def test_a_code_that_nobody_types_ends(client: Client, server: OAuthServer) -> None:
    server.device_after = 10_000
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds * 100

    error = failure_of(with_code, client, lambda _: None, sleep=sleep, now=lambda: clock[0])

    assert "in time" in error.message and "sign-in" in error.hint


def test_an_authority_without_a_page_says_what_else_there_is() -> None:
    error = failure_of(through_browser, Client(Authority("here", "https://here/token"), CLIENT_ID), browser)

    assert "--device" in error.hint


def test_an_authority_without_device_codes_says_what_else_there_is() -> None:
    client = Client(Authority("localhost", "https://localhost/token"), CLIENT_ID)

    assert "loopback" in failure_of(client.ask_device).hint


# --- renewing ----------------------------------------------------------------------------------


def test_a_fresh_token_is_used_without_asking(sign_in: TokenSignIn, server: OAuthServer) -> None:
    assert sign_in.secret() in server.access
    assert server.asked == [] and sign_in.kind == "token"


@pytest.mark.parametrize(("left_s", "renewed"), [(730.0, False), (710.0, True), (-5.0, True)])
def test_a_token_is_renewed_when_a_fifth_of_its_life_is_left(
    sign_in: TokenSignIn, shelf: InFile, server: OAuthServer, left_s: float, renewed: bool
) -> None:
    before = aged(shelf, left_s=left_s)

    assert (sign_in.secret() != before) is renewed
    assert server.refreshes == int(renewed)


def test_a_clock_that_was_set_back_makes_a_new_token(
    sign_in: TokenSignIn, shelf: InFile, server: OAuthServer
) -> None:
    aged(shelf, left_s=10_000, life_s=3600)

    sign_in.secret()

    assert server.refreshes == 1


def test_a_rotated_refresh_token_is_kept_before_its_access_token_is_used(
    sign_in: TokenSignIn, shelf: InFile, server: OAuthServer
) -> None:
    server.rotate = True
    for _ in range(3):
        aged(shelf, left_s=0)

        token = sign_in.secret()

        assert Tokens.from_json(shelf.read()).access == token in server.access
        assert Tokens.from_json(shelf.read()).refresh in server.refresh
    assert server.refreshes == 3


def test_tokens_that_cannot_be_kept_are_not_used(
    sign_in: TokenSignIn, shelf: InFile, server: OAuthServer
) -> None:
    aged(shelf, left_s=0)
    folder, kept = shelf.path.parent, shelf.read()
    blocked = folder / f".{shelf.path.name}.{os.getpid()}.tmp"
    blocked.mkdir()

    error = failure_of(sign_in.secret)

    assert "cannot be read or written" in error.message and shelf.read() == kept


def test_a_server_that_does_not_rotate_leaves_the_refresh_token(
    sign_in: TokenSignIn, shelf: InFile, server: OAuthServer
) -> None:
    before = Tokens.from_json(shelf.read()).refresh
    aged(shelf, left_s=0)

    sign_in.secret()

    assert Tokens.from_json(shelf.read()).refresh == before


def test_many_threads_renew_once(sign_in: TokenSignIn, shelf: InFile, server: OAuthServer) -> None:
    server.rotate, server.hold = True, threading.Event()
    aged(shelf, left_s=0)
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(sign_in.secret) for _ in range(8)]
        server.hold.set()
        tokens = {one.result(20) for one in asked}

    assert server.refreshes == 1 and len(tokens) == 1


_OTHER_PROCESS = """
import json, sys, pathlib
from ownhand.daemon.mail.signin.oauth import Authority, Client
from ownhand.daemon.mail.signin.tokens import TokenSignIn
from ownhand.daemon.mail.signin.shelf import InFile
url, client_id, shelf, lock = json.loads(sys.argv[1])
client = Client(Authority("localhost", url), client_id)
print("ready", flush=True)
sys.stdin.readline()
print(TokenSignIn(client, InFile(pathlib.Path(shelf)), pathlib.Path(lock)).secret())
"""


def test_several_processes_renew_once(
    sign_in: TokenSignIn, shelf: InFile, server: OAuthServer, tmp_path: Path
) -> None:
    server.rotate = True
    aged(shelf, left_s=0)
    told = json.dumps([server.url("token"), CLIENT_ID, str(shelf.path), str(tmp_path / "lock")])
    others = [
        subprocess.Popen(
            [sys.executable, "-c", _OTHER_PROCESS, told],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for other in others:
        assert other.stdout and other.stdout.readline() == "ready\n"

    tokens = {other.communicate("go\n", timeout=30)[0].strip() for other in others} | {sign_in.secret()}

    assert server.refreshes == 1 and len(tokens) == 1
    assert [other.returncode for other in others] == [0, 0, 0]


def test_one_who_holds_the_lock_too_long_is_told_of(
    sign_in: TokenSignIn, shelf: InFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    monkeypatch.setattr(tokens, "_WAIT_S", 0.05)
    aged(shelf, left_s=0)
    with (tmp_path / "lock").open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        assert "does not finish" in failure_of(sign_in.secret).message


@pytest.mark.parametrize(
    ("reply", "retry_after_s"),
    [
        (Reply(503), 60.0),
        (Reply(429, "{}", {"Retry-After": "17"}), 17.0),
        (Reply(400, '{"error": "temporarily_unavailable"}'), 60.0),
        (Reply(200, "<html>log in to this hotel's network</html>"), 60.0),
        (Reply(200, "[]"), 60.0),
        (Reply(200, '{"token_type": "Bearer"}'), 60.0),
        (Reply(302, "", {"Location": "https://localhost:1/"}), 60.0),
    ],
)
def test_a_token_server_in_trouble_is_unreachable_and_the_sign_in_stays(
    sign_in: TokenSignIn, shelf: InFile, server: OAuthServer, reply: Reply, retry_after_s: float
) -> None:
    server.instead.append(reply)
    aged(shelf, left_s=0)

    error = failure_of(sign_in.secret)

    assert isinstance(error, Unreachable) and error.retry_after_s == retry_after_s
    assert sign_in.secret() in server.access


def test_a_token_that_is_still_good_is_used_while_the_token_server_is_away(
    sign_in: TokenSignIn, shelf: InFile, server: OAuthServer
) -> None:
    server.instead.append(Reply(503))
    before = aged(shelf, left_s=300)

    assert sign_in.secret() == before


@pytest.mark.parametrize("code", ["invalid_grant", "interaction_required", "consent_required"])
def test_a_sign_in_that_was_taken_back_says_to_sign_in_again(
    sign_in: TokenSignIn, shelf: InFile, server: OAuthServer, code: str
) -> None:
    server.instead.append(Reply(400, json.dumps({"error": code, "error_description": USER})))
    aged(shelf, left_s=300)

    error = failure_of(sign_in.secret)

    assert isinstance(error, LoginFailed) and "ownhand sign-in" in error.hint
    # An error of the server must not cost the person their sign-in.
    assert shelf.read() and sign_in.secret() in server.access


def test_an_account_that_never_signed_in_says_so(client: Client, shelf: InFile, tmp_path: Path) -> None:
    assert "ownhand sign-in" in failure_of(TokenSignIn(client, shelf, tmp_path / "lock").secret).hint


def test_a_refused_token_is_renewed_and_one_that_others_renewed_is_not_again(
    sign_in: TokenSignIn, server: OAuthServer
) -> None:
    refused = sign_in.secret()

    assert sign_in.refused(refused) and sign_in.refused(refused)
    assert server.refreshes == 1 and sign_in.secret() != refused


def test_a_forgotten_sign_in_is_gone(sign_in: TokenSignIn, shelf: InFile) -> None:
    assert sign_in.forget() and not sign_in.forget()
    assert not shelf.path.exists()


# --- the link to the token server --------------------------------------------------------------


def test_a_token_server_without_a_trusted_certificate_is_told_nothing(
    sign_in: TokenSignIn, shelf: InFile, server: OAuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    aged(shelf, left_s=0)

    error = failure_of(sign_in.secret)

    assert "certificate" in error.message and server.asked == []


def test_a_token_server_is_never_asked_in_plain_text(server: OAuthServer) -> None:
    authority = Authority("localhost", f"http://127.0.0.1:{server.plain_port}/token")

    error = failure_of(Client(authority, CLIENT_ID).renew, Tokens("a", "b", 0, 0))

    assert "https" in error.message and server.asked == []


def test_an_answer_that_never_comes_ends_in_time(server: OAuthServer) -> None:
    server.hold = threading.Event()
    try:
        error = failure_of(https.post, server.url("token"), "a=b", in_all_s=0.2)
    finally:
        server.hold.set()

    assert "in time" in error.message


def test_an_answer_without_end_is_not_read(server: OAuthServer) -> None:
    server.instead.append(Reply(200, "x" * (https.MAX_BYTES + 1)))

    assert "too much" in failure_of(https.post, server.url("token"), "a=b").message


def test_tokens_show_in_no_repr(server: OAuthServer) -> None:
    tokens = Tokens("hush", "secret", 0, 1)

    assert "hush" not in repr(tokens) and "secret" not in repr(tokens)
    assert Tokens.from_json(tokens.to_json()) == tokens
