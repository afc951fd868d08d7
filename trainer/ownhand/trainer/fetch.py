"""Fetches one base model from a hub: whole or not at all, taken up where it stopped, checked by its hashes.

The only part of the trainer that uses a network, and only when a person asks for a base by its name.
"""

import errno
import io
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha1, sha256
from pathlib import Path
from typing import Any

from ownhand.trainer.events import Lines
from ownhand.trainer.manifest import write_text
from ownhand.worker.v1 import fetching_pb2 as pb

MANIFEST = "ownhand.json"  # of a folder that is whole
_SPARE_BYTES = 200 * 2**20  # left free on the disk
_EVERY_S = 0.5
_NAMES = frozenset(
    """config.json generation_config.json tokenizer.json tokenizer_config.json special_tokens_map.json
    added_tokens.json chat_template.jinja chat_template.json model.safetensors.index.json""".split()
)


class FetchError(Exception):
    """Why nothing was fetched; `reason` is that of FetchFailed."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Remote:
    """One file as the hub describes it."""

    name: str
    size: int
    sha256: str  # of large files
    blob: str  # git's hash, of the others


@dataclass(frozen=True, slots=True)
class Hub:
    """One commit of one repository."""

    repository: str
    revision: str
    licence: str
    gated: bool
    files: tuple[Remote, ...]

    def read(self, file: Remote, into: Any, *, already: int = 0) -> None:
        """Appends what is missing of a file."""
        from huggingface_hub import hf_hub_url
        from huggingface_hub.file_download import http_get
        from huggingface_hub.utils import build_hf_headers

        url = hf_hub_url(self.repository, file.name, revision=self.revision)
        http_get(url, into, resume_size=already, headers=build_hf_headers(), expected_size=file.size)


def fetch(repository: str, folder: Path, *, look_only: bool = False) -> int:
    """Exit status: 0 when the folder is there, 1 when an event says why not."""
    events = Lines()
    try:
        _fetch(repository, folder, events, look_only)
        return 0
    except Exception as exc:
        failed = _explained(exc, repository)
        events.write(pb.FetchEvent(failed=pb.FetchFailed(reason=failed.reason, message=str(failed))))
        return 1


def _fetch(repository: str, folder: Path, events: Lines, look_only: bool) -> None:
    hub = _look(repository)
    partial = folder.with_name(f"{folder.name}.{hub.revision[:12]}.partial")
    left = sum(file.size - _size(partial / file.name) for file in hub.files)
    events.write(pb.FetchEvent(found=_found(hub, left)))
    if look_only:
        return
    _check_disk(folder.parent, left)
    partial.mkdir(mode=0o700, parents=True, exist_ok=True)
    told = _Told(left, events)
    for file in sorted(hub.files, key=lambda file: file.size):  # what is refused is refused early
        _get(hub, file, partial / file.name, told)
    _finish(hub, partial, folder)
    events.write(pb.FetchEvent(finished=pb.FetchFinished()))


def _look(repository: str) -> Hub:
    from huggingface_hub import HfApi

    info = HfApi().model_info(repository, files_metadata=True)
    files = tuple(_remote(sibling) for sibling in info.siblings or () if _wanted(sibling.rfilename))
    names = [file.name for file in files]
    lacking = [name for name in ("config.json", "tokenizer.json") if name not in names]
    if not any(name.endswith(".safetensors") for name in names):
        lacking.append("*.safetensors")
    if lacking:
        said = f"{repository} has no {', no '.join(lacking)}: it cannot be a base model here"
        raise FetchError("UNFIT", said)
    licence = str((info.card_data or {}).get("license_name") or (info.card_data or {}).get("license") or "")
    return Hub(repository, str(info.sha), licence, bool(info.gated), files)


def _wanted(name: str) -> bool:
    """Weights as safetensors, and what reads them; nothing of folders, which hold other formats."""
    return name in _NAMES or ("/" not in name and name.endswith(".safetensors"))


def _remote(sibling: Any) -> Remote:
    large = sibling.lfs.sha256 if sibling.lfs else ""
    return Remote(sibling.rfilename, sibling.size or 0, large, sibling.blob_id or "")


def _found(hub: Hub, left: int) -> pb.FetchFound:
    from huggingface_hub import constants

    config = io.BytesIO()
    hub.read(next(file for file in hub.files if file.name == "config.json"), config)
    return pb.FetchFound(
        repository=hub.repository,
        revision=hub.revision,
        source=constants.ENDPOINT,
        licence=hub.licence,
        gated=hub.gated,
        n_files=len(hub.files),
        bytes=sum(file.size for file in hub.files),
        bytes_left=left,
        config=config.getvalue().decode("utf-8", "replace"),
    )


def _check_disk(folder: Path, left: int) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < left + _SPARE_BYTES:
        said = f"{left / 1e9:.1f} GB are still to come and the disk has {free / 1e9:.1f} GB free"
        raise FetchError("DISK_FULL", said)


# --- one file ------------------------------------------------------------------------------------


def _get(hub: Hub, file: Remote, path: Path, told: "_Told") -> None:
    """A damaged file is fetched once more, from its beginning."""
    for last_try in (False, True):
        if not path.exists() or _size(path) != file.size:
            if _size(path) > file.size:
                path.unlink()
            with _Counted(path, told.came) as out:
                hub.read(file, out, already=_size(path))
                os.fsync(out.fileno())
        if _is_whole(file, path):
            return
        told.came(-_size(path))
        path.unlink()
        if last_try:
            said = f"{file.name} is not what the hub says it is, twice: what came has another hash"
            raise FetchError("DAMAGED", said)


def _is_whole(file: Remote, path: Path) -> bool:
    """By SHA-256, or git's hash of a blob, whichever the hub gives; by its size where it gives none."""
    if not file.sha256 and not file.blob:
        return _size(path) == file.size
    digest = sha256() if file.sha256 else sha1(b"blob %d\0" % _size(path))
    with path.open("rb") as pieces:
        while piece := pieces.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest() == (file.sha256 or file.blob)


