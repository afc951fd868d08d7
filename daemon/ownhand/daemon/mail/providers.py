"""The servers of well-known mail providers, from the address or from the provider's name, as data.

Asks nobody: looking a domain up would tell others whose mail this is. That is `autoconfig.py`, on request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ownhand.daemon.mail.tls import Mode

RelayMode = Literal["implicit", "starttls", "plaintext-loopback"]
Login = Literal["address", "local part"]


@dataclass(frozen=True, slots=True)
class Submission:
    """The server that takes mail for sending, as `[account.relay]` has it."""

    host: str
    port: int = 465
    tls: RelayMode = "implicit"


@dataclass(frozen=True, slots=True)
class Provider:
    """How to reach a provider. Without a host it has no IMAP; `note` says what a person must do there."""

    name: str  # for `ownhand setup --provider`
    title: str  # for people
    domains: tuple[str, ...]  # of its own addresses; none for one that hosts other people's domains
    host: str
    port: int = 993
    tls: Mode = "verify"
    submission: Submission | None = None
    oauth: Literal["", "google", "microsoft"] = ""
    password: bool = True  # whether there is any that a mail program may use
    login: Login = "address"
    note: str = ""

    def user_of(self, address: str) -> str:
        """What to log in as; empty where it is the address."""
        return address.rpartition("@")[0] if self.login == "local part" else ""


def provider_of(address: str) -> Provider | None:
    """The provider whose domain it is; None for any other, also below or above a known one."""
    domain = address.rpartition("@")[2].lower().rstrip(".")
    return next((provider for provider in PROVIDERS if domain in provider.domains), None)


def provider_named(name: str) -> Provider | None:
    return next((provider for provider in PROVIDERS if provider.name == name), None)


def _at(
    name: str, title: str, domains: str, hosts: str, *, port: int = 993, tls: Mode = "verify",
    submission_port: int = 465, oauth: Literal["", "google", "microsoft"] = "", password: bool = True,
    login: Login = "address", note: str = "",
) -> Provider:  # fmt: skip
    """One line of the table. `hosts` are that of IMAP and, where it is another, that of submission."""
    host, _, out = hosts.partition(" ")
    out_tls: RelayMode = "implicit" if submission_port == 465 else "starttls"
    if tls == "plaintext-loopback":
        out_tls = tls
    submission = Submission(out or host, submission_port, out_tls) if host else None
    return Provider(
        name, title, tuple(domains.split()), host, port, tls, submission, oauth, password, login, note
    )


_APP = "It takes no ordinary password: make an app password in the security settings of your account there"
_APP_2FA = "With two-step sign-in switched on there, make an app password; else your ordinary one will do"
_ON = "Switch on IMAP in the settings of its web mail first, or it refuses every login"
_CODE = "Switch on IMAP in its web mail's settings; the code that it shows then is the password for here"
_MICROSOFT = "It takes no passwords from mail programs any more, only OAuth 2"
_HOSTED = "Your password is that of the mailbox, not that of the customer account"
_NONE = (
    "It has no IMAP, by design, and sends through its own programs only. "
    "What you export from there as .eml or mbox files, `ownhand import` reads"
)

# Hosts and ports as the providers publish them, compared on 2026-03-12 with the database of Thunderbird
# where that has them. Who hosts domains of others has none here, and is found by its name.
PROVIDERS: Sequence[Provider] = (
    # --- the largest ---------------------------------------------------------------------------
    _at("gmail", "Gmail", "gmail.com googlemail.com", "imap.gmail.com smtp.gmail.com", oauth="google",
        note="It takes an app password (myaccount.google.com/apppasswords, once two-step sign-in is on), or "
        "OAuth 2 with a client of your own"),
    _at("google-workspace", "Google Workspace", "", "imap.gmail.com smtp.gmail.com", oauth="google",
        note="Your administrator may allow OAuth 2 only; else it takes an app password "
        "(myaccount.google.com/apppasswords)"),
    _at("outlook", "Outlook.com", "outlook.com hotmail.com live.com msn.com outlook.de hotmail.de live.de "
        "hotmail.co.uk live.co.uk hotmail.fr live.fr outlook.fr hotmail.it live.it outlook.it hotmail.es "
        "outlook.es live.nl live.ca live.se live.dk outlook.jp hotmail.co.jp outlook.com.br live.com.au",
        "outlook.office365.com smtp-mail.outlook.com", submission_port=587, oauth="microsoft",
        password=False, note=_MICROSOFT + "; and allow IMAP in the settings of Outlook on the web"),
    _at("microsoft365", "Microsoft 365", "", "outlook.office365.com smtp.office365.com", submission_port=587,
        oauth="microsoft", password=False,
        note=_MICROSOFT + "; your administrator must allow IMAP for your mailbox"),
    _at("icloud", "iCloud Mail", "icloud.com me.com mac.com", "imap.mail.me.com smtp.mail.me.com",
        submission_port=587, login="local part",
        note="It takes an app-specific password only: make one at account.apple.com"),
    _at("yahoo", "Yahoo Mail", "yahoo.com yahoo.de yahoo.co.uk yahoo.fr yahoo.it yahoo.es yahoo.ca yahoo.se "
        "yahoo.co.in yahoo.in yahoo.com.br yahoo.com.ar yahoo.com.mx yahoo.com.au yahoo.co.nz ymail.com "
        "myyahoo.com rocketmail.com", "imap.mail.yahoo.com smtp.mail.yahoo.com", note=_APP),
    _at("aol", "AOL Mail", "aol.com aim.com aol.de aol.co.uk aol.fr aol.it aol.es netscape.net verizon.net",
        "imap.aol.com smtp.aol.com", note=_APP),
    _at("qq", "QQ Mail", "qq.com foxmail.com", "imap.qq.com smtp.qq.com", note=_CODE),
    _at("163", "NetEase 163", "163.com", "imap.163.com smtp.163.com", note=_CODE),
    _at("126", "NetEase 126", "126.com", "imap.126.com smtp.126.com", note=_CODE),
    _at("yeah", "NetEase yeah.net", "yeah.net", "imap.yeah.net smtp.yeah.net", note=_CODE),
    _at("sina", "Sina Mail", "sina.com", "imap.sina.com smtp.sina.com", note=_CODE),
    _at("mailru", "Mail.ru", "mail.ru bk.ru inbox.ru list.ru internet.ru", "imap.mail.ru smtp.mail.ru",
        note=_APP),
    _at("yandex", "Yandex Mail", "yandex.ru yandex.com yandex.by yandex.kz ya.ru narod.ru",
        "imap.yandex.com smtp.yandex.com",
        note="Allow IMAP in its web mail's settings under mail clients, and make an app password"),
    _at("rambler", "Rambler", "rambler.ru", "imap.rambler.ru smtp.rambler.ru",
        note="Allow mail programs in the settings of its web mail first"),
    _at("naver", "Naver", "naver.com", "imap.naver.com smtp.naver.com", note=f"{_ON}. {_APP_2FA}"),
    _at("daum", "Daum and Kakao", "daum.net hanmail.net", "imap.daum.net smtp.daum.net",
        note="Switch on IMAP in its settings, and make an app password at Kakao"),
    # --- for whom mail is the business ---------------------------------------------------------
    _at("fastmail", "Fastmail", "fastmail.com fastmail.fm sent.com messagingengine.com",
        "imap.fastmail.com smtp.fastmail.com", note=_APP),
    _at("proton-bridge", "Proton Mail Bridge", "proton.me protonmail.com protonmail.ch pm.me", "127.0.0.1",
        port=1143, tls="starttls", submission_port=1025,
        note="Install and start Proton Mail Bridge, and sign in there. Its user and password, shown under "
        "mailbox details, are the ones for here"),
    _at("davmail", "DavMail", "", "127.0.0.1", port=1143, tls="plaintext-loopback", submission_port=1025,
        note="DavMail must run on this machine. Your Exchange user and password go to it alone. If you gave "
        "it a certificate, add --tls verify"),
    _at("tuta", "Tuta", "tuta.com tutanota.com tutanota.de tutamail.com tuta.io keemail.me", "",
        password=False, note=_NONE),
    _at("hey", "HEY", "hey.com", "", password=False, note=_NONE),
    _at("zoho", "Zoho Mail", "zoho.com zohomail.com", "imap.zoho.com smtp.zoho.com",
        note=f"{_ON}. {_APP_2FA}"),
    _at("zoho-eu", "Zoho Mail (Europe)", "zoho.eu zohomail.eu", "imap.zoho.eu smtp.zoho.eu",
        note=f"{_ON}. {_APP_2FA}"),
    _at("zoho-in", "Zoho Mail (India)", "zoho.in zohomail.in", "imap.zoho.in smtp.zoho.in",
        note=f"{_ON}. {_APP_2FA}"),
    _at("posteo", "Posteo", "posteo.de posteo.net posteo.eu posteo.at posteo.ch posteo.org", "posteo.de"),
    _at("mailbox-org", "mailbox.org", "mailbox.org", "imap.mailbox.org smtp.mailbox.org", note=_APP_2FA),
    _at("migadu", "Migadu", "migadu.com", "imap.migadu.com smtp.migadu.com", note=_HOSTED),
    _at("runbox", "Runbox", "runbox.com", "mail.runbox.com", note=_APP_2FA),
    _at("purelymail", "Purelymail", "purelymail.com", "imap.purelymail.com smtp.purelymail.com",
        note=_APP_2FA),
    _at("gandi", "Gandi", "", "mail.gandi.net", note=_HOSTED),
    _at("ovh", "OVH", "", "ssl0.ovh.net", note=_HOSTED),
    _at("ionos", "IONOS", "", "imap.ionos.com smtp.ionos.com", note=_HOSTED),
    _at("ionos-de", "IONOS (1&1)", "online.de onlinehome.de", "imap.ionos.de smtp.ionos.de", note=_HOSTED),
    _at("strato", "Strato", "", "imap.strato.de smtp.strato.de", note=_HOSTED),
    _at("hetzner", "Hetzner", "", "mail.your-server.de", note=_HOSTED),
    _at("one", "one.com", "", "imap.one.com send.one.com", note=_HOSTED),
    _at("godaddy", "GoDaddy Workspace", "", "imap.secureserver.net smtpout.secureserver.net", note=_HOSTED),
    _at("rackspace", "Rackspace", "", "secure.emailsrvr.com", note=_HOSTED),
    # --- German, Austrian, Swiss ---------------------------------------------------------------
    _at("gmx", "GMX", "gmx.de gmx.net gmx.at gmx.ch gmx.eu", "imap.gmx.net mail.gmx.net",
        note=f"{_ON}. {_APP_2FA}"),
    _at("gmx-com", "GMX (international)", "gmx.com gmx.co.uk gmx.us gmx.fr gmx.es",
        "imap.gmx.com mail.gmx.com", note=f"{_ON}. {_APP_2FA}"),
    _at("web-de", "WEB.DE", "web.de", "imap.web.de smtp.web.de", login="local part",
        note=f"{_ON}. {_APP_2FA}"),
    _at("mail-com", "mail.com", "mail.com email.com usa.com europe.com post.com consultant.com engineer.com",
        "imap.mail.com smtp.mail.com", note=_ON),
    _at("t-online", "Telekom Mail", "t-online.de magenta.de", "secureimap.t-online.de securesmtp.t-online.de",
        note="It wants the password for e-mail programs, which you set in the customer centre, and not that "
        "of your Telekom login"),
    _at("freenet", "freenet Mail", "freenet.de", "mx.freenet.de"),
    _at("vodafone-de", "Vodafone Mail", "vodafonemail.de arcor.de kabelmail.de",
        "imap.vodafonemail.de smtp.vodafonemail.de"),
    _at("a1", "A1", "a1.net aon.at", "securemail.a1.net", submission_port=587),
    _at("bluewin", "Swisscom Bluewin", "bluewin.ch bluemail.ch", "imaps.bluewin.ch smtpauths.bluewin.ch"),
    # --- the rest of Europe --------------------------------------------------------------------
    _at("orange-fr", "Orange", "orange.fr wanadoo.fr", "imap.orange.fr smtp.orange.fr"),
    _at("free-fr", "Free", "free.fr", "imap.free.fr smtp.free.fr", login="local part"),
    _at("sfr", "SFR", "sfr.fr neuf.fr club-internet.fr", "imap.sfr.fr smtp.sfr.fr"),
    _at("laposte", "La Poste", "laposte.net", "imap.laposte.net smtp.laposte.net", login="local part"),
    _at("proximus", "Proximus", "skynet.be proximus.be belgacom.net", "imap.proximus.be relay.proximus.be",
        submission_port=587),
    _at("telenet", "Telenet", "telenet.be", "imap.telenet.be smtp.telenet.be", submission_port=587),
    _at("kpn", "KPN", "kpnmail.nl planet.nl hetnet.nl xs4all.nl telfort.nl",
        "imap.kpnmail.nl smtp.kpnmail.nl"),
    _at("ziggo", "Ziggo", "ziggo.nl ziggomail.com casema.nl upcmail.nl chello.nl home.nl quicknet.nl",
        "imap.ziggo.nl smtp.ziggo.nl", submission_port=587),
    _at("libero", "Libero", "libero.it", "imapmail.libero.it smtp.libero.it", note=_APP_2FA),
    _at("virgilio", "Virgilio", "virgilio.it", "in.virgilio.it out.virgilio.it", note=_APP_2FA),
    _at("tim", "TIM", "tim.it", "imap.tim.it smtp.tim.it", port=143, tls="starttls", submission_port=587),
    _at("alice", "Alice", "alice.it", "in.alice.it out.alice.it", port=143, tls="starttls",
        submission_port=587),
    _at("tiscali", "Tiscali", "tiscali.it", "imap.tiscali.it smtp.tiscali.it"),
    _at("sapo", "SAPO", "sapo.pt meo.pt", "imap.sapo.pt smtp.sapo.pt"),
    _at("seznam", "Seznam", "seznam.cz email.cz post.cz spoluzaci.cz", "imap.seznam.cz smtp.seznam.cz",
        note=_APP_2FA),
    _at("wp", "WP Poczta", "wp.pl", "imap.wp.pl smtp.wp.pl", login="local part",
        note="Allow mail programs (POP3/IMAP/SMTP) in the settings of its web mail first"),
    _at("o2-pl", "o2 Poczta", "o2.pl go2.pl tlen.pl prokonto.pl", "poczta.o2.pl", login="local part",
        note="Allow mail programs (POP3/IMAP/SMTP) in the settings of its web mail first"),
    _at("onet", "Onet Poczta", "onet.pl onet.eu op.pl vp.pl poczta.onet.pl poczta.onet.eu",
        "imap.poczta.onet.pl smtp.poczta.onet.pl", note=_APP_2FA),
    _at("interia", "Interia Poczta", "interia.pl interia.eu poczta.fm", "poczta.interia.pl"),
    _at("bt", "BT", "btinternet.com btopenworld.com talk21.com", "mail.btinternet.com"),
    _at("sky", "Sky", "sky.com", "imap.tools.sky.com smtp.tools.sky.com", note=_APP),
    _at("virgin", "Virgin Media", "virginmedia.com", "imap.virginmedia.com smtp.virginmedia.com", note=_APP),
    # --- overseas ------------------------------------------------------------------------------
    _at("comcast", "Comcast Xfinity", "comcast.net", "imap.comcast.net smtp.comcast.net",
        note="Allow third-party access in the security settings of Xfinity web mail first"),
    _at("att", "AT&T", "att.net sbcglobal.net bellsouth.net pacbell.net ameritech.net swbell.net",
        "imap.mail.att.net smtp.mail.att.net",
        note="It takes a secure mail key in place of the password: make one in your AT&T profile"),
    _at("cox", "Cox", "cox.net", "imap.mail.yahoo.com smtp.mail.yahoo.com",
        note="Cox mail is at Yahoo now; make an app password in the security settings there"),
    _at("earthlink", "EarthLink", "earthlink.net mindspring.com", "imap.earthlink.net smtpauth.earthlink.net",
        submission_port=587),
    _at("bell", "Bell", "bell.net sympatico.ca", "imap.bell.net smtphm.sympatico.ca", submission_port=587),
    _at("telstra", "Telstra", "bigpond.com bigpond.net.au telstra.com", "imap.telstra.com smtp.telstra.com"),
    _at("xtra", "Xtra", "xtra.co.nz", "imap.xtra.co.nz send.xtra.co.nz"),
)  # fmt: skip
