"""Accounts into config.toml and out of it: whole or not at all, and not a byte beside them."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ownhand.daemon.config import (
    AccountSettings,
    IdentitySettings,
    OAuthSettings,
    RelaySettings,
    Secret,
    parse_settings,
    read_settings,
)
from ownhand.daemon.errors import Invalid, NotFound, StorageFailed
from ownhand.daemon.settings_file import account_toml, add_account, choose_base, remove_account

KEYRING = Secret(keyring=True)
HAND_WRITTEN = """\
# mine
[model]   # which
kind = "offline"

# The one at work.
[[account]] # first
name = "work"
address = "ana@kiln.example"
host = "imap.kiln.example"
password = { command = [
  "pass", "mail",
] }
[[account.identity]]
address = "[[account]]@kiln.example"

# At home.
[[account]]
name = "home"
address = "ana@home.example"
host = "imap.home.example"
password = { keyring = true }

[learning]
watch = false
"""
HOME = """\
# At home.
[[account]]
name = "home"
address = "ana@home.example"
host = "imap.home.example"
password = { keyring = true }
"""


def account(name: str = "work", **more: object) -> AccountSettings:
    given = {"host": "imap.example.org", "password": KEYRING, **more}
    return AccountSettings(name, "ana@example.org", **given)  # type: ignore[arg-type]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "config.toml"


@pytest.fixture
def written(file: Path) -> Path:
    file.parent.mkdir()
    file.write_text(HAND_WRITTEN)
    return file


@pytest.mark.parametrize(
    "known",
    [
        account(),
        account(display_name='Ana "A" Ölçer \x7f', port=1143, tls="starttls", host="127.0.0.1", sent="Sent"),
        account(tls="verify", host="localhost", tls_pin=f"sha256:{'0' * 64}", user="ana"),
        account(
            password=None, oauth=OAuthSettings("google", "id", Secret(command=("pass", "x")), keep="file")
        ),
        account(password=None, oauth=OAuthSettings(command=("token", "ana"))),
        account(host="", relay=RelaySettings("smtp.example.org", 587, "starttls", listen=1588)),
        account(identity=(IdentitySettings("a@b.example"), IdentitySettings("c@d.example", "C", "club"))),
    ],
    ids=["plain", "odd", "pinned", "oauth", "token command", "relay", "identities"],
)
def test_what_is_written_is_what_is_read(file: Path, known: AccountSettings) -> None:
    add_account(file, known)

    assert read_settings(file, {}).account == (known,)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@given(st.text(min_size=1), st.text())
def test_any_name_and_any_text_come_back(name: str, display_name: str) -> None:
    import tomllib

    known = account(name, display_name=display_name)

    assert parse_settings(tomllib.loads(account_toml(known))).account == (known,)


def test_an_account_that_is_added_stands_below_what_is_there_as_it_was(written: Path) -> None:
    add_account(written, account("third"))

    assert written.read_text().startswith(HAND_WRITTEN + "\n[[account]]\n")
    assert [known.name for known in read_settings(written, {}).account] == ["work", "home", "third"]


def test_added_and_taken_out_the_file_is_as_before(written: Path) -> None:
    add_account(written, account("third", identity=(IdentitySettings("a@b.example"),)))

    remove_account(written, "third")

    assert written.read_text() == HAND_WRITTEN


def test_the_only_account_leaves_an_empty_file(file: Path) -> None:
    add_account(file, account())

    remove_account(file, "work")

    assert file.read_text() == ""


def test_the_only_account_leaves_the_comments(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("# mine\n")
    add_account(file, account())

    remove_account(file, "work")

    assert file.read_text() == "# mine\n"


def test_taking_out_leaves_the_others_with_their_comments(written: Path) -> None:
    remove_account(written, "work")

    text = written.read_text()
    assert text.startswith('# mine\n[model]   # which\nkind = "offline"\n\n# The one at work.\n')
    assert text.endswith(f"\n{HOME}\n[learning]\nwatch = false\n")
    assert [known.name for known in read_settings(written, {}).account] == ["home"]


def test_taking_out_one_in_the_middle_leaves_the_rest_to_the_byte(written: Path) -> None:
    before, _, after = HAND_WRITTEN.partition('[[account]]\nname = "home"')

    remove_account(written, "home")

    assert written.read_text() == before + after[after.index("\n[learning]") :]


def test_ends_of_lines_stay_what_they_are(written: Path) -> None:
    written.write_bytes(HAND_WRITTEN.replace("\n", "\r\n").encode())

    remove_account(written, "home")

    assert b"watch = false\r\n" in written.read_bytes()
    assert b"\n" not in written.read_bytes().replace(b"\r\n", b"")


def test_an_account_whose_voice_another_shares_stays(written: Path) -> None:
    written.write_text(HAND_WRITTEN.replace('name = "home"', 'name = "home"\nvoice = "work"'))
    before = written.read_text()

    with pytest.raises(Invalid, match="voice"):
        remove_account(written, "work")

    assert written.read_text() == before


def test_accounts_in_another_spelling_are_left_to_the_person(file: Path) -> None:
    file.parent.mkdir()
    text = 'account = [{ name = "work", address = "a@b.example", host = "h", password = { keyring = true } }]'
    file.write_text(text)

    with pytest.raises(Invalid, match="by hand"):
        remove_account(file, "work")

    assert file.read_text() == text


def test_accounts_in_another_spelling_are_not_added_to(file: Path) -> None:
    file.parent.mkdir()
    text = 'account = [{ name = "work", address = "a@b.example", host = "h", password = { keyring = true } }]'
    file.write_text(text)

    with pytest.raises(Invalid, match="tables of their own"):
        add_account(file, account("third"))

    assert file.read_text() == text


def test_a_header_inside_a_text_is_not_taken_for_one(file: Path) -> None:
    file.parent.mkdir()
    text = HAND_WRITTEN.replace('name = "work"', 'name = "work"\ndisplay_name = """\n[[account]]\n"""')
    file.write_text(text)

    with pytest.raises(Invalid, match="by hand"):
        remove_account(file, "home")

    assert file.read_text() == text


def test_a_name_that_is_there_is_not_written_again(written: Path) -> None:
    with pytest.raises(Invalid, match="work already"):
        add_account(written, account())

    assert written.read_text() == HAND_WRITTEN


def test_a_name_that_is_not_there_is_told_with_those_that_are(written: Path) -> None:
    with pytest.raises(NotFound, match="work, home"):
        remove_account(written, "office")


def test_what_would_make_the_file_wrong_is_not_written(written: Path) -> None:
    with pytest.raises(Invalid, match="voice"):
        add_account(written, account("third", voice="nobody"))

    assert written.read_text() == HAND_WRITTEN
    assert os.listdir(written.parent) == ["config.toml"]


def test_a_broken_file_is_not_added_to(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("[[account]\n")

    with pytest.raises(Invalid, match="not TOML"):
        add_account(file, account())

    assert file.read_text() == "[[account]\n"


def test_a_link_stays_a_link_and_the_mode_what_it_was(written: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    written.rename(real)
    real.chmod(0o640)
    written.symlink_to(real)

    add_account(written, account("third"))

    assert written.is_symlink() and "third" in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_said(written: Path) -> None:
    written.parent.chmod(0o500)
    with pytest.raises(StorageFailed, match=r"config\.toml cannot be written"):
        add_account(written, account("third"))
    written.parent.chmod(0o700)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '[agent]\nbase = "a/b"\n'),
        ("[model]\n", '[model]\n\n[agent]\nbase = "a/b"\n'),
        ("[model]", '[model]\n\n[agent]\nbase = "a/b"\n'),
        ("[agent] # mine\nthreads = 2\n", '[agent] # mine\nbase = "a/b"\nthreads = 2\n'),
        ("[agent]", '[agent]\nbase = "a/b"\n'),
        ('[agent]\r\nbase = "x" # why\r\n[model]\r\n', '[agent]\r\nbase = "a/b" # why\r\n[model]\r\n'),
        ("[agent]\nthreads=1\nbase='x'\n", '[agent]\nthreads=1\nbase="a/b"\n'),
    ],
)
def test_choosing_a_base_changes_nothing_else(before: str, after: str, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(before.encode())

    choose_base(file, "a/b")

    assert file.read_bytes() == after.encode()


@pytest.mark.parametrize("text", ['agent = { base = "x" }\n', 'agent.base = "x"\n', "agent = 3\n", "[agent"])
def test_a_file_that_only_a_person_can_edit_stays_as_it_is(text: str, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)

    with pytest.raises(Invalid):
        choose_base(file, "a/b")

    assert file.read_text() == text
    assert list(tmp_path.iterdir()) == [file]
