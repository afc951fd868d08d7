"""No word of a mail shows in a log, an error, a process argument or a file name; erasing leaves none."""

import subprocess
from pathlib import Path

import grpc
import pytest
from ownhand.v1 import accounts_pb2, drafts_pb2, learning_pb2, privacy_pb2, rules_pb2
from running import Client, daemon

MARKER = "Quokkastadt"  # in every mail, subject, address and answer; in no program
CONFIG = f"""
[[account]]
name = "dead"
address = "{MARKER}@kiln.example"
host = "127.0.0.1"
port = 9
tls = "plaintext-loopback"
password = {{ env = "NOBODY_SET_THIS" }}

[agent]
backend = "fake"
"""
ADDRESS = f"{MARKER}@kiln.example"


def sent_mail(folder: Path) -> Path:
    """A sent folder in which everything that could show has the marker in it."""
    file = folder / "sent.mbox"
    with file.open("w") as mbox:
        for n in range(30):
            mbox.write(
                f"From {ADDRESS} Mon Mar  2 09:00:00 2026\n"
                f"From: {MARKER} Prior <{ADDRESS}>\nTo: Bob {MARKER} <bob.{MARKER}@kiln.example>\n"
                f"Date: Mon, {n % 28 + 1} Mar 2026 09:{n:02}:00 +0000\nSubject: {MARKER} {n}\n"
                f"Message-ID: <{n}.x@kiln.example>\nContent-Type: text/plain; charset=utf-8\n\n"
                f"Hi {MARKER},\n\nthe {MARKER} number {n} is ready, and I'm bringing it on Tuesday!\n\n"
                f"Cheers,\n{MARKER}\n\n"
            )
    return file


def everything_goes(client: Client, file: Path) -> None:
    """Every call once, those that fail among them."""
    imported = client.accounts.ImportMail(
        accounts_pb2.ImportMailRequest(path=str(file), address=ADDRESS, account="kiln"), timeout=30
    )
    client.wait(imported.job_id)
    started = client.learning.StartLearning(learning_pb2.StartLearningRequest(account="kiln"), timeout=30)
    assert client.wait(started.job.id).state == learning_pb2.JOB_STATE_SUCCEEDED
    client.learning.PlanLearning(learning_pb2.PlanLearningRequest(account="kiln"), timeout=30)
    client.rules.ListRules(rules_pb2.ListRulesRequest(account="kiln"), timeout=30)
    request = drafts_pb2.ComposeDraftRequest(
        account="kiln",
        to=[drafts_pb2.Correspondent(address=f"bob.{MARKER}@kiln.example")],
        subject=MARKER,
        notes=f"the {MARKER} is hot",
        context=f"Is the {MARKER} hot?",
    )
    *_, last = client.drafts.ComposeDraft(request, timeout=60)
    assert MARKER.lower() in last.draft_completed.text.lower(), "the draft itself says what it should"
    draft_id = last.draft_completed.draft_id
    client.drafts.RecordOutcome(
        drafts_pb2.RecordOutcomeRequest(
            draft_id=draft_id, kind=drafts_pb2.OUTCOME_KIND_SENT, sent_text=MARKER
        ),
        timeout=30,
    )
    client.privacy.Forget(
        privacy_pb2.ForgetRequest(account="kiln", message_id="<1.x@kiln.example>"), timeout=30
    )


def failures(client: Client) -> list[str]:
    """What the errors say that a person gets to read."""
    failing = [
        lambda: client.accounts.CheckAccount(accounts_pb2.CheckAccountRequest(account="dead"), timeout=30),
        lambda: client.accounts.CheckAccount(accounts_pb2.CheckAccountRequest(account=MARKER), timeout=30),
        lambda: client.accounts.ImportMail(
            accounts_pb2.ImportMailRequest(path=f"/nowhere/{MARKER}", address=ADDRESS, account=MARKER),
            timeout=30,
        ),
        lambda: list(client.drafts.ComposeDraft(drafts_pb2.ComposeDraftRequest(account=MARKER), timeout=30)),
        lambda: client.rules.DeleteRule(rules_pb2.DeleteRuleRequest(rule_id=MARKER), timeout=30),
    ]
    said = []
    for call in failing:
        with pytest.raises(grpc.RpcError) as caught:
            call()
        said.append(str(caught.value.details()))
    return said


def arguments_of_children(pid: int) -> str:
    listed = subprocess.run(
        ["ps", "-e", "-o", "ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    return "\n".join(line for line in listed.splitlines() if line.split()[0] == str(pid))


def test_the_marker_is_nowhere_but_in_the_data(tmp_path: Path) -> None:
    file = sent_mail(tmp_path)
    loud = {"ANTHROPIC_LOG": "debug", "OPENAI_LOG": "debug"}
    with daemon(tmp_path / "home", CONFIG, loud, ("--log-level", "DEBUG", "--verbose")) as (running, client):
        assert running.process is not None

        everything_goes(client, file)
        arguments = arguments_of_children(running.process.pid)
        errors = failures(client)

    logged = running.paths.log_file.read_text() + running.output.read_text()
    names = "\n".join(str(path.relative_to(running.home)) for path in running.home.rglob("*"))
    assert "job ended" in logged, "the log was on"
    assert "ownhand.trainer" in arguments, "the worker was seen"
    for where, text in {
        "log": logged,
        "arguments": arguments,
        "errors": "\n".join(errors),
        "names": names,
    }.items():
        assert MARKER.lower() not in text.lower(), f"in {where}"


def test_erasing_leaves_no_trace_in_the_files(tmp_path: Path) -> None:
    with daemon(tmp_path / "home", CONFIG) as (running, client):
        everything_goes(client, sent_mail(tmp_path))

        token = client.privacy.EraseData(privacy_pb2.EraseDataRequest(), timeout=30).token
        erased = client.privacy.EraseData(privacy_pb2.EraseDataRequest(token=token), timeout=60).erased

    left = [
        path.name
        for path in running.paths.data.rglob("*")
        if path.is_file() and f"Hi {MARKER}".encode() in path.read_bytes()
    ]
    assert erased
    assert left == []
