"""What was measured, in words."""

import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from l2tui.runs.events import Facts
from l2tui.settings import changed
from l2tui.view.measures import LatestMeasures, last_measured, measure_forms, measures_of, shrink_of
from l2tui.view.palette import palette_named
from l2tui.view.run_view import RunView
from l2tui.view.status import draw_facts
from tests.tui.made_up_runs import MOONS, make_snapshot

PALETTE = palette_named("l2tui-dark")


@pytest.mark.parametrize("l2", [0.0, 1e-12, 1e-3, 0.3])
def test_the_shrinking_is_what_repeated_steps_take(l2: float) -> None:
    weight = 1.0
    for _ in range(7):
        weight -= 0.5 * 2 * l2 * weight
    assert shrink_of(MOONS, l2, 0.5, 7) == pytest.approx(1 - weight, rel=1e-3, abs=1e-15)


def test_where_l2_does_not_say_what_decay_takes_nothing_is_said() -> None:
    assert shrink_of(changed(MOONS, optimizer="adam"), 1e-3, 0.1, 7) is None
    assert shrink_of(changed(MOONS, optimizer="adamw"), 1e-3, 0.1, 7) == shrink_of(MOONS, 1e-3, 0.1, 7)
    assert shrink_of(MOONS, 1.0, 0.5, 7) is None


def test_momentum_takes_in_the_long_run_what_its_steps_take() -> None:
    settings = changed(MOONS, optimizer="momentum", momentum=0.9)
    weight, velocity, after = 1.0, 0.0, []
    for _ in range(40):
        for _ in range(50):
            velocity = 0.9 * velocity + 0.01 * 2 * 1e-3 * weight
            weight -= velocity
        after.append(weight)
    assert shrink_of(settings, 1e-3, 0.01, 50) == pytest.approx(1 - after[-1] / after[-2], rel=0.01)


def test_the_words_say_how_far_a_step_moves_the_output_and_fit_a_small_terminal() -> None:
    forms = measure_forms(LatestMeasures(14.23, 0.007))
    assert forms[0].startswith("sensitivity 14.2: inputs that are 0.1 off move the output by up to 1.4 · ")
    assert next(form for form in forms if len(form) <= 49) == "sensitivity 14.2: input ±0.1, output up to ±1.4"
    assert "decay takes 0.70 % of a weight an epoch" in forms[0]
    assert list(map(len, forms)) == sorted(map(len, forms), reverse=True)
    assert measure_forms(LatestMeasures()) == ("",)
    assert measure_forms(LatestMeasures(math.inf)) == ("",)


def test_wrong_labels_are_in_the_edge_of_a_small_gauge_and_in_the_facts() -> None:
    shown = make_snapshot(facts=Facts("classification", (200, 200, 1000), (2, 64, 1), wrong_labels=40))
    count = len(shown)
    columns = {**shown.columns, "wrong_memorised": np.full(count, 39.0), "wrong_right": np.full(count, 1.0)}
    shown = replace(shown, columns=columns)
    assert next(form for form in measure_forms(measures_of(shown)) if len(form) <= 49).endswith(
        "39 of 40 wrong labels memorised"
    )
    facts = draw_facts(RunView(MOONS, shown), PALETTE).plain
    assert "wrong label 39 of 40 memorised" in facts
    assert "1 named right" in facts


def test_a_measure_is_the_last_one_before_the_cursor() -> None:
    shown = make_snapshot(epochs=400)
    assert last_measured(shown, "sensitivity") == 384
    assert last_measured(shown, "sensitivity", 383) == 256
    assert measures_of(shown, 383).sensitivity == shown.column("sensitivity")[256]
    assert last_measured(shown, "mean_data_grad_norm_1", 0) is None


def test_no_facts_of_an_earlier_version_are_needed() -> None:
    old = msgspec.json.decode(b'{"task": "regression", "rows": [1, 2, 3], "shape": [1, 2, 1]}', type=Facts)
    assert old.uninformed_loss is None
    assert old.wrong_labels == 0
