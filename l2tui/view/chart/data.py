"""What the chart of a run is drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from l2tui.view.chart.model import LossPlotData
from l2tui.view.run_view import RunView

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def recorded_epochs(view: RunView) -> NDArray[np.float64] | None:
    """Returns the epochs of which there is a record, None before the first."""
    return view.snapshot.column("epoch") if view.snapshot is not None and len(view.snapshot) else None


def chart_data(view: RunView, index: int | None) -> LossPlotData:
    """Returns what the chart is drawn from.

    Args:
        view: The run.
        index: Position of the cursor's epoch among the recorded ones, or None.
    """
    import numpy as np

    snapshot, assessment = view.snapshot, view.assessment
    if snapshot is None or not len(snapshot):
        empty = np.empty(0)
        return LossPlotData(empty, empty, empty)
    epochs = snapshot.column("epoch")
    return LossPlotData(
        epochs,
        snapshot.column("train_loss"),
        snapshot.column("val_loss"),
        last_epoch=view.planned,
        best_epoch=assessment.best_epoch if assessment else None,
        onset_epoch=assessment.onset_epoch if assessment else None,
        confirmed_epoch=assessment.confirmed_epoch if assessment else None,
        withdrawn_epochs=view.withdrawn_epochs(),
        l2_changes=view.l2_changes(),
        x_name=view.x if view.is_log else "",
        cursor_epoch=None if index is None else int(epochs[min(index, len(epochs) - 1)]),
        uninformed=view.status.facts.uninformed_loss if view.status and view.status.facts else None,
    )