def _finish(hub: Hub, partial: Path, folder: Path) -> None:
    """The manifest last, then the final name: a folder under that name is whole."""
    made = {"repository": hub.repository, "revision": hub.revision, "licence": hub.licence}
    write_text(
        partial / MANIFEST, json.dumps(made | {"files": {f.name: f.size for f in hub.files}}, indent=1)
    )
    if folder.exists():
        shutil.rmtree(folder)
    os.rename(partial, folder)
    for older in folder.parent.glob(f"{folder.name}.*.partial"):
        shutil.rmtree(older, ignore_errors=True)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


class _Counted(io.FileIO):
    """A file that says how much is written to it."""

    def __init__(self, path: Path, came: Callable[[int], None]) -> None:
        super().__init__(path, "a")
        self._came = came

    def write(self, data: Any) -> int:
        left = memoryview(data)
        while left:
            left = left[super().write(left) :]
        self._came(len(data))
        return len(data)


class _Told:
    """Says what is left, now and then."""

    def __init__(self, left: int, events: Lines) -> None:
        self._left, self._events, self._last = left, events, 0.0

    def came(self, number: int) -> None:
        self._left -= number
        if time.monotonic() - self._last > _EVERY_S or self._left <= 0:
            self._last = time.monotonic()
            self._events.write(pb.FetchEvent(progress=pb.FetchProgress(bytes_left=max(0, self._left))))


# --- what can go wrong ---------------------------------------------------------------------------


def _explained(exc: Exception, repository: str) -> FetchError:
    if isinstance(exc, FetchError):
        return exc
    if isinstance(exc, ImportError):
        return FetchError("NOT_READY", "huggingface_hub must be installed: pip install 'ownhand[torch]'")
    if isinstance(exc, OSError) and exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return FetchError("DISK_FULL", "the disk is full; what has come is kept")
    names = {kind.__name__ for kind in type(exc).__mro__}
    for wanted, reason, said in _FAULTS:
        if names & set(wanted):
            return FetchError(reason, said.format(repository))
    status = getattr(getattr(exc, "response", None), "status_code", None)
    if status is not None:
        said = f"the hub answered with status {status}"
        return FetchError("GATED" if status in (401, 403) else "UNREACHABLE", said)
    print(type(exc).__name__, file=sys.stderr)
    return FetchError("INTERNAL", f"fetching stopped with {type(exc).__name__}")


# Classes of huggingface_hub and its HTTP library by name: the most special first.
_FAULTS: Sequence[tuple[Sequence[str], str, str]] = (
    (("GatedRepoError",), "GATED", "the owner of {} gives it only to those who asked for it"),
    (("RepositoryNotFoundError",), "UNKNOWN", "the hub has no {}, or it is private"),
    (("HFValidationError",), "UNKNOWN", "{} is no name of a repository: it is like owner/name"),
    (("RevisionNotFoundError", "EntryNotFoundError"), "UNKNOWN", "{} changed while it was fetched"),
    (("OfflineModeIsEnabled",), "UNREACHABLE", "HF_HUB_OFFLINE forbids it"),
    (("TransportError", "ConnectionError", "TimeoutError"), "UNREACHABLE", "the hub cannot be reached"),
)
