"""Passwords from where the person keeps them, and errors that never show one."""

import stat
import sys
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import PasswordDeleteError
from ownhand.daemon.errors import Invalid, NotReady, Reason
from ownhand.daemon.mail.signin import password
from ownhand.daemon.mail.signin.password import keep_in_keyring, password_reader

SECRET = "pässword with spaces "


class MemoryKeyring(KeyringBackend):
    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring has no hints
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        raise PasswordDeleteError


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\nsecond line\n", encoding="utf-8")
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    return path


def failure_of(spec: dict[str, object]) -> NotReady:
    with pytest.raises(NotReady) as caught:
        password_reader(spec, "work")()
    assert SECRET.strip() not in str(caught.value) and caught.value.reason is Reason.LOGIN_FAILED
    assert caught.value.hint
    return caught.value


def test_an_environment_variable_is_read_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    read = password_reader({"env": "MAIL_SECRET"}, "work")
    monkeypatch.setenv("MAIL_SECRET", SECRET)

    assert read() == SECRET


def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAIL_SECRET", raising=False)

    assert "MAIL_SECRET is not set" in failure_of({"env": "MAIL_SECRET"}).message


def test_the_first_line_of_a_file_is_the_password(secret_file: Path) -> None:
    assert password_reader({"file": str(secret_file)}, "work")() == SECRET


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_that_others_can_read_is_refused_with_the_command_that_helps(
    secret_file: Path, mode: int
) -> None:
    secret_file.chmod(mode)

    assert failure_of({"file": str(secret_file)}).hint == f"run: chmod 600 {secret_file}"


@pytest.mark.parametrize(("content", "expected"), [(b"", "is empty"), (b"\xff\xfe\n", "cannot be read")])
def test_a_file_without_a_password_says_so(secret_file: Path, content: bytes, expected: str) -> None:
    secret_file.write_bytes(content)

    assert expected in failure_of({"file": str(secret_file)}).message


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    assert "there is no password file" in failure_of({"file": str(tmp_path / "none")}).message


def test_the_first_line_that_a_command_prints_is_the_password(secret_file: Path) -> None:
    program = f"print(open({str(secret_file)!r}, encoding='utf-8').read())"
    command = [sys.executable, "-X", "utf8", "-c", program]

    assert password_reader({"command": command}, "work")() == SECRET


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ([sys.executable, "-c", f"print({SECRET!r}); raise SystemExit(3)"], "failed (3)"),
        ([sys.executable, "-c", ""], "printed nothing"),
        (["/no/such/program", SECRET], "cannot be run"),
    ],
)
def test_a_command_that_fails_is_told_without_its_arguments_and_output(
    command: list[str], expected: str
) -> None:
    assert expected in failure_of({"command": command}).message


def test_a_command_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password, "_COMMAND_S", 0.2)

    error = failure_of({"command": [sys.executable, "-c", "import time; time.sleep(60)"]})

    assert "took over" in error.message


@pytest.fixture
def memory_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = MemoryKeyring()
    monkeypatch.setattr(keyring, "get_password", kept.get_password)
    monkeypatch.setattr(keyring, "set_password", kept.set_password)


@pytest.mark.usefixtures("memory_keyring")
def test_what_is_kept_in_the_keyring_is_found_there_for_the_same_account() -> None:
    keep_in_keyring("work", SECRET)

    assert password_reader({"keyring": True}, "work")() == SECRET
    assert "no password for this account" in failure_of_other_account()


def failure_of_other_account() -> str:
    with pytest.raises(NotReady) as caught:
        password_reader({"keyring": True}, "home")()
    return caught.value.message


def test_a_machine_without_a_keyring_says_what_else_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_password", NoKeyring().get_password)  # type: ignore[no-untyped-call]

    error = failure_of({"keyring": True})

    assert "no keyring" in error.message and "command" in error.hint


@pytest.mark.parametrize(
    "spec",
    [
        *({}, {"env": ""}, {"env": 3}, {"env": "A", "file": "b"}, {"keyring": False}, {"secret": SECRET}),
        *({"command": "pass mail"}, {"command": []}, {"command": ["a", 1]}),
    ],
)
def test_a_setting_that_is_not_understood_is_refused_before_it_is_used(spec: dict[str, object]) -> None:
    with pytest.raises(Invalid) as caught:
        password_reader(spec, "work")

    assert "password" in caught.value.fields and SECRET not in str(caught.value)
