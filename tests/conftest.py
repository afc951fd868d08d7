"""What every test stands on: a home of its own, and one kind of event loop."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from ownhand.daemon import log


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees the configuration, the data or the daemon of the person who runs it."""
    folder = tmp_path / "home"
    monkeypatch.setenv("OWNHAND_HOME", str(folder))
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_LOG", "OPENAI_API_KEY", "OPENAI_LOG"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def fresh_logging() -> Iterator[None]:
    """For tests that set logging up: puts back what was there."""
    level = logging.getLogger().level
    before = {
        name: (logging.getLogger(name).propagate, logging.getLogger(name).handlers) for name in log.SILENCED
    }
    yield
    log.tear_down()
    logging.getLogger().setLevel(level)
    for name, (propagate, handlers) in before.items():
        logging.getLogger(name).propagate, logging.getLogger(name).handlers = propagate, handlers
