"""What the host reads in the settings of a mail client."""

from pathlib import Path

import pytest
from ownhand.host import clients

PREFS = r"""// Mozilla User Preferences
user_pref("mail.accountmanager.accounts", "account1,account2,account3,account4");
user_pref("mail.account.account1.server", "server1");
user_pref("mail.account.account1.identities", "id1,id2");
user_pref("mail.account.account2.server", "server2");
user_pref("mail.account.account3.server", "server3");
user_pref("mail.account.account3.identities", "id3");
user_pref("mail.account.account4.server", "server4");
user_pref("mail.account.account4.identities", "id4");
user_pref("mail.server.server1.type", "imap");
user_pref("mail.server.server1.hostname", "imap.example.org");
user_pref("mail.server.server1.port", 993);
user_pref("mail.server.server1.socketType", 3);
user_pref("mail.server.server1.userName", "mara");
user_pref("mail.server.server2.type", "none");
user_pref("mail.server.server3.type", "pop3");
user_pref("mail.server.server3.hostname", "pop.example.com");
user_pref("mail.server.server4.type", "imap");
user_pref("mail.server.server4.hostname", "imap.example.net");
user_pref("mail.server.server4.socketType", 2);
user_pref("mail.server.server4.authMethod", 10);
user_pref("mail.identity.id1.useremail", "mara@example.org");
user_pref("mail.identity.id1.fullName", "Mara \"M\" K\u00f6nig");
user_pref("mail.identity.id1.fcc_folder", "imap://mara@imap.example.org/Sent%20Mail/2026");
user_pref("mail.identity.id1.fcc_folder_picker_mode", "1");
user_pref("mail.identity.id2.useremail", "office@example.org");
user_pref("mail.identity.id3.useremail", "mara@example.com");
user_pref("mail.identity.id4.useremail", "mara@example.net");
user_pref("broken", not json);
"""


@pytest.fixture
def person(tmp_path: Path) -> Path:
    profile = tmp_path / ".thunderbird" / "abc.default"
    profile.mkdir(parents=True)
    (profile / "prefs.js").write_text(PREFS, "utf-8")
    (tmp_path / ".thunderbird" / "profiles.ini").write_text(
        "[Profile0]\nName=default\nIsRelative=1\nPath=abc.default\nDefault=1\n", "utf-8"
    )
    return tmp_path


def test_an_account_comes_with_all_that_the_daemon_needs(person: Path) -> None:
    first, *_ = clients.accounts(person)
    assert first == {
        "key": "account1",
        "kind": "imap",
        "address": "mara@example.org",
        "display_name": 'Mara "M" König',
        "host": "imap.example.org",
        "port": 993,
        "security": "SERVER_SECURITY_TLS",
        "user": "mara",
        "oauth": False,
        "sent_folder": "Sent Mail/2026",
        "identities": [{"address": "office@example.org", "display_name": ""}],
    }


def test_accounts_without_a_server_are_left_out_and_others_say_what_they_are(person: Path) -> None:
    found = {account["address"]: account for account in clients.accounts(person)}
    assert list(found) == ["mara@example.org", "mara@example.com", "mara@example.net"]
    assert found["mara@example.com"]["kind"] == "pop3"
    assert found["mara@example.net"]["oauth"] is True
    assert found["mara@example.net"]["security"] == "SERVER_SECURITY_STARTTLS"
    assert found["mara@example.net"]["sent_folder"] == ""  # the account's own: the daemon finds it


def test_user_js_has_the_last_word(person: Path) -> None:
    (person / ".thunderbird/abc.default/user.js").write_text('user_pref("mail.server.server1.port", 143);\n')
    assert clients.accounts(person)[0]["port"] == 143


def test_no_client_is_no_account(tmp_path: Path) -> None:
    assert clients.accounts(tmp_path) == []


def test_the_running_client_says_which_profile_it_uses(tmp_path: Path, person: Path) -> None:
    import subprocess
    import sys

    other = tmp_path / "other"
    other.mkdir()
    (other / "prefs.js").write_text(PREFS.replace("example.org", "example.edu"), "utf-8")
    asleep = "import sys; print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", asleep, "--profile", str(other)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as client:
        assert client.stdout and client.stdout.readline()  # its command line is in place once it runs
        assert clients.accounts(person, client.pid)[0]["address"] == "mara@example.edu"
        client.communicate()
