"""The settings: what a file may say, and how its mistakes are told."""

from pathlib import Path

import pytest
from ownhand.daemon.config import IdentitySettings, Secret, Settings, parse_settings, read_settings
from ownhand.daemon.errors import Invalid
from ownhand.daemon.mail.signin.password import password_reader

WHOLE = """
[[account]]
name = "work"
address = "ana@example.org"
display_name = "Ana"
host = "imap.example.org"
port = 993
tls = "verify"
user = "ana"
password = { command = ["pass", "mail/work"] }
sent = "auto"
poll_s = 120
newest = 5000

[[account.identity]]
address = "ana@club.example"
display_name = "Ana P."
voice = "club"

[[account]]
name = "private"
address = "ana@home.example"
host = "imap.home.example"
password = { keyring = true }
voice = "work"

[model]
kind = "openai"
name = "some-model"
base_url = "http://127.0.0.1:11434/v1"
api_key = { env = "KEY" }
monthly_limit_usd = 5
pseudonyms = true
batch = true

[agent]
base = "embedded"
backend = "auto"
max_steps = 100
threads = 2
idle_s = 60

[learning]
min_mails = 20
new_mails = 25
max_age_days = 14
min_interval_hours = 24
intents = 3
contrast = false
watch = true
read_answered = false

[server]
listen = "unix"

[trainer]
python = "/opt/trainer/bin/python"
"""

ACCOUNT = {
    "name": "work",
    "address": "ana@example.org",
    "host": "imap.example.org",
    "password": {"env": "PASSWORD"},
}
TOKENS: dict[str, object] = {"provider": "google", "client_id": "id"}
PIN = f"sha256:{'0f' * 32}"
LOCAL = {**ACCOUNT, "host": "127.0.0.1"}
OWN_URLS = {"client_id": "id", "token_url": "https://login.example.org/token"}


def without(*keys: str) -> dict[str, object]:
    return {key: value for key, value in ACCOUNT.items() if key not in keys}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def _problems(table: dict[str, object]) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        parse_settings(table)
    return caught.value.fields


def test_without_a_file_there_are_defaults(file: Path) -> None:
    settings = read_settings(file, {})
    assert settings == Settings()
    assert (settings.model.kind, settings.learning.min_mails, settings.server.listen) == (
        "offline",
        20,
        "unix",
    )


def test_a_file_may_say_everything(file: Path) -> None:
    file.write_text(WHOLE)
    settings = read_settings(file, {})
    account, private = settings.account
    assert account.password == Secret(command=("pass", "mail/work"))
    assert (account.login, account.server_port, account.poll_s, account.newest) == ("ana", 993, 120.0, 5000)
    assert account.identity == (IdentitySettings("ana@club.example", "Ana P.", "club"),)
    assert private.voice == "work"
    assert not settings.learning.read_answered
    assert settings.model.monthly_limit_usd == 5.0
    assert settings.trainer.python == "/opt/trainer/bin/python"


@pytest.mark.parametrize(
    "spec", [{"command": ["pass", "x"]}, {"env": "P"}, {"file": "/p"}, {"keyring": True}]
)
def test_a_secret_may_be_kept_in_four_places(spec: dict[str, object]) -> None:
    [account] = parse_settings({"account": [{**ACCOUNT, "password": spec}]}).account
    assert account.password.spec == spec
    password_reader(account.password.spec, account.name)  # is understood


def test_what_is_left_out_of_an_account_follows_from_the_rest() -> None:
    [account] = parse_settings({"account": [ACCOUNT]}).account
    assert (account.login, account.server_port) == ("ana@example.org", 993)
    plain = {**ACCOUNT, "host": "127.0.0.1", "tls": "plaintext-loopback"}
    assert parse_settings({"account": [plain]}).account[0].server_port == 143


def test_all_mistakes_are_told_at_once_with_the_nearest_key() -> None:
    problems = _problems(
        {
            "account": [{"name": "work", "adress": "ana@example.org", "host": 3, "password": {"env": "P"}}],
            "lerning": {},
            "learning": {"min_mail": 3, "watch": "yes"},
            "model": {"kind": "gpt"},
        }
    )
    assert problems == {
        "account.work.adress": "no such key; did you mean address?",
        "account.work.address": "is missing",
        "account.work.host": "must be a valid string",
        "lerning": "no such key; did you mean learning?",
        "learning.min_mail": "no such key; did you mean min_mails?",
        "learning.watch": "must be a valid boolean",
        "model.kind": "must be 'offline', 'anthropic' or 'openai'",
    }


