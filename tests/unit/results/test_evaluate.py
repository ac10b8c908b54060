import dataclasses
import io
import zipfile
from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from l2tui.data.prepare import prepare
from l2tui.errors import RunError
from l2tui.nn.network import data_loss, forward
from l2tui.results.evaluate import evaluate_part, evaluate_run
from l2tui.results.trained import Trained, load_trained, own_splits, settings_until
from l2tui.runs.events import Confirmed, SettingChanged
from l2tui.runs.reader import RunReader
from l2tui.runs.results import PartResult
from l2tui.runs.reveals import read_reveals
from l2tui.settings import Settings
from l2tui.worker.launch import new_run
from l2tui.worker.work import work

Train = Callable[..., Trained]


@pytest.mark.parametrize(("data", "dtype"), [("moons", "float64"), ("wine", "float32"), ("diabetes", "float64")])
def test_the_validation_part_gives_what_was_recorded_at_the_best_epoch(trained: Train, data: str, dtype: str) -> None:
    found = trained(data, dtype=dtype)
    result = evaluate_part(found, own_splits(found.run, found.run_settings), "val")
    snapshot = RunReader(found.run).poll()
    row = snapshot.column("epoch").tolist().index(result.epoch)
    rel = 1e-12 if dtype == "float64" else 1e-5
    assert result.loss == pytest.approx(snapshot.column("val_loss")[row], rel=rel)
    assert result.loss == pytest.approx(snapshot.column("best_val_loss")[-1], rel=rel)
    assert result.score == pytest.approx(snapshot.column("val_accuracy")[row], rel=1e-4)


@pytest.mark.parametrize("data", ["moons", "wine", "diabetes"])
def test_the_test_part_agrees_with_the_plain_network(trained: Train, data: str) -> None:
    found = trained(data)
    splits = prepare(found.settings)
    result = evaluate_run(found.run)
    _, Z2 = forward(found.weights, splits.X_test, found.settings.activation)
    assert result.loss == pytest.approx(data_loss(Z2, splits.y_test, found.loss), rel=1e-12)
    assert result.loss_interval[0] < result.loss < result.loss_interval[1]
    assert result.score_interval[0] <= result.score <= result.score_interval[1]
    assert result.rows == len(splits.y_test)
    assert msgspec.json.decode(msgspec.json.encode(result), type=PartResult) == result


@pytest.mark.parametrize("data", ["breast-cancer", "wine"])
def test_accuracy_and_confusion_are_those_of_scikit_learn(trained: Train, data: str) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    found = trained(data, epochs=2)
    splits = prepare(found.settings)
    result = evaluate_part(found, splits, "test")
    Z2 = forward(found.weights, splits.X_test, found.settings.activation)[1]
    taken = Z2.argmax(axis=1) if Z2.shape[1] > 1 else (Z2[:, 0] > 0).astype(int)
    assert result.score == pytest.approx(metrics.accuracy_score(splits.y_test, taken))
    assert np.array_equal(result.confusion, metrics.confusion_matrix(splits.y_test, taken))


def test_r2_and_rmse_are_those_of_scikit_learn_in_the_targets_own_units(trained: Train) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    found = trained("diabetes")
    result = evaluate_part(found, prepare(found.settings), "test")
    assert len(result.pairs) == result.rows
    true, predicted = np.array(result.pairs).T
    # Progression of the disease is a whole number from 25 to 346.
    assert np.allclose(true, true.round())
    assert true.min() >= 25
    assert true.max() <= 346
    assert result.score == pytest.approx(metrics.r2_score(true, predicted), rel=1e-9)
    assert result.rmse == pytest.approx(metrics.root_mean_squared_error(true, predicted), rel=1e-9)
    assert result.rmse_interval is not None
    assert result.rmse_interval[0] < result.rmse < result.rmse_interval[1]


def test_a_confusion_matrix_worked_by_hand(trained: Train) -> None:
    found = trained("moons", epochs=0)
    # Output x1 alone: positive is class 1.
    weights = found.weights._replace(W1=np.array([[1.0], [0.0]]), b1=np.zeros(1), W2=np.array([[1.0]]), b2=np.zeros(1))
    splits = dataclasses.replace(
        prepare(found.settings),
        X_test=np.array([[-1.0, 5.0], [-2.0, 5.0], [1.0, 5.0], [2.0, 5.0], [3.0, -5.0]]),
        y_test=np.array([0, 0, 0, 1, 1]),
    )
    result = evaluate_part(dataclasses.replace(found, weights=weights), splits, "test")
    assert result.confusion == ((2, 1), (0, 2))
    assert result.score == pytest.approx(0.8)


def test_every_look_at_the_test_part_is_written_down_and_none_at_the_validation_part(trained: Train) -> None:
    found = trained("moons", l2=0.01)
    assert evaluate_run(found.run, "val").looks == 0
    assert not found.run.reveals.exists()
    first, second = evaluate_run(found.run), evaluate_run(found.run)
    assert (first.looks, second.looks) == (1, 2)
    assert second.looks_l2 == (0.01, 0.01)
    assert evaluate_run(found.run, "val").looks == 2
    for look in read_reveals(found.run):
        assert (look.epoch, look.l2, look.loss, look.score) == (first.epoch, 0.01, first.loss, first.score)
        assert (look.loss_interval, look.score_interval) == (first.loss_interval, first.score_interval)


def test_other_data_than_those_trained_on_are_refused_and_nothing_is_revealed(trained: Train) -> None:
    found = trained("moons")
    text = found.run.settings.read_text()
    found.run.settings.write_text(text.replace('"noise": 0.3', '"noise": 0.5'))
    assert found.run.settings.read_text() != text
    with pytest.raises(RunError, match="no longer those"):
        evaluate_run(found.run)
    assert not found.run.reveals.exists()


def test_targets_that_are_all_the_same_give_an_r2_that_is_a_number(trained: Train) -> None:
    found = trained("sine")
    splits = prepare(found.settings)
    same = dataclasses.replace(splits, y_test=np.full_like(splits.y_test, 0.3))
    result = evaluate_part(found, same, "test")
    assert (result.score, result.score_interval) == (0.0, (0.0, 0.0))


def test_settings_of_an_epoch_are_those_in_force_at_its_end() -> None:
    def change(epoch: int, name: str, new: float) -> SettingChanged:
        return SettingChanged(epoch=epoch, step=0, name=name, old=0.0, new=new)

    events = (
        change(0, "l2", 0.1),
        change(3, "learning_rate", 0.5),
        Confirmed(epoch=4, step=0, onset_epoch=1, criterion="gl"),
        change(5, "l2", 0.2),
    )
    start = Settings(l2=0.0, learning_rate=0.1)
    assert [settings_until(start, events, epoch)[-1].l2 for epoch in (0, 1, 5, 6)] == [0.0, 0.1, 0.1, 0.2]
    assert [settings_until(start, events, epoch)[-1].learning_rate for epoch in (3, 4)] == [0.1, 0.5]


@pytest.mark.parametrize("shape", [(), (3 * 10**8,), (2, 2)])
def test_best_weights_of_another_shape_are_refused_before_they_are_read(shape: tuple[int, ...]) -> None:
    run = new_run(Settings(epochs=2, train_size=32, hidden=4))
    work(run)
    assert load_trained(run).weights.b1.shape == (4,)
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(run.best) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    content["b1.npy"] = header.getvalue() + bytes(8 * 4)
    with zipfile.ZipFile(run.best, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    with pytest.raises(RunError, match=r"best\.npz: not usable: b1 is"):
        load_trained(run)
