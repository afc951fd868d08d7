"""Everything a person has: mail servers, a daemon, a Thunderbird with the plugin, and what they do."""

import contextlib
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import file_keyring
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from imap_servers import PASSWORD, USER, Server, dovecot_server, free_port
from ownhand.daemon import nativehost
from ownhand.daemon.demo.sample import mailbox_file
from ownhand.daemon.mail.mbox import entries
from ownhand.v1 import learning_pb2
from plugin.thunderbird import ADDON, Display, Thunderbird, until
from running import Client, Daemon

ROOT = Path(__file__).parent.parent.parent
PERSON, NAME = "maren.holt@kestrelcycleworks.example", "Maren Holt"
OFFICE = "office@kestrelcycleworks.example"
RUTH = "Ruth Pemberton <ruth.pemberton@kestrelcycleworks.example>"
NOTES = "contract done, ready for legal, can go out tomorrow morning"
POPUP = "document.querySelector('.webextension-popup-panel browser')"


class Sink:
    """A submission server that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.port = free_port()
        self.controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            authenticator=self._authenticate,
            auth_require_tls=False,
        )
        self.controller.start()

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, how: str, given: Any
    ) -> AuthResult:
        known = isinstance(given, LoginPassword) and given.password.decode() == PASSWORD
        return AuthResult(success=known)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.messages.append(envelope.content)
        return "250 taken"

    def stop(self) -> None:
        self.controller.stop()


class World:
    def __init__(self, folder: Path, dovecot: Server, sink: Sink, display: Display, xpi: Path) -> None:
        self.folder, self.imap, self.sink, self.display = folder, dovecot, sink, display
        home = folder / "ownhand"
        self.daemon = Daemon(
            home, "", {**file_keyring.environ(folder / "keyring.json"), "OMP_NUM_THREADS": "1"}
        )
        self.client: Client | None = None
        self.tb = Thunderbird(folder, _prefs(dovecot.port, sink.port), display.name)
        nativehost.install(self.daemon.paths, self.tb.home, self.daemon.environ)
        for origin in ("imap://127.0.0.1", "smtp://127.0.0.1"):
            self.tb.add_login(origin, USER, PASSWORD)
        self.tb.install(xpi)

    # --- the daemon ------------------------------------------------------------------------------

    def start_daemon(self) -> Client:
        self.client = self.daemon.start()
        return self.client

    def stop_daemon(self) -> None:
        if self.client:
            self.client.channel.close()
            self.client = None
        if self.daemon.process:
            self.daemon.stop()

    def attach(self) -> None:
        """A client for a daemon that the plugin started."""
        endpoint = json.loads(self.daemon.paths.endpoint.read_text())
        self.client = Client(endpoint["target"], endpoint.get("token", ""))

    def stop_started_daemon(self) -> None:
        """Ends one that the plugin started; the next test starts its own."""
        status = json.loads(self.daemon.paths.endpoint.read_text())
        os.kill(status["pid"], signal.SIGTERM)
        until(lambda: not self.daemon.paths.endpoint.exists(), "the daemon's end")
        if self.client:
            self.client.channel.close()
            self.client = None

    def learn(self) -> learning_pb2.Job:
        """Waits for the job that runs."""
        assert self.client
        (job,) = self.client.learning.ListJobs(learning_pb2.ListJobsRequest(page_size=1)).jobs
        return self.client.wait(job.id, 600)

    # --- composing -------------------------------------------------------------------------------

    def compose(
        self,
        to: str = RUTH,
        subject: str = "The contract",
        *,
        html: bool = True,
        body: str = "",
        identity: str = PERSON,
    ) -> None:
        """A new mail; the driver is in its window afterwards."""
        self.tb.to("mail:3pane")
        n = len(self.tb.windows("msgcompose"))
        self.tb.to("mail:3pane")
        self.tb.js(
            """
            const [to, subject, body, html, address] = arguments;
            const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
            const made = (what) => Cc[`@mozilla.org/messengercompose/${what};1`].createInstance();
            const fields = made("composefields").QueryInterface(Ci.nsIMsgCompFields);
            [fields.to, fields.subject, fields.body] = [to, subject, body];
            const params = made("composeparams").QueryInterface(Ci.nsIMsgComposeParams);
            params.composeFields = fields;
            params.type = Ci.nsIMsgCompType.New;
            params.format = html ? Ci.nsIMsgCompFormat.HTML : Ci.nsIMsgCompFormat.PlainText;
            params.identity = MailServices.accounts.allIdentities.find((one) => one.email == address);
            MailServices.compose.OpenComposeWindowWithParams(null, params);
            """,
            to, subject, body, html, identity,
        )  # fmt: skip
        until(lambda: len(self.tb.windows("msgcompose")) > n, "the compose window")
        self.ready()

    def answer(
        self, message: EmailMessage, *, how: str = "Reply", html: bool = True, on_top: bool = True
    ) -> None:
        """Answers, or forwards, a mail that comes in now."""
        self.imap.append([message.as_bytes()], "INBOX")
        self.tb.to("mail:3pane")
        self.tb.js(
            "const [html, top] = arguments;"
            "Services.prefs.setBoolPref('mail.identity.id1.compose_html', html);"
            "Services.prefs.setIntPref('mail.identity.id1.reply_on_top', top ? 1 : 0);"
            "Services.prefs.setBoolPref('mail.identity.id1.sig_bottom', !top)",
            html, on_top,
        )  # fmt: skip
        uri = until(lambda: self._found(str(message["Message-ID"])), "the mail in the inbox")
        self.tb.wait_js(
            """
            const [uri, how] = arguments;
            const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
            const header = MailServices.messageServiceFromURI(uri).messageURIToMsgHdr(uri);
            const identity = MailServices.accounts.allIdentities[0];
            const type = Ci.nsIMsgCompType[how];
            const format = Ci.nsIMsgCompFormat.Default;
            MailServices.compose.OpenComposeWindow(
                null, header, uri, type, format, identity, null, window.msgWindow);
            """,
            uri, how,
        )  # fmt: skip
        self.ready()

    def _found(self, message_id: str) -> str:
        return str(
            self.tb.wait_js(
                """
                const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
                const server = MailServices.accounts.accounts[0].incomingServer;
                void server.passwordPromptRequired; // loads the login, without which nothing is asked
                const inbox = server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
                if (!inbox) { server.performExpand(window.msgWindow); return ""; }
                inbox.updateFolder(window.msgWindow);
                for (const header of inbox.messages) {
                    if (`<${header.messageId}>` == arguments[0]) return inbox.getUriForMsg(header);
                }
                return "";
                """,
                message_id,
            )
        )

    def ready(self) -> None:
        until(lambda: self.tb.to("msgcompose"), "the compose window")
        until(
            lambda: self.tb.js("return !!window.composeEditorReady && !!GetCurrentEditor()?.document?.body"),
            "the editor",
        )
        self.tb.js("window.focus(); GetCurrentEditorElement().focus()")

    def editor(self, script: str, *args: object) -> Any:
        """Runs a script with `body` as the editor's document has it."""
        return self.tb.js(
            f"const body = GetCurrentEditor().document.body; const editor = GetCurrentEditor(); {script}",
            *args,
        )

    def type(self, text: str) -> None:
        """As a person types, at the caret."""
        self.editor(
            "arguments[0].split('\\n').forEach((line, n) => {"
            " if (n) editor.insertLineBreak();"
            " if (line) editor.insertText(line); })",
            text,
        )

    @property
    def markup(self) -> str:
        return str(self.editor("return body.innerHTML"))

    @property
    def text(self) -> str:
        return str(self.editor("return body.innerText"))

    # As the mail client marks what is not the person's.
    FOREIGN = (
        ".moz-cite-prefix, blockquote[type=cite], .moz-signature, .moz-forward-container, [_moz_quote=true],"
        " span[style*=pre-wrap]"
    )

    def own_words(self) -> str:
        """What stands in the editor besides quotes and signature."""
        words = (
            "const copy = body.cloneNode(true);"
            "copy.querySelectorAll(arguments[0]).forEach((e) => e.remove());"
            "const frame = body.ownerDocument.createElement('div'); frame.append(...copy.childNodes);"
            "frame.style.cssText = body.style.cssText; body.ownerDocument.documentElement.append(frame);"
            "const text = frame.innerText; frame.remove(); return text.trim()"
        )
        return str(self.editor(words, self.FOREIGN)).replace("\u00a0", " ")

    def own_markup(self) -> str:
        return str(
            self.editor(
                "const copy = body.cloneNode(true);"
                "copy.querySelectorAll(arguments[0]).forEach((e) => e.remove()); return copy.innerHTML",
                self.FOREIGN,
            )
        )

    def quoted(self) -> str:
        """The markup of what is quoted."""
        markup = "return [...body.querySelectorAll(arguments[0])].map((e) => e.outerHTML).join('')"
        return str(self.editor(markup, self.FOREIGN))

    def undo(self) -> None:
        self.editor("editor.undo(1)")

    def send(self) -> bytes:
        """Sends the mail; gives what the server was given."""
        n = len(self.sink.messages)
        self.tb.js("setTimeout(() => goDoCommand('cmd_sendNow'), 0)")
        until(lambda: len(self.sink.messages) > n, "the mail at the server")
        until(lambda: not self.tb.windows("msgcompose"), "the closed window")
        self.tb.to("mail:3pane")
        return self.sink.messages[-1]

    # --- the panel -------------------------------------------------------------------------------

    def open_panel(self) -> None:
        """A focus that moves just then rolls a popup up again, so once more if need be."""
        for tries in range(4):
            self.tb.click(self.tb.button())
            with contextlib.suppress(AssertionError):
                until(
                    lambda: self.panel("return document.documentElement.dataset.ready == 'true'"),
                    "the panel",
                    8,
                )
                return
            assert tries < 3, "the panel does not open"

    def close_panel(self) -> None:
        self.tb.js(f"{POPUP}?.closest('panel').hidePopup()")
        until(lambda: self.tb.js(f"return !{POPUP}"), "the closed panel")

    def panel(self, script: str, *args: object) -> Any:
        return self.tb.inside(POPUP, script, *args)

    def shows(self, css: str, patience_s: float = 20) -> Any:
        """The text of an element of the panel, as soon as it is shown."""
        script = """
            const e = document.querySelector(arguments[0]);
            return e && e.checkVisibility() && e.textContent.trim();
        """
        return until(lambda: self.panel(script, css), f"{css} in the panel", patience_s)

    def press(self, css: str) -> None:
        script = "const e = document.querySelector(arguments[0]); e?.focus(); e?.click(); return !!e"
        until(lambda: self.panel(script, css), f"{css} to press")

    def rules(self) -> list[str]:
        """The rules in the panel, as soon as there are any."""
        script = """
            const rows = document.querySelectorAll("#rules > li[data-rule]");
            return [...rows].map((e) => e.querySelector("label").textContent.trim());
        """
        found: list[str] = until(lambda: self.panel(script), "rules in the panel")
        return found

    def draft(self, notes: str = NOTES, patience_s: float = 60) -> str:
        """Asks for a draft and waits for all of it."""
        self.write_notes(notes)
        self.press("#draft")
        return self.drafted(patience_s)

    def drafted(self, patience_s: float = 60) -> str:
        script = """
            const by = (id) => document.getElementById(id);
            const [draft, taking, stop] = [by("drafts"), by("taking"), by("stop")];
            if (taking.hidden || !stop.hidden || !draft.querySelector(".step")) return "";
            const steps = [...draft.firstChild.querySelectorAll(".step")];
            const put = (step) => [...step.childNodes].filter((node) => node.nodeName != "DEL");
            return steps.flatMap(put).map((node) => node.textContent).join("");
        """
        return str(until(lambda: self.panel(script), "the draft", patience_s))

    def write_notes(self, notes: str) -> None:
        self.panel(
            "const e = document.getElementById('notes'); e.value = arguments[0];"
            "e.dispatchEvent(new Event('input', { bubbles: true })); return true",
            notes,
        )

    def take(self, button: str = "#take") -> None:
        self.press(button)
        self.shows("#taken")

    # --- the page --------------------------------------------------------------------------------

    TAB = "document.getElementById('tabmail').currentTabInfo.browser"

    def open_page(self, part: str) -> None:
        """The page about the person, in a tab of the main window."""
        self.tb.to("mail:3pane")
        self.close_pages()
        self.tb.in_background(
            "return browser.tabs.create({ url: arguments[0] }).then(() => true)", f"about/about.html#{part}"
        )
        self.page_ready(part)

    def page_ready(self, part: str) -> None:
        script = """
            return !!document.querySelector(`[data-part=${arguments[0]}][data-ready]`)
                || !document.getElementById("state").hidden;
        """
        until(lambda: self.page(script, part), f"the page's {part}")

    def page(self, script: str, *args: object) -> Any:
        return self.tb.inside(self.TAB, script, *args)

    def page_shows(self, text: str, patience_s: float = 20) -> None:
        script = "return document.body.innerText.includes(arguments[0])"
        try:
            until(lambda: self.page(script, text), f"{text!r} on the page", patience_s)
        except AssertionError as exc:
            raise AssertionError(f"{exc}\n{self.page('return document.body.innerText')}") from None

    def page_press(self, css: str) -> None:
        script = """
            const e = document.querySelector(arguments[0]);
            if (!e || e.disabled) return false;
            e.focus();
            e.click();
            return true;
        """
        until(lambda: self.page(script, css), f"{css} to press")

    def page_fill(self, css: str, text: str) -> None:
        script = (
            "const e = document.querySelector(arguments[0]); if (!e) return false; e.value = arguments[1];"
            "e.dispatchEvent(new Event('input', { bubbles: true })); return true"
        )
        until(lambda: self.page(script, css, text), f"{css} to fill")

    def close_pages(self) -> None:
        self.tb.js(
            "const tabs = document.getElementById('tabmail');"
            "tabs.closeOtherTabs(tabs.tabInfo[0]); tabs.switchToTab(0)"
        )

    def screenshot(self, name: str) -> None:
        """A picture of the whole display, where somebody wants one."""
        if folder := os.environ.get("SHOTS"):
            import subprocess

            time.sleep(0.4)
            Path(folder).mkdir(parents=True, exist_ok=True)
            subprocess.run(
                ["import", "-window", "root", f"{folder}/{name}.png"],
                env={**os.environ, "DISPLAY": self.display.name}, check=True,
            )  # fmt: skip


