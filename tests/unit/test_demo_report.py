"""The demo's facts, plots and report, on an invented run."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ownhand.daemon.demo import facts, plots, report
from ownhand.daemon.demo.facts import (
    AgentFacts,
    JobFacts,
    MailFacts,
    PersonFacts,
    RuleFacts,
    Run,
    StageFacts,
    TrainingFacts,
    TrainingPoint,
)
from ownhand.daemon.demo.mails import samples

RULE = RuleFacts("Sign off with “Best,”.", 17, 1, "Ruth")


def mail(person: str = "Ana Sol", zero_shot: float = 0.4, steered: float = 0.1) -> MailFacts:
    return MailFacts(
        person=person,
        account=person.split()[0].lower(),
        message_id="<1@example.org>",
        sent_at="2026-06-01T10:00:00+00:00",
        language="en",
        recipient="Ruth",
        recipient_kind="colleague",
        subject="Tea & <biscuits>",
        reply=False,
        intent="The tea is here.\nI bring <b>biscuits</b>.",
        rules=(RULE,),
        rules_source="agent",
        agent_id="a1",
        zero_shot="Hello,\n\nThe tea is here.",
        steered="hey Ruth\n\ntea's here",
        sent="hey Ruth\n\ntea's here!! <script>alert(1)</script>",
        zero_shot_distance=zero_shot,
        steered_distance=steered,
        zero_shot_differences={"greeting": 1.0, "words": 0.2},
        steered_differences={"greeting": 0.0, "words": 0.1},
    )


def person(name: str = "Ana Sol", zero_shot: float = 0.4, steered: float = 0.1) -> PersonFacts:
    return PersonFacts(
        person=name,
        account=name.split()[0].lower(),
        address="ana@example.org",
        n_messages=30,
        n_originals=25,
        n_skipped={"automatic reply": 4, "bulk": 1},
        n_intents=25,
        n_zero_shot_drafts=25,
        n_rules=9,
        n_examples=20,
        n_later=3,
        rules=(RULE,),
        zero_shot_distance=zero_shot,
        steered_distance=steered,
    )


def run(*people: PersonFacts) -> Run:
    everybody = people or (person(), person("Bo Lind"))
    points = (TrainingPoint(1, 2.5, 0.0), TrainingPoint(2, 1.5, 1.7), TrainingPoint(3, 1.0, 1.4))
    return Run(
        fingerprint="f",
        made_at="2026-11-23T09:00:00+00:00",
        model="offline",
        destination="nowhere",
        mails=tuple(mail(one.person) for one in everybody),
        people=everybody,
        training=(TrainingFacts("Ana Sol", "j1", "a1", points),),
        agents=(
            AgentFacts("Ana Sol", "a1", True, "embedded", "torch", 8, 16, 20, 1.4, 0.8, 0.7, "", "the first"),
        ),
        jobs=(JobFacts("Ana Sol", "j1", "person", "succeeded", "done", 61.0, (StageFacts("train", 3, 0),)),),
        timings={"learn": 61.0},
        versions={"ownhand": "0.1.0"},
    )


class Page(HTMLParser):
    """What a browser would find in a page: tags, their attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_report_asks_for_nothing_from_outside() -> None:
    page = report.page(run())
    found = Page(page)
    assert not {tag for tag, _ in found.tags} & {"script", "link", "img", "iframe", "object"}
    assert all(str(attrs["href"]).startswith("#") for _, attrs in found.tags if "href" in attrs)
    assert not re.search(r"url\(|@import|https?://", page)


def test_what_a_mail_says_is_text_and_never_markup() -> None:
    found = Page(report.page(run()))
    assert "<script>alert(1)</script>" in found.text
    assert "I bring <b>biscuits</b>." in found.text
    assert "Tea & <biscuits>" in found.text


def test_every_plot_has_a_name_for_those_who_do_not_see_it() -> None:
    found = Page(report.page(run()))
    drawn = [attrs for tag, attrs in found.tags if tag == "svg"]
    assert len(drawn) == 6  # by mail, by dimension twice, rules twice, one training
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in drawn)


