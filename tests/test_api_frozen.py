"""The API as text, and what every part of it must have. `make proto` brings api.txt up to date."""

import importlib.util
import re
from pathlib import Path

import pytest

PROTO = Path(__file__).parent.parent / "proto"
FILES = sorted(PROTO.rglob("*.proto"))


def _api_lines() -> list[str]:
    spec = importlib.util.spec_from_file_location("api", PROTO.parent / "scripts" / "api.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lines: list[str] = module.api_lines()
    return lines


def test_the_api_is_what_the_file_says() -> None:
    assert _api_lines() == (PROTO / "api.txt").read_text().splitlines()


def test_no_number_is_used_twice_and_no_line_stands_twice() -> None:
    lines = _api_lines()
    numbered = [re.sub(r"\.\w+ = (\d+).*", r" \1", line) for line in lines if line.startswith("field")]
    assert len(set(numbered)) == len(numbered)
    assert len(set(lines)) == len(lines)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_service_and_every_method_has_a_comment(file: Path) -> None:
    lines = file.read_text().splitlines()
    bare = [
        line
        for before, line in zip(["", *lines], lines, strict=False)
        if re.match(r"\s*(service|rpc) ", line) and not before.strip().startswith("//")
    ]
    assert bare == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_enum_begins_with_unspecified(file: Path) -> None:
    for name, body in re.findall(r"enum (\w+) \{(.*?)\}", file.read_text(), re.DOTALL):
        prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()
        values = re.findall(r"^\s*(\w+) = (\d+);", body, re.MULTILINE)
        assert values[0] == (f"{prefix}_UNSPECIFIED", "0")
        assert all(value.startswith(f"{prefix}_") for value, _ in values)


def test_every_method_has_a_request_and_a_response_of_its_own() -> None:
    methods = [line for line in _api_lines() if line.startswith("rpc")]
    assert len(methods) > 20
    for line in methods:
        name, takes, gives = re.findall(r"\.(\w+)(?=[()])", line.replace("stream ", ""))[:3]
        assert (takes, gives) == (f"{name}Request", f"{name}Response")
