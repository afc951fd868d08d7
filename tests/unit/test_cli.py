"""The command: every verb has help, results go to stdout, and the exit code says what happened."""

import asyncio
import io
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import click
import pytest
from fakes import JOB, NOON, FakeServices
from ownhand.daemon import cli
from ownhand.daemon.domain import Correspondent, JobPhase
from ownhand.daemon.errors import LoginFailed, NotReady
from ownhand.daemon.paths import find_paths
from ownhand.daemon.rpc.server import Server

Capture = pytest.CaptureFixture[str]


def _commands(
    command: click.Command, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if words:
        yield words, command
    if isinstance(command, click.Group):
        with click.Context(command) as context:
            for name in command.list_commands(context):
                verb = command.get_command(context, name)
                assert verb is not None
                yield from _commands(verb, (*words, name))


COMMANDS = dict(_commands(cli.ownhand))
VERBS = """setup sign-in key demo serve relay status check import learn pause resume jobs rules agents
           draft egress never forget erase own-words style eval model install-host""".split()


@pytest.fixture
async def daemon(request: pytest.FixtureRequest) -> AsyncIterator[FakeServices]:
    """A daemon that answers where the command looks for it; over loopback when asked."""
    services, paths = FakeServices(), find_paths()
    paths.make()
    socket = None if getattr(request, "param", "") == "tcp" else paths.socket
    server = Server(services.as_asked(), endpoint_file=paths.endpoint, socket=socket)
    await server.start()
    yield services
    await server.stop(0.5)


async def _run(*words: str) -> int:
    return await asyncio.to_thread(cli.run, words)


def test_every_verb_of_the_manual_is_there() -> None:
    assert [words[0] for words in COMMANDS if len(words) == 1] == VERBS


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_verb_and_every_option_has_help(words: tuple[str, ...], capsys: Capture) -> None:
    command = COMMANDS[words]
    assert command.help and command.help.splitlines()[0].endswith(".")
    assert all(p.help for p in command.params if isinstance(p, click.Option))
    assert cli.run([*words, "--help"]) == 0
    assert capsys.readouterr().out.startswith("Usage: ownhand")


@pytest.mark.parametrize(
    "words",
    [words for words in COMMANDS if words not in (("serve",), ("demo",), ("relay",), ("key",), ("eval",))],
    ids=" ".join,
)
def test_every_verb_that_answers_speaks_json(words: tuple[str, ...]) -> None:
    assert "--json" in [name for param in COMMANDS[words].params for name in param.opts]


@pytest.mark.parametrize("words", ["no-such-verb", "status --no-such", "jobs show", "forget"])
def test_wrong_usage_is_2(words: str, capsys: Capture) -> None:
    assert cli.run(words.split()) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "words", ["status", "check", "learn", "jobs", "rules", "agents", "egress", "erase --confirm erase"]
)
def test_without_a_daemon_it_is_3_and_says_how_to_start_one(words: str, capsys: Capture) -> None:
    assert cli.run(words.split()) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert "ownhand serve" in said.err


def test_an_endpoint_of_a_daemon_that_died_is_3(capsys: Capture) -> None:
    paths = find_paths()
    paths.make()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    endpoint = {"target": f"unix:{paths.socket}", "token": "", "pid": gone.pid, "version": "0"}
    paths.endpoint.write_text(json.dumps(endpoint))
    assert cli.run(["status"]) == 3


@pytest.mark.parametrize("daemon", ["unix", "tcp"], indirect=True)
async def test_the_status_is_for_people_or_for_programs(daemon: FakeServices, capsys: Capture) -> None:
    assert await _run("status") == 0
    said = capsys.readouterr()
    assert "nothing leaves this machine" in said.out
    assert "work is trained again after 7 more mails or with the next mail from 2026-03-10" in said.err
    assert "mains power; it took about 2 minutes and 0.8 GB of memory the last time." in said.err
    assert await _run("status", "--json") == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["pid"], status["memory_bytes"], status["start_time"]) == (42, 40_000_000, NOON.isoformat())
    assert status["accounts"][0]["n_skipped"] == {"no date": 2}
    coming = status["accounts"][0]["next_training"]
    assert (coming["n_mails"], coming["not_before_time"]) == (7, NOON.isoformat())


