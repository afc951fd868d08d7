"""Rules are the person's to change."""

from ownhand.v1 import rules_pb2 as pb
from plugin.world import PERSON, World, until


def listed(world: World) -> dict[str, pb.Rule]:
    assert world.client
    asked = pb.ListRulesRequest(account=PERSON)
    return {rule.text: rule for rule in world.client.rules.ListRules(asked).rules}


def act(world: World, rule: str, action: str) -> None:
    """Presses a button that stands with a rule in the panel."""
    script = """
        const [text, label] = arguments;
        const row = [...document.querySelectorAll("#rules > li")].find((e) => e.textContent.includes(text));
        [...row.querySelectorAll("button")].find((e) => e.textContent.trim() == label).click();
        return true;
    """
    until(lambda: world.panel(script, rule, action), action)


def greeting(world: World) -> str:
    return next(rule for rule in world.rules() if rule.startswith("Greet with"))


def test_a_muted_rule_is_gone_from_the_next_draft(world: World) -> None:
    world.compose()
    world.open_panel()
    rule = greeting(world)
    first = world.draft().splitlines()[0]
    act(world, rule, "Mute for good")
    until(lambda: rule not in world.rules(), "rules without it")
    assert listed(world)[rule].muted
    assert world.draft().splitlines()[0] != first
    assert world.client
    world.client.rules.UpdateRule(pb.UpdateRuleRequest(rule_id=listed(world)[rule].id, muted=False))


def test_a_rule_is_left_out_of_one_mail_alone(world: World) -> None:
    world.compose()
    world.open_panel()
    rule = greeting(world)
    first = world.draft().splitlines()[0]
    world.panel(
        "[...document.querySelectorAll('#rules > li')].find((e) => e.textContent.includes(arguments[0]))"
        ".querySelector('input').click(); return true",
        rule,
    )
    assert world.draft().splitlines()[0] != first
    assert not listed(world)[rule].muted
    assert rule in world.rules()  # still there, to be switched on again


def test_a_reworded_rule_is_tried_on_mail_that_was_sent_before_it_is_saved(world: World) -> None:
    world.compose()
    world.open_panel()
    rule = greeting(world)
    act(world, rule, "Reword")
    row = "[...document.querySelectorAll('#rules > li')].find((e) => e.textContent.includes(arguments[0]))"
    fill = f"const e = {row}.querySelector('input[type=text]'); e.value = arguments[1]; return true"
    world.panel(fill, rule, 'Greet with "Yo".')
    act(world, rule, "Try it")
    told = until(lambda: world.panel(f"return {row}.querySelector('form p').textContent", rule), "the effect")
    assert "it holds in 0 of" in told and "less near" in told
    world.panel(fill, rule, "Mention the weather.")
    act(world, rule, "Try it")
    unmeasured = "cannot be measured"
    until(
        lambda: unmeasured in world.panel(f"return {row}.querySelector('form p').textContent", rule),
        unmeasured,
    )
    assert rule in listed(world)  # nothing was changed by it


def test_a_rule_is_pinned(world: World) -> None:
    world.compose()
    world.open_panel()
    rule = greeting(world)
    act(world, rule, "Pin")
    until(lambda: listed(world)[rule].pinned, "the pin")
    until(lambda: any(one.startswith(rule) and "pinned" in one for one in world.rules()), "the pin shown")
    act(world, rule, "Unpin")
    until(lambda: not listed(world)[rule].pinned, "no pin")
