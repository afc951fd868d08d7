"""`ownhand draft --save`: from notes and a mail to an answer in the Drafts folder."""

import json
import subprocess
import sys
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from imap_servers import dovecot_server
from ownhand.v1 import learning_pb2
from running import daemon
from watched import ENVIRON, config, learn, mail

ASKED = (
    b"From: Sam Hale <sam@shop.example>\r\nTo: Mara <mara@club.example>\r\nCc: eva@shop.example\r\n"
    b"Subject: AW: Lot 12\r\nDate: Tue, 3 Mar 2026 08:00:00 +0000\r\nMessage-ID: <q@shop.example>\r\n"
    b"References: <p@shop.example>\r\n\r\nHi Mara, is lot 12 packed?\r\n"
)


def test_an_answer_stands_in_the_drafts_folder_and_nothing_is_sent(tmp_path: Path) -> None:
    question = tmp_path / "question.eml"
    question.write_bytes(ASKED)
    with dovecot_server() as server:
        server.append([mail(n) for n in range(8)])
        with server.client() as other:
            other.create_folder("Drafts")
        identity = '\n[[account.identity]]\naddress = "mara@club.example"\n\n[agent]'
        settings = config(server, watch=False).replace("\n[agent]", identity)
        with daemon(tmp_path / "home", settings, ENVIRON) as (running, client):
            learn(client, learning_pb2.STAGE_VERIFY)

            done = subprocess.run(
                [sys.executable, "-m", "ownhand.daemon", "draft", "--save", "--all", "--json",
                 "--reply-to", str(question)],
                input="- lot 12 goes out tomorrow", text=True, capture_output=True, timeout=120,
                env=running.environ, check=False,
            )  # fmt: skip

            assert done.returncode == 0, done.stderr
            told = json.loads(done.stdout)
        with server.client() as other:
            other.select_folder("Drafts", readonly=True)
            [(uid, found)] = other.fetch(other.search(), ["BODY.PEEK[]"]).items()
            assert other.folder_status("Sent", ["MESSAGES"])[b"MESSAGES"] == 8

    saved = message_from_bytes(found[b"BODY[]"], policy=default)
    where = {"folder": "Drafts", "message_id": saved["Message-ID"], "uid": uid, "saved_before": False}
    assert told["saved"] == where
    assert saved["From"].addresses[0].addr_spec == "mara@club.example"
    assert (saved["To"], saved["Cc"]) == ("Sam Hale <sam@shop.example>", "eva@shop.example")
    assert saved["Subject"] == "Re: Lot 12"
    assert saved["References"] == "<p@shop.example> <q@shop.example>"
    text = saved.get_content().replace("\r\n", "\n")
    assert text.startswith(told["text"].strip())
    assert "tomorrow" in told["text"] and text.endswith("> Hi Mara, is lot 12 packed?\n")
