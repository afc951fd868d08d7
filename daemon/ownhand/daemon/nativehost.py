"""Makes the host known to mail clients: a manifest where they look for it, and a wrapper that it names.

A manifest can carry neither arguments nor environment, so the wrapper does.
https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Native_manifests
"""

import json
import os
import platform
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ownhand.daemon.errors import StorageFailed
from ownhand.daemon.paths import Paths

NAME = "ownhand.host"
PLUGINS = ("thunderbird@ownhand", "thunderbird-panel@ownhand")  # that may ask, by their ids
_REGISTRY_KEY = rf"Software\Mozilla\NativeMessagingHosts\{NAME}"
_FLATPAKS = ("org.mozilla.Thunderbird", "org.mozilla.thunderbird", "eu.betterbird.Betterbird")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a system's mail clients look for manifests."""

    manifest: Path
    wrapper: Path
    registry_key: str = ""  # on Windows, under HKEY_CURRENT_USER: its default value is the manifest's path


def place_of(paths: Paths, home: Path, system: str = platform.system()) -> Place:
    """Pure. Thunderbird looks elsewhere than Firefox on macOS, and at the same place on Linux."""
    folder = paths.data.parent / "host"
    if system == "Windows":
        return Place(folder / f"{NAME}.json", folder / "ownhand-host.bat", _REGISTRY_KEY)
    if system == "Darwin":
        manifests = home / "Library/Mozilla/NativeMessagingHosts"
    else:
        manifests = home / ".mozilla/native-messaging-hosts"
    return Place(manifests / f"{NAME}.json", folder / "ownhand-host")


def wrapper_text(python: str, endpoint: Path, environ: Mapping[str, str], *, windows: bool = False) -> str:
    """What starts the host. Pure.

    `OWNHAND_HOME` goes along: the daemon that the host starts must be the one whose endpoint it reads.
    """
    home = environ.get("OWNHAND_HOME")
    if windows:
        lines = ["@echo off", *([f'set "OWNHAND_HOME={home}"'] if home else [])]
        return "\r\n".join([*lines, f'"{python}" -u -m ownhand.host --endpoint "{endpoint}" %*', ""])
    lines = [
        "#!/bin/sh",
        "# Written by `ownhand install-host`; `ownhand install-host --remove` takes it away.",
    ]
    if home:
        lines.append(f"export OWNHAND_HOME={shlex.quote(home)}")
    lines.append(
        f'exec {shlex.quote(python)} -u -m ownhand.host --endpoint {shlex.quote(str(endpoint))} "$@"'
    )
    return "\n".join([*lines, ""])


def manifest_text(wrapper: Path) -> str:
    about = "Carries calls of the Ownhand plugin to the Ownhand daemon"
    facts = {"name": NAME, "description": about, "path": str(wrapper), "type": "stdio"}
    return json.dumps({**facts, "allowed_extensions": list(PLUGINS)}, indent=2) + "\n"


def install(paths: Paths, home: Path, environ: Mapping[str, str] = os.environ) -> Place:
    """Writes both files anew. Raises StorageFailed."""
    place = place_of(paths, home)
    windows = bool(place.registry_key)
    try:
        for file in (place.manifest, place.wrapper):
            file.parent.mkdir(parents=True, exist_ok=True)
        place.wrapper.write_text(
            wrapper_text(sys.executable, paths.endpoint, environ, windows=windows), "utf-8"
        )
        place.wrapper.chmod(0o700)
        place.manifest.write_text(manifest_text(place.wrapper), "utf-8")
    except OSError as exc:
        raise StorageFailed(f"the host cannot be written down: {exc.strerror} ({exc.filename})") from None
    if sys.platform == "win32":
        import winreg

        winreg.SetValue(winreg.HKEY_CURRENT_USER, place.registry_key, winreg.REG_SZ, str(place.manifest))
    return place


def remove(paths: Paths, home: Path) -> bool:
    """Takes both away; whether there was anything."""
    place = place_of(paths, home)
    there = place.manifest.exists() or place.wrapper.exists()
    place.manifest.unlink(missing_ok=True)
    place.wrapper.unlink(missing_ok=True)
    if sys.platform == "win32" and there:
        import winreg

        winreg.DeleteKey(winreg.HKEY_CURRENT_USER, place.registry_key)
    return there


def flatpaks(home: Path) -> list[str]:
    """Mail clients of this person that cannot start a host: Flatpak lets no program out."""
    return [name for name in _FLATPAKS if (home / ".var/app" / name).is_dir()]
