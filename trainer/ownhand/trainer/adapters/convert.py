"""`ownhand-trainer convert`: an adapter's folder in one format -> a new folder in another."""

import os
import shutil
from pathlib import Path
from typing import Any

from ownhand.trainer import manifest
from ownhand.trainer.adapters import gguf, mlx, peft
from ownhand.trainer.adapters.adapter import Adapter
from ownhand.trainer.backends import base_model
from ownhand.trainer.errors import AdapterMismatch, BadJob, NotReady

FORMATS = {"peft": peft.WEIGHTS, "mlx": mlx.WEIGHTS, "gguf": gguf.WEIGHTS}


def convert(source: Path, to: str, out: Path, base: str = "") -> list[str]:
    """Makes the folder `out`, whole or not at all; gives what its user must know."""
    if out.exists():
        raise BadJob(f"{out} exists already; name a folder that does not")
    adapter = read(source)
    config = _base_config(source, base, needed=to == "gguf" or (to == "mlx" and adapter.n_layers is None))
    if adapter.n_layers is None and config:
        adapter = Adapter(adapter.rank, adapter.scale, adapter.pairs, int(config["num_hidden_layers"]))
    partial = out.with_name(out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700, parents=True)
    try:
        notes = _write(partial, to, adapter, config)
        _copy_manifest(source, partial / FORMATS[to])
        os.rename(partial, out)
    except BaseException:
        shutil.rmtree(partial)
        raise
    return notes


def read(folder: Path) -> Adapter:
    """The adapter in a folder of PEFT's or of mlx-lm's."""
    if (folder / peft.WEIGHTS).is_file():
        return peft.read(folder)
    if (folder / mlx.WEIGHTS).is_file():
        return mlx.read(folder)
    if (folder / gguf.WEIGHTS).is_file():
        raise AdapterMismatch(["it is in llama.cpp's format, which cannot be converted back"])
    raise AdapterMismatch([f"its folder has neither {peft.WEIGHTS} nor {mlx.WEIGHTS}"])


def _write(folder: Path, to: str, adapter: Adapter, config: dict[str, Any]) -> list[str]:
    if to == "gguf":
        gguf.write(folder, adapter, config)
        return gguf.notes(adapter, config)
    if to == "mlx":
        mlx.write(folder, adapter)
        if "lm_head" in adapter.pairs:
            return ["the head is adapted: mlx-lm can use that only where it is not tied to the embedding"]
        return []
    peft.write(folder, adapter)
    return []


def _base_config(source: Path, base: str, *, needed: bool) -> dict[str, Any]:
    """The base model's config.json: of the one that was named, or of the one the adapter was made on."""
    named = base or _made_on(source)
    if not named and needed:
        raise NotReady("this conversion needs the base model's config.json; name its folder with --base")
    if not named or not (needed or base):
        return {}
    return base_model.config_of(named)


def _made_on(source: Path) -> str:
    if (source / manifest.MANIFEST).is_file():
        return manifest.read_manifest(source).base_model
    return ""


def _copy_manifest(source: Path, weights: Path) -> None:
    """An adapter of ours stays one: the manifest goes along, last, and tells the new file's hash."""
    if (source / manifest.MANIFEST).is_file():
        made = manifest.read_manifest(source)
        made.weights_hash = manifest.file_hash(weights)
        manifest.write_manifest(weights.parent, made)
