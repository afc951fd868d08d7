"""Rows without padding: nothing is lost, and what sequences have in common lies in a row once."""

from hypothesis import given
from hypothesis import strategies as st
from ownhand.trainer.backends import packing
from ownhand.trainer.backends.packing import Row, Segment, Sequence_

HEAD = tuple(range(100, 140))


@st.composite
def _sequences(draw: st.DrawFn) -> list[Sequence_]:
    """Some begin alike: few tokens, cut from few texts."""
    texts = draw(st.lists(st.lists(st.integers(0, 2), min_size=70, max_size=70), min_size=1, max_size=3))
    made = []
    for _ in range(draw(st.integers(1, 8))):
        text, cut = draw(st.sampled_from(texts)), draw(st.integers(1, 69))
        end = draw(st.lists(st.integers(0, 2), min_size=1, max_size=9))
        made.append(Sequence_((*text[:cut], *end), len(end)))
    return made


def _read(row: Row) -> list[tuple[tuple[int, ...], int]]:
    """The sequences of a row, and how many tokens of each are learned."""
    inner = {before for segment in row.segments for before in segment.before}
    found = []
    for segment in row.segments:
        if segment not in inner:
            path = [_tokens(row, one) for one in (*segment.before, segment)]
            places = [p for p in row.learned if segment.begin <= p < segment.begin + segment.length]
            found.append((tuple(token for part in path for token in part), len(places)))
    return found


def _tokens(row: Row, segment: Segment) -> list[int]:
    return row.tokens[segment.begin : segment.begin + segment.length]


@given(_sequences(), st.integers(1, 300))
def test_every_sequence_can_be_read_from_its_row(sequences: list[Sequence_], max_tokens: int) -> None:
    for shared in (False, True):
        made = list(packing.rows(sequences, max_tokens, shared=shared))

        read = sorted(one for row in made for one in _read(row))
        assert read == sorted((one.tokens, one.n_learned) for one in sequences)
        for row in made:
            assert [row.tokens[place + 1] for place in row.learned] == row.targets
            assert len(row.positions) == len(row.tokens) == sum(s.length for s in row.segments)


@given(_sequences())
def test_sharing_never_makes_a_row_longer(sequences: list[Sequence_]) -> None:
    [plain], [shared] = (list(packing.rows(sequences, 10**6, shared=how)) for how in (False, True))

    assert len(shared.tokens) <= len(plain.tokens)
    assert all(segment.length > 0 for segment in shared.segments)


def test_a_beginning_lies_once_and_positions_go_on_from_it() -> None:
    one, two, other = Sequence_((*HEAD, 1, 2), 1), Sequence_((*HEAD, 3, 4, 5), 2), Sequence_((7, 8), 1)

    [row] = packing.rows([one, other, two], 1000, shared=True)

    assert len(row.tokens) == 40 + 2 + 3 + 2
    assert row.positions == [0, 1, *range(40), 40, 41, 40, 41, 42]
    head = row.segments[1]
    assert [segment.before for segment in row.segments] == [(), (), (head,), (head,)]


def test_the_token_that_predicts_the_completion_is_never_shared() -> None:
    """It has another one to predict in each."""
    one, two = Sequence_((*HEAD, 1), 1), Sequence_((*HEAD, 2), 1)

    [row] = packing.rows([one, two], 1000, shared=True)

    assert row.segments[0].length == 39
    assert row.targets == [1, 2]


def test_a_row_is_cut_where_it_is_full() -> None:
    alike = [Sequence_((*HEAD, number, number), 1) for number in range(4)]

    lengths = [len(row.tokens) for row in packing.rows(alike, 46, shared=True)]
    plain = [len(row.tokens) for row in packing.rows(alike, 46)]

    assert plain == [42] * 4
    assert len(lengths) == 2 and max(lengths) <= 48
