"""Measures the training step against other ways to write it, and whole runs against the bare step.

    python -m tests.benchmarks.engine [--quick] [--activation NAME] [--json FILE]

One process, one core, one BLAS thread. All contenders take turns, so that whatever else the machine does meets them
alike; what is printed are medians over the turns, and ratios are medians of the ratios within a turn. What is not
installed (`pip install "l2tui[benchmark]"` brings scikit-learn and PyTorch) is left out and named.
"""

import argparse
import json
import os
import platform
import sys
import time
import warnings
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from l2tui.data.preparation import Preparation
from l2tui.data.splits import Splits
from l2tui.settings import ACTIVATIONS, Settings
from l2tui.training.trainer import Trainer
from tests.benchmarks.engine_contenders import CONTENDERS, Case, engine_on

CASES = (
    Case(2, 8, 1, 10, "float64"),
    Case(2, 64, 1, 32, "float64"),
    Case(30, 64, 1, 32, "float64"),
    Case(64, 128, 10, 64, "float64"),
    Case(64, 256, 10, 256, "float64"),
    Case(784, 512, 10, 128, "float32"),
)

# Whole runs: the case, training rows, validation rows.
RUNS = ((CASES[2], 400, 80), (CASES[3], 10_000, 2_000))

# OpenBLAS reads these when it is loaded; with them it may not use the kernel that fits the processor.
_TUNING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engine", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the time, for a first look")
    parser.add_argument("--json", type=Path, default=Path("engine-benchmark.json"), help="where to write the figures")
    parser.add_argument("--activation", choices=ACTIVATIONS, default="tanh", help="of the hidden layer")
    options = parser.parse_args()
    _restart_untuned()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        result = measure(3 if options.quick else 15, 0.02 if options.quick else 0.06, options.activation)
    print_tables(result)
    options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(f"\nAll figures are in {options.json}.")


