"""What `ownhand check` prints: the findings in words, what to look after, and what to do next."""

import ast
import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from fakes import CHECKED, NOON, FakeServices
from ownhand.daemon import cli
from ownhand.daemon.cli.check import REASONS
from ownhand.daemon.domain import Checked, Connection, Found, FoundBy, Sample
from ownhand.daemon.learn import extract, sample, tidy
from ownhand.daemon.mail import files, never, refusals
from ownhand.daemon.mail.imap import described
from ownhand.daemon.mail.words import leftovers, own_words
from ownhand.daemon.paths import find_paths
from ownhand.daemon.rpc.server import Server

Capture = pytest.CaptureFixture[str]
EMPTY = Found("imap.example.org:993", (), "Sent", 0, ("INBOX", "Sent", "Posted"), FoundBy.NAME)


@pytest.fixture
async def daemon() -> AsyncIterator[FakeServices]:
    services, paths = FakeServices(), find_paths()
    paths.make()
    server = Server(services.as_asked(), endpoint_file=paths.endpoint, socket=paths.socket)
    await server.start()
    yield services
    await server.stop(0.5)


async def check(*words: str) -> int:
    return await asyncio.to_thread(cli.run, ["check", *words])


async def test_a_good_account_reads_like_this(daemon: FakeServices, capsys: Capture) -> None:
    assert await check() == 0

    said = capsys.readouterr()
    assert [line.rstrip() for line in said.out.splitlines()] == [
        "Server       imap.example.org:993, TLS 1.3, verified certificate",
        "Signed in    with a password (PLAIN)",
        "New mail     the server tells of it at once (IDLE)",
        "Deletions    the server says what is gone (QRESYNC)",
        'Sent folder  "Sent", which the server marks as the one for sent mail: 950 messages',
        "Newest 200   180 can be learned from; left out:",
        "               12  fewer than four words of your own",
        "                8  from an address that is none of yours",
        "Languages    English 170, German 10",
        "Kinds        replies 60, new mails 120",
        "Written      1 March 2026",
        "In all       about 850 usable mails: enough for an agent, which needs 20",
        "CAREFUL: the password is in a file.",
    ]
    assert said.err == "Next: `ownhand learn`\n"


async def test_as_json_it_is_all_there_and_nothing_is_talked(daemon: FakeServices, capsys: Capture) -> None:
    assert await check("--json") == 0

    said = capsys.readouterr()
    found = json.loads(said.out)
    assert (found["found_by"], found["usable"], found["n_usable"]) == ("special_use", True, 850)
    assert found["connection"] == {"tls": "TLSv1.3", "pinned": False, "mechanism": "PLAIN"}
    assert found["sample"]["n_skipped"] == {"too few own words": 12, "from another sender": 8}
    assert found["sample"]["first_time"] == NOON.isoformat()
    assert said.err == ""


async def test_a_server_that_must_be_asked_and_a_pinned_certificate_are_told(
    daemon: FakeServices, capsys: Capture
) -> None:
    plain = replace(
        CHECKED.found,
        capabilities=(),
        found_by=FoundBy.XLIST,
        connection=Connection("TLSv1.2", pinned=True, mechanism="XOAUTH2"),
    )
    daemon.accounts.checked = replace(CHECKED, found=plain)

    await check()

    out = capsys.readouterr().out
    assert "TLS 1.2, pinned certificate" in out
    assert "with an OAuth 2 token (XOAUTH2)" in out
    assert "the server must be asked, every 5 minutes" in out
    assert "found by comparing, at each look" in out
    assert "as Gmail did it first" in out


async def test_an_empty_folder_is_1_and_names_the_others(daemon: FakeServices, capsys: Capture) -> None:
    daemon.accounts.checked = Checked(EMPTY, "imap", n_needed=20)

    assert await check() == 1

    said = capsys.readouterr()
    assert '"Sent", known by its name: nothing in it' in said.out
    assert said.err == (
        "ownhand: the folder is empty; if your sent mail is in another one, write its name as"
        ' sent = "…"; there are "INBOX", "Posted"\n'
    )


