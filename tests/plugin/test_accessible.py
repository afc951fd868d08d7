"""The pages with axe, in light and dark, and with text twice as large."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plugin.world import ROOT, World, until

AXE = ROOT / "plugin/node_modules/axe-core/axe.min.js"


def violations(run: Callable[..., Any]) -> list[str]:
    """What axe finds in a page, as rule: element."""
    if not AXE.exists():
        told = "axe-core is not installed: run `make plugin-tools`"
        pytest.fail(told) if os.environ.get("CI") == "true" else pytest.skip(told)
    # A page of an extension runs no text as code; the driver's sandbox may.
    found = run(
        arguments_of(AXE) + "return axe.run(document, { resultTypes: ['violations'] }).then((told) =>"
        " told.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 200)}`)))"
    )
    return list(found)


def arguments_of(file: Path) -> str:
    return f"if (!window.axe) {{ {file.read_text('utf-8')} }}\n"


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest, world: World) -> str:
    world.tb.js(
        "Services.prefs.setIntPref('ui.systemUsesDarkTheme', arguments[0])", int(request.param == "dark")
    )
    return str(request.param)


@pytest.mark.parametrize("part", ["setup", "rules", "jobs", "privacy"])
def test_the_page(world: World, scheme: str, part: str) -> None:
    world.open_page(part)
    dark = "return matchMedia('(prefers-color-scheme: dark)').matches"
    until(lambda: world.page(dark) == (scheme == "dark"), scheme)
    world.screenshot(f"about-{part}-{scheme}")
    assert violations(world.page) == []


def test_the_panel(world: World, scheme: str) -> None:
    world.compose()
    world.type("some words of my own")
    world.open_panel()
    world.draft()
    world.press("#rules > li .quiet")
    world.screenshot(f"panel-{scheme}")
    assert violations(world.panel) == []


def test_text_twice_as_large_is_not_cut(world: World) -> None:
    world.open_page("rules")
    world.page_shows("Greet with")
    world.page("document.documentElement.style.fontSize = '200%'; return true")
    world.screenshot("about-rules-200")
    wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert world.page(wide) <= 0


def test_all_is_reached_by_keyboard(world: World) -> None:
    world.compose()
    world.open_panel()
    world.draft()
    lost = world.panel(
        "return [...document.querySelectorAll('button, input, textarea, .step')]"
        ".filter((e) => e.checkVisibility() && e.tabIndex < 0).map((e) => e.outerHTML)"
    )
    assert lost == []
    before = world.panel("return document.querySelector('.step[role=checkbox]').getAttribute('aria-checked')")
    world.panel(
        "const e = document.querySelector('.step[role=checkbox]'); e.focus();"
        "e.dispatchEvent(new KeyboardEvent('keydown', { key: ' ', bubbles: true })); return true"
    )
    after = world.panel("return document.querySelector('.step[role=checkbox]').getAttribute('aria-checked')")
    assert (before, after) == ("true", "false")
