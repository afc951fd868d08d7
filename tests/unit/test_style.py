"""Measured style and its distance."""

import re
import string
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ownhand.daemon import anatomy, lexicon
from ownhand.daemon.domain import Correspondent
from ownhand.daemon.learn import style
from ownhand.daemon.learn.dimensions import DIMENSIONS, Kind

_KLAUS = Correspondent("k.brandt@works.example", "Klaus Brandt")
_MAREN = Correspondent("maren.holt@cycles.example", "Maren Holt")

# --- what is measured ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("Hi Klaus,\n\nok", "greeting", "hi"),
        ("Lieber Klaus,\n\nok", "greeting", "liebe"),
        ("Klaus:\nok", "greeting", "name"),
        ("ok", "greeting", "none"),
        ("Hi Klaus,\n\nok", "greeting_name", "first"),
        ("Dear Mr Brandt,\n\nok", "greeting_name", "surname"),
        ("Dear Klaus Brandt,\n\nok", "greeting_name", "full"),
        ("Hi all,\n\nok", "greeting_name", "none"),
        ("ok", "greeting_name", None),
        ("Hi Klaus -\n\nok", "greeting_mark", "dash"),
        ("It is so.\n\nmaren", "sign_name", "first"),
        ("It is so.\n\nM.", "sign_name", "initial"),
        ("It is so. MH", "sign_name", "initial"),
        ("It is so.\n\nBest,\nMaren Holt", "sign_name", "full"),
        ("Hi Klaus,\n\none two three\n\nBest,\nMaren", "words", 3),
        ("One two. Three four five six.", "sentence_words", 3),
        ("Hi Klaus,\n\nOne.\n\nTwo.\n\nBest,\nMaren", "paragraphs", 2),
        ("I don't know and it is late.", "contractions", 0.5),
        ("Tuesday works.", "contractions", None),
        ("no idea. Call me.", "case", 0.5),
        ("Two:\n\n- one\n- two\n- three", "case", 0),
        ("Sehr geehrter Herr Brandt,\n\nhaben Sie Dank. Es ist da.", "case", 0),
        ("CALL me", "capitals", 0.5),
        ("Great!! Call me.", "exclamation", 0.5),
        ("Why? Because.", "question", 0.5),
        ("It came - at last - and it is fine.", "dash", 2),
        ("Pages 2 - 4 and a built-in one--no more.", "dash", 1),
        ("well... no", "ellipsis", 1),
        ("It came; it is fine ;)", "semicolon", 1),
        ("It came (at last) :)", "parenthesis", 1),
        ("First line.\n\nsecond line", "full_stop", 0.5),
        ("Is it?", "full_stop", None),
        ("Two:\n- one\n- two", "bullets", 2 / 3),
        ("Perhaps it came.", "hedges", 100 / 3),
        ("Please call me now.", "politeness", 25),
        ("Call me now.\n\nThanks,\nMaren", "politeness", None),
        ("see you 🙂", "emoji", 50),
        ("call me asap please", "abbreviations", 25),
        ("Können Sie mir das bitte senden?", "address", "sie"),
        ("Kannst du mir das bitte senden?", "address", "du"),
        ("Kannst du mir das bitte senden?", "language", "de"),
    ],
)
def test_each_dimension_counts_what_it_says(text: str, dimension: str, value: float | str | None) -> None:
    measured = getattr(style.measure(text, _KLAUS, _MAREN), dimension)
    assert measured == (pytest.approx(value) if isinstance(value, float | int) else value)


def test_the_table_defines_every_field_of_a_style_and_no_other() -> None:
    assert {dimension.name for dimension in DIMENSIONS} == set(style.Style.__slots__)


def test_every_scale_is_a_real_difference_within_the_range() -> None:
    assert all(dimension.scale > 0 and 0 < dimension.weight <= 1 for dimension in DIMENSIONS)
    assert all(d.scale <= d.high for d in DIMENSIONS if d.kind is not Kind.COUNT)


