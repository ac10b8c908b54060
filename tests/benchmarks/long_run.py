"""What a run of 25 million epochs costs: memory, checkpoint, commands, resume, another criterion.

`python -m tests.benchmarks.long_run [EPOCHS]`. The run's files are made to say that it is so long.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import SettingChanged, SetValue, Stop
from l2tui.runs.reader import RunReader
from l2tui.settings import Settings
from l2tui.worker.control import send
from l2tui.worker.launch import new_run, start_worker
from tests.long_runs import lengthened, resident_bytes

SETTINGS = Settings(noise=0.35, train_size=20, hidden=8, batch_size=10, epochs=10**9, learning_rate=0.1)
COMMANDS = 20


def _epoch(run: RunDirectory) -> int:
    status = RunReader(run).poll().status
    return 0 if status is None else status.epoch


def _wait(run: RunDirectory, epoch: int) -> None:
    while _epoch(run) < epoch:
        time.sleep(0.005)


def _latencies(run: RunDirectory) -> list[float]:
    """Seconds from a command to its event, at full speed."""
    reader, found = RunReader(run), []
    for index in range(COMMANDS):
        count = len(reader.poll().events)
        began = time.monotonic()
        send(run, SetValue("l2", 1e-6 * (index + 1) + began % 1e-7))
        while len(reader.poll().events) == count:
            time.sleep(0.001)
        found.append(time.monotonic() - began)
        time.sleep(0.1)
    return found


def main(epochs: int) -> None:
    """Measures and prints."""
    run = new_run(SETTINGS)
    worker = start_worker(run)
    _wait(run, 1000)
    send(run, Stop())
    worker.wait()
    lengthened(run, epochs)
    said = _epoch(run)
    began = time.monotonic()
    worker = start_worker(run)
    _wait(run, max(said, epochs) + 1)
    print(f"resume, to the new worker's first status: {time.monotonic() - began:.2f} s")
    time.sleep(5)
    took = _latencies(run)
    print(f"commands: median {1000 * statistics.median(took):.0f} ms, largest {1000 * max(took):.0f} ms")
    speed = -_epoch(run), -time.monotonic()
    time.sleep(3)
    print(f"speed: {(speed[0] + _epoch(run)) / (speed[1] + time.monotonic()):,.0f} epochs/s")
    began = time.monotonic()
    send(run, SetValue("criterion", "up"))
    time.sleep(1)
    took = _latencies(run)
    print(f"commands meanwhile: median {1000 * statistics.median(took):.0f} ms, largest {1000 * max(took):.0f} ms")
    print(f"memory while a criterion is taken over the epochs: {resident_bytes(worker.pid, 'VmHWM') / 1e6:.0f} MB")
    reader = RunReader(run)
    while not any(isinstance(event, SettingChanged) and event.name == "criterion" for event in reader.poll().events):
        time.sleep(0.1)
    print(f"criterion in force after {time.monotonic() - began:.0f} s")
    now, most = (resident_bytes(worker.pid, what) / 1e6 for what in ("VmRSS", "VmHWM"))
    print(f"memory: {now:.0f} MB, at most {most:.0f} MB")
    print(f"checkpoint: {run.checkpoint.stat().st_size / 1e3:.0f} kB; curve: {run.curve.stat().st_size / 1e6:.0f} MB")
    send(run, Stop())
    worker.wait()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["L2TUI_RUNS"] = str(Path(folder) / "runs")
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 25_000_000)
