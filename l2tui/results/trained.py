"""A run's best weights, with the settings that produced them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l2tui.data.preparation import Preparation
from l2tui.data.prepare import prepare
from l2tui.data.splits import Splits
from l2tui.errors import RunError
from l2tui.nn.network import Loss, forward, loss_for
from l2tui.nn.parameters import Weights
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyEvent, RunSettings, SettingChanged
from l2tui.runs.reader import RunReader
from l2tui.runs.stored import data_changed, read_json
from l2tui.settings import Settings, changed
from l2tui.training.archive import Archive
from l2tui.training.moments import weights_in

Floats = NDArray[np.float64]

# Numbers of the hidden layer to work on in one go.
_CHUNK_NUMBERS = 1 << 20


@dataclass(frozen=True, eq=False)
class Trained:
    """The best weights of a run, in float64.

    Attributes:
        run: The run.
        run_settings: What the run was made of.
        history: The settings that it began with, and those after each change up to the best epoch.
        weights: W1 (n_in, hidden), b1 (hidden,), W2 (hidden, n_out), b2 (n_out,).
        epoch: The best epoch.
        val_loss: Its val_loss.
        train_rows: Rows of the training part.
        preparation: How inputs are made of rows, and answers of outputs.
    """

    run: RunDirectory
    run_settings: RunSettings
    history: tuple[Settings, ...]
    weights: Weights
    epoch: int
    val_loss: float
    train_rows: int
    preparation: Preparation

    @property
    def settings(self) -> Settings:
        """The settings in force at the best epoch."""
        return self.history[-1]

    @property
    def l2(self) -> float:
        """λ at the best epoch."""
        return self.settings.l2

    @property
    def name(self) -> str:
        """The run's name, also where it is called `.`."""
        return self.run.path.resolve().name

    @property
    def loss(self) -> Loss:
        """The data loss that was trained on."""
        return loss_for(self.preparation.task, self.weights.W2.shape[1])

    def outputs(self, X: Floats) -> Floats:
        """Returns Z2 (n, n_out) for standardised inputs (n, n_in), in bounded memory.

        Raises:
            RunError: These are inputs of another network.
        """
        n_in, hidden = self.weights.W1.shape
        if X.shape[1] != n_in:
            raise RunError(f"{self.run.path}: the network takes {n_in} inputs, these rows have {X.shape[1]}")
        Z2 = np.empty((len(X), self.weights.W2.shape[1]))
        rows = max(1, _CHUNK_NUMBERS // hidden)
        for start in range(0, len(X), rows):
            Z2[start : start + rows] = forward(self.weights, X[start : start + rows], self.settings.activation)[1]
        return Z2


def load_trained(run: RunDirectory) -> Trained:
    """Reads a run's best weights; the run may keep training.

    Raises:
        RunError: There are none yet, or a file is damaged.
    """
    snapshot = RunReader(run).poll()
    if snapshot.settings is None:
        raise RunError(f"{run.path}: no run there: it has no {run.settings.name}")
    weights, epoch, val_loss = _read_best(run)
    history = settings_until(snapshot.settings.settings, snapshot.events, epoch)
    facts = snapshot.status.facts if snapshot.status is not None else None
    rows = history[-1].train_size if facts is None else facts.rows[0]
    preparation = read_json(run, run.preparation, Preparation) or own_splits(run, snapshot.settings).preparation
    if preparation.n_inputs != len(weights.W1):
        raise RunError(f"{run.path}: {run.preparation.name} and {run.best.name} do not belong together")
    return Trained(run, snapshot.settings, history, weights, epoch, val_loss, rows, preparation)


def own_splits(run: RunDirectory, run_settings: RunSettings) -> Splits:
    """Prepares a run's data again.

    Raises:
        RunError: They are no longer those that it was trained on.
        L2tuiError: They cannot be prepared.
    """
    splits = prepare(run_settings.settings)
    if run_settings.fingerprint is not None and run_settings.fingerprint != splits.fingerprint:
        raise data_changed(run, run_settings.settings)
    return splits


def settings_until(settings: Settings, events: Sequence[AnyEvent], epoch: int) -> tuple[Settings, ...]:
    """Returns the settings that a run began with and those after each change before the end of an epoch.

    Args:
        settings: Those that it began with.
        events: What happened.
        epoch: The epoch.
    """
    history = [settings]
    for event in events:
        # An event counts the finished epochs: one that carries this epoch's number came after its end.
        if isinstance(event, SettingChanged) and event.epoch < epoch:
            history.append(changed(history[-1], **{event.name: event.new}))
    return tuple(history)


def _read_best(run: RunDirectory) -> tuple[Weights, int, float]:
    try:
        with os.fdopen(run.open(run.best, os.O_RDONLY), "rb") as raw:
            archive = Archive(raw)
            epoch = archive.array("epoch", (), np.dtype(np.int64))
            return weights_in(archive), int(epoch), float(archive.array("val_loss", (), np.dtype(np.float64)))
    except FileNotFoundError:
        raise RunError(f"{run.path}: there are no best weights yet; the first come after about a second") from None
    except Exception as error:
        # Damaged archives raise whatever the piece of code that stumbled over them raises.
        raise RunError(f"{run.best}: not usable: {error}") from None
