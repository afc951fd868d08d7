"""Secrets: from a command, the environment, a file; and what is said when there is none."""

import sys
from pathlib import Path

import pytest
from ownhand.daemon.config import Secret
from ownhand.daemon.errors import NotReady
from ownhand.daemon.secret import reveal


def test_a_command_gives_its_first_line() -> None:
    assert reveal(Secret(command=(sys.executable, "-c", "print('one\\ntwo')"))) == "one"


def test_the_environment_gives_a_variable() -> None:
    assert reveal(Secret(env="KEY"), {"KEY": "one"}) == "one"


def test_a_file_gives_its_first_line(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("one\ntwo\n")
    (tmp_path / "key").chmod(0o600)
    assert reveal(Secret(file=str(tmp_path / "key"))) == "one"


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hunter2\n")
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(NotReady, match="chmod 600") as caught:
        reveal(Secret(file=str(tmp_path / "key")))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "secret",
    [
        Secret(command=(sys.executable, "-c", "import sys; print('hunter2'); sys.exit(3)")),
        Secret(command=(sys.executable, "-c", "")),
        Secret(command=("no-such-program-hunter3",)),
        Secret(env="NO_SUCH_VARIABLE"),
        Secret(file="/no/such/file"),
    ],
)
def test_a_missing_secret_says_where_it_was_looked_for(secret: Secret) -> None:
    with pytest.raises(NotReady, match="put it there") as caught:
        reveal(secret, {})
    assert "hunter2" not in str(caught.value)