def test_the_message_names_the_file_and_every_key(file: Path) -> None:
    file.write_text("[model]\nkinde = 'offline'\nnam = 'x'\n")
    with pytest.raises(Invalid) as caught:
        read_settings(file, {})
    for word in ("config.toml", "2 mistakes", "model.kinde", "kind?", "model.nam", "name?"):
        assert word in str(caught.value)


def test_a_key_unlike_any_other_is_told_which_there_are() -> None:
    assert _problems({"server": {"zzz": 1}}) == {"server.zzz": "no such key; there are listen"}


def test_an_account_in_single_brackets_is_told_about_the_second_pair() -> None:
    assert "[[account]]" in _problems({"account": ACCOUNT})["account"]


def test_a_password_in_the_file_is_refused_and_never_shown(file: Path) -> None:
    file.write_text(WHOLE.replace('{ command = ["pass", "mail/work"] }', '"hunter2"'))
    with pytest.raises(Invalid) as caught:
        read_settings(file, {})
    assert "command" in caught.value.fields["account.work.password"]
    assert "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None  # pydantic's error quotes its input


@pytest.mark.parametrize("line", ["password = hunter2", 'password = "hunter2', "hunter2", '"hunter2" = {'])
def test_a_broken_file_is_told_its_line_and_nothing_of_its_text(file: Path, line: str) -> None:
    file.write_text(f"[model]\n{line}\n")
    with pytest.raises(Invalid, match="line 2") as caught:
        read_settings(file, {})
    assert "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None  # tomllib's error has the whole text


def test_a_file_that_is_no_text_is_an_error_too(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Invalid, match="cannot be read"):
        read_settings(file, {})


