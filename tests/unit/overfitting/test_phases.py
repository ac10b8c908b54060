"""What is said after something was changed: of the phase that the change began, with proof, and without flicker."""

import math
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from l2tui.data.builtin.catalogue import recommended_settings
from l2tui.data.prepare import prepare
from l2tui.overfitting import CRITERIA, Assessment, Change, Known, Watch, assess, evaluate
from l2tui.overfitting.phase import Phase
from l2tui.overfitting.trend import Trend
from l2tui.settings import CriterionName
from l2tui.training.trainer import Trainer

Losses = Callable[[int], tuple[float, float]]


def overfitting(epoch: int) -> tuple[float, float]:
    """Train falls; val falls to 0.25 at epoch 60 and rises from there."""
    return 0.6 * math.exp(-epoch / 200) + 0.02, 0.25 + 0.005 * max(0, 60 - epoch) + 0.0006 * max(0, epoch - 60)


def towards(train: float, val: float, start: tuple[float, float], changed: int) -> Losses:
    """Both losses go to new levels from where they were at the change."""

    def losses(epoch: int) -> tuple[float, float]:
        left = math.exp(-(epoch - changed) / 15)
        return train + (start[0] - train) * left, val + (start[1] - val) * left

    return losses


def follow(watch: Watch, losses: Losses, epochs: range) -> Watch:
    for epoch in epochs:
        watch = watch.update(epoch, *losses(epoch))
    return watch


def raised(l2: float, train: float, val: float, epochs: int = 300) -> Watch:
    """A run that overfits until λ is raised at epoch 400, in five presses, to bring the losses to a level."""
    watch = follow(Watch.start("growing", 0.0, 0.69), overfitting, range(400))
    for press in range(5):
        watch = watch.changed(Change(399 + press, "l2", l2 * 10 ** ((press - 4) / 2)))
        watch = watch.update(400 + press, *overfitting(400))
    return follow(watch, towards(train, val, overfitting(400), 404), range(405, 405 + epochs))


def test_a_change_that_helped_is_said_to_work_first_with_the_numbers_of_before_and_now() -> None:
    said = assess(raised(1e-3, 0.18, 0.26, 60), 1e-3)
    assert (said.verdict, said.headline) == ("working", "λ 0.001 is working")
    assert said.evidence == "val 0.44 -> 0.27 since epoch 399, gap 0.33 -> 0.092"
    assert said.phase_epoch == 399


def test_a_level_where_the_smaller_l2_only_passed_is_about_right_and_stays_so() -> None:
    watch = raised(1e-3, 0.18, 0.26)
    assert assess(watch, 1e-3).verdict == "about_right"
    assert assess(watch, 1e-3).direction == "stay"
    noise = random.Random(1)
    for epoch in range(705, 3000):
        watch = watch.update(epoch, 0.18 + 0.01 * noise.gauss(0, 1), 0.26 + 0.01 * noise.gauss(0, 1))
        assert assess(watch, 1e-3).verdict == "about_right"


def test_both_losses_above_what_the_smaller_l2_had_is_too_strong_with_its_proof() -> None:
    said = assess(raised(0.1, 0.6, 0.62), 0.1)
    assert (said.verdict, said.direction, said.advice) == ("l2_too_strong", "down", "lower λ")
    assert said.evidence == "val 0.62, train 0.6; before epoch 399 with λ 0 they were 0.443, 0.11"


def test_a_level_that_is_worse_with_train_below_asks_for_more() -> None:
    said = assess(raised(1e-5, 0.05, 0.4), 1e-5)
    assert (said.verdict, said.direction) in (("working", "up"), ("overfitting", "up"))


def test_five_presses_are_one_phase_and_a_later_change_another() -> None:
    watch = raised(1e-3, 0.18, 0.26, 60)
    assert (watch.phase.began, watch.phase.changed, watch.phase.l2_before) == (399, 403, 0.0)
    later = watch.changed(Change(464, "l2", 0.0))
    assert (later.phase.began, later.phase.changed, later.phase.l2_before) == (464, 464, 1e-3)
    assert later.trend == Trend()
    assert [low.l2 for low in later.phase.lows] == [0.0, 1e-3]


def test_a_fall_that_was_under_way_is_not_the_changes_doing() -> None:
    def falling(epoch: int) -> tuple[float, float]:
        return 0.1 + math.exp(-epoch / 100), 0.2 + math.exp(-epoch / 100)

    watch = follow(Watch.start("growing"), falling, range(100)).changed(Change(99, "l2", 1e-3))
    assert assess(follow(watch, falling, range(100, 160)), 1e-3).verdict == "learning"