def test_every_link_of_the_report_leads_somewhere() -> None:
    found = Page(report.page(run()))
    places = {attrs["id"] for _, attrs in found.tags if "id" in attrs}
    links = {str(attrs["href"])[1:] for tag, attrs in found.tags if tag == "a"}
    assert links <= places


def test_facts_are_the_same_after_being_written_and_read(tmp_path: Path) -> None:
    facts.write(run(), tmp_path / "demo.json")
    assert facts.read(tmp_path / "demo.json") == run()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"mails": 3}'])
def test_facts_of_another_kind_are_no_facts(tmp_path: Path, text: str) -> None:
    (tmp_path / "demo.json").write_text(text)
    assert facts.read(tmp_path / "demo.json") is None


def test_the_verdict_says_for_whom_steering_helped() -> None:
    near, far = person(), person("Bo Lind", zero_shot=0.1, steered=0.4)
    assert "for both people" in run().verdict
    assert "for Ana Sol only" in run(near, far).verdict
    assert "NOT" in run(far, replace(far, person="Cy Ott")).verdict


def test_receipts_are_said_for_people() -> None:
    assert RULE.receipts == "17 of 18 to Ruth"
    assert replace(RULE, scope="everyone").receipts == "17 of 18 in all mail"
    assert replace(RULE, scope="colleague").receipts == "17 of 18 to colleagues"


def numbers(svg: str, name: str) -> list[float]:
    return [float(value) for value in re.findall(rf' {name}="(-?[\d.]+)"', svg)]


@given(st.lists(st.tuples(st.integers(1, 5000), st.floats(0, 50)), max_size=40))
def test_a_loss_curve_stays_in_its_frame(points: list[tuple[int, float]]) -> None:
    svg = plots.loss_curve(sorted(points), sorted(points)[::2], title="loss")
    line = [float(n) for curve in re.findall(r'points="([^"]*)"', svg) for n in re.split("[ ,]", curve)]
    assert all(0 <= x <= plots.HALF for x in line[::2])
    assert all(0 <= y <= 250 for y in line[1::2])


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=12))
def test_before_and_after_stay_on_their_scale(values: list[tuple[float, float]]) -> None:
    svg = plots.pairs([plots.Pair("a", *pair) for pair in values], title="pairs")
    assert len(re.findall("<circle", svg)) == 2 * len(values)
    assert all(130 <= x <= plots.HALF for x in numbers(svg, "cx"))


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=12))
def test_bars_are_as_long_as_what_they_count(counts: list[tuple[int, int]]) -> None:
    svg = plots.support_bars([plots.Counted("rule", *pair, "so many") for pair in counts], title="rules")
    widths = numbers(svg, "width")
    most = max(a + b for a, b in counts) or 1
    expected = [250 * n / most for pair in counts for n in pair]
    assert widths == pytest.approx(expected, abs=0.06)


def test_the_weights_that_are_kept_are_no_point_of_the_curve() -> None:
    """The trainer's last report repeats the lowest held-out loss, at the step at which it stopped."""
    points = tuple(TrainingPoint(step, 1.0, loss) for step, loss in ((1, 2.0), (2, 1.0), (3, 1.5), (4, 1.0)))
    page = report.page(replace(run(), training=(TrainingFacts("Ana Sol", "j1", "a1", points),)))
    curve = re.search(r'points="([^"]*)" class="curve valid"', page)
    assert curve is not None
    assert len(curve.group(1).split()) == 3


def test_unseen_mail_is_in_no_other_part_of_the_sample() -> None:
    for sample in samples(n_later=3, n_unseen=3):
        known = {sent.message.message_id for sent in (*sample.first, *sample.later)}
        unseen = {sent.message.message_id for sent in sample.unseen}
        assert len(unseen) == 3
        assert not known & unseen
        assert max(s.message.sent_at for s in sample.first if s.message.sent_at) < min(
            s.message.sent_at for s in sample.unseen if s.message.sent_at
        )
