"""When something is wrong: one sentence, one button, and nothing lost."""

import os
import signal
import subprocess
import time

from plugin.world import NOTES, World, until


def hosts() -> list[str]:
    found = subprocess.run(
        ["pgrep", "-f", "ownhand.host --endpoint"], capture_output=True, text=True, check=False
    )
    return found.stdout.split()


def test_a_stopped_daemon_is_said_and_started(world: World) -> None:
    world.stop_daemon()
    world.compose()
    world.open_panel()
    assert "Ownhand is not running." in world.shows("#state")
    world.screenshot("state-stopped")
    try:
        world.press("#state button")
        assert world.rules()
        assert world.panel("return document.getElementById('state').hidden")
    finally:
        world.stop_started_daemon()


def test_a_daemon_killed_in_mid_draft_is_started_again_and_the_draft_is_written(world: World) -> None:
    world.compose()
    world.open_panel()
    world.rules()
    assert world.daemon.process
    world.daemon.process.send_signal(signal.SIGSTOP)  # in mid-draft, for as long as we like
    world.write_notes(NOTES)
    world.press("#draft")
    world.shows("#stop")
    world.daemon.kill()
    world.shows("#state")
    assert world.panel("return document.getElementById('notes').value") == NOTES
    try:
        world.press("#state button")
        assert "legal" in world.drafted()
    finally:
        world.stop_started_daemon()


def test_a_plugin_suspended_in_mid_draft_goes_on(world: World) -> None:
    world.compose()
    world.open_panel()
    world.rules()
    assert world.daemon.process
    world.daemon.process.send_signal(signal.SIGSTOP)
    try:
        world.write_notes(NOTES)
        world.press("#draft")
        world.shows("#stop")
        world.tb.suspend()
    finally:
        world.daemon.process.send_signal(signal.SIGCONT)
    assert "legal" in world.drafted()


def test_a_host_that_crashes_is_started_anew_and_leaves_nobody_behind(world: World) -> None:
    world.compose()
    world.open_panel()
    world.rules()
    (host,) = hosts()
    os.kill(int(host), signal.SIGKILL)
    until(lambda: host not in hosts(), "the host's end")
    assert "legal" in world.draft()
    assert len(hosts()) == 1


def test_the_host_goes_when_the_plugin_rests(world: World) -> None:
    world.compose()
    world.open_panel()
    world.rules()
    world.close_panel()
    assert len(hosts()) == 1
    world.tb.suspend()
    until(lambda: not hosts(), "the host's end")
    assert world.daemon.process and world.daemon.process.poll() is None  # the daemon stays


def test_an_account_that_is_not_known_is_said(world: World) -> None:
    world.tb.js("Services.prefs.setStringPref('mail.identity.id2.useremail', 'someone@else.example')")
    try:
        world.compose(identity="someone@else.example")
        world.open_panel()
        assert "does not know this account" in world.shows("#state")
        assert world.shows("#state button") == "Accounts…"
    finally:
        world.tb.js(
            "Services.prefs.setStringPref('mail.identity.id2.useremail', 'office@kestrelcycleworks.example')"
        )


def test_an_account_is_switched_off(world: World) -> None:
    world.open_page("setup")
    world.page_press("[data-address] input[name=help]")
    try:
        time.sleep(0.3)
        world.compose()
        until(
            lambda: world.tb.js(f"return document.querySelector('{world.tb.button()}').disabled"), "no button"
        )
    finally:
        world.open_page("setup")
        world.page_press("[data-address] input[name=help]")


def test_nothing_of_a_mail_is_kept_by_the_plugin(world: World) -> None:
    world.compose()
    world.open_panel()
    world.draft()
    kept = world.tb.in_background("return browser.storage.local.get()")
    assert set(kept) <= {"off", "told"} and not any(kept.values())
    said = "\n".join(
        world.tb.js("return Services.console.getMessageArray().map((one) => one.message || String(one))")
    )
    assert "legal" not in said and "ownhand.js" not in said
