"""A hub on loopback that serves one small repository as huggingface.co does, and fails when told to."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha1, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

REVISION = "5e1fd000" * 5
NAME = "mill/tiny"
_LARGE = (".safetensors", "tokenizer.json")


@dataclass
class Hub:
    """What it serves, what it was asked, and how it fails."""

    files: dict[str, bytes]
    card: Mapping[str, object] = field(default_factory=lambda: {"license": "apache-2.0"})
    gated: bool = False
    token: str = ""  # that opens a gated repository
    cut_after: int = 0  # bytes of a large file, and then it is down
    down: bool = False
    damaged: int = 0  # times that a large file comes with a wrong byte
    endpoint: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)  # file and range

    def facts(self) -> dict[str, object]:
        siblings = [self._sibling(name, content) for name, content in self.files.items()]
        facts = {"_id": "1", "id": NAME, "modelId": NAME, "sha": REVISION, "private": False, "tags": []}
        return facts | {
            "gated": "manual" if self.gated else False,
            "cardData": self.card,
            "siblings": siblings,
        }

    def _sibling(self, name: str, content: bytes) -> dict[str, object]:
        facts: dict[str, object] = {"rfilename": name, "size": len(content)}
        facts["blobId"] = sha1(b"blob %d\0" % len(content) + content).hexdigest()
        if name.endswith(_LARGE):
            digest = sha256(content).hexdigest()
            facts |= {"blobId": "0" * 40, "lfs": {"sha256": digest, "size": len(content), "pointerSize": 130}}
        return facts


@contextmanager
def hub(files: dict[str, bytes]) -> Iterator[Hub]:
    """Serves on a free port until the block ends."""
    served = Hub(files)

    class Handler(_Handler):
        hub = served

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served.endpoint = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path.startswith("/api/models/"):
            self._answer_facts(path.removeprefix("/api/models/"))
        elif path.startswith(f"/{NAME}/resolve/{REVISION}/"):
            self._answer_file(path.rpartition("/")[2])
        else:
            self._refuse(404, "EntryNotFound")

    def _answer_facts(self, name: str) -> None:
        if name.partition("/revision/")[0] != NAME:
            self._refuse(404, "RepoNotFound")
            return
        self._answer(200, json.dumps(self.hub.facts()).encode(), "application/json")

    def _answer_file(self, name: str) -> None:
        hub, asked = self.hub, self.headers.get("Range", "")
        hub.asked.append((name, asked))
        if hub.down:
            self._refuse(503, "")
            return
        if hub.gated and self.headers.get("Authorization") != f"Bearer {hub.token}":
            self._refuse(403 if hub.token else 401, "GatedRepo")
            return
        content = hub.files[name]
        large = name.endswith(".safetensors")
        if large and hub.damaged:
            hub.damaged -= 1
            content = b"X" + content[1:]
        begin = int(asked.removeprefix("bytes=").partition("-")[0]) if asked else 0
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(content) - begin))
        if asked:
            self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if large and hub.cut_after:
            self.wfile.write(content[begin : begin + hub.cut_after])
            self.close_connection = hub.down = True
            return
        self.wfile.write(content[begin:])

    def _refuse(self, status: int, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: tests read the terminal."""
