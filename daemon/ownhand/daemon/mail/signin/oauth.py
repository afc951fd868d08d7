"""OAuth 2 as a mail program needs it: what is asked of an authorization server, and what its answers mean.

The words of the protocol are oauthlib's, the requests `https.py`'s. Keeps nothing, and asks nobody by itself.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ownhand.daemon.errors import LoginFailed, OwnhandError, Unreachable
from ownhand.daemon.mail import https

_LIFETIME_S = 3600.0  # of a token whose server does not say
_RENEW_AT = 0.8  # of its lifetime: a mail session should not end because the clocks differ a little
_MARGIN_S = 30.0
_BUSY_S = 60.0
_AGAIN = "run `ownhand sign-in` for this account"
_PASSES = ("temporarily_unavailable", "server_error", "slow_down")
# The grant is of no more use: revoked, too old, or the person must say yes again.
_ENDED = ("invalid_grant", "interaction_required", "consent_required", "login_required")
_CLIENT = ("invalid_client", "unauthorized_client", "unsupported_grant_type")


@dataclass(frozen=True, slots=True)
class Authority:
    """An authorization server: where to ask, and for what."""

    host: str  # for people
    token_url: str
    authorize_url: str = ""
    device_url: str = ""
    scopes: tuple[str, ...] = ()
    redirect_host: str = "127.0.0.1"
    extra: tuple[tuple[str, str], ...] = ()  # further parameters of the page a person is sent to
    note: str = ""  # what a person must do there first


@dataclass(frozen=True, slots=True)
class Tokens:
    access: str = field(repr=False)
    refresh: str = field(repr=False)  # empty when the server gave none
    obtained_at: float  # seconds since 1970
    expires_at: float

    def is_fresh(self, now: float) -> bool:
        """Whether it need not be renewed yet. Not when the clock was set back since: then nobody knows."""
        return self.obtained_at <= now < self.obtained_at + _RENEW_AT * (self.expires_at - self.obtained_at)

    def is_good(self, now: float) -> bool:
        """Whether a server should still take it."""
        return self.obtained_at <= now < self.expires_at - _MARGIN_S

    def to_json(self) -> str:
        return json.dumps([self.access, self.refresh, self.obtained_at, self.expires_at])

    @staticmethod
    def from_json(text: str) -> "Tokens":
        """Raises ValueError for what is no tokens."""
        match json.loads(text):
            case [str(access), str(refresh), int() | float() as obtained_at, int() | float() as expires_at]:
                return Tokens(access, refresh, obtained_at, expires_at)
        raise ValueError("these are no tokens")


@dataclass(frozen=True, slots=True)
class Consent:
    """A question to the person, at `url`, and what only the asker knows."""

    url: str
    redirect_uri: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)  # PKCE (RFC 7636)


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What a person types at `url`, on any machine, within `expires_s`."""

    user_code: str
    url: str
    interval_s: float
    expires_s: float
    device_code: str = field(repr=False)


class NotYet(Exception):
    """The person has not said yes or no so far."""

    def __init__(self, *, slower: bool = False) -> None:
        super().__init__()
        self.slower = slower


