"""Mail that is read with OAuth 2 tokens from a real Dovecot, which asks the authorization server of each."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Literal

import pytest
from imap_servers import USER, Server, dovecot_server
from oauth_server import OAuthServer, client_of, needs_openssl, oauth_server, tokens_of
from ownhand.daemon.domain import Cursor
from ownhand.daemon.errors import LoginFailed, OwnhandError
from ownhand.daemon.mail.imap.source import ImapSource, Patience
from ownhand.daemon.mail.signin.shelf import InFile
from ownhand.daemon.mail.signin.tokens import TokenSignIn
from proxy import Proxy, proxied
from scripted_imap import ScriptedPeer, scripted
from watched import mail

pytestmark = needs_openssl
N = 12
QUICK = Patience(connect_s=5, read_s=5, idle_s=5, poll_s=0.1, backoff_s=0.001)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("oauth")


@pytest.fixture(scope="module")
def authority(folder: Path) -> Iterator[OAuthServer]:
    with oauth_server(folder, USER) as found:
        yield found


@pytest.fixture(scope="module", params=["xoauth2", "oauthbearer"])
def dovecot(request: pytest.FixtureRequest, authority: OAuthServer) -> Iterator[Server]:
    with dovecot_server(introspection=authority.introspection, mechanisms=request.param) as server:
        server.append([mail(n) for n in range(N)])
        yield server


@pytest.fixture
def sign_in(
    authority: OAuthServer, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> TokenSignIn:
    """Of an account that was signed in a moment ago."""
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "cert.pem"))
    authority.asked.clear()
    made = TokenSignIn(client_of(authority), InFile(tmp_path / "tokens"), tmp_path / "lock")
    made.keep(tokens_of(authority))
    return made


def source_of(port: int, sign_in: TokenSignIn) -> ImapSource:
    return ImapSource("127.0.0.1", port, USER, sign_in, tls=False, batch=3, patience=QUICK)


async def read(source: ImapSource, cursor: Cursor | None = None) -> list[str]:
    async with aclosing(source):
        return [m.message_id async for batch in source.fetch_since(cursor) for m in batch.messages]


async def failure_of(source: ImapSource) -> OwnhandError:
    with pytest.raises(OwnhandError) as caught:
        await read(source)
    return caught.value


ALL = {f"<{n}@example.org>" for n in range(N)}


async def test_mail_is_read_with_a_token(
    dovecot: Server, authority: OAuthServer, sign_in: TokenSignIn
) -> None:
    assert sorted(await read(source_of(dovecot.port, sign_in))) == sorted(ALL)
    assert authority.refreshes == 0


@pytest.mark.parametrize("rotate", [False, True])
async def test_a_token_that_ends_in_the_middle_is_renewed_once_and_every_mail_read_once(
    dovecot: Server, authority: OAuthServer, sign_in: TokenSignIn, rotate: bool
) -> None:
    authority.rotate = rotate
    with proxied(Proxy(dovecot.port)) as line:
        source, found = source_of(line.port, sign_in), []
        async with aclosing(source):
            async for batch in source.fetch_since(None):
                if not found:
                    authority.revoke()
                    line.cut()  # as servers do when the token of a session has ended
                found += [message.message_id for message in batch.messages]

    assert sorted(found) == sorted(ALL)
    assert authority.refreshes == 1


async def test_a_token_that_ends_while_news_are_waited_for_is_renewed(
    dovecot: Server, authority: OAuthServer, sign_in: TokenSignIn
) -> None:
    with proxied(Proxy(dovecot.port)) as line:
        async with aclosing(source_of(line.port, sign_in)) as source:
            cursor = [batch.cursor async for batch in source.fetch_since(None)][-1]
            waiting = asyncio.ensure_future(source.wait())
            authority.revoke()
            line.cut()
            dovecot.append([mail(N)])
            async with asyncio.timeout(10):
                await waiting
            found = [m.message_id async for batch in source.fetch_since(cursor) for m in batch.messages]
    dovecot.delete([f"<{N}@example.org>"])

    assert found == [f"<{N}@example.org>"]
    assert authority.refreshes == 1


async def test_two_connections_whose_token_ended_renew_it_once(
    dovecot: Server, authority: OAuthServer, sign_in: TokenSignIn
) -> None:
    authority.rotate = True
    authority.revoke()

    found = await asyncio.gather(*(read(source_of(dovecot.port, sign_in)) for _ in range(2)))

    assert [set(ids) for ids in found] == [ALL, ALL]
    assert authority.refreshes == 1


async def test_a_sign_in_that_was_taken_back_says_to_sign_in_again(
    dovecot: Server, authority: OAuthServer, sign_in: TokenSignIn
) -> None:
    authority.revoke()
    authority.refresh.clear()

    error = await failure_of(source_of(dovecot.port, sign_in))

    assert isinstance(error, LoginFailed) and "ownhand sign-in" in error.hint
    assert authority.refreshes == 1


async def test_a_token_of_another_person_is_refused_and_renewed_once(
    dovecot: Server, authority: OAuthServer, sign_in: TokenSignIn
) -> None:
    source = ImapSource("127.0.0.1", dovecot.port, "ana@example.org", sign_in, tls=False, patience=QUICK)

    error = await failure_of(source)

    assert isinstance(error, LoginFailed) and "user" in error.hint
    assert authority.refreshes == 1 and USER not in str(error) and "ana@" not in str(error)


class Command:
    """A token command whose token stays the same."""

    kind: Literal["token"] = "token"

    def secret(self) -> str:
        return "the-token"

    def refused(self, secret: str) -> bool:
        return False


@pytest.mark.parametrize(
    ("mechanism", "words", "nothing_to_add"),
    [
        ("XOAUTH2", b"user=a,b=c\1auth=Bearer the-token\1\1", b""),
        ("OAUTHBEARER", b"n,a=a=2Cb=3Dc,\1auth=Bearer the-token\1\1", b"\1"),
    ],
)
async def test_a_refusal_in_a_challenge_is_answered_with_nothing_but_the_token_said_once(
    mechanism: str, words: bytes, nothing_to_add: bytes
) -> None:
    peer = ScriptedPeer(capabilities=f"IMAP4rev1 AUTH=PLAIN AUTH={mechanism}", login="NO XYZZY failed")
    peer.refusal = '{"status":"400","schemes":"Bearer","scope":"https://mail.example.com/ XYZZY"}'
    with scripted(peer):
        source = ImapSource("127.0.0.1", peer.port, "a,b=c", Command(), tls=False, patience=QUICK)

        error = await failure_of(source)

    assert peer.shown == [words, nothing_to_add]
    assert isinstance(error, LoginFailed) and "the scopes include https://mail.example.com/;" in error.hint
    assert "XYZZY" not in str(error)


@pytest.mark.parametrize("refusal", ["[]", "{", '{"scope": 3}', '{"scope": "mara@example.org"}', "\xff"])
async def test_a_refusal_that_says_nothing_of_use_is_a_failed_login_too(refusal: str) -> None:
    peer = ScriptedPeer(capabilities="IMAP4rev1 AUTH=XOAUTH2", login="NO failed", refusal=refusal)
    with scripted(peer):
        source = ImapSource("127.0.0.1", peer.port, USER, Command(), tls=False, patience=QUICK)

        error = await failure_of(source)

    assert isinstance(error, LoginFailed) and "the scopes are those for mail" in error.hint


async def test_a_server_that_takes_no_tokens_is_shown_none() -> None:
    peer = ScriptedPeer(capabilities="IMAP4rev1 AUTH=PLAIN XOAUTH2")
    with scripted(peer):
        source = ImapSource("127.0.0.1", peer.port, USER, Command(), tls=False, patience=QUICK)

        error = await failure_of(source)

    assert "takes no OAuth 2 tokens" in error.message
    assert "the-token" not in str(peer.commands) and not peer.shown


async def test_no_token_stands_in_any_log(
    dovecot: Server, authority: OAuthServer, sign_in: TokenSignIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    secrets = {sign_in.secret()}
    authority.revoke()
    await read(source_of(dovecot.port, sign_in))
    authority.revoke()
    secrets |= authority.refresh | {sign_in.secret()}
    authority.refresh.clear()

    error = await failure_of(source_of(dovecot.port, sign_in))

    said = caplog.text + str(error) + repr(error)
    assert caplog.records and not any(secret in said for secret in secrets)
    assert "Bearer" not in said and '"status"' not in said and "eyJ" not in said
