"""A sweep as a picture: both losses along λ, the spread over the folds, and the range that is as good."""

import numpy as np

from l2tui.settings import show_value
from l2tui.sweep.summary import SweepView
from l2tui.view.chart.loss_axis import y_axis
from l2tui.view.chart.svg_parts import GOOD, LINE, MUTED, TEXT, TRAIN, VAL, document, star, text_at
from l2tui.view.chart.sweep_plot import as_good, series
from l2tui.view.data_names import data_name

_LEFT, _RIGHT, _TOP, _BELOW = 62, 18, 62, 72
_LABEL_CHARACTERS = 7
_LABEL_ROOM = 44


def draw_sweep_svg(view: SweepView, width: int, height: int, *, log_y: bool = False) -> str:
    """Draws the U, with λ = 0 at the left edge and the others at equal distances.

    Args:
        view: The sweep; it may have no λ yet.
        width: Of the picture, in pixels of CSS.
        height: Likewise.
        log_y: Whether the loss axis is logarithmic.

    Returns:
        A whole SVG document.
    """
    columns, rows, lanes = width - _LEFT - _RIGHT, height - _TOP - _BELOW, view.per_l2
    bottom, right = _TOP + rows, width - _RIGHT
    val, train = series(lanes, "val_loss"), series(lanes, "train_loss")
    error = np.nan_to_num(series(lanes, "val_error"))
    y = y_axis([np.concatenate([val - error, val + error]), train], rows, log=log_y)
    across = _LEFT + (np.arange(len(lanes)) + 0.5) * columns / max(1, len(lanes))
    parts = []
    for row, label in y.ticks(_LABEL_CHARACTERS):
        parts.append(f'<path d="M{_LEFT} {_TOP + row + 1}H{right}" stroke="{LINE}" stroke-width="0.6"/>')
        parts.append(text_at(_LEFT - 8, _TOP + row + 5, label, MUTED, anchor="end"))
    parts.append(f'<path d="M{_LEFT} {_TOP}V{bottom}H{right}" fill="none" stroke="{MUTED}"/>')
    answer, every = view.answer, max(1, int(np.ceil(_LABEL_ROOM * len(lanes) / columns)))
    good = across[as_good(view)]
    if len(good):
        ends = f"M{good[0] - 6:.1f} {bottom}H{good[-1] + 6:.1f}"
        parts.append(f'<path d="{ends}" stroke="{GOOD}" stroke-width="5"/>')
    for index, (x, lane) in enumerate(zip(across, lanes, strict=True)):
        if index % every == 0:
            parts.append(text_at(x, bottom + 18, show_value("l2", lane.l2), MUTED, anchor="middle"))
    parts.append(text_at(right, bottom + 34, "λ", MUTED, anchor="end"))
    for values, colour, stroke in ((train, TRAIN, 1.8), (val, VAL, 2.4)):
        known = np.flatnonzero(np.isfinite(values))
        places = " ".join(f"{across[k]:.1f},{_TOP + y.row(float(values[k])):.1f}" for k in known)
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="{stroke}" points="{places}"/>')
    for x, lane, middle, spread in zip(across, lanes, val, error, strict=True):
        if not np.isfinite(middle):
            continue
        top, low, down = (_TOP + y.row(float(middle + sign * spread)) for sign in (1, -1, 0))
        parts.append(f'<path d="M{x:.1f} {top}V{low}" stroke="{VAL}" stroke-opacity="0.5"/>')
        if lane.l2 == answer.best_l2:
            parts.append(star(float(x), float(down), 8.0))
        else:
            whole = lane.epoch >= view.plan.settings.epochs
            parts.append(
                f'<circle cx="{x:.1f}" cy="{down}" r="3.5" fill="{VAL if whole else "#ffffff"}" stroke="{VAL}"/>'
            )
    title = f"{data_name(view.plan.settings)}: loss along λ, {len(view.folds)} folds"
    parts.append(text_at(_LEFT, 22, title, TEXT, size=15, weight="600"))
    parts.append(text_at(_LEFT, 44, "train", TRAIN))
    parts.append(text_at(_LEFT + 46, 44, "val, ± standard error over the folds", VAL))
    sentences = answer.sentence.split(". ")
    for line, sentence in enumerate(sentences[:2]):
        parts.append(text_at(_LEFT, height - 28 + 16 * line, sentence, TEXT))
    return document(title, width, height, parts)
