"""Drafts in a real compose window: shown, taken whole or in part, undone."""

import pytest
from plugin.world import OFFICE, World, mail, until

QUOTED = (
    "Dear Maren,\n\ncould you send the contract to our legal department by Friday?\n\nBest regards,\nRuth"
)
HTML = "<p>Dear Maren,</p><p>could you send the <b>contract</b> to legal by Friday?</p><p>Best,<br>Ruth</p>"


def test_rules_are_there_before_they_are_asked_for(world: World) -> None:
    world.compose()
    world.open_panel()
    assert len(world.rules()) > 3
    assert "from your agent" in world.shows("#source")
    world.press("#rules > li .quiet")
    assert " of " in world.shows("#rules .more p")
    world.screenshot("panel-rules")


@pytest.mark.parametrize("html", [True, False], ids=["html", "plain"])
@pytest.mark.parametrize("own", ["", "some words of my own"], ids=["empty", "begun"])
def test_a_draft_is_taken_and_one_undo_restores_what_was_there(world: World, html: bool, own: str) -> None:
    world.compose(html=html)
    world.type(own)
    before = world.markup
    world.open_panel()
    draft = world.draft()
    assert "legal" in draft
    if own and html:
        world.screenshot("panel-draft")
    world.take()
    assert world.own_words() == draft.strip()
    assert "Kestrel Cycleworks" in world.text  # the signature
    world.undo()
    assert world.markup == before


@pytest.mark.parametrize("html", [True, False], ids=["html", "plain"])
@pytest.mark.parametrize("on_top", [True, False], ids=["above", "below"])
def test_the_quoted_mail_is_untouched(world: World, html: bool, on_top: bool) -> None:
    message = mail(QUOTED, html=HTML if html else "")
    world.answer(message, html=html, on_top=on_top)
    quoted, before = world.quoted(), world.markup
    assert "could you send the" in quoted
    world.open_panel()
    draft = world.draft("yes, on thursday")
    world.take()
    assert world.own_words() == draft.strip()
    assert world.quoted() == quoted
    if html and on_top:
        world.screenshot("reply")
    world.undo()
    assert world.markup == before
    world.editor("editor.redo(1)")
    fields = "return [gMsgCompose.compFields.subject, gMsgCompose.compFields.references]"
    subject, references = world.tb.js(fields)
    assert (subject, references) == ("Re: Frames for the spring order", message["Message-ID"])
    sent = world.send().decode()
    assert f"In-Reply-To: {message['Message-ID']}" in sent and "could you send" in sent.replace("\r\n", " ")


def test_a_forwarded_mail_is_untouched(world: World) -> None:
    world.answer(mail(QUOTED), how="ForwardInline")
    forwarded = world.editor("return body.querySelector('.moz-forward-container').innerHTML")
    before = world.markup
    world.open_panel()
    draft = world.draft("here it is, please have a look")
    world.take()
    assert world.own_words() == draft.strip()
    assert world.editor("return body.querySelector('.moz-forward-container').innerHTML") == forwarded
    world.undo()
    assert world.markup == before


def test_the_other_identity_is_kept_and_has_the_same_voice(world: World) -> None:
    world.compose(identity=OFFICE)
    world.open_panel()
    assert world.rules()
    world.draft()
    world.take()
    assert f"From: Maren Holt <{OFFICE}>" in world.send().decode()


def test_sentences_are_taken_one_by_one_and_formatting_stays(world: World) -> None:
    world.compose()
    world.type("Hello Ruth, this stays.")
    world.editor("body.querySelector('p').innerHTML = 'Unlike all else is <b>this sentence</b> here.'")
    before = world.markup
    world.open_panel()
    world.draft()
    n = world.panel("return document.querySelectorAll('.step[role=checkbox]').length")
    # All but one are crossed out, and so is the one that would take the person's own away.
    world.panel(
        "const all = [...document.querySelectorAll('.step[role=checkbox]')];"
        "const kept = all.find((e) => e.textContent.includes('legal'));"
        "for (const one of all) if (one != kept) one.click(); return true"
    )
    assert n > 2
    world.screenshot("panel-partial")
    world.take("#take-some")
    words = world.own_words()
    assert "legal" in words and "Unlike all else" in words and "Maren" not in words
    assert "<b>this sentence</b>" in world.markup
    world.undo()
    assert world.markup == before


def test_a_sentence_tells_which_rules_shaped_it(world: World) -> None:
    world.compose()
    world.open_panel()
    world.draft()
    world.panel("document.querySelector('.step').focus(); return true")
    told = world.shows("#shaped")
    assert told.startswith("Shaped by: ") and "reet" in told
    assert world.panel("return document.querySelectorAll('#rules > li.lit').length") > 0


def test_a_draft_is_refined(world: World) -> None:
    world.compose()
    world.open_panel()
    first = world.draft()
    world.press("[data-refine=refine_warmer]")
    warmer = world.drafted()
    assert warmer != first
    assert "!" in warmer or "lease" in warmer or "hank" in warmer


def test_several_drafts_stand_side_by_side(world: World) -> None:
    world.compose()
    world.open_panel()
    world.write_notes("contract done, ready for legal, can go out tomorrow morning")
    world.press("#several")
    world.drafted()
    texts = world.panel("return [...document.querySelectorAll('.draft')].map((e) => e.innerText)")
    assert len(texts) == 3 and len(set(texts)) == 3
    world.screenshot("panel-several")
    world.panel("document.querySelectorAll('.draft')[2].click(); return true")
    world.take()
    assert world.own_words() in texts[2].replace("\u00a0", " ")


def test_notes_and_drafts_are_there_when_the_panel_is_opened_again(world: World) -> None:
    world.compose()
    world.open_panel()
    draft = world.draft("contract done, ready for legal")
    world.close_panel()
    world.open_panel()
    assert world.panel("return document.getElementById('notes').value") == "contract done, ready for legal"
    assert world.drafted() == draft


def test_the_shortcut_opens_the_panel(world: World) -> None:
    world.compose()
    key = "const key = document.querySelector('#ext-keyset-id-thunderbird_ownhand key');"
    assert (
        world.tb.js(f"{key} return key.getAttribute('modifiers') + key.getAttribute('key')") == "accel,shiftS"
    )
    world.tb.js(f"{key} key.doCommand()")
    until(lambda: world.panel("return document.documentElement.dataset.ready == 'true'"), "the panel")


def test_the_caret_stays_in_the_persons_words(world: World) -> None:
    world.answer(mail(QUOTED), html=True, on_top=True)
    world.open_panel()
    world.draft("yes, on thursday")
    world.take()
    at = "return !!editor.selection.anchorNode.parentElement?.closest(arguments[0])"
    assert not world.editor(at, world.FOREIGN)
    world.type(" X")
    assert world.own_words().endswith(" X")
