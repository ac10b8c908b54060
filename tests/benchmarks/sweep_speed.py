"""How fast lanes in a stack train: epochs a second against the ordinary run, exact losses at every epoch in both."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from l2tui.data.splits import Splits
from l2tui.settings import Settings, changed
from l2tui.training.lanes import LaneStack
from l2tui.training.trainer import Trainer
from tests.benchmarks.engine import _splits
from tests.benchmarks.engine_contenders import Case

GRID_13 = (0.0, *(digit * 10.0**power for power in range(-6, 0) for digit in (1, 3)))
GRID_40 = (0.0, *np.geomspace(1e-6, 0.3, 39))


class Row(NamedTuple):
    """One case of the table: the network, training and validation rows, and what the issue of speed asks for."""

    case: Case
    rows: tuple[int, int]
    goal_13: float
    goal_40: float


ROWS = (
    Row(Case(2, 8, 1, 10, "float64"), (100, 200), 5.0, 10.0),
    Row(Case(2, 64, 1, 16, "float64"), (100, 200), 2.0, 5.0),
    Row(Case(30, 64, 1, 32, "float64"), (160, 200), 1.4, 3.0),
    Row(Case(64, 128, 10, 64, "float64"), (640, 600), 1.05, 2.4),
)


def measure(turns: int, seconds: float) -> list[dict[str, Any]]:
    """Returns, for each case, the medians over turns of the ratios within a turn."""
    return [_measure(row, turns, seconds) for row in ROWS]


def _measure(row: Row, turns: int, seconds: float) -> dict[str, Any]:
    settings = Settings(
        hidden=row.case.h,
        batch_size=row.case.b,
        train_size=row.rows[0],
        epochs=10**9,
        learning_rate=0.05,
        l2=1e-4,
    )
    splits = _splits(row.case, *row.rows)
    contenders = {
        "alone": _alone(settings, splits),
        "13 lanes": _stack(settings, splits, GRID_13),
        "40 lanes float32": _stack(changed(settings, dtype="float32"), splits, GRID_40),
    }
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(turns):
        for name, epochs in contenders.items():
            started, done = time.process_time(), 0
            while time.process_time() - started < seconds:
                done += epochs()
            rates[name].append(done / (time.process_time() - started))
    alone = np.array(rates["alone"])
    return {
        "case": f"{row.case.d},{row.case.h},{row.case.k},b{row.case.b}",
        "alone": float(np.median(alone)),
        "lanes_13": float(np.median(np.array(rates["13 lanes"]) / alone)),
        "goal_13": row.goal_13,
        "lanes_40_float32": float(np.median(np.array(rates["40 lanes float32"]) / alone)),
        "goal_40": row.goal_40,
    }


def _alone(settings: Settings, splits: Splits) -> Callable[[], int]:
    trainer = Trainer(settings, splits)
    trainer.advance()

    def epoch() -> int:
        while trainer.advance() is None:
            pass
        return 1

    return epoch


def _stack(settings: Settings, splits: Splits, grid: tuple[float, ...]) -> Callable[[], int]:
    stack = LaneStack(settings, splits, grid)
    stack.advance(10.0)

    def epoch() -> int:
        while not stack.advance(10.0):
            pass
        return len(stack.lanes)

    return epoch
