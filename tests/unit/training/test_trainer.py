import itertools
import math
import tracemalloc

import numpy as np
import pytest

from l2tui.errors import SettingsError
from l2tui.nn.network import data_loss, forward, gradients, penalty
from l2tui.settings import Settings
from l2tui.training.trainer import Trainer
from tests.unit.training.conftest import make_splits, make_trainer, run_out


def independent_training(weights, X, y, classes, learning_rate, l2, steps):
    """Full-batch descent written index by index with einsum; probabilities for both classes, 1-hot targets."""
    (W1, b1, W2, b2), n = (np.array(w) for w in weights), len(X)
    target = np.zeros((n, max(classes, 1)))
    if classes:
        target[np.arange(n), y] = 1.0
    for _ in range(steps):
        h = np.tanh(np.einsum("ni,ij->nj", X, W1) + b1)
        z = np.einsum("nj,jk->nk", h, W2) + b2
        if classes == 0:
            e = 2.0 * (z - y[:, None])
        elif classes == 2:
            e = 1.0 / (1.0 + np.exp(-z)) - target[:, 1:]
        else:
            e = np.exp(z) / np.exp(z).sum(axis=1)[:, None] - target
        back = np.einsum("nk,jk,nj->nj", e, W2, 1.0 / np.cosh(np.einsum("ni,ij->nj", X, W1) + b1) ** 2)
        W1, b1, W2, b2 = (
            W1 - learning_rate * (np.einsum("ni,nj->ij", X, back) / n + 2.0 * l2 * W1),
            b1 - learning_rate * back.mean(axis=0),
            W2 - learning_rate * (np.einsum("nj,nk->jk", h, e) / n + 2.0 * l2 * W2),
            b2 - learning_rate * e.mean(axis=0),
        )
    return W1, b1, W2, b2


