"""Packs the Thunderbird plugin: the same sources give the same bytes, on any machine and day.

Usage: python scripts/pack.py dist/ownhand.xpi
"""

import sys
import zipfile
from pathlib import Path

EXTENSION = Path(__file__).parent.parent / "plugin" / "extension"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say


def main() -> None:
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    pack(EXTENSION, target)
    print(f"{target}: {target.stat().st_size / 1024:.0f} KiB")


def pack(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w") as xpi:
        for file in sorted(file for file in folder.rglob("*") if file.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # as on Unix, wherever it is made
            # Stored: what deflate makes of it differs from one zlib to another.
            xpi.writestr(entry, file.read_bytes(), zipfile.ZIP_STORED)


if __name__ == "__main__":
    main()