def _prefs(imap_port: int, smtp_port: int) -> dict[str, str | int | bool]:
    root = f"imap://{USER.replace('@', '%40')}@127.0.0.1"
    identities = {
        f"mail.identity.{key}.{name}": value
        for key, address in (("id1", PERSON), ("id2", OFFICE))
        for name, value in {
            "fullName": NAME, "useremail": address, "valid": True, "smtpServer": "smtp1",
            "compose_html": True,
            "fcc": True, "fcc_folder": f"{root}/Sent", "fcc_folder_picker_mode": "0",
            "draft_folder": f"{root}/Drafts", "htmlSigText": "Kestrel Cycleworks", "htmlSigFormat": False,
        }.items()
    }  # fmt: skip
    return {
        **identities,
        "mail.accountmanager.accounts": "account1,account2",
        "mail.accountmanager.defaultaccount": "account1",
        "mail.accountmanager.localfoldersserver": "server2",
        "mail.account.account1.server": "server1",
        "mail.account.account1.identities": "id1,id2",
        "mail.account.account2.server": "server2",
        "mail.account.lastKey": 2,
        "mail.server.server1.type": "imap",
        "mail.server.server1.hostname": "127.0.0.1",
        "mail.server.server1.port": imap_port,
        "mail.server.server1.userName": USER,
        "mail.server.server1.name": PERSON,
        "mail.server.server1.socketType": 0,
        "mail.server.server1.authMethod": 3,
        "mail.server.server1.login_at_startup": False,
        "mail.server.server1.check_new_mail": False,
        "mail.server.server1.using_subscription": False,
        "mail.server.server2.type": "none",
        "mail.server.server2.hostname": "Local Folders",
        "mail.server.server2.userName": "nobody",
        "mail.smtpservers": "smtp1",
        "mail.smtp.defaultserver": "smtp1",
        "mail.smtpserver.smtp1.type": "smtp",
        "mail.smtpserver.smtp1.hostname": "127.0.0.1",
        "mail.smtpserver.smtp1.port": smtp_port,
        "mail.smtpserver.smtp1.authMethod": 3,
        "mail.smtpserver.smtp1.try_ssl": 0,
        "mail.smtpserver.smtp1.username": USER,
    }


