"""Subjects of a comparison made of formulas, and sources that hand them out."""

from pathlib import Path
from typing import Any

import numpy as np

from l2tui.runs.comparison import Subject
from l2tui.settings import Settings, changed

MOONS = Settings(data="moons", noise=0.3, epochs=400)


def made_up(l2: float = 0.0, *, seed: int = 0, epochs: int = 400, **given: Any) -> Subject:
    """A run whose val_loss turns the earlier the smaller λ is."""
    epoch = np.arange(epochs + 1, dtype=np.float64)
    train = 0.05 + 2 * l2 + 0.6 * np.exp(-epoch / 40) + 0.01 * seed
    val = 0.24 + l2 + 0.5 * np.exp(-epoch / 30) + (4e-4 - 0.1 * l2) * epoch + 0.02 * seed
    best = int(np.argmin(val))
    values: dict[str, Any] = {
        "name": f"0101-00000{seed}-moons-{round(1e5 * l2) + seed:04x}",
        "path": f"/runs/{seed}-{l2}",
        "kind": "run",
        "epochs": epoch,
        "train": train,
        "val": val,
        "settings": changed(MOONS, l2=l2, seed=seed, epochs=epochs),
        "fingerprint": f"moons {seed}",
        "task": "classification",
        "state": "finished",
        "planned": epochs,
        "best_epoch": best,
        "best_val_loss": float(val[best]),
        "onset_epoch": best if best < epochs else None,
        "confirmed_epoch": best + 60 if best < epochs - 60 else None,
        "verdict": "overfitting" if best < epochs else "learning",
        "figures": {"val_accuracy": 0.9 + l2, "train_accuracy": 0.98 - l2, "w1_norm": 12.0, "w2_norm": 9.0 - 90 * l2},
    }
    return Subject(**{**values, **given})


def made_up_log(name: str = "keras.csv") -> Subject:
    """Another program's log, with a validation every tenth epoch."""
    run = made_up()
    val = np.where(run.epochs % 10 == 0, run.val, np.nan)
    known: dict[str, Any] = {"settings": None, "fingerprint": "", "task": "", "figures": {}, "planned": None}
    return made_up(name=name, path=f"/logs/{name}", kind="log", val=val, is_live=True, state="log", **known)


class FakeSource:
    """In place of a source that reads files."""

    def __init__(self, subject: Subject) -> None:
        self.subject, self.path = subject, Path(subject.path)
        self.error: Exception | None = None

    def poll(self) -> Subject:
        if self.error is not None:
            raise self.error
        return self.subject
