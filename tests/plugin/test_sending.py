"""What becomes of a draft is told when the mail is sent; sending never waits for that."""

import contextlib
import sqlite3
import time

from ownhand.v1 import drafts_pb2 as pb
from plugin.world import PERSON, RUTH, World, until


def outcomes(world: World) -> list[pb.Outcome]:
    assert world.client
    return list(world.client.drafts.ListOutcomes(pb.ListOutcomesRequest(account=PERSON)).outcomes)


def told(world: World) -> list[str]:
    """Own words that the daemon knows."""
    with contextlib.closing(sqlite3.connect(world.daemon.paths.database)) as db:
        tables = [db.execute(f"SELECT text FROM {table}") for table in ("written", "original")]
        return [text.replace("\r", "") for rows in tables for (text,) in rows]


def test_an_edited_draft_is_learned_from(world: World) -> None:
    n = len(outcomes(world))
    world.compose()
    world.open_panel()
    world.draft()
    world.take()
    world.close_panel()
    world.editor("editor.endOfDocument(); body.querySelector('p')?.append(' And one more thing by hand.')")
    sent = world.send().decode()
    assert "one more thing" in sent.replace("=\r\n", "") and "ownhand" not in sent.lower()
    until(lambda: len(outcomes(world)) > n, "the outcome")
    last = outcomes(world)[-1]
    assert last.kind == pb.OUTCOME_KIND_SENT and 0.3 < last.kept < 1
    assert any("one more thing by hand" in text for text in told(world))


def test_a_mail_without_a_draft_tells_nothing(world: World) -> None:
    n = len(outcomes(world))
    world.compose()
    world.type("By hand alone, every word of it.")
    world.send()
    time.sleep(1)
    assert len(outcomes(world)) == n


def test_every_mail_is_learned_from_if_the_person_allows_it(world: World) -> None:
    words = "These words are mine,\n> even this line,\n-- \nand these."
    world.compose(html=False)
    world.type(words)
    world.send()
    world.open_page("setup")
    world.page_press("[data-address] input[name=told]")
    try:
        world.compose(html=False, subject="Another")
        world.type(words)
        world.send()
        until(lambda: words in told(world), "the exact words")
        assert told(world).count(words) == 1
    finally:
        world.open_page("setup")
        world.page_press("[data-address] input[name=told]")


def test_sending_does_not_need_the_daemon_and_the_outcome_is_told_later(world: World) -> None:
    n = len(outcomes(world))
    world.compose(to=RUTH)
    world.open_panel()
    world.draft()
    world.take()
    world.close_panel()
    world.stop_daemon()
    assert b"legal" in world.send()
    until(world.daemon.paths.endpoint.exists, "a daemon that was started for it")
    world.attach()
    until(lambda: len(outcomes(world)) == n + 1, "the outcome")
    world.stop_started_daemon()


def test_a_draft_that_is_thrown_away_is_told(world: World) -> None:
    n = len(outcomes(world))
    world.compose()
    world.open_panel()
    world.draft()
    world.press("#discard")
    until(lambda: len(outcomes(world)) > n, "the outcome")
    assert outcomes(world)[-1].kind == pb.OUTCOME_KIND_DISCARDED
