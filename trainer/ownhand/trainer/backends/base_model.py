"""Where a base model lies and which one it is. Without torch or mlx."""

import json
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
        return manifest.file_hash(weights[0])
    return manifest.text_hash("".join(manifest.file_hash(part) for part in weights))


def size_of(base_model: str) -> int:
    """Bytes of the weights on disk."""
    return sum(part.stat().st_size for part in folder_of(base_model).glob("*.safetensors"))


def config_of(base_model: str) -> dict[str, Any]:
    """Its config.json; the weights need not be there."""
    try:
        config = json.loads((_folder(base_model) / "config.json").read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise NotReady(f"the base model's config.json cannot be read ({type(exc).__name__})") from exc
    return dict(config)


def eos_of(base_model: str) -> int:
    """The token that ends a text; what is said for generation goes before."""
    path = _folder(base_model) / "generation_config.json"
    said = json.loads(path.read_text("utf-8")).get("eos_token_id") if path.is_file() else None
    eos = config_of(base_model).get("eos_token_id") if said is None else said
    if eos is None:
        raise NotReady("the base model does not say which token ends a text (eos_token_id)")
    return int(eos[0] if isinstance(eos, list) else eos)


def _folder(base_model: str) -> Path:
    return _EMBEDDED_FOLDER if base_model == EMBEDDED else Path(base_model)
