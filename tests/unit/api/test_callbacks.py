"""The callbacks in the real libraries, where those are installed; a second callback of theirs tells what happened."""

import os
import warnings
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import l2tui

EPOCHS = 150


def _data() -> tuple[Any, Any, Any, Any]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 10)).astype("float32")
    y = (x[:, 0] + x[:, 1] + 1.5 * rng.normal(size=80) > 0).astype("float32")
    return x[:40], y[:40], x[40:], y[40:]


@pytest.fixture
def keras(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("KERAS_BACKEND", os.environ.get("KERAS_BACKEND", "torch"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("keras", exc_type=ImportError)


def _keras_fit(keras: Any, callback: Any, epochs: int = EPOCHS, **more: Any) -> Any:
    """Trains a network that overfits; returns what Keras itself has seen."""
    x, y, xv, yv = _data()
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Input((10,)), keras.layers.Dense(64, "tanh"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.02), keras.losses.BinaryCrossentropy(from_logits=True))
    given = {"validation_data": (xv, yv), **more}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        history = model.fit(x, y, epochs=epochs, batch_size=8, verbose=0, callbacks=[callback], **given)
        loss = model.evaluate(xv, yv, verbose=0)
    return SimpleNamespace(val_loss=history.history.get("val_loss", []), loss=loss, train_loss=history.history["loss"])


def test_keras_stops_on_the_mark_with_the_best_weights(keras: Any) -> None:
    from l2tui.callbacks.keras import StopOnOverfitting

    stop = StopOnOverfitting()
    seen = _keras_fit(keras, stop)
    assert len(seen.val_loss) < EPOCHS
    assert stop.assessment.confirmed_epoch == len(seen.val_loss) - 1
    assert stop.watch.best_epoch == int(np.argmin(seen.val_loss))
    assert seen.loss == pytest.approx(min(seen.val_loss), rel=1e-5)
    assert seen.loss < seen.val_loss[-1]
    assert stop.assessment == l2tui.assess(seen.train_loss, seen.val_loss)


def test_keras_that_ends_before_a_mark_gets_its_best_weights_too(keras: Any) -> None:
    from l2tui.callbacks.keras import StopOnOverfitting

    stop = StopOnOverfitting(criterion="patience")
    seen = _keras_fit(keras, stop, epochs=4)
    assert len(seen.val_loss) == 4
    assert seen.loss == pytest.approx(min(seen.val_loss), rel=1e-5)
    again = _keras_fit(keras, StopOnOverfitting(restore_best=False))
    assert again.loss == pytest.approx(again.val_loss[-1], rel=1e-5)


def test_keras_epochs_without_validation_are_not_judged(keras: Any) -> None:
    from l2tui.callbacks.keras import StopOnOverfitting

    stop = StopOnOverfitting()
    seen = _keras_fit(keras, stop, validation_freq=3)
    assert stop.watch.best_epoch == 2 + 3 * int(np.argmin(seen.val_loss))
    with pytest.warns(UserWarning, match="val_loss never logged"):
        _keras_fit(keras, StopOnOverfitting(), epochs=2, validation_data=None)


@pytest.fixture
def lightning() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("lightning", exc_type=ImportError)


def _lightning_fit(lightning: Any, callback: Any, tmp_path: Any, **more: Any) -> Any:
    import torch

    x, y, xv, yv = (torch.tensor(part) for part in _data())

    class Net(lightning.LightningModule):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.net = torch.nn.Sequential(torch.nn.Linear(10, 64), torch.nn.Tanh(), torch.nn.Linear(64, 1))
            self.seen: list[float] = []

        def loss(self, batch: Any) -> Any:
            return torch.nn.functional.binary_cross_entropy_with_logits(self.net(batch[0])[:, 0], batch[1])

        def training_step(self, batch: Any, _: int) -> Any:
            loss = self.loss(batch)
            self.log("train_loss", loss, on_step=False, on_epoch=True)
            return loss

        def validation_step(self, batch: Any, _: int) -> None:
            self.log("val_loss", self.loss(batch))

        def on_validation_epoch_end(self) -> None:
            if not self.trainer.sanity_checking:
                self.seen.append(float(self.loss((xv, yv))))

        def configure_optimizers(self) -> Any:
            return torch.optim.Adam(self.parameters(), 0.02)

    def loader(*parts: Any) -> Any:
        return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*parts), batch_size=len(parts[0]) // 5)

    torch.manual_seed(0)
    net = Net()
    trainer = lightning.Trainer(
        max_epochs=EPOCHS, logger=False, accelerator="cpu", enable_progress_bar=False, enable_model_summary=False,
        enable_checkpointing=False, callbacks=[callback], default_root_dir=tmp_path, **more,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer.fit(net, loader(x, y), torch.utils.data.DataLoader(torch.utils.data.TensorDataset(xv, yv), 40))
    with torch.no_grad():
        return SimpleNamespace(val_loss=net.seen, loss=float(net.loss((xv, yv))), epochs=trainer.current_epoch)


def test_lightning_stops_on_the_mark_with_the_best_weights(lightning: Any, tmp_path: Any) -> None:
    from l2tui.callbacks.lightning import StopOnOverfitting

    stop = StopOnOverfitting()
    seen = _lightning_fit(lightning, stop, tmp_path)
    assert seen.epochs < EPOCHS
    assert stop.assessment.confirmed_epoch == seen.epochs - 1
    assert stop.watch.best_epoch == int(np.argmin(seen.val_loss))
    assert seen.loss == pytest.approx(min(seen.val_loss), rel=1e-5)
    assert seen.loss < seen.val_loss[-1]


def test_lightning_takes_no_validation_twice(lightning: Any, tmp_path: Any) -> None:
    from l2tui.callbacks.lightning import StopOnOverfitting

    stop = StopOnOverfitting()
    seen = _lightning_fit(lightning, stop, tmp_path, check_val_every_n_epoch=3)
    assert stop.watch.best_epoch == 2 + 3 * int(np.argmin(seen.val_loss))
    assert stop.assessment.confirmed_epoch is not None
    assert stop.assessment.confirmed_epoch % 3 == 2
    assert seen.loss == pytest.approx(min(seen.val_loss), rel=1e-5)


def test_without_the_library_the_package_to_install_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib
    import sys

    for name in ("keras", "lightning"):
        for module in [one for one in sys.modules if one.split(".")[0] == name]:
            monkeypatch.delitem(sys.modules, module)
        monkeypatch.delitem(sys.modules, f"l2tui.callbacks.{name}", raising=False)
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(ImportError, match=f"pip install {name}"):
            importlib.import_module(f"l2tui.callbacks.{name}")
