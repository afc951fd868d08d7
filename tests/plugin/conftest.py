"""One Thunderbird for all tests here: a start costs seconds, and a person has one, too."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from plugin.world import PERSON, World, opened

from plugin import thunderbird

sys.path.append(str(Path(__file__).parent.parent.parent / "scripts"))


@pytest.fixture(scope="session")
def xpi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from pack import EXTENSION, pack

    target = tmp_path_factory.mktemp("xpi") / "ownhand.xpi"
    pack(EXTENSION, target)
    return target


@pytest.fixture(scope="session")
def fresh(xpi: Path) -> Iterator[World]:
    """Nothing is known to anybody yet."""
    if lacking := thunderbird.missing():
        told = f"not installed: {lacking}; run `make system` to test the plugin"
        pytest.fail(told) if os.environ.get("CI") == "true" else pytest.skip(told)
    with opened(xpi) as world:
        yield world


@pytest.fixture(scope="session")
def learned(fresh: World) -> World:
    """The person has been through the first run: the account is known, an agent is trained."""
    fresh.start_daemon()
    fresh.open_page("setup")
    fresh.page_fill(f"[data-address='{PERSON}'] input[type=password]", "correct horse")
    fresh.page_press(f"[data-address='{PERSON}'] button[type=submit]")
    fresh.page_shows("What leaves this machine: nothing")
    fresh.screenshot("first-run")
    fresh.page_press(f"[data-address='{PERSON}'] button.main")
    fresh.page_ready("jobs")
    fresh.page_shows("running")
    fresh.screenshot("learning")
    job = fresh.learn()
    assert job.agent_id, job.message
    fresh.page_shows("done")
    fresh.close_pages()
    return fresh


@pytest.fixture
def world(learned: World) -> Iterator[World]:
    """A daemon that runs and no window that is open."""
    if learned.client is None:
        learned.start_daemon()
    yield learned
    learned.tb.close_composers()
    learned.close_pages()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """What a person would have seen when it went wrong."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]  # pluggy's Result
    world = getattr(item, "funcargs", {}).get("world") or getattr(item, "funcargs", {}).get("fresh")
    if report.failed and world:
        world.screenshot(f"failed-{item.name}")
        console = (
            "return Services.console.getMessageArray().map((one) => one.message || String(one)).slice(-20)"
        )
        report.sections.append(("console", "\n".join(world.tb.js(console))))
