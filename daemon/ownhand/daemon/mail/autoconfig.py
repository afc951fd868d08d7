"""Asks others for the servers of a domain, when the person says so: its own web server, then a database.

The format is that of Thunderbird's autoconfiguration (draft-ietf-mailmaint-autoconfig). Only the domain is
sent, never the address. Whoever answers is a stranger: nothing is believed that would lead to plain text.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from ownhand.daemon.errors import Invalid, NotFound, Unreachable
from ownhand.daemon.mail import https
from ownhand.daemon.mail.providers import PROVIDERS, Login, Provider, RelayMode, Submission
from ownhand.daemon.mail.tls import Mode

PLACES = (
    "https://autoconfig.{domain}/mail/config-v1.1.xml",
    "https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml",
    "https://autoconfig.thunderbird.net/v1.1/{domain}",
)
_IN_ALL_S = 10.0  # for one place
_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_INCOMING: Mapping[str, Mode] = {"ssl": "verify", "starttls": "starttls"}
_OUTGOING: Mapping[str, RelayMode] = {"ssl": "implicit", "starttls": "starttls"}
_AUTHORITIES: Mapping[str, Literal["google", "microsoft"]] = {
    "accounts.google.com": "google",
    "login.microsoftonline.com": "microsoft",
}
_LOGINS: Mapping[str, Login] = {
    "%emailaddress%": "address",
    "%emaillocalpart%@%emaildomain%": "address",
    "%emaillocalpart%": "local part",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What was found, and who said it."""

    provider: Provider
    told_by: str


def asked(domain: str, places: Sequence[str] = PLACES) -> tuple[str, ...]:
    """Whom a look-up tells the domain, in the order in which they are asked. Raises Invalid for no domain."""
    return tuple(urlsplit(place.format(domain=_plain(domain))).hostname or "" for place in places)


def look_up(domain: str, places: Sequence[str] = PLACES) -> Offer:
    """The servers of a domain. Blocks. Raises NotFound when nobody knows any, Unreachable, or Invalid."""
    domain = _plain(domain)
    answered = False
    for place in places:
        url = place.format(domain=domain)
        try:
            answer = https.get(url, in_all_s=_IN_ALL_S)
        except Unreachable:
            continue  # most domains have no such server
        answered = True
        if answer.status == 200 and (provider := read(answer.body, domain)):
            return Offer(provider, urlsplit(url).hostname or "")
    if not answered:
        raise Unreachable(
            "none of those who could know answered",
            hint="check the network connection; or give the server with --host",
        )
    raise NotFound(
        "nobody who was asked knows a safe server for this domain",
        hint="your provider's help pages name the IMAP server; give it with --host",
    )


def read(body: bytes, domain: str) -> Provider | None:
    """What a document says for the domain; None when it is not to be used."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root.getroottree().docinfo.doctype:
        return None  # it has no use here but to define entities
    offered = root.find("emailProvider") if root.tag == "clientConfig" else None
    if offered is None or domain not in {
        _word(one).replace("%emaildomain%", domain) for one in offered.iterfind("domain")
    }:
        return None
    incoming = [one for one in offered.iterfind("incomingServer") if one.get("type") == "imap"]
    server = next(_safest(incoming, _INCOMING, domain), None)
    return _provider(offered, domain, *server) if server else None


def _provider(offered: Any, domain: str, server: Any, host: str, port: int, tls: Mode) -> Provider:
    outgoing = [one for one in offered.iterfind("outgoingServer") if one.get("type") == "smtp"]
    out = next(_safest(outgoing, _OUTGOING, domain), None)
    ways = {_word(one) for one in server.iterfind("authentication")}
    known = next((provider for provider in PROVIDERS if provider.host == host), None)
    issuers = (_word(one) for one in offered.iterfind("oAuth2/issuer"))
    oauth = next((_AUTHORITIES[one] for one in issuers if one in _AUTHORITIES), known.oauth if known else "")
    login = _LOGINS.get(_word(server.find("username")))
    notes = [
        known.note if known else "",
        "" if login else "What to log in as is not said there; if your address is refused, give --user",
        "IMAP may have to be switched on there first" if offered.find("enable") is not None else "",
    ]
    return Provider(
        name="",
        title=known.title if known else domain,
        domains=(domain,),
        host=host,
        port=port,
        tls=tls,
        submission=Submission(*out[1:]) if out else None,
        oauth=oauth if "oauth2" in ways else "",
        password=not ways or any(way.startswith("password-") for way in ways),
        login=login or "address",
        note=". ".join(note for note in notes if note),
    )


def _safest(
    servers: Sequence[Any], modes: Mapping[str, Any], domain: str
) -> Iterator[tuple[Any, str, int, Any]]:
    """Those that can be used, with TLS from the start before STARTTLS; plain text never."""
    for kind, mode in modes.items():
        for server in servers:
            host = _word(server.find("hostname")).replace("%emaildomain%", domain)
            port = _word(server.find("port"))
            if _word(server.find("socketType")) == kind and _HOST.fullmatch(host) and _is_port(port):
                yield server, host, int(port), mode


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 5 and 0 < int(text) < 65536


def _word(element: Any) -> str:
    return "" if element is None else (element.text or "").strip().lower()


def _plain(domain: str) -> str:
    """The domain as it stands in the DNS."""
    try:
        plain = domain.strip().rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        plain = ""
    if not _HOST.fullmatch(plain):
        raise Invalid("this is no domain that could be looked up", fields={"domain": "is no domain"})
    return plain
