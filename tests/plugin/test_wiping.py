"""The last test of all: nothing is left after it."""

from ownhand.v1 import learning_pb2, rules_pb2
from plugin.world import PERSON, World


def test_everything_is_erased_after_a_word_was_typed(world: World) -> None:
    world.open_page("privacy")
    assert world.page("return document.querySelector('#erase button').disabled")
    world.page_fill("#erase-word", "erase")
    world.page_press("#erase button")
    world.page_ready("privacy")
    world.open_page("rules")
    world.page_shows("There are no such rules yet.")
    assert world.client
    assert not world.client.rules.ListRules(rules_pb2.ListRulesRequest(account=PERSON)).rules
    assert not world.client.learning.ListJobs(learning_pb2.ListJobsRequest(page_size=5)).jobs


def test_without_an_agent_and_rules_it_says_so_and_still_drafts(world: World) -> None:
    world.compose()
    world.open_panel()
    assert "no agent yet" in world.shows("#source")
    assert "legal" in world.draft()
