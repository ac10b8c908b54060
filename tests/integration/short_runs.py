"""Short runs that are trained in this process, with commands that act at once, and all of them that is to be equal."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyCommand
from l2tui.settings import Settings
from l2tui.training.records import EpochEnd
from l2tui.worker import keeper, session
from l2tui.worker.control import send
from l2tui.worker.work import work

Acts = dict[int, AnyCommand]


def fields(settings: Settings) -> dict[str, Any]:
    """Returns the settings by name."""
    return {name: getattr(settings, name) for name in Settings.__struct_fields__}


@contextmanager
def impatient() -> Iterator[None]:
    """Has commands looked for after every step, and checkpoints made all the time, without waiting for the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "LOOK_SECONDS", 0.0)
        patch.setattr(keeper, "CHECKPOINT_SECONDS", 0.0)
        patch.setattr(keeper, "CHECKPOINT_SHARE", 1e9)
        # Nobody cuts the power here, and a busy disk takes its time.
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


def trained(run: RunDirectory, acts: Acts | None = None) -> RunDirectory:
    """Trains a run; commands are sent after epochs."""

    def act(end: EpochEnd) -> None:
        if acts and end.epoch in acts:
            send(run, acts[end.epoch])

    work(run, on_epoch=act)
    return run


def content(run: RunDirectory) -> dict[str, Any]:
    """Returns all of a run that depends neither on the clock nor on its ghost, but for what happened."""
    rows = [line.split(",") for line in run.metrics.read_text().splitlines()]
    clock = rows[0].index("elapsed")
    with np.load(run.checkpoint, allow_pickle=False) as file:
        arrays = {name: file[name].tobytes() for name in file if name != "state" and not name.startswith("twin_")}
    return {"rows": [row[:clock] + row[clock + 1 :] for row in rows], "curve": run.curve.read_bytes(), **arrays}
