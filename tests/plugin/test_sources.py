"""The plugin's sources: types, words, the linter of the add-on site, the schemas that Thunderbird ships."""

import hashlib
import json
import os
import re
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pack import EXTENSION, pack
from plugin.world import ROOT

PLUGIN = ROOT / "plugin"
THUNDERBIRD = Path("/usr/lib/thunderbird")
MANIFEST = json.loads((EXTENSION / "manifest.json").read_text())
SOURCES = {file.relative_to(EXTENSION).as_posix(): file.read_text() for file in EXTENSION.rglob("*.js")}


def tool(name: str) -> str:
    found = PLUGIN / "node_modules/.bin" / name
    if not found.exists():
        told = f"{name} is not installed: run `make plugin-tools`"
        pytest.fail(told) if os.environ.get("CI") == "true" else pytest.skip(told)
    return str(found)


def test_the_types_are_right() -> None:
    done = subprocess.run([tool("tsc"), "-p", "."], cwd=PLUGIN, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_pure_modules_do_what_they_say() -> None:
    tool("tsc")  # where there is one, there is node
    done = subprocess.run(
        ["node", "--test", "tests/"], cwd=PLUGIN, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


# The linter knows Firefox: what only Thunderbird has is a warning there.
_OF_THUNDERBIRD = {"UNSUPPORTED_API", "MANIFEST_PERMISSIONS", "MISSING_DATA_COLLECTION_PERMISSIONS"}


def test_the_linter_finds_nothing(xpi: Path) -> None:
    done = subprocess.run(
        [tool("addons-linter"), "--output", "json", str(xpi)], capture_output=True, text=True, check=False
    )
    told = json.loads(done.stdout)
    assert told["errors"] == []
    assert {one["code"] for one in told["warnings"]} <= _OF_THUNDERBIRD, told["warnings"]


def test_the_same_sources_are_the_same_bytes(xpi: Path, tmp_path: Path) -> None:
    for file in EXTENSION.rglob("*"):
        if file.is_file():
            os.utime(file)
    pack(EXTENSION, tmp_path / "again.xpi")
    first, again = (hashlib.sha256(one.read_bytes()).digest() for one in (xpi, tmp_path / "again.xpi"))
    assert first == again
    assert "manifest.json" in zipfile.ZipFile(xpi).namelist()


def test_nothing_speaks_to_the_network_or_writes_to_the_console() -> None:
    for name, source in SOURCES.items():
        assert not re.search(r"\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon|console\.|\beval\(", source), (
            name
        )
        assert not re.search(r"innerHTML\s*=|insertAdjacentHTML|document\.write", source), name
        assert "connectNative" not in source or name == "background.js"
        assert "storage" not in re.sub(r"/\*.*?\*/", "", source, flags=re.S) or name == "switches.js"
    assert not any("://" in one or one == "<all_urls>" for one in MANIFEST["permissions"])
    assert "host_permissions" not in MANIFEST and "content_security_policy" not in MANIFEST


def test_every_permission_is_explained() -> None:
    explained = (ROOT / "docs/thunderbird.md").read_text()
    for permission in MANIFEST["permissions"]:
        assert f"`{permission}`" in explained, permission


# --- what Thunderbird itself says it has ----------------------------------------------------------------


def _schemas() -> Iterator[dict[str, Any]]:
    with zipfile.ZipFile(THUNDERBIRD / "omni.ja") as ja:
        for name in ja.namelist():
            if re.search(r"(messenger/schemas|extensions/schemas)/[^/]+\.json$", name):
                text = re.sub(r"^\s*//.*$", "", ja.read(name).decode(), flags=re.MULTILINE)
                yield from json.loads(text)


def _apis() -> dict[str, set[str]]:
    """Every function and event of manifest version 3, with the permissions one of which it needs."""
    found: dict[str, set[str]] = {}
    for namespace in _schemas():
        for entry in (*namespace.get("functions", []), *namespace.get("events", [])):
            least = max(entry.get("min_manifest_version", 2), namespace.get("min_manifest_version", 2))
            most = min(entry.get("max_manifest_version", 9), namespace.get("max_manifest_version", 9))
            if least <= 3 <= most and not entry.get("unsupported"):
                needs = {*namespace.get("permissions", []), *entry.get("permissions", [])}
                found.setdefault(f"{namespace['namespace']}.{entry['name']}", set()).update(needs)
    return found


def test_thunderbird_has_every_api_that_is_used() -> None:
    if not (THUNDERBIRD / "omni.ja").exists():
        pytest.skip("thunderbird is not installed: run `make system`")
    apis = _apis()
    asked = {*MANIFEST["permissions"], *(f"manifest:{key}" for key in MANIFEST)}
    used = {
        match[1]
        for source in SOURCES.values()
        for match in re.finditer(r"\bbrowser\.((?:\w+\.)+\w+)", source)
        if not match[1].startswith("storage.local")
    }
    assert len(used) > 20
    for name in used:
        parts = name.split(".")
        known = next(
            (known for n in range(len(parts), 1, -1) if (known := ".".join(parts[:n])) in apis), None
        )
        assert known, f"{name} is none of Thunderbird's"
        assert not apis[known] or apis[known] & asked, f"{name} needs one of {apis[known]}"
