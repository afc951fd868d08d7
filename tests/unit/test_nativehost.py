"""`ownhand install-host`: what is written, and where each system's Thunderbird looks for it."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from ownhand.daemon import cli, nativehost
from ownhand.daemon.paths import Paths, find_paths

Capture = pytest.CaptureFixture[str]
HOME = Path("/home/ana")
PATHS = Paths(
    Path("/c"),
    Path("/home/ana/.local/share/ownhand/data"),
    Path("/l"),
    Path("/run/user/7/ownhand"),
    Path("/k"),
)


@pytest.mark.parametrize(
    ("system", "manifest", "wrapper"),
    [
        ("Linux", "/home/ana/.mozilla/native-messaging-hosts/ownhand.host.json", "ownhand-host"),
        ("Darwin", "/home/ana/Library/Mozilla/NativeMessagingHosts/ownhand.host.json", "ownhand-host"),
        ("Windows", "/home/ana/.local/share/ownhand/host/ownhand.host.json", "ownhand-host.bat"),
    ],
)
def test_each_system_has_its_place(system: str, manifest: str, wrapper: str) -> None:
    place = nativehost.place_of(PATHS, HOME, system)

    assert str(place.manifest) == manifest
    assert place.wrapper == Path("/home/ana/.local/share/ownhand/host") / wrapper
    assert place.registry_key == (
        r"Software\Mozilla\NativeMessagingHosts\ownhand.host" if system == "Windows" else ""
    )


def test_the_wrapper_of_windows_passes_on_what_thunderbird_says() -> None:
    text = nativehost.wrapper_text(r"C:\Py\python.exe", Path("E"), {"OWNHAND_HOME": r"D:\o"}, windows=True)

    assert text.splitlines() == [
        "@echo off",
        r'set "OWNHAND_HOME=D:\o"',
        r'"C:\Py\python.exe" -u -m ownhand.host --endpoint "E" %*',
    ]


def test_the_wrapper_survives_names_with_blanks_and_quotes() -> None:
    text = nativehost.wrapper_text("/opt/my py/python", Path("/it's/e.json"), {})

    assert text.splitlines()[-1] == (
        """exec '/opt/my py/python' -u -m ownhand.host --endpoint '/it'"'"'s/e.json' "$@\""""
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_it_is_written_and_starts_the_host(home: Path, capsys: Capture) -> None:
    assert cli.run(["install-host", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    manifest = json.loads(Path(told["manifest"]).read_text())
    assert (manifest["name"], manifest["type"]) == ("ownhand.host", "stdio")
    assert manifest["allowed_extensions"] == ["thunderbird@ownhand", "thunderbird-panel@ownhand"]
    assert manifest["path"] == told["host"] and os.access(told["host"], os.X_OK)
    # As Thunderbird starts it; the port is closed at once.
    asked = [told["host"], told["manifest"], "thunderbird@ownhand"]
    done = subprocess.run(asked, input=b"", capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_it_is_taken_away_without_a_trace(home: Path, capsys: Capture) -> None:
    cli.run(["install-host"])

    assert cli.run(["install-host", "--remove", "--json"]) == 0
    assert cli.run(["install-host", "--remove"]) == 0

    said = capsys.readouterr()
    assert '{"removed": true}' in said.out and "nothing to take away" in said.err
    place = nativehost.place_of(find_paths(), home)
    assert not place.manifest.exists() and not place.wrapper.exists()


def test_a_flatpak_is_told_plainly(home: Path, capsys: Capture) -> None:
    (home / ".var/app/org.mozilla.Thunderbird").mkdir(parents=True)

    assert cli.run(["install-host"]) == 0

    assert "org.mozilla.Thunderbird is a Flatpak" in capsys.readouterr().err
