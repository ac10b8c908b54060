"""The strip of λ under the chart."""

from itertools import accumulate, pairwise

from hypothesis import given
from hypothesis import strategies as st

from l2tui.settings import show_value
from l2tui.view.chart.strip import steps_of

LADDER = (0.0, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 1.0)


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[int, float, float]]:
    """Changes of λ at ascending columns, each from where the one before led to."""
    values = draw(st.lists(st.sampled_from(LADDER), min_size=2, max_size=20))
    columns = accumulate(draw(st.lists(st.integers(0, 30), min_size=len(values) - 1, max_size=len(values) - 1)))
    return [(column, old, new) for column, (old, new) in zip(columns, pairwise(values), strict=True)]


@given(changes=histories(), columns=st.integers(8, 120))
def test_texts_lie_side_by_side_inside_the_chart_and_end_at_the_newest_value(
    changes: list[tuple[int, float, float]], columns: int
) -> None:
    changes = [change for change in changes if change[0] < columns]
    steps = steps_of(changes, columns)
    assert all(step.start >= 0 and step.start + len(step.text) <= columns for step in steps)
    assert all(one.start + len(one.text) < other.start for one, other in pairwise(steps))
    for step in steps:
        # What a text says λ became is what it was at the last change that it tells of.
        newest = [new for column, _, new in changes if column <= step.last][-1]
        assert step.text.split()[-1].endswith(show_value("l2", newest)[-columns + 1 :])


def test_presses_in_one_direction_are_told_by_their_ends() -> None:
    presses = [(10 + k, old, new) for k, (old, new) in enumerate(pairwise(LADDER[:6]))]
    (step,) = steps_of(presses, 60)
    assert (step.first, step.last, step.start, step.text) == (10, 14, 10, "λ 0 → 0.001")


def test_a_turn_is_told_as_well() -> None:
    (step,) = steps_of([(10, 0.0, 1e-3), (11, 1e-3, 0.1), (12, 0.1, 0.0)], 60)
    assert step.text == "λ 0 → 0.1 → 0"


def test_changes_far_apart_are_told_one_by_one() -> None:
    steps = steps_of([(3, 0.0, 1e-3), (30, 1e-3, 1e-2), (55, 1e-2, 0.0)], 60)
    assert [(step.start, step.text) for step in steps] == [(3, "λ 0 → 0.001"), (30, "→ 0.01"), (55, "→ 0")]
