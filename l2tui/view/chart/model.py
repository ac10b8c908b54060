"""What the loss chart is drawn from: numbers, options and styles. Importing this loads neither NumPy nor plotext."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from l2tui.view.glyphs import ASCII

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rich.style import Style


class LossPlotData(Struct, frozen=True):
    """The losses of a run and its marks.

    Attributes:
        epochs: Epochs with a record, shape (n,), ascending.
        train: Training loss at those epochs, shape (n,); may hold NaN and infinity, which leave a gap.
        val: Validation loss at those epochs, shape (n,), likewise.
        last_epoch: The epoch at which the run is planned to end; None where there is no plan.
        best_epoch: The epoch with the lowest validation loss.
        onset_epoch: The epoch from which the validation loss rises, once that is confirmed.
        confirmed_epoch: The epoch at which it was confirmed; None while the run does not overfit.
        withdrawn_epochs: Epochs at which a rise was confirmed that is withdrawn by now.
        l2_changes: Epochs at which λ changed, ascending, with its value before and after.
        x_name: What the axis counts, where it has to be said.
        cursor_epoch: The epoch that the reader points at.
        uninformed: The validation loss of knowing nothing of the inputs, see `Facts.uninformed_loss`.
        restarts: Places at which another program's log counts anew.
        ghost: Epochs, train_loss and val_loss of the ghost, None without one.
    """

    epochs: NDArray[np.number[Any]]
    train: NDArray[np.floating[Any]]
    val: NDArray[np.floating[Any]]
    last_epoch: int | None = None
    best_epoch: int | None = None
    onset_epoch: int | None = None
    confirmed_epoch: int | None = None
    withdrawn_epochs: tuple[int, ...] = ()
    l2_changes: tuple[tuple[int, float, float], ...] = ()
    x_name: str = ""
    cursor_epoch: int | None = None
    uninformed: float | None = None
    restarts: tuple[int, ...] = ()
    ghost: tuple[NDArray[np.floating[Any]], ...] | None = None


class LossPlotOptions(Struct, frozen=True):
    """How the losses are drawn.

    Attributes:
        width: Cells across, axis labels included.
        height: Cells down, axis labels included.
        log_y: Whether the loss axis is logarithmic.
        smooth: Whether the lines are smoothed over a few columns, and drawn without their spread.
        recent: Whether the chart shows the last quarter of the epochs only, with limits of its own.
        ascii: Whether only ASCII characters may be used.
    """

    width: int
    height: int
    log_y: bool = False
    smooth: bool = False
    recent: bool = False
    ascii: bool = False


class ChartStyles(Struct, frozen=True):
    """The Rich style of each part of the chart; the spreads have none where a terminal has no shades for them."""

    train: Style
    val: Style
    axis: Style
    label: Style
    best: Style
    confirmed: Style
    onset: Style
    change: Style
    cursor: Style
    train_spread: Style | None = None
    val_spread: Style | None = None
    ghost_train: Style | None = None
    ghost_val: Style | None = None


class ChartGlyphs(Struct, frozen=True):
    """The characters of a chart, each one cell wide; legends use the same.

    Attributes:
        train: A short piece of the training line, for a legend.
        val: A short piece of the validation line, for a legend.
        ghost: A short piece of a ghost's line, for a legend.
        best: The mark at the lowest validation loss.
        confirmed: The mark where the rise was confirmed.
        withdrawn: The mark where a rise was confirmed that is withdrawn by now.
        onset: A piece of the vertical line at the onset.
        change: A piece of the vertical line at a change of λ.
        cursor: A piece of the cursor's column.
        uninformed: A piece of the line at the loss of knowing nothing.
        horizontal: A piece of the axis of epochs.
        vertical: A piece of the axis of losses.
        corner: Where the axes meet.
        tick_x: The axis of epochs at a label.
        tick_y: The axis of losses at a label.
    """

    train: str = "⠤⠤"
    val: str = "⠶⠶"
    ghost: str = "⠐⠐"
    best: str = "★"
    confirmed: str = "▲"
    withdrawn: str = "△"
    onset: str = "┊"
    change: str = "╎"
    cursor: str = "┃"
    uninformed: str = "┈"
    horizontal: str = "─"
    vertical: str = "│"
    corner: str = "└"
    tick_x: str = "┬"
    tick_y: str = "┤"


UNICODE_GLYPHS = ChartGlyphs()
ASCII_GLYPHS = ChartGlyphs(*(ASCII.show(getattr(UNICODE_GLYPHS, name)) for name in ChartGlyphs.__struct_fields__))