async def test_an_error_of_the_daemon_is_1_with_what_to_do(daemon: FakeServices, capsys: Capture) -> None:
    daemon.accounts.error = LoginFailed("the server refused the password", hint="make an app password")
    assert await _run("check") == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "ownhand: the server refused the password; make an app password\n"


async def test_the_only_account_need_not_be_named(daemon: FakeServices, capsys: Capture) -> None:
    assert await _run("check", "--json") == 0
    assert json.loads(capsys.readouterr().out)["sent_folder"] == "Sent"
    assert await _run("rules") == 0
    assert daemon.rules.asked == [("work", "", None, False)]


async def test_learning_is_paused_and_goes_on(daemon: FakeServices, capsys: Capture) -> None:
    assert await _run("pause") == 0
    assert daemon.accounts.paused is True
    assert await _run("resume", "--json") == 0
    assert json.loads(capsys.readouterr().out)["paused"] is False


async def test_an_import_is_followed_to_its_end(
    daemon: FakeServices, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "sent.mbox").touch()
    assert await _run("import", str(tmp_path / "sent.mbox"), "--address", "ana@example.org", "--json") == 0
    assert json.loads(capsys.readouterr().out)["state"] == "succeeded"
    assert daemon.accounts.imported == (tmp_path / "sent.mbox", "ana@example.org", "ana@example.org")


