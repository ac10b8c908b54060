"""Which value comes next when an arrow key is pressed on a setting."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any

from l2tui.data.builtin.catalogue import CATALOGUE, dataset_info, split_sizes
from l2tui.errors import SettingsError
from l2tui.settings import ACTIVATIONS, CRITERIA, OPTIMIZERS, Settings
from l2tui.tui.own_table import OwnTable
from l2tui.view.data_names import data_name, is_table

L2_LADDER = (0.0, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0)
PACE_LADDER = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, None)
_RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0)
_NOISE = tuple(round(0.05 * i, 2) for i in range(21))
_SHARES = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
_ROWS = (10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000, 5000, 10_000, 20_000, 50_000, 100_000)
_UNITS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
_BATCHES = (1, 2, 4, 8, 10, *_UNITS[4:])
_EPOCHS = (
    10,
    20,
    50,
    100,
    200,
    300,
    500,
    750,
    1000,
    1500,
    2000,
    3000,
    5000,
    10_000,
    20_000,
    50_000,
    100_000,
    1_000_000,
)
_LAST_SEED = 2**32 - 1
_LADDERS: dict[str, Sequence[float]] = {
    "l2": L2_LADDER,
    "learning_rate": _RATES,
    "noise": _NOISE,
    "label_noise": _SHARES,
    "hidden": _UNITS,
    "epochs": _EPOCHS,
}
_CHOICES: dict[str, tuple[Any, ...]] = {
    "data": tuple(CATALOGUE),
    "activation": ACTIVATIONS,
    "optimizer": OPTIMIZERS,
    "criterion": CRITERIA,
    "stop_on_overfit": (False, True),
}


def step_value(settings: Settings, name: str, direction: int, table: OwnTable | None = None) -> Any:
    """Returns the next value of a setting, up (+1) or down (-1); at the end of a ladder it stays.

    A value between two rungs, typed by hand, moves to the nearest rung on that side. Choices go round; a table of a
    person's own comes after the built-in data.
    """
    value = getattr(settings, name)
    if name in _CHOICES:
        choices = _CHOICES[name]
        if name == "data":
            choices += (table.settings.data,) if table is not None else (value,) if is_table(settings) else ()
        return choices[(choices.index(value) + direction) % len(choices)] if value in choices else choices[0]
    if name == "seed":
        return max(0, min(_LAST_SEED, value + direction))
    if name == "pace":
        return _step_pace(value, direction)
    if name == "noise" and value is None:
        return None
    return _step(_ladder(settings, name, table), value, direction)


def choices_for(name: str, table: OwnTable | None = None) -> tuple[str, ...]:
    """Returns the words that a setting can be, empty for numbers."""
    words = tuple(str(choice) for choice in _CHOICES.get(name, ()) if isinstance(choice, str))
    return (*words, data_name(table.settings)) if name == "data" and table is not None else words


def _ladder(settings: Settings, name: str, table: OwnTable | None) -> Sequence[float]:
    if name == "batch_size":
        return (*(size for size in _BATCHES if size < settings.train_size), settings.train_size)
    if is_table(settings):
        if name != "train_size":
            return _LADDERS[name]
        most = table.rows_for(settings) if table is not None else settings.train_size
        return (*(rows for rows in _ROWS if rows < most), most)
    if name == "train_size":
        return _with_recommended(settings, name, [rows for rows in _ROWS if _fits(settings, rows)])
    return _with_recommended(settings, name, _LADDERS[name])


def _with_recommended(settings: Settings, name: str, ladder: Sequence[float]) -> Sequence[float]:
    # Up and down again comes back to the value that the data brought.
    recommended = dataset_info(settings.data).recommended.get(name)
    return ladder if recommended is None else sorted({*ladder, recommended})


def _fits(settings: Settings, rows: int) -> bool:
    try:
        split_sizes(dataset_info(settings.data), rows)
    except SettingsError:
        return False
    return True


def _step(ladder: Sequence[float], value: float, direction: int) -> float:
    index = bisect_right(ladder, value) if direction > 0 else bisect_left(ladder, value) - 1
    return ladder[index] if 0 <= index < len(ladder) else value


def _step_pace(value: float | None, direction: int) -> float | None:
    limits = [pace for pace in PACE_LADDER if pace is not None]
    if value is None:
        return limits[-1] if direction < 0 else None
    if direction > 0 and value >= limits[-1]:
        return None
    return _step(limits, value, direction)
