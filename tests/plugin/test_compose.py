"""Drafts in a real compose window: shown, taken, undone, sent."""

from plugin.world import World


def test_rules_are_there_before_they_are_asked_for(world: World) -> None:
    world.compose()
    world.open_panel()
    assert len(world.rules()) > 3
    assert "from your agent" in world.shows("#source")


def test_a_draft_is_streamed_and_taken_and_one_undo_restores_what_was_there(world: World) -> None:
    world.compose()
    world.type("some words of my own")
    before = world.markup
    world.open_panel()
    draft = world.draft()
    assert "legal" in draft
    world.take()
    after = world.markup
    print(before, after, sep="\n---\n")
    assert "legal" in world.text and "some words" not in world.text
    world.undo()
    assert world.markup == before