@dataclass(frozen=True, slots=True)
class Client:
    """This program as the authorization server knows it: by the person's own client id."""

    authority: Authority
    client_id: str
    client_secret: Callable[[], str] | None = None
    scopes: tuple[str, ...] = ()  # in place of the authority's
    now: Callable[[], float] = time.time

    @property
    def scope(self) -> str:
        return " ".join(self.scopes or self.authority.scopes)

    def consent(self, redirect_uri: str) -> Consent:
        """A new question, with a state and a verifier that were never used before. Raises LoginFailed."""
        if not self.authority.authorize_url:
            raise LoginFailed(
                f"{self.authority.host} has no page to sign in at", hint='use flow = "device", or --device'
            )
        web = self._web()
        state, verifier = web.create_code_verifier(64), web.create_code_verifier(64)
        challenge = web.create_code_challenge(verifier, "S256")
        url: str = web.prepare_request_uri(
            self.authority.authorize_url,
            redirect_uri=redirect_uri,
            scope=self.scope,
            state=state,
            code_challenge=challenge,
            code_challenge_method="S256",
            **dict(self.authority.extra),
        )
        return Consent(url, redirect_uri, state, verifier)

    def redeem(self, query: str, consent: Consent) -> Tokens:
        """The tokens for the answer that came to the redirect address. Raises LoginFailed or Unreachable."""
        from oauthlib.oauth2 import OAuth2Error

        web = self._web()
        try:
            # oauthlib takes only https here; the address is this machine's own (RFC 8252, 7.3).
            said = web.parse_request_uri_response(f"https://127.0.0.1/?{query}", state=consent.state)
        except OAuth2Error as error:
            raise self._refusal(str(error.error)) from None
        body = web.prepare_request_body(
            code=said["code"], redirect_uri=consent.redirect_uri, code_verifier=consent.verifier,
            **self._secret(),
        )  # fmt: skip
        return self._tokens(body)

    def renew(self, tokens: Tokens) -> Tokens:
        """New tokens for old. Raises LoginFailed when a person must sign in again, or Unreachable."""
        if not tokens.refresh:
            raise LoginFailed("the OAuth 2 token has ended and cannot be renewed", hint=_AGAIN)
        web = self._web()
        body = web.prepare_refresh_body(
            refresh_token=tokens.refresh, client_id=self.client_id, **self._secret()
        )
        return self._tokens(body, keep=tokens.refresh)

    def ask_device(self) -> DeviceCode:
        """A code for the person to type elsewhere. Raises LoginFailed or Unreachable."""
        from urllib.parse import urlencode

        if not self.authority.device_url:
            raise LoginFailed(
                f"{self.authority.host} gives no device codes for mail", hint='use flow = "loopback"'
            )
        form = urlencode({"client_id": self.client_id, "scope": self.scope})
        said = self._fields(self._answered(https.post(self.authority.device_url, form)))
        if "error" in said:
            raise self._refusal(str(said["error"]))
        try:
            return DeviceCode(
                user_code=str(said["user_code"]),
                url=str(said.get("verification_uri") or said["verification_url"]),
                interval_s=float(said.get("interval") or 5.0),
                expires_s=float(said["expires_in"]),
                device_code=str(said["device_code"]),
            )
        except (KeyError, TypeError, ValueError):
            raise self._nonsense() from None

    def redeem_device(self, code: DeviceCode) -> Tokens:
        """The tokens, once the person said yes. Raises NotYet until then, LoginFailed or Unreachable."""
        from oauthlib.oauth2 import DeviceClient

        device = DeviceClient(self.client_id)
        body = device.prepare_request_body(code.device_code, include_client_id=True, **self._secret())
        return self._tokens(body)

    # --- asking --------------------------------------------------------------------------------

    def _web(self) -> Any:
        from oauthlib.oauth2 import WebApplicationClient

        return WebApplicationClient(self.client_id)

    def _secret(self) -> dict[str, str]:
        return {"client_secret": self.client_secret()} if self.client_secret else {}

    def _tokens(self, body: str, keep: str = "") -> Tokens:
        from oauthlib.oauth2 import OAuth2Error

        asked_at = self.now()
        said = self._fields(self._answered(https.post(self.authority.token_url, body)))
        try:
            given = self._web().parse_request_body_response(json.dumps(said))
        except OAuth2Error as error:
            raise self._refusal(str(error.error)) from None
        try:
            life_s = float(given.get("expires_in") or _LIFETIME_S)
        except (TypeError, ValueError):
            life_s = _LIFETIME_S
        # A server that rotates gives a new refresh token each time; the others mean the old one.
        refresh = str(given.get("refresh_token") or keep)
        return Tokens(str(given["access_token"]), refresh, asked_at, asked_at + life_s)

    def _answered(self, answer: https.Answer) -> https.Answer:
        if answer.status == 429 or answer.status >= 500:
            raise self._busy(answer.retry_after_s)
        return answer

    def _fields(self, answer: https.Answer) -> dict[str, Any]:
        try:
            said = json.loads(answer.body)
        except ValueError:
            raise self._nonsense() from None
        if not isinstance(said, dict):
            raise self._nonsense()
        return said

    # --- what went wrong -----------------------------------------------------------------------

    def _refusal(self, code: str) -> OwnhandError | NotYet:
        """What an error code means. The texts beside it quote addresses and are not passed on."""
        host = self.authority.host
        if code in ("authorization_pending", "slow_down"):
            return NotYet(slower=code == "slow_down")
        if code in _PASSES:
            return self._busy(None)
        if code in _ENDED:
            return LoginFailed(f"{host} takes this account's sign-in no more", hint=_AGAIN)
        if code in _CLIENT:
            return LoginFailed(
                f"{host} does not take the client id or its secret",
                hint="compare client_id and client_secret with what you registered there",
            )
        if code == "invalid_scope":
            return LoginFailed(f"{host} does not give these scopes", hint="allow mail for your client there")
        if code == "access_denied":
            return LoginFailed("the sign-in was not allowed", hint=f"{_AGAIN} and say yes")
        if code == "expired_token":
            return LoginFailed("the code was not used in time", hint=_AGAIN)
        if code == "mismatching_state":
            return LoginFailed("the answer belongs to another sign-in", hint=_AGAIN)
        if code == "missing_token":
            return self._nonsense()
        return LoginFailed(f"{host} refused to sign in", hint=f"check the settings of your client; {_AGAIN}")

    def _busy(self, retry_after_s: float | None) -> Unreachable:
        return Unreachable(
            f"{self.authority.host} gives no tokens at the moment",
            hint="trying again later helps",
            retry_after_s=retry_after_s or _BUSY_S,
        )

    def _nonsense(self) -> Unreachable:
        return Unreachable(
            f"{self.authority.host} did not answer as OAuth 2 has it",
            hint="check token_url and device_url; a proxy or a login page may have answered",
            retry_after_s=_BUSY_S,
        )
