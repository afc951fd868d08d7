"""The manual is what the commands say of themselves."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_manual_is_up_to_date() -> None:
    printed = subprocess.run(
        [sys.executable, "scripts/manual.py"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    assert printed == (ROOT / "docs" / "manual.md").read_text(), "python scripts/manual.py > docs/manual.md"