def test_weights_that_collapse_under_the_penalty_are_too_strong_from_the_start() -> None:
    level = [(0.6931, 0.6935)] * 300
    train, val = zip(*level, strict=True)
    said = assess(evaluate("growing", range(300), train, val, l2=0.3, nothing=0.693), 0.3)
    assert (said.verdict, said.evidence) == ("l2_too_strong", "train 0.693, no better than knowing nothing (0.693)")
    assert assess(evaluate("growing", range(300), train, val, nothing=0.693), 0.0).verdict == "plateau"


def test_a_loss_that_is_finite_but_absurd_is_as_good_as_diverged() -> None:
    watch = follow(Watch.start("growing", 0.0, 0.69), lambda epoch: (9e9, 9e9) if epoch else (0.7, 0.7), range(100))
    said = assess(watch, 0.0)
    assert (said.verdict, said.advice) == ("diverged", "lower the learning rate")
    short = follow(Watch.start("growing", 0.0, 0.69), lambda epoch: (9e9, 9e9) if epoch else (0.7, 0.7), range(5))
    assert assess(short, 0.0, ended=True).verdict == "diverged"


KNOWN = [Known(0.0, 0.42), Known(1e-3, 0.25), Known(1e-1, 0.48)]


@pytest.mark.parametrize(
    ("l2", "val", "verdict", "direction"),
    [(0.0, 0.42, "l2_too_weak", "up"), (0.1, 0.48, "l2_too_strong", "down"), (1e-3, 0.25, "about_right", "stay")],
)
def test_other_runs_tell_what_one_cannot(l2: float, val: float, verdict: str, direction: str) -> None:
    watch = follow(Watch.start("growing", l2), lambda epoch: (0.2, val), range(300))
    said = assess(watch, l2, KNOWN)
    assert (said.verdict, said.direction) == (verdict, direction)
    assert assess(watch, l2, [Known(l2, 0.1)]).verdict == "plateau"


def steered(seed: int, **values: Any) -> Iterator[Assessment]:
    """The README's first minutes: moons, and five presses at epoch 430 that raise λ to 0.001."""
    settings = recommended_settings("moons", seed=seed, epochs=1500, **values)
    trainer = Trainer(settings, prepare(settings))
    presses = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3]
    while not trainer.finished:
        if trainer.advance(seconds=60) is None:
            continue
        if presses and trainer.epoch >= 430 and trainer.epoch % 5 == 0:
            trainer.set("l2", presses.pop(0))
        if trainer.epoch > 450 and trainer.epoch % 10 == 0:
            yield assess(trainer.watch, trainer.settings.l2)


@pytest.mark.parametrize(
    "values", [{"learning_rate": 0.1, "batch_size": 10}, {"learning_rate": 0.4, "batch_size": 16}], ids=["slow", "fast"]
)
def test_the_right_thing_is_said_after_the_five_presses_of_the_readme(values: dict[str, Any]) -> None:
    works = right = 0
    for seed in range(10):
        said = list(dict.fromkeys(one.verdict for one in steered(seed, **values)))
        assert "l2_too_strong" not in said
        works += "working" in said
        right += "about_right" in said
        if "about_right" in said:
            assert said.index("working") < said.index("about_right")
    assert works >= 8
    assert right >= 7


@pytest.mark.parametrize("name", sorted(CRITERIA))
def test_the_best_weights_put_back_take_the_mark_down_and_all_words_agree(name: CriterionName) -> None:
    watch = follow(Watch.start(name), overfitting, range(400))
    was = watch.confirmed_epoch is not None
    watch = watch.changed(Change(399, "weights"))
    said = assess(watch, 0.0)
    assert (said.headline, said.confirmed_epoch, said.best_epoch) == ("Too early to tell", None, 60)
    assert watch.withdrawn == was
    assert "alarm" not in said.readout.replace("alarm at", "")
    assert not watch.criterion.fires
    again = follow(watch, lambda epoch: overfitting(epoch - 339), range(400, 700))
    assert assess(again, 0.0).verdict == "overfitting"
    assert again.confirmed_epoch is not None
    assert again.best_epoch == 60


def test_phases_remember_a_few_levels_only() -> None:
    phase, trend = Phase(), Trend(seen=100, low_train=0.1, low_val=0.2)
    for notch in range(50):
        phase = phase.next(Change(notch, "l2", notch / 100), trend, marked=False)
    assert len(phase.lows) == 8
