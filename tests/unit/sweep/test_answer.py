"""What a sweep says is true of the losses that it was given."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l2tui.sweep.answer import answer, compare
from l2tui.sweep.race import rung_epochs, stretch_ends, survivors, tail_length
from l2tui.sweep.results import Lane, Results

GRID = (0.0, 1e-4, 1e-3, 1e-2, 1e-1)


def losses(*means, folds=5, spread=0.0, seed=0):
    noise = np.random.default_rng(seed).normal(0, spread, (folds, len(means)))
    return np.array(means) + noise


def said(level, best=None, **options):
    best = np.minimum(level, level.min(axis=1, keepdims=True)) if best is None else best
    return answer(GRID, level, best, val_share=0.25, **options)


def test_decay_that_helps_is_named_with_its_gain():
    level = losses(0.5, 0.4, 0.2, 0.3, 0.6) + np.arange(5)[:, None] * 0.01
    found = said(level)
    assert (found.verdict, found.best_l2) == ("helps", 1e-3)
    assert found.helps.wins == 5
    assert found.helps.gain == pytest.approx(1 - level[:, 2].mean() / level[:, 0].mean())
    assert "beats no decay" in found.sentence
    assert "±" in found.sentence


def test_where_no_decay_is_as_good_it_says_so():
    found = said(losses(0.2, 0.2, 0.21, 0.4, 0.6, spread=0.01))
    assert found.verdict == "no_help"
    assert found.low == 0.0
    assert "does not help" in found.sentence


def test_a_loss_that_still_falls_at_the_edge_is_no_answer_yet():
    assert said(losses(0.6, 0.5, 0.4, 0.3, 0.2)).verdict == "edge"


def test_folds_that_disagree_are_not_enough():
    level = losses(0.5, 0.5, 0.3, 0.5, 0.6)
    level[:3, 2] = 0.51
    level[3:, 2] = 0.2
    found = said(level)
    assert (found.verdict, found.best_l2, found.helps.wins) == ("cannot_tell", 1e-3, 2)
    assert found.sentence.startswith("Cannot tell: λ = 0.001 beats no decay by 23 ± ")


def test_a_large_gain_in_most_folds_is_said_to_be_one_on_average():
    level = losses(0.5, 0.5, 0.3, 0.5, 0.6)
    level[:2, 2] = 0.94
    level[2:, 2] = 0.1
    found = said(level)
    assert (found.verdict, found.helps.wins) == ("helps", 3)
    assert found.helps.gain < found.helps.error
    assert found.sentence.startswith("On average λ = 0.001 beats no decay by 13 ± ")


def test_no_decay_is_as_good_only_where_the_gain_is_small():
    """A λ that is a tenth better in half of the folds is no proof that decay does nothing."""
    level = losses(0.5, 0.5, 0.4, 0.5, 0.6)
    level[:3, 2] = 0.505
    found = said(level)
    assert (found.low, found.verdict) == (0.0, "cannot_tell")
    assert "does not help" not in found.sentence


def test_one_fold_makes_no_claim_of_an_interval():
    found = said(losses(0.5, 0.4, 0.2, 0.3, 0.6, folds=1))
    assert found.helps.error is None
    assert found.one_se_l2 is None
    assert "without an interval" in found.sentence


def test_lambda_that_left_early_or_diverged_is_never_the_best():
    level = losses(0.5, 0.4, 0.2, 0.3, 0.6)
    level[3, 2] = np.nan
    assert said(level).best_l2 == 1e-2
    level[:] = np.nan
    assert said(level).verdict == "diverged"
    assert said(level, done=False).verdict == "waiting"


def test_by_the_best_epoch_another_lambda_may_win():
    level, best = losses(0.5, 0.4, 0.2, 0.3, 0.6), losses(0.15, 0.14, 0.19, 0.25, 0.6)
    assert said(level, best).best_l2 == 1e-3
    found = said(level, best, judge="best")
    assert found.best_l2 == 1e-4
    assert found.stopping is None


def test_stopping_is_compared_with_the_end_at_the_best_lambda():
    found = said(losses(0.5, 0.4, 0.2, 0.3, 0.6), losses(0.1, 0.1, 0.15, 0.3, 0.6))
    assert found.stopping.gain == pytest.approx(0.5)
    assert "better" in found.sentence


@settings(deadline=None)
@given(st.integers(2, 12), st.integers(0, 10**6), st.floats(0.05, 1.0))
def test_the_error_of_a_gain_is_the_corrected_one(folds, seed, share):
    rng = np.random.default_rng(seed)
    one, other = rng.uniform(0.1, 1, folds), rng.uniform(0.1, 1, folds)
    found = compare(one, other, share)
    variance = np.var(other - one, ddof=1)
    assert found.error == pytest.approx(np.sqrt((1 / folds + share) * variance) / other.mean())


@settings(deadline=None)
@given(st.integers(2, 40), st.integers(1, 8), st.integers(0, 10**6), st.booleans(), st.integers(0, 2))
def test_a_rung_drops_only_what_is_far_behind_or_says_what_zero_says(count, folds, seed, diverge, rung):
    rng = np.random.default_rng(seed)
    grid = (0.0, *np.geomspace(1e-6, 1, count - 1))
    levels, alive = rng.uniform(1.0, 1.5, (folds, count)), rng.uniform(size=count) < 0.8
    if diverge:
        levels[rng.integers(folds), rng.integers(count)] = np.nan
    stay = survivors(grid, levels, alive, rung)
    mean = np.where(alive, levels.mean(axis=0), np.nan)
    usable = np.flatnonzero(np.isfinite(mean))
    assert set(np.flatnonzero(stay)) <= set(usable)
    if not len(usable):
        return
    assert stay[usable[np.argmin(mean[usable])]]
    assert stay[0] == (0 in usable)
    lowest = np.nanmin(mean)
    for lane in usable:
        alike = stay[0] and np.allclose(levels[:, lane], levels[:, 0], rtol=0.01)
        assert stay[lane] or alike or mean[lane] > lowest * (1 + (0.3, 0.2, 0.1)[rung])


def test_small_lambdas_that_are_ahead_by_little_at_first_do_not_win_the_race():
    # What overfits later is ahead at the first rung: the better λ is not among the better half then.
    early = losses(0.300, 0.301, 0.303, 0.310, 0.330, folds=3)
    assert survivors(GRID, early, np.ones(5, bool), 0)[2:4].all()


def test_what_says_the_same_as_no_decay_leaves_at_once():
    stay = survivors(GRID, losses(0.5, 0.5001, 0.4, 0.45, 0.9, folds=3), np.ones(5, bool), 0)
    assert stay.tolist() == [True, False, True, True, False]


@given(st.integers(1, 10**7))
def test_stretches_end_at_the_rungs_and_hold_the_tail(epochs):
    ends = stretch_ends(epochs)
    assert ends[-1] == epochs
    assert ends == sorted(set(ends))
    for rung in rung_epochs(epochs):
        assert rung in ends
    longest = tail_length(epochs)
    assert longest <= max(1, ends[-1] - (ends[-2] if len(ends) > 1 else 0) + 1)


def test_a_small_gain_on_which_all_folds_agree_is_called_small():
    level = np.array([0.2, 0.5, 0.195, 0.5, 0.6]) + np.arange(5)[:, None] * 0.01
    found = said(level)
    assert (found.verdict, found.helps.wins) == ("cannot_tell", 5)
    assert found.sentence.startswith("Decay hardly helps here: λ = 0.001 beats no decay by 2 ±")


def test_a_sweep_that_was_stopped_at_once_has_no_answer_yet():
    assert Results(160).answer(val_share=0.25, judge="end", done=False).verdict == "waiting"


def test_a_level_of_an_earlier_epoch_does_not_lead():
    lanes = [
        Lane(fold, l2, epoch, left=epoch < 80, val_loss=loss, best_val_loss=loss)
        for fold in (0, 1)
        for l2, epoch, loss in ((0.0, 80, 0.5), (1e-4, 20, 0.1), (1e-3, 80, 0.3), (1e-2, 40, 0.2))
    ]
    assert Results(160, lanes).answer(val_share=0.25, judge="end", done=False).best_l2 == 1e-3