@pytest.mark.parametrize(
    ("n", "words"), [(19, "one more usable mail is needed"), (9, "11 more usable mails are needed")]
)
async def test_too_little_mail_is_1_and_says_how_much_is_missing(
    daemon: FakeServices, capsys: Capture, n: int, words: str
) -> None:
    few = replace(EMPTY, n_messages=n)
    seen = Sample(n, n, {}, {"en": n}, 0, NOON, NOON)
    daemon.accounts.checked = Checked(few, "imap", seen, n_usable=n, n_needed=20)

    assert await check() == 1

    said = capsys.readouterr()
    assert f"All {n}" in said.out
    assert "all can be learned from" in said.out
    assert "not enough yet for an agent, which needs 20" in said.out
    assert words in said.err


async def test_when_nothing_is_usable_the_reasons_are_what_counts(
    daemon: FakeServices, capsys: Capture
) -> None:
    seen = Sample(30, 0, {"encrypted": 30})
    daemon.accounts.checked = Checked(replace(EMPTY, n_messages=30), "imap", seen, n_needed=20)

    assert await check("--json") == 1

    said = capsys.readouterr()
    assert json.loads(said.out)["usable"] is False
    assert "none of these mails can be learned from, for the reasons above" in said.err


async def test_reasons_that_say_the_same_are_one_line(daemon: FakeServices, capsys: Capture) -> None:
    seen = Sample(900, 890, {"a header line is left": 4, "a quote mark is left": 6}, {"en": 890})
    daemon.accounts.checked = replace(CHECKED, sample=seen)

    await check()

    assert "10  somebody else's words may still be in them" in capsys.readouterr().out


async def test_a_relay_is_fine_before_anything_was_sent(daemon: FakeServices, capsys: Capture) -> None:
    link = Connection("TLSv1.3", mechanism="PLAIN")
    found = Found("smtp.example.org:465", ("8BITMIME",), "relay", 2, (), connection=link)
    daemon.accounts.checked = Checked(replace(found, max_message_bytes=35_000_000), "relay", n_needed=20)

    assert await check() == 0

    said = capsys.readouterr()
    assert "up to 35 MB" in said.out
    assert "does not run now: `ownhand relay` starts it" in said.out
    assert "2 wait to be read; learned from 0 so far" in said.out
    assert said.err.startswith("Next: start `ownhand relay`, send mail through it")


async def test_imported_mail_is_told_of_without_a_server(daemon: FakeServices, capsys: Capture) -> None:
    read = Sample(60, 50, {"not from this person": 10}, {"en": 50}, 5, NOON, NOON)
    daemon.accounts.checked = Checked(Found("", (), "", 0, ()), "files", read, 50, 20, n_learned=50)

    assert await check() == 0

    said = capsys.readouterr()
    assert "none: this mail was imported from files" in said.out
    assert "Read so far  50 can be learned from; left out:" in said.out
    assert "In all       50 usable mails" in said.out
    assert "ownhand rules" in said.err


def test_every_reason_is_told_in_words() -> None:
    told = {
        refusals: ["reason_to_skip"],
        leftovers: ["_reason"],
        never: ["reason"],
        files: ["_deleted"],
        described: ["_skip"],
        extract: ["_unfit", "_kept", "_looked"],
        sample: ["_tidied"],
        tidy: ["tidy"],
        own_words: ["own_words"],
    }
    known = {reason for module, places in told.items() for reason in _texts(module, places)}

    assert len(known) > 20
    assert known <= set(REASONS)


def _texts(module: ModuleType, places: list[str]) -> set[str]:
    """What these functions give back in words: no docstrings, and nothing that is only compared with."""
    assert module.__file__
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    named = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    found = [n for function in named if function.name in places for n in ast.walk(function)]
    asides = {id(c) for n in found if isinstance(n, ast.Compare | ast.Expr) for c in ast.walk(n)}
    constants = [n.value for n in found if isinstance(n, ast.Constant) and id(n) not in asides]
    words = [text for text in constants if isinstance(text, str) and len(text) > 3]
    return {text for text in words if text.replace(" ", "").replace(",", "").isalpha()}
