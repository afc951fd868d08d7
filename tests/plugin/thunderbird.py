"""A real Thunderbird on a display of its own, with a profile and a home of its own, driven by Marionette."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from imap_servers import free_port
from marionette_driver.addons import Addons
from marionette_driver.by import By
from marionette_driver.marionette import Marionette

ADDON = "thunderbird@ownhand"
BINARY = Path("/usr/lib/thunderbird/thunderbird")
_PATIENCE_S = 20.0
T = TypeVar("T")

# Nothing leaves the machine, and nothing pops up.
_QUIET: dict[str, str | int | bool] = {
    "app.donation.eoy.version.viewed": 999,
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "app.update.auto": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "calendar.timezone.local": "UTC",
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "extensions.getAddons.cache.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "extensions.update.enabled": False,
    "intl.locale.requested": "en-US",
    "mail.biff.play_sound": False,
    "mail.biff.show_alert": False,
    "mail.inappnotifications.enabled": False,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.rights.version": 1,
    "mail.shell.checkDefaultClient": False,
    "mail.spam.version": 1,
    "mail.spotlight.firstRunDone": True,
    "mailnews.start_page.enabled": False,
    "mailnews.start_page.override_url": "",
    "mailnews.start_page_override.mstone": "ignore",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.server": "",
    "ui.prefersReducedMotion": 1,
    "xpinstall.signatures.required": False,
    "extensions.autoDisableScopes": 0,
}


def missing() -> str:
    """What the tests with a Thunderbird need and this machine lacks."""
    programs = [name for name in ("Xvfb", "openbox", "node") if not shutil.which(name)]
    return ", ".join([*programs, *([] if BINARY.exists() else ["thunderbird"])])


def until(find: Callable[[], T], what: str, patience_s: float = _PATIENCE_S) -> T:
    """What `find` gives as soon as that is anything; mistakes meanwhile are a page that still loads."""
    deadline = time.monotonic() + patience_s
    last: object = None
    while time.monotonic() < deadline:
        try:
            if found := find():
                return found
            last = found
        except Exception as exc:  # told below
            last = exc
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {patience_s:.0f} s; last {last!r}")


def _listens(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), 1):
        return True


class Display:
    """Xvfb with a window manager."""

    def __init__(self, size: str = "1400x1000x24") -> None:
        reading, writing = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp", "-noreset"],
            pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(writing)
        with os.fdopen(reading) as told:
            self.name = f":{told.readline().strip()}"
        self.manager = subprocess.Popen(
            ["openbox"], env={**os.environ, "DISPLAY": self.name},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def stop(self) -> None:
        for process in (self.manager, self.server):
            process.terminate()
            process.wait(10)


class Thunderbird:
    """The process, and what a person does with it. All scripts run in the browser's own context."""

    def __init__(self, folder: Path, prefs: Mapping[str, str | int | bool], display: str) -> None:
        self.home, self.profile = folder / "home", folder / "profile"
        for one in (self.home, self.profile, folder / "xdg"):
            one.mkdir(mode=0o700, exist_ok=True)
        port = free_port()
        lines = {**_QUIET, **prefs, "marionette.port": port}
        (self.profile / "user.js").write_text(
            "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in lines.items())
        )
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DBUS_", "XDG_", "MOZ_", "WAYLAND", "OWNHAND"))
        }
        environ = {
            **inherited, "HOME": str(self.home), "XDG_RUNTIME_DIR": str(folder / "xdg"), "DISPLAY": display,
            "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "NO_AT_BRIDGE": "1", "MOZ_CRASHREPORTER_DISABLE": "1",
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
        }  # fmt: skip
        self.log = folder / "thunderbird.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(BINARY), "--no-remote", "--new-instance", "--profile", str(self.profile), "--marionette",
                 "--remote-allow-system-access"],
                env=environ, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        until(lambda: _listens(port), "a port of Thunderbird's", 60)
        self.client = Marionette(host="127.0.0.1", port=port)
        self.client.start_session()
        self.client.set_context("chrome")
        self.client.timeout.script = 60
        until(self._main_window, "the main window", 60)

    def _main_window(self) -> bool:
        return bool(
            self.js(
                "const w = Services.wm.getMostRecentWindow('mail:3pane');"
                "return !!w && w.document.readyState == 'complete'"
                " && !!w.document.getElementById('tabmail')?.currentAbout3Pane"
            )
        )

    def stop(self) -> None:
        # A window with unsaved words asks before it closes, and the question holds the end up for ever.
        with contextlib.suppress(Exception):
            self.close_composers()
            self.client._request_in_app_shutdown("eForceQuit")
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    # --- scripts ---------------------------------------------------------------------------------

    def js(self, script: str, *args: object) -> Any:
        return self.client.execute_script(script, script_args=args, sandbox="system", new_sandbox=False)

    def wait_js(self, script: str, *args: object) -> Any:
        """The script may await."""
        body = (
            "const done = arguments[arguments.length - 1]; const given = [...arguments].slice(0, -1);"
            f"(async function () {{ {script} }}).apply(this, given)"
            ".then((value) => done({ value: value ?? null }),"
            " (error) => done({ error: `${error}\\n${error?.stack}` }));"
        )
        told = self.client.execute_async_script(body, script_args=args, sandbox="system", new_sandbox=False)
        if "error" in told:
            raise AssertionError(told["error"])
        return told["value"]

    def inside(self, browser: str, script: str, *args: object) -> Any:
        """Runs a script in the page that a <browser> shows, which is in another process."""
        return self.wait_js(
            f"""
            const [script, args] = arguments;
            const browser = {browser};
            if (!browser) throw new Error("no such page");
            const actor = browser.browsingContext.currentWindowGlobal.getActor("MarionetteCommands");
            const how = {{ timeout: 60000, async: false, sandboxName: null }};
            return await actor.executeScript(script, args, how);
            """,
            script,
            list(args),
        )

    # --- windows ---------------------------------------------------------------------------------

    def windows(self, kind: str) -> list[str]:
        found = []
        for handle in self.client.chrome_window_handles:
            self.client.switch_to_window(handle, focus=False)
            if self.js("return document.documentElement.getAttribute('windowtype')") == kind:
                found.append(handle)
        return found

    def to(self, kind: str) -> str:
        handle = until(lambda: self.windows(kind), f"a window of {kind}")[-1]
        self.client.switch_to_window(handle, focus=True)
        return handle

    def click(self, css: str) -> None:
        self.client.find_element(By.CSS_SELECTOR, css).click()

    def close_composers(self) -> None:
        self.js(
            "for (const w of Services.wm.getEnumerator('msgcompose')) {"
            " w.gContentChanged = false; if (w.gMsgCompose) w.gMsgCompose.bodyModified = false; w.close(); }"
        )
        until(lambda: not self.windows("msgcompose"), "closed windows")
        self.to("mail:3pane")

    def add_login(self, origin: str, user: str, password: str) -> None:
        self.wait_js(
            """
            const [origin, user, password] = arguments;
            const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
            login.init(origin, null, origin, user, password, "", "");
            await Services.logins.addLoginAsync(login);
            """,
            origin, user, password,
        )  # fmt: skip

    def install(self, xpi: Path) -> None:
        assert Addons(self.client).install(str(xpi), temp=True) == ADDON

    # --- the plugin ------------------------------------------------------------------------------

    _EXTENSION = (
        "ChromeUtils.importESModule('resource://gre/modules/ExtensionParent.sys.mjs')"
        f".ExtensionParent.GlobalManager.getExtension('{ADDON}')"
    )

    def background_state(self) -> str:
        return str(self.js(f"return {self._EXTENSION}.backgroundState"))

    def suspend(self) -> None:
        """Ends the event page now, whatever holds it: an open port does, as long as it is open."""
        how = "{ ignoreDevToolsAttached: true, disableResetIdleForTest: true }"
        self.wait_js(f"await {self._EXTENSION}.terminateBackground({how})")

    def in_background(self, script: str, *args: object) -> Any:
        self.wait_js(f"await {self._EXTENSION}.wakeupBackground()")
        page = f"[...{self._EXTENSION}.views].find((view) => view.viewType == 'background').xulBrowser"
        return self.inside(page, script, *args)

    def button(self) -> str:
        return f"#{re.sub(r'[^a-z0-9_-]', '_', ADDON.lower())}-composeAction-toolbarbutton"

    def page_url(self, path: str) -> str:
        return f"moz-extension://{self.js(f'return {self._EXTENSION}.uuid')}/{path}"