@pytest.mark.parametrize(
    ("table", "key", "word"),
    [
        (
            {"account": [{**ACCOUNT, "password": {"env": "A", "file": "b"}}]},
            "account.work.password",
            "exactly one",
        ),
        ({"account": [{**ACCOUNT, "password": {}}]}, "account.work.password", "exactly one"),
        ({"account": [{**ACCOUNT, "address": "ana"}]}, "account.work", "mail address"),
        ({"account": [{**ACCOUNT, "port": 70000}]}, "account.work", "65536"),
        ({"account": [{**ACCOUNT, "poll_s": 0}]}, "account.work", "poll_s"),
        ({"account": [{**ACCOUNT, "tls": "plaintext-loopback"}]}, "account.work", "this machine"),
        ({"account": [{**ACCOUNT, "name": ""}]}, "account.1", "empty"),
        ({"account": [{**ACCOUNT, "newest": -1}]}, "account.work", "newest"),
        ({"account": [{**ACCOUNT, "oauth": TOKENS}]}, "account.work", "not both"),
        ({"account": [without("password")]}, "account.work", "say how to sign in"),
        ({"account": [{**ACCOUNT, "tls_pin": PIN}]}, "account.work", "this machine"),
        ({"account": [{**LOCAL, "tls_pin": PIN[:-1]}]}, "account.work", "64 small"),
        ({"account": [{**LOCAL, "tls_pin": PIN.upper()}]}, "account.work", "64 small"),
        ({"account": [{**LOCAL, "tls_pin": PIN, "tls": "plaintext-loopback"}]}, "account.work", "no use"),
        ({"account": [{**ACCOUNT, "tls": "none"}]}, "account.work.tls", "'verify', 'starttls' or"),
        ({"account": [{**ACCOUNT, "voice": "wrok"}]}, "the file", "voice of work"),
        ({"account": [ACCOUNT, ACCOUNT]}, "the file", "name of its own"),
        ({"model": {"kind": "anthropic"}}, "model", "which model"),
        ({"model": {"kind": "openai", "name": "m"}}, "model", "base_url"),
        ({"model": {"base_url": "ftp://x"}}, "model", "http"),
        ({"model": {"monthly_limit_usd": -1}}, "model", "below 0"),
        ({"learning": {"min_mails": 0}}, "learning", "at least 1"),
        ({"learning": {"max_age_days": -1}}, "learning", "below 0"),
        ({"agent": {"threads": -1}}, "agent", "below 0"),
        ({"server": 3}, "server", "table"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(table: dict[str, object], key: str, word: str) -> None:
    [(found, problem)] = _problems(table).items()
    assert found == key
    assert word in problem


@pytest.mark.parametrize(
    "oauth",
    [
        TOKENS,
        {**TOKENS, "provider": "microsoft", "flow": "device", "keep": "file", "scopes": ["offline_access"]},
        {**TOKENS, "client_secret": {"keyring": True}},
        {**OWN_URLS, "authorize_url": "https://login.example.org:8443/authorize"},
        {**OWN_URLS, "device_url": "https://login.example.org/device", "flow": "device"},
        {"command": ["oama", "access", "ana@example.org"]},
    ],
)
def test_an_account_may_sign_in_by_oauth_in_place_of_a_password(oauth: dict[str, object]) -> None:
    [account] = parse_settings({"account": [{**without("password"), "oauth": oauth}]}).account
    assert account.password is None and account.oauth is not None
    assert account.oauth.command or account.oauth.client_id == "id"


@pytest.mark.parametrize(
    ("oauth", "word"),
    [
        ({}, "client_id"),
        ({"provider": "google"}, "client_id"),
        ({"client_id": "id"}, "give a provider, or token_url"),
        (OWN_URLS, "authorize_url or device_url"),
        ({**OWN_URLS, "authorize_url": "http://login.example.org/"}, "https://"),
        ({**OWN_URLS, "authorize_url": "https://ana:hunter2@login.example.org/"}, "https://"),
        ({**OWN_URLS, "authorize_url": "https:///authorize"}, "host name"),
        ({**TOKENS, "command": ["oama"]}, "leave everything else out"),
        ({"command": ["oama"], "keep": "file"}, "leave everything else out"),
    ],
)
def test_oauth_settings_that_do_not_fit_are_refused(oauth: dict[str, object], word: str) -> None:
    [(key, problem)] = _problems({"account": [{**without("password"), "oauth": oauth}]}).items()
    assert key == "account.work.oauth"
    assert word in problem


@pytest.mark.parametrize("tls, port", [("verify", 993), ("starttls", 143)])
def test_a_server_of_this_machine_may_have_a_pin(tls: str, port: int) -> None:
    [account] = parse_settings({"account": [{**LOCAL, "tls": tls, "tls_pin": PIN}]}).account
    assert (account.tls, account.tls_pin, account.server_port) == (tls, PIN, port)


@pytest.mark.parametrize(
    "change",
    [
        *({"password": "hunter2"}, {"password": {"enw": "hunter2"}}, {"password": ["hunter2"]}),
        *({"password": {"command": "hunter2"}}, {"password": {"env": "hunter2", "file": "hunter2"}}),
        *({"secret": "hunter2"}, {"tls_pin": "hunter2"}, {"tls": "hunter2"}, {"host": ["hunter2"]}),
        *({"oauth": "hunter2"}, {"oauth": {**TOKENS, "client_secret": "hunter2"}}),
        *({"oauth": {**TOKENS, "client_id": ["hunter2"]}}, {"oauth": {"command": "hunter2"}}),
        *({"oauth": {**OWN_URLS, "token_url": "https://ana:hunter2@login.example.org"}},),
        *({"relay": {"host": "smtp.example.org", "password": "hunter2"}}, {"relay": {"secret": "hunter2"}}),
    ],
)
def test_no_mistake_shows_a_value(change: dict[str, object]) -> None:
    with pytest.raises(Invalid) as caught:
        parse_settings({"account": [{**LOCAL, **change}], "model": {"api_key": "hunter2"}})
    assert "hunter2" not in str(caught.value) + repr(caught.value.fields) + repr(caught.value)
    assert caught.value.__context__ is None


def test_a_secret_that_stands_in_the_file_is_told_where_it_may_be() -> None:
    oauth = {**TOKENS, "client_secret": "hunter2"}
    problems = _problems({"account": [{**without("password"), "oauth": oauth}], "model": {"api_key": "x"}})
    assert problems.keys() == {"account.work.oauth.client_secret", "model.api_key"}
    assert all("command" in problem for problem in problems.values())


def test_the_environment_stands_over_the_file(file: Path) -> None:
    file.write_text("[learning]\nmin_mails = 30\nnew_mails = 5\n[agent]\nbase = 'x'\n")
    environ = {
        "OWNHAND_LEARNING_MIN_MAILS": "7",
        "OWNHAND_AGENT_BASE": "/models/small",
        "OWNHAND_LEARNING_WATCH": "false",
        "OWNHAND_MODEL_API_KEY": '{ env = "KEY" }',
        "OWNHAND_HOME": "/somewhere",
    }
    settings = read_settings(file, environ)
    assert (settings.learning.min_mails, settings.learning.new_mails) == (7, 5)
    assert (settings.agent.base, settings.learning.watch) == ("/models/small", False)
    assert settings.model.api_key == Secret(env="KEY")


def test_a_wrong_value_in_the_environment_is_told_by_its_key(file: Path) -> None:
    with pytest.raises(Invalid) as caught:
        read_settings(file, {"OWNHAND_LEARNING_MIN_MAILS": "many"})
    assert caught.value.fields == {"learning.min_mails": "must be a valid integer"}
