"""A run as a row of a list: its cells, and all of it in one line of words."""

import math
from collections.abc import Sequence
from datetime import datetime

from rich.cells import cell_len

from l2tui.runs.events import Origin
from l2tui.runs.info import RunInfo
from l2tui.settings import show_value
from l2tui.view.figures import age, figure, sparkline
from l2tui.view.plain import printable
from l2tui.view.status import SYMBOLS, VERDICTS

HEADS = ("name", "data", "λ ★→end", "final", "acc/R²", "curve", "verdict", "rank", "epoch", "age")
# A name begins with the year, which the list can do without.
_YEAR = 4
# What can be left out where there is no room, the first of them first.
_DISPENSABLE = ("age", "epoch", "data", "rank", "curve", "acc/R²")
_SHORTEST_NAME, _LONGEST_NAME = 10, 32
_L2 = HEADS.index("λ ★→end")
# How it ended says more than what the curve looked like.
_TELLING_STATES = ("starting", "failed", "interrupted", "unreadable")

# What a sweep has found, in a word or two.
_ANSWERS = {
    "helps": "decay helps",
    "no_help": "no decay needed",
    "cannot_tell": "cannot tell",
    "edge": "λ may be larger",
    "diverged": "diverged",
}


def run_row(info: RunInfo, now: datetime) -> tuple[str, ...]:
    """Returns the cells of a run, one for each of `HEADS`."""
    cells = (
        info.title or _without_year(info.name),
        data_of(info),
        l2_of(info),
        loss_of(info),
        accuracy_of(info),
        sketch(info.curve),
        verdict_of(info),
        f"{info.rank}/{info.ranked}" if info.rank else "-",
        epoch_of(info),
        age(info.age_seconds(now)),
    )
    return tuple(printable(cell) for cell in cells)


def run_words(info: RunInfo) -> str:
    """Returns what the list knows of a run in one line, the most important first."""
    if info.grid:
        how_far = "" if info.state == "finished" else f" {100 * info.share:.0f} %"
        parts = (f"sweep of {info.grid} λ, {info.state}{how_far}", info.reason, info.note)
        return printable(" · ".join(filter(None, parts)))
    best = "" if info.best_val_loss is None else f"best val {figure(info.best_val_loss).strip()} at {info.best_epoch}"
    if best and info.best_l2 is not None:
        best += f", λ {show_value('l2', info.best_l2)}"
    final = "" if info.final_val_loss is None else f"final {loss_of(info)}, λ {show_value('l2', info.l2)}"
    rank = f"rank {info.rank} of {info.ranked} on this data" if info.rank else ""
    ended = f"{info.state} {info.epoch}/{info.epochs}" if info.state != "unreadable" else f"unreadable: {info.reason}"
    return printable(" · ".join(filter(None, (ended, origin_of(info), best, final, rank, info.note))))


def origin_of(info: RunInfo) -> str:
    """Returns what a fork is a fork of, and the epoch that both share last; empty for other runs."""
    return "" if info.origin is None else f"fork of {parent_of(info.origin)} @{info.origin.epoch}"


def parent_of(origin: Origin) -> str:
    """Returns what a list calls the run that a fork is a fork of."""
    return origin.name or _without_year(origin.run)


def _without_year(name: str) -> str:
    return name[_YEAR:] if name[:8].isdecimal() else name


def data_of(info: RunInfo) -> str:
    """Returns the data's name; of a file, its last part."""
    return info.data.rstrip("/").rpartition("/")[2] or info.data


def l2_of(info: RunInfo) -> str:
    """Returns λ at the best epoch and, where it is another one, at the end."""
    end = show_value("l2", info.l2)
    if info.grid and info.best_l2 is None:
        return "-"
    return end if info.best_l2 in (None, info.l2) else f"{show_value('l2', info.best_l2)}→{end}"


def loss_of(info: RunInfo) -> str:
    """Returns the final val_loss."""
    return figure(info.final_val_loss).strip()


def accuracy_of(info: RunInfo) -> str:
    """Returns the final accuracy in per cent, or R²."""
    value = info.final_val_accuracy
    if value is None or info.task == "regression":
        return figure(value).strip()
    return f"{100 * value:.1f} %"


def verdict_of(info: RunInfo) -> str:
    """Returns the verdict, or how the run ended where that says more, after a sign of the state."""
    if info.grid:
        words = f"sweep, {_ANSWERS.get(info.verdict, info.state) if info.state == 'finished' else info.state}"
        return f"{SYMBOLS.get(info.state, '✗')} {words}"
    words = info.state if info.state in _TELLING_STATES else VERDICTS.get(info.verdict, info.state)
    return f"{SYMBOLS.get(info.state, '✗')} {words}"


def epoch_of(info: RunInfo) -> str:
    """Returns the finished epochs of those planned; of a sweep, the share that is done."""
    return f"{100 * info.share:.0f} %" if info.grid else f"{info.epoch}/{info.epochs}"


def sketch(points: tuple[float, ...]) -> str:
    """Returns a curve as a character a point.

    It begins with the untrained network, beside whose loss all that follows would look flat: the scale goes from the
    lowest value to the highest of the others, or to a quarter more than the lowest, and what is higher is cut off.
    """
    finite = [point for point in points if math.isfinite(point)]
    if not finite:
        return "-"
    low, high = min(finite), max(finite[1:], default=finite[0])
    # By halves: the range of two large numbers is more than a number can be.
    top = max(high / 2 - low / 2, abs(low) / 8, math.ulp(0.0))
    return sparkline([point / 2 - low / 2 for point in points], top)


def fitting_columns(rows: Sequence[tuple[str, ...]], width: int) -> dict[int, int]:
    """Returns the columns of a list that there is room for, with their widths.

    A number that is cut short would read as another one: a column is shown whole, or not at all.
    """
    kept = {i: max(cell_len(head), *(cell_len(row[i]) for row in rows), 0) for i, head in enumerate(HEADS)}
    if not any("→" in row[_L2] for row in rows):
        kept[_L2] = max(cell_len(row[_L2]) for row in rows) if rows else 1
    kept[0] = min(kept[0], _LONGEST_NAME)
    for head in _DISPENSABLE:
        if sum(kept.values()) + len(kept) > width:
            del kept[HEADS.index(head)]
    kept[0] -= max(0, min(kept[0] - _SHORTEST_NAME, sum(kept.values()) + len(kept) - width))
    gap = 2 if sum(kept.values()) + 2 * len(kept) <= width else 1
    return {index: cells + gap for index, cells in kept.items()}
