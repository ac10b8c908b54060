from bisect import bisect_left
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2tui.data.builtin.catalogue import CATALOGUE, check_settings, dataset_info, recommended_settings
from l2tui.settings import ACTIVATIONS, CRITERIA, Settings, changed
from l2tui.tui.ladders import L2_LADDER, PACE_LADDER, choices_for, step_value
from l2tui.view.settings_rows import PANEL_SETTINGS

NUMBERS = ("l2", "learning_rate", "noise", "label_noise", "hidden", "epochs", "train_size", "batch_size")


def put(settings: Settings, name: str, direction: int) -> Settings:
    value = step_value(settings, name, direction)
    return changed(settings, **{name: "max" if name == "pace" and value is None else value})


def test_lambda_climbs_in_half_decades_from_zero_to_one() -> None:
    assert L2_LADDER[0] == 0
    assert L2_LADDER[-1] == 1
    for low, high in pairwise(L2_LADDER[1:]):
        assert high / low == pytest.approx(3) or high / low == pytest.approx(10 / 3)


@pytest.mark.parametrize("data", CATALOGUE)
@pytest.mark.parametrize("name", PANEL_SETTINGS)
def test_every_value_on_the_way_is_allowed_and_the_way_back_leads_home(data: str, name: str) -> None:
    start = recommended_settings(data, pace=100)
    for direction in (1, -1):
        settings, steps = start, 0
        while steps < 30 and name != "data":
            moved = put(settings, name, direction)
            if moved == settings:
                break
            check_settings(dataset_info(data), moved)
            back = step_value(moved, name, -direction)
            assert back == getattr(settings, name), (data, name, getattr(moved, name))
            settings, steps = moved, steps + 1


@pytest.mark.parametrize("name", [*NUMBERS, "pace"])
def test_the_ends_of_a_ladder_hold(name: str) -> None:
    for direction in (1, -1):
        settings = recommended_settings("moons", pace=100)
        for _ in range(40):
            settings = put(settings, name, direction)
        assert step_value(settings, name, direction) == getattr(settings, name)
        assert step_value(settings, name, -direction) != getattr(settings, name)


@given(
    name=st.sampled_from(["l2", "learning_rate"]),
    value=st.floats(1e-9, 1e6),
    direction=st.sampled_from([1, -1]),
)
def test_a_typed_value_moves_to_the_nearest_rung_on_that_side(name: str, value: float, direction: int) -> None:
    settings = recommended_settings("moons", **{name: value})
    rungs = {settings_value(name, start) for start in (1e-9, 1e9)}
    moved = step_value(settings, name, direction)
    assert moved == value or (moved - value) * direction > 0
    between = [rung for ladder in rungs for rung in ladder if min(value, moved) < rung < max(value, moved)]
    assert between == []


def settings_value(name: str, start: float) -> tuple[float, ...]:
    """All rungs that are met from one end to the other."""
    settings = recommended_settings("moons", **{name: start})
    direction = 1 if start < 1 else -1
    rungs: list[float] = []
    while (value := step_value(settings, name, direction)) != getattr(settings, name):
        rungs.append(value)
        settings = changed(settings, **{name: value})
    return tuple(rungs)


def test_choices_go_round() -> None:
    for name, choices in (("data", tuple(CATALOGUE)), ("activation", ACTIVATIONS), ("criterion", CRITERIA)):
        assert choices_for(name) == choices
        settings = recommended_settings("moons")
        seen = [getattr(settings, name)]
        for _ in choices:
            seen.append(step_value(changed(settings, **{name: seen[-1]}), name, 1))
        assert set(seen) == set(choices)
        assert seen[0] == seen[-1]


def test_a_switch_goes_on_and_off() -> None:
    settings = recommended_settings("moons")
    assert step_value(settings, "stop_on_overfit", 1) is True
    assert step_value(changed(settings, stop_on_overfit=True), "stop_on_overfit", 1) is False
    assert choices_for("stop_on_overfit") == ()
    assert choices_for("l2") == ()


def test_noise_of_a_real_table_stays_none() -> None:
    assert step_value(recommended_settings("wine"), "noise", 1) is None


def test_the_batch_ends_at_all_rows() -> None:
    settings = recommended_settings("moons", train_size=100, batch_size=64)
    assert step_value(settings, "batch_size", 1) == 100
    assert step_value(changed(settings, batch_size=100), "batch_size", 1) == 100
    assert step_value(changed(settings, batch_size=5000), "batch_size", -1) == 100


def test_pace_has_max_at_its_top() -> None:
    assert PACE_LADDER[-1] is None
    assert list(PACE_LADDER[:-1]) == sorted(PACE_LADDER[:-1])
    fastest = recommended_settings("moons")
    assert fastest.pace is None
    assert step_value(fastest, "pace", 1) is None
    assert step_value(fastest, "pace", -1) == PACE_LADDER[-2]
    odd = changed(fastest, pace=70)
    assert PACE_LADDER[bisect_left(PACE_LADDER[:-1], 70)] == step_value(odd, "pace", 1)


def test_a_seed_is_never_negative() -> None:
    settings = recommended_settings("moons", seed=1)
    assert step_value(settings, "seed", -1) == 0
    assert step_value(changed(settings, seed=0), "seed", -1) == 0
    last = 2**32 - 1
    assert step_value(changed(settings, seed=last), "seed", 1) == last
