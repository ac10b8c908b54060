"""A run as a row of a list."""

import math
from datetime import datetime

import msgspec
import pytest

from l2tui.runs.events import Origin
from l2tui.runs.info import RunInfo
from l2tui.view.run_rows import HEADS, run_row, run_words, sketch

RAISED = RunInfo(
    name="20240501-120000-moons-aaaa",
    path="/runs/a",
    state="stopped",
    data="moons",
    l2=0.1,
    best_l2=0.003,
    epoch=965,
    epochs=3000,
    best_val_loss=0.2349,
    best_epoch=458,
    final_val_loss=0.4378,
    final_val_accuracy=0.842,
    task="classification",
    verdict="overfitting",
    rank=3,
    ranked=14,
)
NOW = datetime.fromisoformat("2024-05-01T12:00:00+00:00")


def test_best_and_final_loss_stand_beside_the_l2_that_each_is_due_to() -> None:
    cells = dict(zip(HEADS, run_row(RAISED, NOW), strict=True))
    assert cells["λ ★→end"] == "0.003→0.1"
    assert cells["final"] == "0.4378"
    assert cells["acc/R²"] == "84.2 %"
    assert cells["rank"] == "3/14"
    words = run_words(RAISED)
    assert "best val 0.2349 at 458, λ 0.003" in words
    assert "final 0.4378, λ 0.1" in words
    assert "stopped 965/3000" in words


def test_a_fork_says_what_it_is_a_fork_of() -> None:
    origin = Origin("20240501-110000-moons-bbbb", 700)
    assert "fork of 0501-110000-moons-bbbb @700" in run_words(msgspec.structs.replace(RAISED, origin=origin))
    named = msgspec.structs.replace(origin, name="the best")
    own = Origin("par", 700)
    assert "fork of par @700" in run_words(msgspec.structs.replace(RAISED, origin=own))
    assert "fork of the best @700" in run_words(msgspec.structs.replace(RAISED, origin=named))
    assert "fork" not in run_words(RAISED)


@pytest.mark.parametrize("state", ["interrupted", "unreadable", "failed", "starting"])
def test_a_run_that_did_not_end_says_so_in_place_of_a_verdict(state: str) -> None:
    info = RunInfo(name="a", path="/runs/a", state=state, reason="damaged [red]\x1b")
    assert state in run_row(info, NOW)[HEADS.index("verdict")]
    assert state in run_words(info)
    assert run_words(info).isprintable()


def test_a_sketch_shows_a_rise_beside_a_high_start_and_makes_nothing_of_noise() -> None:
    assert sketch((9.0, 0.2, 0.3, 0.4, 0.5)) == "█▁▃▆█"
    assert sketch((9.0, 0.300, 0.305, 0.301)) in ("█▁▁▁", "█▁▂▁")
    assert sketch((1.0, math.inf, 0.5, math.nan)) == "██▁ "
    assert sketch(()) == sketch((math.nan,)) == "-"
    assert len(sketch((0.0,) * 12)) == len(sketch((1e308, -1e308) * 6)) == 12