def mail(
    text: str, *, html: str = "", subject: str = "Frames for the spring order", **headers: str
) -> EmailMessage:
    """A mail to the person."""
    message = EmailMessage()
    message["From"], message["To"] = RUTH, f"{NAME} <{PERSON}>"
    message["Subject"] = subject
    message["Message-ID"] = f"<{time.time_ns()}@kestrelcycleworks.example>"
    message["Date"] = "Mon, 16 Nov 2026 10:00:00 +0000"
    for name, value in headers.items():
        message[name] = value
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


@contextmanager
def opened(xpi: Path) -> Iterator[World]:
    """A world with mail in it, a Thunderbird that runs and a daemon that does not."""
    folder = Path(tempfile.mkdtemp(prefix="tb-", dir="/tmp"))  # short: sockets are in it
    with dovecot_server() as dovecot, contextlib.ExitStack() as ends:
        ends.callback(shutil.rmtree, folder, ignore_errors=True)
        dovecot.append([entry.read() for entry in entries(mailbox_file("maren"))])
        for name in ("INBOX", "Drafts", "Trash"):
            with dovecot.client() as client:
                if not client.folder_exists(name):
                    client.create_folder(name)
        sink = Sink()
        ends.callback(sink.stop)
        display = Display()
        ends.callback(display.stop)
        world = World(folder, dovecot, sink, display, xpi)
        ends.callback(world.stop_daemon)
        ends.callback(world.tb.stop)
        yield world


__all__ = ["ADDON", "NOTES", "OFFICE", "PERSON", "RUTH", "World", "mail", "opened", "until"]