@pytest.mark.parametrize("l2", [0.0, 1e-2])
@pytest.mark.parametrize("classes", [0, 2, 3])
def test_100_full_batch_steps_agree_with_an_independent_implementation(classes, l2):
    splits = make_splits(40, 4, classes)
    trainer = make_trainer(splits, batch_size=1000, epochs=100, l2=l2)
    assert trainer.steps_per_epoch == 1
    start = trainer.parameters.copy_weights()
    run_out(trainer)
    assert trainer.step == 100
    expected = independent_training(start, splits.X_train, splits.y_train, classes, 0.1, l2, 100)
    for a, b in zip(trainer.parameters.views(), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
@pytest.mark.parametrize("classes", [0, 2, 4])
def test_scikit_learn_takes_the_same_steps(classes, activation):
    """scikit-learn's objective is data + α/(2·m)·Σw² for a batch of m, and half the squared error for regression.

    So for classes α = 2·λ·m, and for regression (which halves the data loss) half the λ at twice the learning rate.
    """
    neural = pytest.importorskip("sklearn.neural_network")
    l2, rate, n = 0.01, 0.1, 40
    splits = make_splits(n, 4, classes)
    trainer = make_trainer(splits, batch_size=n, epochs=30, l2=l2, learning_rate=rate, activation=activation)
    start = trainer.parameters.copy_weights()
    half = 1 if classes else 2
    model = (neural.MLPClassifier if classes else neural.MLPRegressor)(
        hidden_layer_sizes=(5,),
        activation={"sigmoid": "logistic"}.get(activation, activation),
        solver="sgd",
        momentum=0.0,
        alpha=2 * l2 * n / half,
        learning_rate_init=rate * half,
        batch_size=n,
        shuffle=False,
    )
    fit = {"classes": np.arange(classes)} if classes else {}
    model.partial_fit(splits.X_train, splits.y_train, **fit)
    model.coefs_ = [start.W1.copy(), start.W2.copy()]
    model.intercepts_ = [start.b1.copy(), start.b2.copy()]
    model._optimizer.params = [*model.coefs_, *model.intercepts_]
    for _ in range(30):
        model.partial_fit(splits.X_train, splits.y_train)
    run_out(trainer)
    expected = (model.coefs_[0], model.intercepts_[0], model.coefs_[1], model.intercepts_[1])
    for a, b in zip(trainer.parameters.views(), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("classes", [0, 2, 3])
def test_a_record_is_what_the_plain_form_says_at_the_same_weights(classes, dtype):
    splits = make_splits(37, 3, classes)
    trainer = make_trainer(splits, l2=0.02, dtype=dtype)
    loss = {0: "mse", 2: "binary_cross_entropy", 3: "cross_entropy"}[classes]
    tight = 1e-11 if dtype == "float64" else 2e-6
    for _ in range(4):
        record = trainer.advance(seconds=10).record
        weights = trainer.parameters.copy_weights()
        wide = type(weights)(*(w.astype(np.float64) for w in weights))
        Z2 = forward(wide, splits.X_train, "tanh")[1]
        assert record.train_loss == pytest.approx(data_loss(Z2, splits.y_train, loss), rel=tight)
        Z2_val = forward(wide, splits.X_val, "tanh")[1]
        assert record.val_loss == pytest.approx(data_loss(Z2_val, splits.y_val, loss), rel=tight)
        assert record.penalty == pytest.approx(penalty(wide, 0.02), rel=tight)
        assert record.w1_norm == pytest.approx(np.linalg.norm(wide.W1), rel=tight)
        assert record.w2_max == pytest.approx(np.abs(wide.W2).max(), rel=tight)
        assert record.decay_grad_norm_1 == pytest.approx(0.04 * np.linalg.norm(wide.W1), rel=tight)
        if classes == 3:
            assert record.train_accuracy == np.mean(Z2.argmax(axis=1) == splits.y_train)
        assert (record.epoch, record.step) == (trainer.epoch, trainer.epoch * 5)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw"])
def test_the_data_gradient_shown_is_that_of_the_last_batch(optimizer):
    """Full-batch, so that the last batch is known: the gradient at the weights before the step."""
    splits = make_splits()
    trainer = make_trainer(splits, batch_size=100, optimizer=optimizer, l2=0.3, epochs=3)
    first = trainer.advance().record
    assert (first.data_grad_norm_1, first.data_grad_norm_2) == (0.0, 0.0)
    for _ in range(3):
        before = trainer.parameters.copy_weights()
        record = trainer.advance(seconds=10).record
        slope = gradients(before, splits.X_train, splits.y_train, "tanh", "binary_cross_entropy")
        assert record.data_grad_norm_1 == pytest.approx(np.linalg.norm(slope.W1), rel=1e-11)
        assert record.data_grad_norm_2 == pytest.approx(np.linalg.norm(slope.W2), rel=1e-11)
    trainer.set("learning_rate", 0.7)
    assert trainer.record().data_grad_norm_1 == record.data_grad_norm_1


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw"])
def test_a_larger_penalty_ends_with_smaller_weights(optimizer):
    norms = []
    for l2 in (0.0, 1e-4, 1e-3, 1e-2, 1e-1, 1.0):
        trainer = make_trainer(
            l2=l2, epochs=1500, batch_size=100, optimizer=optimizer, learning_rate=0.3 if optimizer == "sgd" else 0.03
        )
        record = run_out(trainer)[-1].record
        norms.append(record.w1_norm**2 + record.w2_norm**2)
    assert all(more > 1.002 * less for more, less in itertools.pairwise(norms)), norms


@pytest.mark.parametrize("classes", [0, 2, 3])
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
@pytest.mark.parametrize("settings", [{"learning_rate": 1e200}, {"l2": 1e4, "learning_rate": 1.0}])
@pytest.mark.parametrize("steps", [None, 1])
def test_divergence_is_a_verdict_and_never_a_recorded_nan(classes, activation, settings, steps):
    trainer = make_trainer(
        make_splits(37, 3, classes), activation=activation, epochs=400, **{"learning_rate": 0.1, **settings}
    )
    while not trainer.finished:
        end = trainer.advance(max_steps=steps, seconds=10)
        if end is not None and end.record is not None:
            assert math.isfinite(end.record.train_loss)
            assert math.isfinite(end.record.val_loss)
    assert np.isfinite(trainer.curve.losses()).all()
    assert np.isfinite(trainer.parameters.theta).all()
    assert np.isfinite(trainer.best_theta).all()
    if trainer.diverged:
        assert trainer.watch.diverged_epoch == trainer.epoch + 1 == len(trainer.curve)
        assert trainer.step == trainer.epoch * trainer.steps_per_epoch
        assert math.isfinite(trainer.record().val_loss)
    else:
        # The only way to survive such rates is to sit still.
        assert activation != "tanh" or classes == 2


def test_the_verdict_on_divergence_does_not_depend_on_how_the_steps_are_cut():
    ends = []
    for steps in (None, 1, 2, 3):
        trainer = make_trainer(make_splits(37, 3, 0), epochs=400, learning_rate=3.0, activation="relu")
        while not trainer.finished:
            trainer.advance(max_steps=steps, seconds=10)
        assert trainer.diverged
        ends.append((trainer.epoch, trainer.step, trainer.watch, trainer.parameters.theta.tobytes()))
    assert ends[1:] == ends[:-1]


def test_a_rate_made_huge_in_the_middle_of_an_epoch_is_caught_there():
    trainer = make_trainer(make_splits(37, 3, 0), epochs=50, activation="relu")
    trainer.advance()
    trainer.advance(seconds=10)
    kept = trainer.parameters.theta.copy()
    trainer.advance(max_steps=2)
    trainer.set("learning_rate", 1e300)
    assert trainer.advance(max_steps=2) is None
    assert trainer.diverged
    assert trainer.finished
    assert np.array_equal(trainer.parameters.theta, kept)
    assert (trainer.epoch, trainer.step, trainer.step_in_epoch) == (1, 5, 0)


def test_features_that_never_vary_and_logits_of_ten_thousand():
    splits = make_splits(37, 3, 3, X=np.zeros((94, 3)), y=np.arange(94) % 3)
    assert run_out(make_trainer(splits))[-1].record.train_loss == pytest.approx(math.log(3), rel=1e-2)
    wide = make_splits(37, 3, 3)
    trainer = make_trainer(wide, activation="relu", learning_rate=1e-6)
    trainer.parameters.views().W2[...] *= 1e5
    ends = run_out(trainer)
    assert not trainer.diverged
    assert all(math.isfinite(end.record.train_loss) for end in ends)
    assert ends[0].record.train_loss > 1e3


def test_the_first_call_is_the_untrained_network_and_the_last_epoch_ends_the_run():
    trainer = make_trainer(epochs=0)
    start = trainer.parameters.theta.copy()
    assert not trainer.finished
    end = trainer.advance()
    assert (end.epoch, end.record.epoch, end.improved, trainer.finished) == (0, 0, True, True)
    assert np.array_equal(trainer.parameters.theta, start)
    trainer = make_trainer(epochs=3)
    assert [end.epoch for end in run_out(trainer)] == [0, 1, 2, 3]
    assert trainer.step == 15


def test_advance_stops_at_the_steps_asked_for_and_always_gets_on():
    trainer = make_trainer()
    trainer.advance()
    assert trainer.advance(max_steps=2, seconds=10) is None
    assert (trainer.step, trainer.step_in_epoch) == (2, 2)
    assert trainer.advance(seconds=0.0) is None or trainer.epoch == 1
    assert trainer.step > 2
    assert trainer.advance(max_steps=100, seconds=10).epoch == trainer.epoch == 1


def test_the_best_weights_are_those_of_the_best_epoch():
    trainer = make_trainer(make_splits(20, 8), hidden=30, learning_rate=2.0, epochs=200)
    seen = []
    while not trainer.finished:
        end = trainer.advance(seconds=10)
        seen.append((end.record.val_loss, trainer.parameters.theta.copy()))
        assert end.improved == (end.record.val_loss < min([loss for loss, _ in seen[:-1]], default=math.inf))
    best = min(range(len(seen)), key=lambda epoch: seen[epoch][0])
    assert 0 < best < 200
    assert trainer.watch.best_epoch == best
    assert np.array_equal(trainer.best_theta, seen[best][1])
    trainer.restore_best()
    assert np.array_equal(trainer.parameters.theta, seen[best][1])
    assert trainer.record().val_loss == seen[best][0]


def test_what_cannot_change_while_training_is_refused():
    trainer = make_trainer()
    for name in ("hidden", "seed", "optimizer", "momentum", "nonsense"):
        with pytest.raises(ValueError, match="cannot change"):
            trainer.set(name, 1)
    with pytest.raises(SettingsError):
        trainer.set("l2", -1)


def test_above_16384_rows_train_loss_is_taken_on_a_fixed_sample():
    splits = make_splits(20_000, 2, 2)
    losses = [run_out(make_trainer(splits, epochs=0, seed=seed))[0].record for seed in (0, 0, 1)]
    assert losses[0] == losses[1]
    exact = data_loss(
        forward(make_trainer(splits).parameters.views(), splits.X_train, "tanh")[1],
        splits.y_train,
        "binary_cross_entropy",
    )
    assert losses[0].train_loss == pytest.approx(exact, rel=0.05)
    assert losses[0].train_loss != pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_recorded_losses_are_those_of_the_plain_form_at_the_same_weights(classes):
    splits = make_splits(257, 6, classes)
    trainer = make_trainer(splits, batch_size=32, epochs=30, hidden=30)
    loss = {0: "mse", 2: "binary_cross_entropy", 3: "cross_entropy"}[classes]
    record = run_out(trainer)[-1].record
    weights = trainer.parameters.views()
    train_loss = data_loss(forward(weights, splits.X_train, "tanh")[1], splits.y_train, loss)
    assert record.train_loss == pytest.approx(train_loss, rel=1e-12)
    val_loss = data_loss(forward(weights, splits.X_val, "tanh")[1], splits.y_val, loss)
    assert record.val_loss == pytest.approx(val_loss, rel=1e-12)


def test_the_trainer_keeps_no_second_copy_of_the_data():
    """The training part once with its ones, one epoch's copy, and small change."""
    splits = make_splits(4_000, 200, 2)
    size = splits.X_train.nbytes
    tracemalloc.start()
    trainer = Trainer(Settings(hidden=4, train_size=4_000, epochs=2, batch_size=64), splits)
    run_out(trainer)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # The validation part is as large as the training part here.
    assert held < 3.3 * size


def large() -> Trainer:
    return make_trainer(make_splits(n=10_000, n_in=8), hidden=64, batch_size=5000, epochs=2, train_size=10_000)


def test_losses_that_are_taken_in_pieces_are_the_same() -> None:
    whole, pieces = large(), large()
    ends = run_out(whole)
    calls, found = 0, []
    while not pieces.finished:
        end = pieces.advance(seconds=0)
        calls += 1
        found += [end] if end is not None else []
    assert calls > pieces.step + len(found)
    assert found == ends
    np.testing.assert_array_equal(pieces.curve.losses(), whole.curve.losses())
    assert pieces.parameters.theta.tobytes() == whole.parameters.theta.tobytes()


def test_losses_that_are_half_taken_when_the_weights_change_are_taken_anew() -> None:
    trainer = large()
    trainer.advance()
    while trainer.step_in_epoch < trainer.steps_per_epoch:
        assert trainer.advance(seconds=0) is None
    assert trainer.advance(seconds=0) is None
    trainer.restore_best()
    while trainer.advance(seconds=0) is None:
        pass
    for losses in trainer.curve.losses():
        assert losses[1] == losses[0]


@pytest.mark.parametrize("criterion", ["growing", "gl", "up", "pq", "patience"])
def test_another_criterion_taken_in_pieces_while_the_run_goes_on_is_the_one_from_the_start(criterion, monkeypatch):
    monkeypatch.setattr("l2tui.training.reevaluation.PIECE", 7)
    acts = {3: ("l2", 1e-3), 6: ("learning_rate", 0.3), 7: ("l2", 0.0), 21: ("l2", 1e-2)}
    whole, late = (make_trainer(epochs=60, criterion=name) for name in (criterion, "gl" if criterion != "gl" else "up"))
    reevaluation = None
    for trainer in (whole, late):
        while not trainer.finished:
            trainer.advance(seconds=10)
            if trainer.epoch in acts:
                trainer.set(*acts[trainer.epoch])
            if trainer.epoch == 40:
                trainer.restore_best()
            if trainer is late and trainer.epoch == 30:
                reevaluation = trainer.reevaluation(criterion)
            if trainer is late and reevaluation is not None and reevaluation.advance():
                trainer.take(reevaluation)
                reevaluation = None
    assert late.watch == whole.watch
    assert late.settings.criterion == criterion
