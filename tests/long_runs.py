"""Runs whose files say that they are far longer than they are."""

import json
import os
from pathlib import Path

import msgspec
import numpy as np

from l2tui.overfitting.watch import Watch
from l2tui.runs.directory import RunDirectory


def lengthened(run: RunDirectory, epochs: int) -> None:
    """Makes the files of a run that has ended say that it has so many epochs more, all with the losses of its last."""
    with np.load(run.checkpoint) as file:
        arrays = dict(file)
    state = json.loads(arrays["state"].tobytes())
    per_epoch = (state["step"] - state["step_in_epoch"]) // state["epoch"]
    last = Watch.load(arrays["watch"].tobytes())
    assert last.epoch is not None
    watch = msgspec.structs.replace(last, epoch=last.epoch + epochs, seen=last.seen + epochs)
    arrays["watch"] = np.frombuffer(watch.dump(), np.uint8)
    state["epoch"] += epochs
    state["losses"] += epochs
    state["step"] += epochs * per_epoch
    arrays["state"] = np.frombuffer(json.dumps(state).encode(), np.uint8)
    np.savez(run.checkpoint, **arrays)
    with run.curve.open("r+b") as curve:
        curve.seek(-16, os.SEEK_END)
        losses = curve.read(16)
        block = losses * 100_000
        for _ in range(epochs // 100_000):
            curve.write(block)
        curve.write(losses * (epochs % 100_000))


def resident_bytes(pid: int, what: str) -> int:
    """Returns the memory of a process, now (VmRSS) or the most so far (VmHWM); Linux only."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(what))
