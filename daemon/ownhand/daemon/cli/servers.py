"""Which servers an account has, for `ownhand setup`: from the table, looked up on request, or as told."""

import re
from dataclasses import dataclass, replace
from textwrap import fill
from typing import Literal

from ownhand.daemon.cli.asked import Given, agreed, ask, on_terminal
from ownhand.daemon.cli.terminal import Failed, confirmed, say
from ownhand.daemon.mail.providers import PROVIDERS, Provider, Submission, provider_named, provider_of
from ownhand.daemon.mail.tls import Mode, is_loopback, to_pin

_WAYS = {"verify": "TLS", "starttls": "STARTTLS", "plaintext-loopback": "no TLS, on this machine"}
_OUT_WAYS = {"implicit": "TLS", "starttls": "STARTTLS", "plaintext-loopback": "no TLS, on this machine"}


@dataclass(frozen=True, slots=True)
class Servers:
    """Where mail is read, or where it is sent on to, and how one gets in there."""

    host: str
    port: int
    tls: Mode
    user: str = ""  # empty: the address
    pin: str = ""
    submission: Submission | None = None
    oauth: Literal["", "google", "microsoft"] = ""
    password: bool = True


def servers_of(address: str, given: Given) -> Servers:
    """The servers, shown to the person. Contacts nobody but a server of this machine, unless told to."""
    provider = _provider(address, given)
    if provider is None or (given.relay and given.host):
        return _as_told(address, given)
    if not provider.host:
        raise Failed(f"{provider.title} cannot be set up here. {provider.note}")
    changed = bool(given.host) and given.host != provider.host
    servers = Servers(
        host=given.host or provider.host,
        port=given.port or _port(provider, given, changed=changed),
        tls=given.tls or ("verify" if changed else provider.tls),
        user=given.user or provider.user_of(address),
        submission=provider.submission,
        oauth=provider.oauth,
        password=provider.password,
    )
    _show(provider.title, servers, relay=given.relay)
    if provider.note:
        say(fill(f"{provider.note}.", 96, initial_indent="  ", subsequent_indent="  "))
    return servers if given.relay else _pinned(servers, given)


def _port(provider: Provider, given: Given, *, changed: bool) -> int:
    """The provider's, unless what was given says another; programs on this machine have one for all ways."""
    return 0 if changed or (given.tls and not is_loopback(provider.host)) else provider.port


def _provider(address: str, given: Given) -> Provider | None:
    if given.provider:
        if found := provider_named(given.provider):
            return found
        names = ", ".join(provider.name for provider in PROVIDERS)
        raise Failed(f"there is no provider {given.provider} in the table; there are: {names}", 2)
    if given.look_up:
        return _looked_up(address.rpartition("@")[2], given)
    return provider_of(address)


def _looked_up(domain: str, given: Given) -> Provider:
    from ownhand.daemon.mail.autoconfig import asked, look_up

    say(f"This tells that somebody has mail at {domain} to, one after the other: {', '.join(asked(domain))}.")
    say("Your address is not sent.")
    if not confirmed("Ask them?", yes=given.yes):
        raise Failed("nobody was asked; give --host, and nobody is")
    offer = look_up(domain)
    found = offer.provider
    told = Servers(found.host, found.port, found.tls, submission=found.submission)
    _show(f"{offer.told_by} says", told, relay=given.relay)
    if not confirmed("Sign in there?", yes=given.yes):
        raise Failed("nothing was written; give --host to use another server")
    return found


def _as_told(address: str, given: Given) -> Servers:
    domain = address.rpartition("@")[2]
    host = given.host
    if not host:
        if on_terminal():
            say(f"The servers of {domain} are not known here. The help pages of your provider name them;")
            say("`ownhand setup --look-up` asks others for them, and --provider takes one from the table.")
        which = "submission" if given.relay else "IMAP"
        guess = f"{'smtp' if given.relay else 'imap'}.{domain}"
        host = ask(f"{which} host", "--host, --provider or --look-up", default=guess)
    tls: Mode = given.tls or ("starttls" if given.port in (143, 587) else "verify")
    servers = Servers(host, given.port, tls, given.user)
    if given.relay:
        way = "implicit" if tls == "verify" else tls
        submission = Submission(host, given.port or (465 if way == "implicit" else 587), way)
        return replace(servers, submission=submission)
    return _pinned(servers, given)


def _show(title: str, servers: Servers, *, relay: bool) -> None:
    out = servers.submission
    if relay and out:
        say(f"{title}: submission at {out.host}, port {out.port}, {_OUT_WAYS[out.tls]}")
    else:
        port = servers.port or _usual(servers.tls)
        say(f"{title}: IMAP at {servers.host}, port {port}, {_WAYS[servers.tls]}")


def _usual(tls: Mode) -> int:
    return 993 if tls == "verify" else 143


# --- a certificate that nobody vouches for -------------------------------------------------------


def _pinned(servers: Servers, given: Given) -> Servers:
    """A server on this machine may show a certificate of its own; one elsewhere never."""
    if given.pin:
        return replace(servers, pin=_fingerprint(given.pin))
    if given.no_test or not is_loopback(servers.host):
        return servers
    shown = to_pin(servers.host, servers.port or _usual(servers.tls), servers.tls)
    if shown is None:
        return servers
    say(f"The server on this machine, {servers.host}, shows a certificate that nobody vouches for:")
    say(f"  subject      {shown.subject}\n  valid        from {shown.since} until {shown.until}")
    say(f"  fingerprint  {shown.fingerprint}")
    if not on_terminal():
        raise Failed(f"if this is your own server's certificate, say so with --pin {shown.fingerprint}")
    if not agreed(
        "Is this your own server, and is this certificate to be accepted from now on?", default=False
    ):
        raise Failed("the certificate was not accepted; nothing was written")
    return replace(servers, pin=shown.fingerprint)


def _fingerprint(text: str) -> str:
    """As `tls_pin` has it, from what people copy: openssl writes capitals and colons."""
    digits = text.lower().removeprefix("sha256:").replace(":", "")
    if not re.fullmatch("[0-9a-f]{64}", digits):
        raise Failed("--pin must be the SHA-256 fingerprint of a certificate: 64 hexadecimal digits", 2)
    return f"sha256:{digits}"
