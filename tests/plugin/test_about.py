"""What Ownhand knows about me: rules, agents, jobs, what left, and what is to be forgotten."""

from ownhand.v1 import drafts_pb2, privacy_pb2
from plugin.world import PERSON, World, until


def test_the_rules_are_shown_with_receipts_and_trends(world: World) -> None:
    world.open_page("rules")
    world.page_shows("Greet with")
    world.page_shows("to everyone")
    assert world.page("return document.querySelectorAll('svg.trend').length") > 3
    everyone = world.page("return document.querySelectorAll('tbody tr').length")
    world.screenshot("about-rules")
    world.page("const e = document.getElementById('kind'); e.selectedIndex = 1; e.onchange(); return true")
    until(
        lambda: world.page("return document.querySelectorAll('tbody tr').length") != everyone, "fewer rules"
    )


def test_a_rule_is_muted_here_too(world: World) -> None:
    world.open_page("rules")
    rule = until(lambda: world.page("return document.querySelector('tbody tr')?.dataset.rule"), "a rule")
    row = f"tr[data-rule='{rule}']"
    world.page_press(f"{row} [aria-label^='Mute']")
    until(lambda: world.page(f'return !document.querySelector("{row}")'), "one rule less")
    world.page("const e = document.getElementById('with-muted'); e.click(); return true")
    world.page_press(f"{row} [aria-label^='Unmute']")
    until(lambda: world.page(f"return !!document.querySelector(\"{row} [aria-label^='Mute']\")"), "the rule")


def test_agents_and_jobs_have_their_numbers(world: World) -> None:
    world.open_page("jobs")
    world.page_shows("in use")
    world.page_shows("of its rules are right")
    world.page_shows("done")
    assert world.page("return document.querySelectorAll('svg.plot').length") >= 2
    world.screenshot("about-learning")


def test_learning_is_paused_and_goes_on(world: World) -> None:
    world.open_page("jobs")
    world.page_press("#pause")
    world.page_shows("Learning is paused.")
    world.page_press("#pause")
    world.page_shows("Pause learning")


def test_a_job_that_runs_is_followed_and_stopped(world: World) -> None:
    world.open_page("jobs")
    world.page_press("#learn")
    until(lambda: world.page('return !!document.querySelector("[data-state=running]")'), "the job")
    world.page_press("[data-state=running] button")
    until(lambda: world.page('return !document.querySelector("[data-state=running]")'), "its end")


def test_nothing_left_this_machine(world: World) -> None:
    world.open_page("privacy")
    world.page_shows("Nothing ever left this machine.")
    world.page_shows("there is nobody to allow")
    world.screenshot("about-privacy")
    assert world.client
    assert not world.client.privacy.ListEgress(privacy_pb2.ListEgressRequest()).entries


def test_the_never_learn_list_is_kept_here(world: World) -> None:
    world.open_page("privacy")
    world.page_fill("#never-what", "nobody@secret.example")
    world.page_press("#add-never button")
    world.page_shows("Person: nobody@secret.example")
    assert world.client
    (entry,) = world.client.privacy.ListNever(privacy_pb2.ListNeverRequest()).entries
    assert (entry.what, entry.kind) == ("nobody@secret.example", privacy_pb2.NEVER_KIND_PERSON)
    world.page_press("#never-list button")
    until(
        lambda: not world.page("return document.querySelectorAll('#never-list li').length"), "an empty list"
    )


def test_a_person_is_forgotten(world: World) -> None:
    world.open_page("privacy")
    world.page_fill("#forget-what", "nobody@secret.example")
    world.page_press("#forget button")
    world.page_shows("0 mails are forgotten.")


def test_the_page_says_when_the_daemon_is_stopped_and_starts_it(world: World) -> None:
    world.stop_daemon()
    world.open_page("rules")
    world.page_shows("Ownhand is not running.")
    try:
        world.page_press("#state button")
        world.page_shows("Greet with")
    finally:
        world.stop_started_daemon()


def test_what_became_of_drafts_is_plotted(world: World) -> None:
    world.compose()
    world.open_panel()
    world.draft()
    world.take()
    world.close_panel()
    world.send()
    assert world.client
    asked = drafts_pb2.ListOutcomesRequest(account=PERSON)
    client = world.client
    until(
        lambda: any(one.HasField("kept") for one in client.drafts.ListOutcomes(asked).outcomes), "an outcome"
    )
    world.open_page("jobs")
    world.page_shows("How much of each draft you kept")