async def test_learning_asks_before_text_leaves(
    daemon: FakeServices, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert await _run("learn") == 1
    said = capsys.readouterr().err
    assert "a sample" in said and "--yes" in said
    assert (daemon.learning.started, daemon.privacy.asked) == ([], [])


async def test_learning_with_a_yes_gives_consent_to_the_plan_and_runs(
    daemon: FakeServices, capsys: Capture
) -> None:
    assert await _run("learn", "--yes", "--until", "verify", "--json") == 0
    assert json.loads(capsys.readouterr().out)["id"] == "job1"
    assert daemon.privacy.asked == [("https://api.example.org", True, "plan1")]
    assert daemon.learning.started == [("work", "verify", "person")]


async def test_a_plan_starts_nothing(daemon: FakeServices, capsys: Capture) -> None:
    assert await _run("learn", "--plan", "--json") == 0
    plan = json.loads(capsys.readouterr().out)
    assert (plan["stages"][0]["stage"], plan["consent_needed"], plan["samples"]) == (
        "distil",
        True,
        ["a sample"],
    )
    assert await _run("learn", "--plan") == 0
    shown = capsys.readouterr()
    assert "$0.25" in shown.out
    assert "no monthly limit holds" in shown.err
    assert daemon.learning.started == []


async def test_a_job_that_failed_is_1_with_its_reason(daemon: FakeServices, capsys: Capture) -> None:
    failed = replace(
        JOB, phase=JobPhase.FAILED, ended_at=NOON, message="too few mails", reason="TOO_LITTLE_MAIL"
    )
    daemon.learning.states = [failed]
    assert await _run("jobs", "watch", "job1") == 1
    assert "too few mails" in capsys.readouterr().err


async def test_jobs_are_listed_shown_and_cancelled(daemon: FakeServices, capsys: Capture) -> None:
    assert await _run("jobs", "--limit", "1", "--json") == 0
    [job] = json.loads(capsys.readouterr().out)
    assert (job["state"], job["stages"][0]["stage"], job["end_time"]) == ("running", "collect", None)
    assert await _run("jobs", "show", "job1") == 0
    said = capsys.readouterr()
    assert "collect" in said.out
    assert "The train stage takes about 2 minutes and 0.8 GB of memory more." in said.err
    assert await _run("jobs", "cancel", "job1", "--json") == 0
    assert json.loads(capsys.readouterr().out)["state"] == "cancelled"
    assert await _run("jobs", "show", "none") == 1


async def test_rules_are_listed_and_changed(daemon: FakeServices, capsys: Capture) -> None:
    assert await _run("rules", "--recipient", "sam@example.org", "--refused") == 0
    table = capsys.readouterr().out
    assert "Open with the first name" in table and "no support" in table
    for words in (["mute"], ["unmute"], ["pin"], ["unpin"], ["delete"]):
        assert await _run("rules", *words, "rule1", "--json") == 0
    assert await _run("rules", "try", "rule1", "Be brief.") == 0
    assert "It holds in 7 of 9" in capsys.readouterr().err
    assert await _run("rules", "reword", "rule1", "Be brief.") == 0
    assert daemon.rules.asked == [
        ("work", "sam@example.org", None, True),
        ("rule1", True, None, None), ("rule1", False, None, None),
        ("rule1", None, True, None), ("rule1", None, False, None),
        "rule1", ("rule1", "Be brief."), ("rule1", None, None, "Be brief."),
    ]  # fmt: skip


async def test_agents_are_listed_promoted_and_deleted(daemon: FakeServices, capsys: Capture) -> None:
    assert await _run("agents") == 0
    assert "0.75" in capsys.readouterr().out
    assert await _run("agents", "promote", "agent1", "--json") == 0
    assert json.loads(capsys.readouterr().out)["current"] is True
    assert await _run("agents", "delete", "agent0") == 0
    assert daemon.agents.deleted == ["agent0"]


@pytest.mark.parametrize("daemon", ["unix", "tcp"], indirect=True)
async def test_a_draft_is_all_that_stands_on_stdout(
    daemon: FakeServices, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("it is done\n"))
    assert await _run("draft", "--to", "Sam Hill <sam@example.org>", "--subject", "plan") == 0
    said = capsys.readouterr()
    assert said.out == "Sam,\ndone.\n"
    assert "Open with the first name and a comma.  (8 for, 1 against, colleague)" in said.err
    assert "not kept: no emoji" in said.err
    [asked] = daemon.drafts.asked
    assert (asked.to, asked.subject, asked.notes) == (  # type: ignore[attr-defined]
        (Correspondent("sam@example.org", "Sam Hill"),), "plan", "it is done\n",
    )  # fmt: skip


async def test_a_draft_for_programs_has_rules_and_text(
    daemon: FakeServices, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("it is done\n"))
    assert await _run("draft", "--json") == 0
    draft = json.loads(capsys.readouterr().out)
    assert (draft["text"], draft["source"], draft["draft_id"]) == ("Sam,\ndone.", "agent", "draft1")
    assert draft["rules"][0]["support"] == 8


async def test_an_answer_takes_reader_subject_and_context_from_the_mail(
    daemon: FakeServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_text("From: Sam Hill <sam@example.org>\nSubject: plan\n\nIs it?\n")
    monkeypatch.setattr("sys.stdin", io.StringIO("yes"))
    assert await _run("draft", "--reply-to", str(mail)) == 0
    [asked] = daemon.drafts.asked
    assert asked.to == (Correspondent("sam@example.org", "Sam Hill"),)  # type: ignore[attr-defined]
    assert (asked.subject, asked.context.strip(), asked.reply) == ("Re: plan", "Is it?", True)  # type: ignore[attr-defined]


async def test_only_rules_need_no_notes(
    daemon: FakeServices, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert await _run("draft") == 2
    assert await _run("draft", "--rules-only") == 0
    assert capsys.readouterr().out.startswith("- Open with the first name")


async def test_egress_is_listed_and_consent_taken_back(daemon: FakeServices, capsys: Capture) -> None:
    assert await _run("egress", "--json") == 0
    assert json.loads(capsys.readouterr().out)["entries"][0]["n_bytes"] == 420
    assert await _run("egress", "revoke", "https://api.example.org") == 0
    assert daemon.privacy.asked == [50, ("https://api.example.org", False, "")]


async def test_forgetting_asks_first(
    daemon: FakeServices, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert await _run("forget", "--address", "sam@example.org") == 1
    assert daemon.privacy.asked == []
    assert await _run("forget", "--address", "sam@example.org", "--yes", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"n_originals": 3, "n_agents": 1}


async def test_erasing_takes_the_word_in_full(
    daemon: FakeServices, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert await _run("erase") == 1
    assert await _run("erase", "--confirm", "yes") == 1
    assert "nothing was erased" in capsys.readouterr().err
    assert await _run("erase", "--confirm", "erase", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"erased": True}


# --- what needs no daemon ------------------------------------------------------------------------

MAIL = """From: Ana <ana@example.org>
To: sam@example.org
Date: Sun, 1 Mar 2026 10:00:00 +0000
Message-ID: <1@example.org>

Sam, it is done.

Ana

On Sat, 28 Feb 2026 at 10:00, Sam Hill <sam@example.org> wrote:
> Is it done?
"""


def test_own_words_are_what_the_author_wrote(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "mail.eml").write_text(MAIL)
    assert cli.run(["own-words", str(tmp_path / "mail.eml")]) == 0
    words = capsys.readouterr().out
    assert "it is done" in words
    assert "Is it done?" not in words and "ana@example.org" not in words


def test_own_words_of_many_mails_are_json_lines(tmp_path: Path, capsys: Capture) -> None:
    body = MAIL.partition("\n\n")[2]
    case = {"id": 7, "format": "text", "input": body}
    (tmp_path / "cases").write_text(json.dumps(case) + "\n\n" + json.dumps({**case, "id": 8}) + "\n")
    assert cli.run(["own-words", "--jsonl", str(tmp_path / "cases")]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["id"] for answer in answers] == [7, 8]
    assert "Is it done?" not in answers[0]["own_words"]


@pytest.mark.parametrize("line", ["no json", "[]", '{"id": 1}', '{"id": 1, "input": 3}'])
def test_a_line_that_is_no_case_is_told_by_its_number(tmp_path: Path, capsys: Capture, line: str) -> None:
    (tmp_path / "cases").write_text(f'{{"id": 0, "input": "fine"}}\n{line}\n')
    assert cli.run(["own-words", "--jsonl", str(tmp_path / "cases")]) == 1
    assert "line 2" in capsys.readouterr().err


def test_the_style_of_a_text_is_measured(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "text").write_text("Hi Sam,\n\nI don't know yet.\n\nBest,\nAna\n")
    assert cli.run(["style", str(tmp_path / "text"), "--json"]) == 0
    measured = json.loads(capsys.readouterr().out)
    assert measured["greeting"] == "hi"
    assert cli.run(["style", str(tmp_path / "text")]) == 0
    assert "greeting" in capsys.readouterr().out


# --- the process ---------------------------------------------------------------------------------


def test_the_command_is_there_as_a_module_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ownhand.daemon", "status"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert "ownhand serve" in done.stderr


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    cases = "".join(json.dumps({"id": n, "input": "it is done " * 50}) + "\n" for n in range(400))
    (tmp_path / "cases").write_text(cases)
    words = [sys.executable, "-m", "ownhand.daemon", "own-words", "--jsonl", str(tmp_path / "cases")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


def test_the_command_is_light() -> None:
    """A client that an editor calls at every draft must not load what only the daemon needs."""
    program = "import sys; from ownhand.daemon import cli; cli.run(['status']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {
        "pydantic",
        "anthropic",
        "openai",
        "imapclient",
        "sqlite3",
        "torch",
        "lxml",
        "keyring",
    }


def test_an_error_of_ours_outside_the_daemon_is_1(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise NotReady("not yet", hint="do this first")

    monkeypatch.setattr("ownhand.daemon.config.read_settings", refuse)
    assert cli.run(["serve"]) == 1
    assert capsys.readouterr().err == "ownhand: not yet; do this first\n"