# --- properties of the distance --------------------------------------------------------------------

_LISTED = {
    word
    for phrases in (
        *(
            p
            for lists in (lexicon.GREETINGS, lexicon.SIGN_OFFS, lexicon.HEDGES, lexicon.POLITENESS)
            for p in lists.values()
        ),
        *lexicon.FUNCTION_WORDS.values(),
        *lexicon.ABBREVIATIONS.values(),
        lexicon.VOCATIVES,
        lexicon.TITLES,
        lexicon.DOTTED,
        lexicon.CALENDAR_WORDS,
        lexicon.SLURRED,
    )
    for phrase in phrases
    for word in re.split(r"[\W_]+", phrase)
}
_CONSONANTS = st.text(alphabet=sorted(set(string.ascii_lowercase) - set("aeiouxy")), min_size=4, max_size=9)
_CONTENT = _CONSONANTS.filter(lambda word: word not in _LISTED)
_SLOT, _CAPITAL_SLOT = "\0", "\1"  # stand for a content word
_GLUE = st.sampled_from(
    "the|and|of|to|I|we|you|it is|I don't|we will|that is|not|perhaps|please|thanks|asap|- and|; then|"
    "but, if|(of it)|:".split("|")
)
_PHRASE = st.lists(st.one_of(_GLUE, st.just(_SLOT), st.just(_SLOT)), min_size=1, max_size=9)
_SENTENCE = st.tuples(_PHRASE, st.sampled_from([".", "!", "?", "...", ""]), st.booleans()).map(
    lambda made: (_CAPITAL_SLOT + " " if made[2] else "") + " ".join(made[0]) + made[1]
)
_BODY = st.lists(_SENTENCE, min_size=1, max_size=5).flatmap(
    lambda made: st.sampled_from([" ".join(made), "\n\n".join(made), "\n- ".join(["", *made])])
)
_MAIL = st.tuples(
    st.sampled_from(
        ["", "Hi,\n\n", f"Hi {_CAPITAL_SLOT},\n\n", f"{_CAPITAL_SLOT}:\n", "Dear all,\n\n", "hey\n"]
    ),
    _BODY,
    st.sampled_from(["", "\n\nCheers,\nD", "\n\nthanks\nd", "\n\nBest wishes"]),
).map("".join)


def _filled(mail: str, words: list[str]) -> str:
    given_words = iter(words)
    return re.sub(
        f"[{_SLOT}{_CAPITAL_SLOT}]",
        lambda slot: next(given_words).capitalize() if slot.group() == _CAPITAL_SLOT else next(given_words),
        mail,
    )


@st.composite
def _twins(draw: st.DrawFn) -> tuple[str, str]:
    """Two mails that differ in their content words only; a word is replaced by one as long."""
    mail = draw(_MAIL)
    first = [draw(_CONTENT) for _ in range(mail.count(_SLOT) + mail.count(_CAPITAL_SLOT))]
    second = [
        draw(
            st.text(alphabet="bcdfghjklmnpqrstvz", min_size=len(w), max_size=len(w)).filter(
                lambda x: x not in _LISTED
            )
        )
        for w in first
    ]
    return _filled(mail, first), _filled(mail, second)


_STYLES = _twins().map(lambda twins: style.measure(twins[0], _KLAUS, _MAREN))


@settings(deadline=None)
@given(_twins())
def test_other_content_words_of_the_same_length_change_nothing(twins: tuple[str, str]) -> None:
    one, other = (style.measure(text) for text in twins)
    assert one == other
    assert style.distance(one, other) == 0


@settings(deadline=None)
@given(_STYLES)
def test_a_style_is_at_no_distance_from_itself(measured: style.Style) -> None:
    assert style.distance(measured, measured) == 0
    assert set(style.differences(measured, measured).values()) <= {0}


