"""IMAP servers of well-known providers, from the address alone.

Asks nobody: looking a domain up would tell others whose mail this is.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """How to reach a provider's IMAP server. `note` says what a person must do there first."""

    host: str
    port: int = 993
    note: str = ""


_APP_PASSWORD = "make an app password in the account's security settings and use it here"
_OAUTH = "Microsoft takes only OAuth 2 here, which is not supported yet; import this account's mail as a file"
_SWITCH_ON = "switch IMAP on in the provider's web settings first"
_BRIDGE = "install and start Proton Mail Bridge; use the user and password it shows, and tls = false"

_PROVIDERS: tuple[tuple[str, ServerSettings], ...] = (
    ("gmail.com googlemail.com", ServerSettings("imap.gmail.com", note=_APP_PASSWORD)),
    (
        "outlook.com hotmail.com live.com msn.com outlook.de hotmail.de hotmail.co.uk hotmail.fr live.nl",
        ServerSettings("outlook.office365.com", note=_OAUTH),
    ),
    ("icloud.com me.com mac.com", ServerSettings("imap.mail.me.com", note=_APP_PASSWORD)),
    (
        "yahoo.com yahoo.de yahoo.co.uk yahoo.fr yahoo.it yahoo.es ymail.com rocketmail.com",
        ServerSettings("imap.mail.yahoo.com", note=_APP_PASSWORD),
    ),
    ("aol.com aim.com", ServerSettings("imap.aol.com", note=_APP_PASSWORD)),
    ("fastmail.com fastmail.fm", ServerSettings("imap.fastmail.com", note=_APP_PASSWORD)),
    ("gmx.de gmx.net gmx.at gmx.ch", ServerSettings("imap.gmx.net", note=_SWITCH_ON)),
    ("gmx.com gmx.co.uk gmx.us", ServerSettings("imap.gmx.com", note=_SWITCH_ON)),
    ("web.de", ServerSettings("imap.web.de", note=_SWITCH_ON)),
    ("mail.com", ServerSettings("imap.mail.com", note=_SWITCH_ON)),
    ("t-online.de", ServerSettings("secureimap.t-online.de", note=_APP_PASSWORD)),
    ("freenet.de", ServerSettings("mx.freenet.de")),
    ("posteo.de posteo.net", ServerSettings("posteo.de")),
    ("mailbox.org", ServerSettings("imap.mailbox.org")),
    ("proton.me protonmail.com protonmail.ch pm.me", ServerSettings("127.0.0.1", 1143, note=_BRIDGE)),
    ("zoho.com", ServerSettings("imap.zoho.com", note=_SWITCH_ON)),
    ("zoho.eu", ServerSettings("imap.zoho.eu", note=_SWITCH_ON)),
    ("yandex.com yandex.ru ya.ru", ServerSettings("imap.yandex.com", note=_APP_PASSWORD)),
    ("mail.ru bk.ru inbox.ru list.ru", ServerSettings("imap.mail.ru", note=_APP_PASSWORD)),
    ("orange.fr wanadoo.fr", ServerSettings("imap.orange.fr")),
    ("free.fr", ServerSettings("imap.free.fr")),
    ("laposte.net", ServerSettings("imap.laposte.net")),
    ("libero.it", ServerSettings("imapmail.libero.it")),
    ("bluewin.ch", ServerSettings("imaps.bluewin.ch")),
    ("migadu.com", ServerSettings("imap.migadu.com")),
    ("runbox.com", ServerSettings("mail.runbox.com")),
    ("purelymail.com", ServerSettings("imap.purelymail.com")),
    ("comcast.net", ServerSettings("imap.comcast.net", note=_SWITCH_ON)),
    ("btinternet.com", ServerSettings("mail.btinternet.com")),
    ("163.com", ServerSettings("imap.163.com", note=_SWITCH_ON)),
    ("qq.com", ServerSettings("imap.qq.com", note=_SWITCH_ON)),
)


def settings_for(address: str) -> ServerSettings | None:
    """The server of a well-known provider; None for any other domain."""
    domain = address.rpartition("@")[2].lower()
    return next((settings for domains, settings in _PROVIDERS if domain in domains.split()), None)
