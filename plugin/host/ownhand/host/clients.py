"""What the mail client knows of its accounts: servers, identities and Sent folders, as its own settings say.

Extensions are not told host names, and nobody should have to type one. Only settings are read: no password
is in them, and no mail. Thunderbird keeps them in `prefs.js`, one call a line:
https://kb.mozillazine.org/Prefs.js_file
"""

import configparser
import contextlib
import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

Prefs = Mapping[str, str | int | bool]

_SECURITY = {0: "SERVER_SECURITY_PLAINTEXT_LOOPBACK", 2: "SERVER_SECURITY_STARTTLS", 3: "SERVER_SECURITY_TLS"}
_OAUTH2 = 10  # of authMethod
_CHOSEN = "1"  # of fcc_folder_picker_mode: a folder other than the account's own Sent
_LINE = re.compile(r'^\s*user_pref\(("(?:[^"\\]|\\.)*"),\s*(.*)\);\s*$', re.MULTILINE)
_PROFILE_ROOTS = (
    ".thunderbird",
    "snap/thunderbird/common/.thunderbird",
    "Library/Thunderbird",
    "AppData/Roaming/Thunderbird",
)


def accounts(home: Path, client_pid: int | None = None) -> list[dict[str, Any]]:
    """The accounts of the client's profile, as the plugin hands them to `AddAccount`.

    Several profiles there may be: the one that the running client was started with counts, else all of them.
    """
    found = [account for folder in profiles(home, client_pid) for account in _of(_read(folder))]
    return list({account["address"]: account for account in reversed(found)}.values())[::-1]


def profiles(home: Path, client_pid: int | None = None) -> list[Path]:
    """The profile folders, the default first."""
    if named := _named_by(client_pid):
        return [named]
    found: dict[Path, bool] = {}
    for root in (home / one for one in _PROFILE_ROOTS):
        listed = configparser.ConfigParser(interpolation=None)
        with contextlib.suppress(OSError, configparser.Error, UnicodeDecodeError):
            listed.read_string((root / "profiles.ini").read_text("utf-8"))
        for name in listed.sections():
            if path := listed[name].get("Path"):
                folder = root / path if listed[name].get("IsRelative", "1") == "1" else Path(path)
                found[folder] = listed[name].get("Default") == "1"
    return sorted((folder for folder in found if folder.is_dir()), key=lambda folder: not found[folder])


def parsed(text: str) -> dict[str, str | int | bool]:
    """The settings in the text of a prefs file. Lines that are none are passed over."""
    found = {}
    for name, value in _LINE.findall(text):
        with contextlib.suppress(ValueError):
            found[json.loads(name)] = json.loads(value)
    return found


def _read(profile: Path) -> Prefs:
    """`user.js` has the last word, as it has in the client."""
    prefs: dict[str, str | int | bool] = {}
    for name in ("prefs.js", "user.js"):
        with contextlib.suppress(OSError):
            prefs |= parsed((profile / name).read_text("utf-8", "replace"))
    return prefs


def _of(prefs: Prefs) -> Iterator[dict[str, Any]]:
    for account in _words(prefs, "mail.accountmanager.accounts"):
        server = f"mail.server.{prefs.get(f'mail.account.{account}.server')}"
        identities = [f"mail.identity.{one}" for one in _words(prefs, f"mail.account.{account}.identities")]
        written = [one for one in identities if prefs.get(f"{one}.useremail")]
        kind = prefs.get(f"{server}.type")
        if kind not in ("imap", "pop3") or not written:
            continue
        first = written[0]
        yield {
            "key": account,
            "kind": kind,
            "address": _text(prefs, f"{first}.useremail"),
            "display_name": _text(prefs, f"{first}.fullName"),
            "host": _text(prefs, f"{server}.hostname"),
            "port": int(prefs.get(f"{server}.port", 0) or 0),
            "security": _SECURITY.get(int(prefs.get(f"{server}.socketType", 0)), "SERVER_SECURITY_STARTTLS"),
            "user": _text(prefs, f"{server}.userName"),
            "oauth": prefs.get(f"{server}.authMethod") == _OAUTH2,
            "sent_folder": _sent_folder(prefs, first, server),
            "identities": [
                {"address": _text(prefs, f"{one}.useremail"), "display_name": _text(prefs, f"{one}.fullName")}
                for one in written[1:]
            ],
        }


def _sent_folder(prefs: Prefs, identity: str, server: str) -> str:
    """The folder that the person chose; empty for the server's own, which the daemon finds."""
    if prefs.get(f"{identity}.fcc_folder_picker_mode") != _CHOSEN:
        return ""
    uri = urlsplit(_text(prefs, f"{identity}.fcc_folder"))
    here = uri.scheme == "imap" and uri.hostname == _text(prefs, f"{server}.hostname").lower()
    return unquote(uri.path.lstrip("/")) if here else ""


def _words(prefs: Prefs, name: str) -> list[str]:
    return [word for word in _text(prefs, name).split(",") if word]


def _text(prefs: Prefs, name: str) -> str:
    return str(prefs.get(name, ""))


def _named_by(pid: int | None) -> Path | None:
    """The profile that a running client was told to use on its command line."""
    arguments = _arguments(pid) if pid else []
    for option, value in itertools.pairwise(arguments):
        if option.lstrip("-").lower() == "profile" and option.startswith("-") and Path(value).is_dir():
            return Path(value)
    return None


def _arguments(pid: int) -> list[str]:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    if sys.platform == "darwin":
        asked = subprocess.run(
            ["/bin/ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return asked.stdout.split()
    return []


def client_pid() -> int:
    """Of the mail client that started this process."""
    return os.getppid()
