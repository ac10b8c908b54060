"""A run as a picture with its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from l2tui.settings import Settings
from l2tui.view.chart.data import chart_data
from l2tui.view.chart.svg_chart import Caption, draw_svg
from l2tui.view.data_names import data_name
from l2tui.view.figures import figure
from l2tui.view.run_view import RunView
from l2tui.view.status import VERDICTS

if TYPE_CHECKING:
    from l2tui.runs.reader import Snapshot


def picture(snapshot: Snapshot, name: str, *, width: int, height: int, log_y: bool = False) -> str:
    """Returns a run's chart as an SVG document.

    Args:
        snapshot: The run.
        name: Its name.
        width: In pixels, within the limits of `svg_chart`.
        height: Likewise.
        log_y: Whether the loss axis is logarithmic.
    """
    view = RunView(Settings(), snapshot)
    return draw_svg(chart_data(view, None), _caption(view, name), width, height, log_y=log_y)


def _caption(view: RunView, name: str) -> Caption:
    settings, assessment = view.live or view.pending, view.assessment
    title = f"{data_name(settings)}, λ {settings.l2:g}, {settings.hidden} hidden units"
    if assessment is None or view.latest("epoch") is None:
        return Caption(title, f"{name}: no epoch yet", "train", "val")
    best, confirmed = assessment.best_epoch, assessment.confirmed_epoch
    verdict = assessment.headline or VERDICTS[assessment.verdict]
    if assessment.onset_epoch is not None and assessment.verdict == "overfitting":
        verdict = f"{VERDICTS['overfitting']} since epoch {assessment.onset_epoch}"
    return Caption(
        title,
        f"{verdict}: {assessment.evidence}",
        f"train {figure(view.latest('train_loss')).strip()}",
        f"val {figure(view.latest('val_loss')).strip()}",
        "" if best is None else f"best {figure(assessment.best_val_loss).strip()} at {best}",
        "" if confirmed is None else f"confirmed at {confirmed}",
        "" if view.ghost is None else f"ghost λ {view.ghost.l2:g}",
    )
