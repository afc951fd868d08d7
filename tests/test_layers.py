"""Who may import whom. The tables here are the rule; ARCHITECTURE explains it."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DAEMON = ROOT / "daemon" / "ownhand" / "daemon"
TRAINER = ROOT / "trainer" / "ownhand" / "trainer"
HOST = ROOT / "plugin" / "host" / "ownhand" / "host"

# Modules that work on text alone and know nobody.
TEXT = {"lexicon", "contractions", "anatomy"}
CORE = {"domain", "errors"} | TEXT

# What each part of the daemon may import of the daemon. A dot narrows it to one module.
MAY = {
    "domain": set(),
    "errors": set(),
    "lexicon": set(),
    "contractions": TEXT,
    "anatomy": TEXT | {"domain"},
    "ports": {"domain", "errors", "mail.mime"},
    "prompts": CORE | {"prompts"},
    # The stages and the writing are given their adapters; of mail they know what a message is.
    "learn": CORE | {"ports", "prompts", "learn", "mail.mime", "mail.words", "mail.never",
              "log.places"},
    "write": CORE | {"ports", "prompts", "learn", "write"},
    # Adapters never import each other, nor what uses them.
    "mail": CORE | {"ports", "mail", "log.places"},
    "store": {"domain", "errors", "store"},
    "model": CORE | {"ports", "prompts", "model"},
    "agents": {"domain", "errors", "ports", "agents"},
    "occasion": {"occasion", "ports"},
    # Services join stages, store and ports; the adapters of the outside are handed to them.
    "services": CORE | {"ports", "prompts", "learn", "write", "store", "services",
                 "log.places", "mail.mime", "mail.never", "mail.compose"},
    "rpc": {"domain", "errors", "log", "rpc"},
    "config": {"config", "errors"},
    "settings_file": {"config", "errors"},
    "paths": {"errors"},
    "log": set(),
    "lock": {"errors"},
    # A client like any other, but for the verbs that run the program or look at texts.
    "cli": {"cli", "access", "bases", "domain", "errors", "paths", "rpc.endpoint", "app", "config", "log",
            "demo", "evaluate", "learn.style", "lexicon", "mail", "nativehost", "settings_file"},
    "bases": {"errors", "bases"},
    "nativehost": {"errors", "paths"},
    # What an account of the configuration is made of; for the composition root, then and later.
    "mailboxes": {"access", "config", "domain", "mail", "paths", "ports", "services", "store"},
    "account_setup": {"access", "config", "domain", "errors", "mail.signin", "mailboxes", "paths",
                      "services.watchers", "settings_file"},
    "access": {"config", "errors", "mail", "paths"},
    "__main__": {"cli"},
    # Runs the whole program on one mailbox after the other.
    "evaluate": CORE | {"evaluate", "app", "config", "paths", "ports", "prompts", "learn"},
    "demo": CORE | {"demo", "cli", "config", "paths", "rpc.endpoint", "learn.style", "learn.dimensions",
                    "mail.mbox", "mail.mime", "mail.words"},
}  # fmt: skip
EVERYTHING = {"app"}  # the composition root

# The one place, or the few, where a library may be imported.
ONLY = {
    "aiosmtpd": ["daemon/mail/relay/"],
    "imapclient": ["daemon/mail/imap/"],
    "anthropic": ["daemon/model/anthropic.py"],
    "openai": ["daemon/model/openai.py"],
    "sqlite3": ["daemon/store/"],
    "pydantic": ["daemon/config/"],
    "platformdirs": ["daemon/paths.py"],
    "keyring": ["daemon/mail/signin/password.py"],
    "click": ["daemon/cli/", "daemon/demo/"],
    "rich": ["daemon/cli/", "daemon/demo/"],
    "oauthlib": ["daemon/mail/signin/oauth.py"],
    "lxml": ["daemon/mail/"],
    "jeepney": ["daemon/occasion/linux.py"],
    "pymap": ["daemon/demo/"],
    "grpc": [
        "daemon/rpc/",
        "daemon/agents/worker.py",
        "daemon/cli/",
        "daemon/demo/",
        "trainer/serve.py",
        "host/",
    ],
    "grpc_health": ["daemon/rpc/server.py", "daemon/cli/", "daemon/demo/", "trainer/serve.py"],
    "grpc_reflection": ["daemon/rpc/server.py"],
    "ownhand.v1": ["daemon/rpc/", "daemon/cli/", "daemon/demo/", "host/"],
    "ownhand.worker": ["daemon/agents/", "daemon/bases/", "trainer/"],
    "torch": ["trainer/"],
    "transformers": ["trainer/"],
    "peft": ["trainer/"],
    "safetensors": ["trainer/"],
    "tokenizers": ["trainer/"],
    "huggingface_hub": ["trainer/fetch.py"],
    "gguf": ["trainer/"],
    "llama_cpp": ["trainer/"],
    "jinja2": ["trainer/"],
    "mlx": ["trainer/"],
    "multiprocessing": [],  # gRPC does not survive a fork
}

# Imported where they are used and never at the top of a module: the daemon idles without them.
LATE = {
    "anthropic",
    "openai",
    "pydantic",
    "keyring",
    "platformdirs",
    "jeepney",
    "torch",
    "transformers",
    "peft",
}


@dataclass(frozen=True)
class Import:
    file: Path
    line: int
    name: str  # as far as it can be told: "ownhand.daemon.mail.mime" or "ownhand.daemon.mail.mime.Message"
    level: int
    top: bool  # runs when the module is imported

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.name}"


def _imports(file: Path) -> Iterator[Import]:
    tree = ast.parse(file.read_text("utf-8"))
    late = {id(node) for outer in ast.walk(tree) if _is_late(outer) for node in ast.walk(outer)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, alias.name, 0, id(node) not in late)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield Import(file, node.lineno, name, node.level, id(node) not in late)


def _is_late(node: ast.AST) -> bool:
    """Whether what stands in it does not run when the module is imported."""
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _python(folder: Path) -> list[Path]:
    return sorted(f for f in folder.rglob("*.py") if not f.name.endswith(("_pb2.py", "_pb2_grpc.py")))


@cache
def _all() -> list[Import]:
    return [
        found for folder in (DAEMON, TRAINER, HOST) for file in _python(folder) for found in _imports(file)
    ]


def _begins(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")


def _part(file: Path) -> str:
    return file.relative_to(DAEMON).parts[0].removesuffix(".py")


def test_there_is_something_to_look_at() -> None:
    assert len(_all()) > 500


def test_every_part_of_the_daemon_stands_in_the_table() -> None:
    parts = {_part(file) for file in _python(DAEMON)} - {"__init__"}
    assert parts <= set(MAY) | EVERYTHING


def test_imports_are_absolute() -> None:
    assert [str(found) for found in _all() if found.level] == []


def test_each_part_imports_only_what_it_may() -> None:
    wrong = []
    for found in _all():
        if not found.file.is_relative_to(DAEMON) or not _begins(found.name, "ownhand.daemon"):
            continue
        part, name = _part(found.file), found.name.removeprefix("ownhand.daemon.")
        if part not in EVERYTHING and not any(_begins(name, allowed) for allowed in MAY[part]):
            wrong.append(str(found))
    assert wrong == []


_FOLDERS = {"daemon": DAEMON, "trainer": TRAINER, "host": HOST}


@pytest.mark.parametrize("library", ONLY)
def test_a_library_has_its_place(library: str) -> None:
    places = tuple(str(_FOLDERS[place.partition("/")[0]].parent / place) for place in ONLY[library])
    found = [f for f in _all() if _begins(f.name, library)]
    assert [str(f) for f in found if not str(f.file).startswith(places)] == []


def test_the_domain_imports_the_standard_library_alone() -> None:
    names = [f.name.partition(".")[0] for f in _all() if f.file == DAEMON / "domain.py"]
    assert set(names) <= set(sys.stdlib_module_names)


def test_heavy_libraries_are_imported_where_they_are_used() -> None:
    heavy = [f for f in _all() if f.top and f.name.partition(".")[0] in LATE]
    assert [str(f) for f in heavy if f.file.is_relative_to(DAEMON)] == []


# What none of them may import of ours.
ABROAD = {
    DAEMON: ["ownhand.trainer", "ownhand.host"],
    TRAINER: ["ownhand.daemon", "ownhand.host", "ownhand.v1"],
    HOST: ["ownhand.daemon", "ownhand.trainer", "ownhand.worker"],
}


def test_daemon_trainer_and_host_meet_in_proto_alone() -> None:
    crossing = [
        str(found)
        for found in _all()
        for folder, abroad in ABROAD.items()
        if found.file.is_relative_to(folder) and any(_begins(found.name, name) for name in abroad)
    ]
    assert crossing == []


def test_the_namespace_has_no_init() -> None:
    """With one, the other roots would not be found."""
    assert list(ROOT.glob("*/ownhand/__init__.py")) + list(ROOT.glob("*/*/ownhand/__init__.py")) == []


def test_generated_code_imports_nothing_of_ours() -> None:
    generated = [f for f in (ROOT / "proto").rglob("*_pb2*.py")]
    wrong = [str(i) for f in generated for i in _imports(f) if _begins(i.name, "ownhand.daemon")]
    assert generated
    assert wrong == []
