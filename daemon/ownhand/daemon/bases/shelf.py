"""The base models on this machine: folders under the cache, or any folder that the person names."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from ownhand.daemon.bases.table import EMBEDDED, Base, Shape, known, shape_of
from ownhand.daemon.errors import Invalid

_MANIFEST = "ownhand.json"  # the trainer writes it last
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_NOTE = "comes with Ownhand; reads facts, not words"
_EMBEDDED = Base(EMBEDDED, Shape(5, 192, 512, 6, 6, 32, 1059), "Apache-2.0", _NOTE)


def is_name(base: str) -> bool:
    """Whether it is a repository of a hub: owner/name."""
    return _NAME.fullmatch(base) is not None and ".." not in base


def folder_of(base: str, models: Path) -> str:
    """What the trainer is told: "embedded", or the folder of a base, whether it is there or not."""
    if base == EMBEDDED:
        return base
    if is_name(base) and not Path(base).expanduser().is_dir():
        return str(models / base.replace("/", "--"))
    return str(Path(base).expanduser().absolute())


def is_here(base: str, models: Path) -> bool:
    """Whether it can be trained on: what was pulled must have come whole."""
    if base == EMBEDDED:
        return True
    folder = Path(folder_of(base, models))
    if folder.parent == models.absolute():
        return (folder / _MANIFEST).is_file()
    return (folder / "config.json").is_file()


def pulled(models: Path) -> Iterator[str]:
    """The names of the bases that came whole."""
    for manifest in sorted(models.glob(f"*/{_MANIFEST}")):
        try:
            name = json.loads(manifest.read_text("utf-8"))["repository"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if isinstance(name, str) and folder_of(name, models) == str(manifest.parent):
            yield name


def describe(base: str, models: Path) -> Base:
    """A base of the table, or one that lies here. Raises Invalid for what cannot be told."""
    if base == EMBEDDED:
        return _EMBEDDED
    if is_name(base) and (listed := known(base)):
        return listed
    folder = Path(folder_of(base, models))
    try:
        shape = shape_of((folder / "config.json").read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        what = (
            "it is not on this machine"
            if is_name(base)
            else "this folder has no config.json that can be read"
        )
        hint = f"fetch it: ownhand model pull {base}" if is_name(base) else "name a folder with a base model"
        raise Invalid(f"{base} cannot be used: {what}", hint=hint, fields={"base": what}) from None
    if shape is None:
        what = "its config.json is not that of a dense language model"
        hint = "choose one of `ownhand model list`"
        raise Invalid(f"{base} cannot be used: {what}", hint=hint, fields={"base": what})
    return Base(base, shape, _licence(folder))


def _licence(folder: Path) -> str:
    try:
        return str(json.loads((folder / _MANIFEST).read_text("utf-8")).get("licence", ""))
    except (OSError, ValueError, AttributeError):
        return ""