@settings(deadline=None)
@given(_STYLES, _STYLES)
def test_distance_is_symmetric_and_between_0_and_1(a: style.Style, b: style.Style) -> None:
    assert style.distance(a, b) == style.distance(b, a)
    assert 0 <= style.distance(a, b) <= 1
    assert all(0 <= apart <= 1 for apart in style.differences(a, b).values())


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_measured_within_the_ranges_of_the_table(text: str) -> None:
    measured = style.measure(text, _KLAUS, _MAREN)
    for dimension in DIMENSIONS:
        value = getattr(measured, dimension.name)
        if isinstance(value, float):
            assert dimension.low <= value <= dimension.high


@pytest.mark.parametrize("piece", ["Bob,", ".", "a@", "(", "- ", "A.", " ", "thanks "])
def test_one_line_without_end_is_measured_in_good_time(piece: str) -> None:
    # "Bob," 15,000 times once took 72 s: an address was looked for from every letter to the end of the line.
    before = time.process_time()
    style.measure(f"It is. {piece * (60_000 // len(piece))} b")
    assert time.process_time() - before < 15


def test_what_only_one_text_shows_counts_half() -> None:
    one, other = style.measure("Tuesday works."), style.measure("I don't.")
    assert style.differences(one, other)["contractions"] == 0.5
    assert "address" not in style.differences(one, other)


def test_ten_words_more_matter_more_in_a_note_than_in_a_letter() -> None:
    note, longer_note = style.measure("word " * 5), style.measure("word " * 15)
    letter, longer_letter = style.measure("word " * 200), style.measure("word " * 210)
    assert (
        style.differences(note, longer_note)["words"] > 10 * style.differences(letter, longer_letter)["words"]
    )


# --- the document ----------------------------------------------------------------------------------

_DOC = (Path(__file__).parents[2] / "docs" / "style.md").read_text("utf-8")
_EXAMPLES = dict(re.findall(r"```text (\w+)\n(.*?)\n```", _DOC, re.DOTALL))


def _shown(value: object) -> str:
    return "–" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)


def test_the_document_lists_every_dimension_with_the_scale_and_weight_in_use() -> None:
    listed = re.findall(r"^\| `(\w+)` \|.*\| ([\d.]+) \| ([\d.]+) \|[^|]*\|$", _DOC, re.MULTILINE)
    assert listed == [(d.name, f"{d.scale:g}", f"{d.weight:g}") for d in DIMENSIONS]


def test_the_worked_examples_measure_what_the_document_says() -> None:
    header, *rows = re.findall(r"^\| (worked|`\w+`) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", _DOC, re.MULTILINE)
    one, other = (style.measure(_EXAMPLES[name.strip()]) for name in header[1:3])
    apart = style.differences(one, other)
    assert len(rows) == len(DIMENSIONS) - 1  # all but function_words
    for name, first, second, difference in rows:
        field = name.strip("`")
        assert (_shown(getattr(one, field)), _shown(getattr(other, field))) == (first, second)
        assert _shown(apart.get(field)) == difference


def test_the_distance_of_the_worked_examples_is_the_one_in_the_document() -> None:
    said = re.search(r"distance of the two is \*\*([\d.]+)\*\*", _DOC)
    one, other = (style.measure(text) for text in list(_EXAMPLES.values())[:2])
    assert said is not None
    assert f"{style.distance(one, other):.3f}" == said[1]


def test_a_name_in_the_greeting_counts_with_the_greeting_and_not_with_the_body() -> None:
    assert anatomy.parts("Hi Klaus,\n\nok").body == "ok"
    assert style.measure("Hi Klaus,\n\nok").words == 1


def test_shouted_words_with_an_apostrophe_count_as_capitals() -> None:
    text = "Hi Bob,\n\nDON'T open the kiln before B2B and X-RAY are there.\n\nAna"

    assert style.measure(text).capitals == pytest.approx(2 / 10)
