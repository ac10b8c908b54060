"""The ghost of a run in the legend."""

from __future__ import annotations

from rich.text import Text

from l2tui.view.chart.model import UNICODE_GLYPHS
from l2tui.view.figures import figure
from l2tui.view.palette import Palette
from l2tui.view.run_view import RunView


def draw_ghost(view: RunView, index: int, room: int, palette: Palette) -> Text:
    """Draws λ of the ghost, and how far its val_loss lies above or below that of the run; empty without a ghost.

    Both val_losses are those of the last epoch, up to the one shown, at which the ghost's was taken.

    Args:
        view: The run.
        index: Position of the epoch among the recorded ones, -1 for the last.
        room: Cells that there are.
        palette: Colours.
    """
    ghost, epoch = view.ghost, view.at("epoch", index)
    if ghost is None or epoch is None or view.snapshot is None:
        return Text()
    style, mark, l2 = palette.chart.ghost_val or palette.val, UNICODE_GLYPHS.ghost, f"λ {ghost.l2:g}"
    last = int(ghost.epochs.searchsorted(epoch, side="right")) - 1
    epochs = view.snapshot.column("epoch")
    place = int(epochs.searchsorted(ghost.epochs[last])) if last >= 0 else len(epochs)
    if place >= len(epochs) or epochs[place] != ghost.epochs[last]:
        forms = [f" {mark} ghost {l2}", f" {mark} {l2}"]
    else:
        apart = float(ghost.val[last]) - float(view.snapshot.column("val_loss")[place])
        side = "above" if apart >= 0 else "below"
        forms = [
            f" {mark} ghost {l2}: val {figure(abs(apart)).strip()} {side} that of the run",
            f" {mark} ghost {l2} {apart:+.4f}",
            f" {mark} {l2} {apart:+.4f}",
            f" {mark} {apart:+.4f}",
        ]
    return Text(next((form for form in forms if len(form) <= room), ""), style)
