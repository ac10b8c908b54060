"""What a sweep costs: `python -m tests.benchmarks.sweep [--turns N] [--seconds S]` prints one table, goals beside.

Contenders take turns; ratios are taken within a turn, and the table has their medians.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil

from l2tui.data.builtin.catalogue import recommended_settings
from l2tui.data.prepare import prepare
from l2tui.settings import Settings, changed
from l2tui.sweep.grid import default_grid
from tests.benchmarks.sweep_speed import measure

_THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# scikit-learn trains fewer epochs, for it takes minutes otherwise; its time is then scaled up.
_FEWER = 40


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--peer", action="store_true", help="scikit-learn as well, which takes minutes")
    options = parser.parse_args()
    print("| figure | measured | goal |\n|---|---|---|")
    for case in measure(options.turns, options.seconds):
        row(f"13 lanes, {case['case']}", f"{case['lanes_13']:.2f}x", f"{case['goal_13']}x")
        row(f"40 float32 lanes, {case['case']}", f"{case['lanes_40_float32']:.2f}x", f"{case['goal_40']}x")
    seconds: dict[str, list[float]] = {}
    memory: list[int] = []
    for _ in range(options.turns):
        for workers in (1, 2):
            taken, most = sweep("moons", f"--workers={workers}")
            seconds.setdefault(f"{workers}", []).append(taken)
            memory += [most] * (workers == 2)
        for workers in (1, 2):
            taken, _ = sweep("moons", "--thorough", f"--workers={workers}")
            seconds.setdefault(f"{workers} thorough", []).append(taken)
    ratio = np.array(seconds["1 thorough"]) / np.array(seconds["2 thorough"])
    row("the second core, moons, all lanes to the end", f"{np.median(ratio):.2f}x", "1.8x")
    row("default sweep on moons, start to sentence", f"{np.median(seconds['2']):.1f} s", "5 s")
    row("memory of all its processes together, most seen", f"{max(memory) / 1e6:.0f} MB", "150 MB")
    if importlib.util.find_spec("distributed"):
        row("Dask's share of the time, stacks of 1 s on two workers", f"{100 * dask_share():.1f} %", "10 %")
    if options.peer and importlib.util.find_spec("sklearn"):
        for data, goals in (("moons", ("25x", "60x")), ("breast-cancer", ("12x", "30x"))):
            theirs = peer(data)
            whole, raced = (sweep(data, *more)[0] for more in (("--thorough",), ()))
            row(f"validation_curve n_jobs=2, {data}, all lanes to the end", f"{theirs / whole:.0f}x", goals[0])
            row(f"the same, with the race, {data}", f"{theirs / raced:.0f}x", goals[1])


def row(*cells: str) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


def sweep(*arguments: str) -> tuple[float, int]:
    """Returns the seconds of a sweep from start to sentence, and the most bytes that its processes held together."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "l2tui", "sweep", *arguments, "--json", f"--run-dir={folder}/sweep"]
        started, most = time.perf_counter(), 0
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        top = psutil.Process(process.pid)
        while process.poll() is None:
            most = max(most, held(top))
            time.sleep(0.1)
        seconds = time.perf_counter() - started
        assert json.load(process.stdout)["sentence"]
    return seconds, most


def held(top: psutil.Process) -> int:
    """Returns the bytes of a process and its children; what they share counts once."""
    total = 0
    for process in [top, *quietly(lambda: top.children(recursive=True), [])]:
        total += quietly(lambda process=process: process.memory_full_info().pss, 0)
    return total


def quietly(look: Callable[[], object], instead: object) -> object:
    try:
        return look()
    except psutil.Error:
        return instead


def dask_share(stacks: int = 100) -> float:
    """Returns the share of the time that is not training, were each of many stacks to train for a second.

    The time of a stack is that of sending it, with its state, to one of two workers and taking what came of it; its
    training, of one epoch, is left out of the share but not of the time.
    """
    from distributed import LocalCluster

    from l2tui.sweep.dask_pool import DaskPool
    from l2tui.sweep.stretch import Stretch

    settings, grid = recommended_settings("moons"), default_grid()
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        pool = DaskPool(settings, cluster.scheduler_address)
        states, taken = {}, {}
        for round_ in range(1 + stacks // 2):
            started = time.perf_counter()
            for fold in (0, 1):
                lane_settings = changed(settings, fold=fold)
                lanes = tuple(range(len(grid)))
                pool.submit(fold, Stretch(lane_settings, grid, lanes, round_ + 1, states.get(fold, ())))
            left = 2
            while left:
                for fold, trained in pool.results(5.0):
                    states[fold], left = trained.states, left - 1
            taken[round_] = time.perf_counter() - started
        pool.close()
    # The first round sends the data.
    overhead = float(np.mean([seconds for number, seconds in taken.items() if number]))
    return overhead / (1.0 + overhead)


def peer(data: str) -> float:
    """Returns the seconds that scikit-learn takes for the same grid, folds, epochs and net, on two cores."""
    settings = recommended_settings(data)
    with tempfile.TemporaryDirectory() as folder:
        arrays = Path(folder) / "data.npz"
        own = prepare(settings)
        X, y = np.concatenate([own.X_train, own.X_val]), np.concatenate([own.y_train, own.y_val])
        np.savez(arrays, X=X, y=y, own=np.array(len(own.y_train)))
        code = _PEER.format(path=str(arrays), grid=default_grid(settings), epochs=_FEWER, settings=peers(settings))
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, **_THREADS}
        )
    return float(done.stdout) * settings.epochs / _FEWER


def peers(settings: Settings) -> dict[str, object]:
    """Returns the settings in scikit-learn's words."""
    return {
        "hidden_layer_sizes": (settings.hidden,),
        "activation": "tanh",
        "solver": "sgd",
        "momentum": 0.0,
        "batch_size": settings.batch_size,
        "learning_rate_init": settings.learning_rate,
        "tol": 0.0,
        "n_iter_no_change": 10**6,
    }


_PEER = """
import time, warnings
import numpy as np
from sklearn.model_selection import PredefinedSplit, StratifiedKFold, validation_curve
from sklearn.neural_network import MLPClassifier
warnings.simplefilter("ignore")
file = np.load({path!r})
X, y, n = file["X"], file["y"].ravel(), int(file["own"])
own = (np.arange(n), np.arange(n, len(y)))
# The same sizes: each fold trains on as many rows as the run's own split.
folds = [own] + [(train[:n], val) for train, val in StratifiedKFold(5, shuffle=True, random_state=0).split(X, y)]
def curve(epochs, folds):
    net = MLPClassifier(max_iter=epochs, random_state=0, **{settings!r})
    validation_curve(net, X, y, param_name="alpha", param_range={grid!r}, cv=folds, scoring="neg_log_loss", n_jobs=2)
# The start of its processes is not counted.
curve(1, folds[:1])
started = time.perf_counter()
curve({epochs}, folds)
print(time.perf_counter() - started)
"""


if __name__ == "__main__":
    main()
