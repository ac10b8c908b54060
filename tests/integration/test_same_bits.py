"""The same run gives the same bits, however it was watched and steered."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from l2tui.data.prepare import prepare
from l2tui.nn.network import data_loss, forward
from l2tui.nn.parameters import Weights
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import Advance, Pause, Paused, Resume, SettingChanged, SetValue
from l2tui.runs.reader import RunReader
from l2tui.settings import Settings
from l2tui.training.trainer import Trainer

pytestmark = pytest.mark.slow

Start = Callable[..., Any]
NAMES = ("W1", "b1", "W2", "b2")

# Seven steps an epoch, the last one on a smaller batch.
BASE = Settings(noise=0.35, train_size=100, hidden=16, batch_size=16, epochs=60, learning_rate=0.3, l2=1e-3)
STEPS = 7


def _settings(**values: Any) -> Settings:
    return msgspec.structs.replace(BASE, **values)


def _weights(path: Path) -> dict[str, NDArray[Any]]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in NAMES}


def _bytes(run: RunDirectory) -> list[bytes]:
    return [array.tobytes() for array in _weights(run.checkpoint).values()]


def _rows(run: RunDirectory) -> list[list[str]]:
    lines = [line.split(",") for line in run.metrics.read_text().splitlines()]
    clock = lines[0].index("elapsed")
    return [line[:clock] + line[clock + 1 :] for line in lines]


def _max_pace(worker: Start, settings: Settings) -> RunDirectory:
    it = worker(msgspec.structs.replace(settings, pace=None))
    it.end()
    return it.run


def _paced(worker: Start, settings: Settings) -> RunDirectory:
    it = worker(msgspec.structs.replace(settings, pace=200.0))
    it.end()
    return it.run


def _paused(worker: Start, settings: Settings) -> RunDirectory:
    it = worker(msgspec.structs.replace(settings, pace=100.0))
    for count in (1, 2, 3):
        it.send(Pause())
        event = it.when_event(Paused, count).events[-1]
        assert event.step < settings.epochs * STEPS
        it.send(Advance(), Resume())
    it.send(SetValue("pace", None))
    it.end()
    return it.run


def _stepped(worker: Start, settings: Settings) -> RunDirectory:
    it = worker(settings, paused=True)
    it.send(*[Advance()] * (20 * STEPS + 3))
    it.when_at("paused", 20 * STEPS + 3)
    for epoch in range(21, 26):
        it.send(Advance(epoch=True))
        it.when_at("paused", epoch * STEPS)
    it.send(*[Advance(steps=5)] * (35 * STEPS // 5))
    it.end()
    return it.run


def _command_line(worker: Start, settings: Settings) -> RunDirectory:
    options = [f"--{name.replace('_', '-')}={value}" for name, value in _options(settings).items()]
    command = [sys.executable, "-m", "l2tui", "train", settings.data, "--json", *options]
    done = subprocess.run(command, capture_output=True, check=True)
    return RunDirectory(Path(json.loads(done.stdout)["run"]))


def _options(settings: Settings) -> dict[str, Any]:
    values = msgspec.structs.asdict(settings)
    return {
        name: value
        for name, value in values.items()
        if value is not None and name not in ("data", "pace", "stop_on_overfit")
    }


@pytest.mark.parametrize("way", [_paced, _paused, _stepped, _command_line])
@pytest.mark.parametrize(
    "settings",
    [
        BASE,
        _settings(data="iris", noise=None, dtype="float32", activation="relu", learning_rate=0.05, label_noise=0.1),
        _settings(optimizer="adamw", learning_rate=0.01, activation="sigmoid"),
    ],
    ids=["moons", "iris in float32", "adamw"],
)
def test_a_run_gives_the_same_bits_in_whatever_way_it_is_run(
    worker: Start, settings: Settings, way: Callable[[Start, Settings], RunDirectory]
) -> None:
    plain, other = _max_pace(worker, settings), way(worker, settings)
    assert _rows(other) == _rows(plain)
    assert len(_rows(plain)) == 62
    assert _bytes(other) == _bytes(plain)
    assert _weights(other.best)["W1"].tobytes() == _weights(plain.best)["W1"].tobytes()


def _changed_at(worker: Start, advances: list[Advance], step: int) -> RunDirectory:
    it = worker(BASE, paused=True)
    it.send(*advances)
    it.when_at("paused", step)
    it.send(SetValue("l2", 0.02), SetValue("learning_rate", 0.05))
    assert it.when_event(SettingChanged, 2).events[-1].step == step
    it.send(Resume())
    it.end()
    return it.run


def test_a_change_at_a_step_gives_the_same_bits_however_that_step_was_reached(worker: Start) -> None:
    one = _changed_at(worker, [Advance(steps=37)], 37)
    other = _changed_at(worker, [*[Advance()] * 30, Advance(steps=7)], 37)
    assert _rows(one) == _rows(other)
    assert _bytes(one) == _bytes(other)

    # And the same as the trainer by itself, without any worker, recorder or clock.
    trainer = Trainer(BASE, prepare(BASE))
    trainer.advance()
    while trainer.step < 37:
        trainer.advance(max_steps=37 - trainer.step, seconds=60.0)
    trainer.set("l2", 0.02)
    trainer.set("learning_rate", 0.05)
    while not trainer.finished:
        trainer.advance(seconds=60.0)
    assert [array.tobytes() for array in trainer.parameters.copy_weights()] == _bytes(one)

    elsewhere = _changed_at(worker, [Advance(steps=38)], 38)
    assert _bytes(elsewhere) != _bytes(one)


@pytest.mark.parametrize(
    "settings",
    [
        _settings(l2=0.0, epochs=300),
        _settings(data="wine", noise=None, train_size=60, epochs=100, activation="relu", learning_rate=0.1),
        _settings(data="diabetes", noise=None, learning_rate=0.02, epochs=100, activation="sigmoid"),
    ],
    ids=lambda settings: settings.data,
)
def test_recorded_losses_are_those_of_the_saved_weights(worker: Start, settings: Settings) -> None:
    run = _max_pace(worker, settings)
    snapshot, splits = RunReader(run).poll(), prepare(settings)
    loss = {"moons": "binary_cross_entropy", "wine": "cross_entropy", "diabetes": "mse"}[settings.data]

    def losses(weights: dict[str, NDArray[Any]]) -> tuple[float, float]:
        parts = ((splits.X_train, splits.y_train), (splits.X_val, splits.y_val))
        outputs = [(forward(Weights(**weights), X, settings.activation)[1], y) for X, y in parts]
        train, val = (data_loss(Z2, y, loss) for Z2, y in outputs)
        return train, val

    last, best = _weights(run.checkpoint), _weights(run.best)
    column = {name: values[-1] for name, values in snapshot.columns.items()}
    assert losses(last) == pytest.approx((column["train_loss"], column["val_loss"]), rel=1e-12)
    assert losses(best)[1] == pytest.approx(column["best_val_loss"], rel=1e-12)
    index = int(column["best_epoch"])
    assert losses(best)[0] == pytest.approx(snapshot.column("train_loss")[index], rel=1e-12)
    assert column["best_val_loss"] == snapshot.column("val_loss").min() == snapshot.column("val_loss")[index]
    norms = {name: np.sqrt((last[name] ** 2).sum()) for name in ("W1", "W2")}
    assert (column["w1_norm"], column["w2_norm"]) == pytest.approx((norms["W1"], norms["W2"]), rel=1e-12)
    assert column["penalty"] == pytest.approx(settings.l2 * (norms["W1"] ** 2 + norms["W2"] ** 2), rel=1e-12)
    assert column["w1_max"] == np.abs(last["W1"]).max()
    with np.load(run.best, allow_pickle=False) as file:
        assert (int(file["epoch"]), float(file["val_loss"])) == (column["best_epoch"], column["best_val_loss"])
