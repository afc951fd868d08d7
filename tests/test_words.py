"""One word per thing: the tempting wrong ones are in no file."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Where it is a role in what a model is sent.
ROLES = ["daemon/ownhand/daemon/model/", "trainer/ownhand/trainer/backends/chat.py"]
# Wrong word, as a pattern -> the right one, and where the wrong one is somebody else's word.
WRONG = {
    r"ground[ _-]?truth": ("original", []),
    r"\bLLMs?\b": ("large model", []),
    r"\bfine[ _-]?tun\w*": ("train", ["trainer/ownhand/trainer/adapters/mlx.py"]),  # mlx-lm's word
    r"\bhyper[ _-]?param\w*": ("rank, alpha, learning rate", []),
    r"\bguidelines?\b": ("preference rule", []),
    r"\bbaselines?\b": ("zero-shot draft", []),
    r"\bsuggestions?\b": ("draft", []),
    r"\bchat ?bots?\b": ("preference agent", []),
    r"\bpersonas?\b": ("preference agent", []),
    r"\bassistants?\b": ("preference agent", ROLES),
    r"\bpersonali[sz]\w*": ("steer", []),
    r"\bbackbone\b": ("base model", []),
    r"\bfeedback\b": ("outcome", []),
    r"\bdata ?points?\b": ("example", []),
    r"\bdatasets?\b": ("training set", ["trainer/ownhand/trainer/"]),  # of token sequences
    r"\blora_alpha\b": ("alpha", ["trainer/ownhand/trainer/"]),  # peft's word
    r"\bsummari[sz]\w*": ("distil", []),
    r"\bfew[ _]shot\b": ("examples of style", []),
}  # fmt: skip

SUFFIXES = {".py", ".proto", ".md", ".toml"}
# Word lists of how people write, and invented mail, are not our prose.
OTHERS_WORDS = (
    "daemon/ownhand/daemon/lexicon.py",
    "daemon/ownhand/daemon/demo/sample/",
    "trainer/ownhand/trainer/base/",
)
FILES = [
    file
    for folder in ("daemon", "trainer", "proto", "scripts", "docs", ".")
    for file in sorted((ROOT / folder).glob("*.*" if folder == "." else "**/*.*"))
    if file.suffix in SUFFIXES and "_pb2" not in file.name
]


def _lines_with(pattern: str, elsewhere: list[str]) -> list[str]:
    found = []
    for file in FILES:
        name = file.relative_to(ROOT).as_posix()
        if name.startswith((*OTHERS_WORDS, *elsewhere)):
            continue
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            if re.search(pattern, line, re.IGNORECASE):
                found.append(f"{name}:{number}")
    return found


def test_there_is_something_to_look_at() -> None:
    assert len(FILES) > 60


@pytest.mark.parametrize("pattern", WRONG)
def test_a_thing_has_one_word(pattern: str) -> None:
    right, elsewhere = WRONG[pattern]
    assert _lines_with(pattern, elsewhere) == [], f"say: {right}"
