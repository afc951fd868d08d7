"""Where a base model lies and which one it is. Without torch or mlx."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from ownhand.trainer import manifest
from ownhand.trainer.errors import NotReady

EMBEDDED = "embedded"
_EMBEDDED_FOLDER = Path(__file__).parent.parent / "base" / "weights"


def folder_of(base_model: str) -> Path:
    """The folder in Hugging Face's format, if it is whole."""
    folder = _folder(base_model)
    missing = [name for name in ("config.json", "tokenizer.json") if not (folder / name).is_file()]
    if not list(folder.glob("*.safetensors")):
        missing.append("*.safetensors")
    if missing:
        raise NotReady(f"the base model is not whole: its folder has no {', no '.join(missing)}")
    return folder


def hash_of(base_model: str) -> str:
    """SHA-256 of the weights; of the hashes of the parts if there are several."""
    weights = sorted(folder_of(base_model).glob("*.safetensors"))
    if len(weights) == 1:
        return _file_hash(weights[0])
    return manifest.text_hash("".join(map(_file_hash, weights)))


def size_of(base_model: str) -> int:
    """Bytes of the weights on disk."""
    return sum(part.stat().st_size for part in folder_of(base_model).glob("*.safetensors"))


def config_of(base_model: str) -> dict[str, Any]:
    """Its config.json; the weights need not be there."""
    try:
        config = json.loads((_folder(base_model) / "config.json").read_text("utf-8"))
    except (OSError, ValueError) as exc:
        said = f"the base model's config.json cannot be read ({type(exc).__name__})"
        raise NotReady(f"{said}; if its folder was removed, pull it again: ownhand model pull") from exc
    return dict(config)


def _folder(base_model: str) -> Path:
    return _EMBEDDED_FOLDER if base_model == EMBEDDED else Path(base_model)


def _file_hash(path: Path) -> str:
    """Read once in a process, while the file stays as it is: for a base of a hub that takes seconds."""
    told = path.stat()
    return _hash_of_state(path, told.st_size, told.st_mtime_ns)


@cache
def _hash_of_state(path: Path, size: int, mtime_ns: int) -> str:
    return manifest.file_hash(path)