def measure(turns: int, seconds: float, activation: str = "tanh") -> dict[str, Any]:
    """Runs everything; `seconds` is how long a contender's turn lasts."""
    missing: dict[str, str] = {}
    steps = [_measure_case(case._replace(activation=activation), turns, seconds, missing) for case in CASES]
    runs = [_measure_run(case._replace(activation=activation), *rows, turns, seconds) for case, *rows in RUNS]
    blas = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return {
        "activation": activation,
        "date": datetime.now().astimezone().isoformat(timespec="seconds"),
        "machine": {
            "processor": _processor(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "blas": sorted(
                {f"{pool['internal_api']} {pool['version']} {pool.get('architecture', '')}" for pool in blas}
            ),
            "load": os.getloadavg() if hasattr(os, "getloadavg") else None,
        },
        "versions": {name: _version(name) for name in ("numpy", "scikit-learn", "torch")},
        "left out": missing,
        "steps": steps,
        "runs": runs,
    }


def print_tables(result: dict[str, Any]) -> None:
    machine = result["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items() if number)
    print(f"{result['date'][:10]}, {machine['processor']}, Python {machine['python']}, {versions}")
    print(f"{', '.join(machine['blas'])}, one thread on one core, {result['activation']}\n")
    for name, reason in result["left out"].items():
        print(f"left out: {name} ({reason})")
    others = [name for name in CONTENDERS if name != "engine" and name not in result["left out"]]
    print(f"{'inputs, hidden, outputs, batch':<32}{'steps/s':>9}{'of GEMM peak':>14}", end="")
    print("".join(f"{'vs ' + name:>25}" for name in others))
    for row in result["steps"]:
        case = ", ".join(str(size) for size in row["case"][:4]) + (" f32" if row["case"][4] == "float32" else " f64")
        print(f"{case:<32}{row['steps_per_second']['engine']:>9.0f}{row['share_of_gemm_peak']:>13.1%} ", end="")
        print("".join(f"{row['times_as_fast_as'][name]:>24.2f}x" for name in others))
    print("\nwhole runs, with the losses and the full record of every epoch")
    for row in result["runs"]:
        case = ", ".join(str(size) for size in row["case"][:4])
        print(f"{case}, {row['train_rows']} training and {row['val_rows']} validation rows: ", end="")
        print(f"{row['steps_per_second']:.0f} steps/s, {row['share_of_bare']:.0%} of the bare step's speed")


def _measure_case(case: Case, turns: int, seconds: float, missing: dict[str, str]) -> dict[str, Any]:
    contenders: dict[str, Callable[[int], None]] = {}
    for name, build in CONTENDERS.items():
        try:
            contenders[name] = build(case)
        except ImportError as error:
            missing[name] = f"no module {error.name}"
    square = np.ones((768, 768), case.dtype)
    out = np.empty_like(square)
    contenders["gemm"] = lambda count: [square.dot(square, out) for _ in range(count)] and None
    times = _interleaved(contenders, turns, seconds)
    peak = 2 * 768**3 / np.median(times.pop("gemm"))
    return {
        "case": list(case),
        "steps_per_second": {name: 1 / float(np.median(values)) for name, values in times.items()},
        "times_as_fast_as": {
            name: float(np.median(values / times["engine"])) for name, values in times.items() if name != "engine"
        },
        "share_of_gemm_peak": float(case.flops / np.median(times["engine"]) / peak),
        "gemm_gflops": float(peak / 1e9),
    }


def _measure_run(case: Case, n: int, n_val: int, turns: int, seconds: float) -> dict[str, Any]:
    """Times `Trainer.advance` over whole epochs against the same steps without anything around them."""
    settings = Settings(
        hidden=case.h,
        activation=case.activation,
        batch_size=case.b,
        train_size=n,
        epochs=10**9,
        learning_rate=0.05,
        l2=1e-4,
        dtype=case.dtype,
    )
    splits = _splits(case, n, n_val)
    trainer = Trainer(settings, splits)
    trainer.advance()

    def whole(steps: int) -> None:
        for _ in range(steps // trainer.steps_per_epoch):
            while trainer.advance() is None:
                pass

    bare = engine_on(case, splits.X_train, splits.y_train)
    times = _interleaved({"whole": whole, "bare": bare}, turns, seconds * 3, trainer.steps_per_epoch)
    return {
        "case": list(case),
        "train_rows": n,
        "val_rows": n_val,
        "steps_per_second": 1 / float(np.median(times["whole"])),
        "share_of_bare": float(np.median(times["bare"] / times["whole"])),
    }


def _interleaved(
    contenders: dict[str, Callable[[int], None]], turns: int, seconds: float, unit: int = 20
) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    """Returns the seconds that a step of every contender took in each turn; a turn is a multiple of `unit` steps."""
    counts = {}
    for name, run in contenders.items():
        run(unit)
        started = time.perf_counter()
        run(unit)
        counts[name] = unit * max(1, round(seconds / (time.perf_counter() - started)))
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(turns):
        for name, run in contenders.items():
            started = time.perf_counter()
            run(counts[name])
            times[name].append((time.perf_counter() - started) / counts[name])
    return {name: np.array(values) for name, values in times.items()}


def _splits(case: Case, n: int, n_val: int) -> Splits:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n + n_val, case.d))
    y = rng.integers(0, max(2, case.k), n + n_val)
    return Splits(
        task="classification",
        n_outputs=case.k,
        n_classes=max(2, case.k),
        X_train=X[:n],
        y_train=y[:n],
        X_val=X[n:],
        y_val=y[n:],
        X_test=X[:0],
        y_test=y[:0],
        x_mean=np.zeros(case.d),
        x_scale=np.ones(case.d),
        y_mean=0.0,
        y_scale=1.0,
        feature_names=(),
        class_names=(),
        target_name="",
        fingerprint="",
        preparation=Preparation(task="classification", target="", input_names=(), columns=()),
    )


def _restart_untuned() -> None:
    if any(name in os.environ for name in _TUNING):
        environment = {name: value for name, value in os.environ.items() if name not in _TUNING}
        os.execve(sys.executable, [sys.executable, "-m", "tests.benchmarks.engine", *sys.argv[1:]], environment)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
