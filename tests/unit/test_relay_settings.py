"""An account that has a relay, as config.toml says it, and the command that runs it."""

import subprocess
import sys
from pathlib import Path

import pytest
from ownhand.daemon.cli import run
from ownhand.daemon.config import parse_settings
from ownhand.daemon.errors import Invalid

RELAY = {"host": "smtp.example.org"}
ACCOUNT = {"name": "work", "address": "ana@example.org", "password": {"env": "P"}, "relay": RELAY}


def problem(**change: object) -> str:
    with pytest.raises(Invalid) as caught:
        parse_settings({"account": [{**ACCOUNT, **change}]})
    return str(caught.value)


def test_a_relay_needs_little() -> None:
    (account,) = parse_settings({"account": [ACCOUNT]}).account
    assert account.relay is not None
    assert (account.relay.server_port, account.relay.listen, account.relay.tls) == (465, 1587, "implicit")


def test_mistakes_are_told() -> None:
    assert "host or relay, not both" in problem(host="imap.example.org")
    assert "host must name the IMAP server" in problem(relay=None)
    assert "only for a host of this machine" in problem(relay={**RELAY, "tls": "plaintext-loopback"})
    assert "key is of no use" in problem(relay={**RELAY, "key": "key.pem"})
    assert "below 65536" in problem(relay={**RELAY, "listen": 70000})
    assert "did you mean trust?" in problem(relay={**RELAY, "trusts": "x"})


def test_two_relays_have_two_ports() -> None:
    other = {**ACCOUNT, "name": "home"}
    with pytest.raises(Invalid, match="a port of its own"):
        parse_settings({"account": [ACCOUNT, other]})
    assert parse_settings({"account": [ACCOUNT, {**other, "relay": {**RELAY, "listen": 1588}}]})


def test_without_a_relay_the_command_says_what_to_write(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["relay"]) == 1
    assert "write [account.relay] in" in capsys.readouterr().err


@pytest.mark.parametrize(("key", "said"), [("trust", "trust"), ("certificate", "certificate")])
def test_files_that_cannot_be_read_are_named(
    home: Path, capsys: pytest.CaptureFixture[str], key: str, said: str
) -> None:
    (home / "config").mkdir(parents=True)
    (home / "config" / "config.toml").write_text(
        '[[account]]\nname = "work"\naddress = "a@example.org"\npassword = { env = "P" }\n'
        f'[account.relay]\nhost = "smtp.example.org"\nlisten = 0\n{key} = "/nowhere.pem"\n'
    )
    assert run(["relay"]) == 1
    assert said in capsys.readouterr().err


def test_the_daemon_idles_without_aiosmtpd() -> None:
    code = "import sys, ownhand.daemon.app; sys.exit('aiosmtpd' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
