"""What is known from other runs on the same data: how those ended that differ in λ alone."""

import msgspec

from l2tui.errors import RunError
from l2tui.overfitting.verdict import Known
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import RunSettings
from l2tui.runs.stored import known_status, read_run_settings
from l2tui.settings import Settings

# What the losses of a run do not depend on, besides λ, which is what is compared.
_FREE = {"l2": 0.0, "pace": None, "criterion": "growing", "stop_on_overfit": False, "blas_threads": 1}


def siblings(run: RunDirectory, run_settings: RunSettings, fingerprint: str) -> list[Known]:
    """Returns the final val_loss of the finished runs beside a run that have its data and all its settings but for λ.

    Runs that were steered, or stopped before their last epoch, are left out; so are those that cannot be read.

    Args:
        run: The run.
        run_settings: What it is made of.
        fingerprint: Of its prepared data.
    """
    found = []
    try:
        folders = [folder for folder in run.path.parent.iterdir() if folder.name != run.path.name]
    except OSError:
        return []
    for folder in folders:
        other = RunDirectory(folder)
        try:
            settings = read_run_settings(other)
        except RunError:
            continue
        if settings.fingerprint != fingerprint or _compared(settings.settings) != _compared(run_settings.settings):
            continue
        status = known_status(other)
        if status is None or status.state != "finished" or status.epoch != settings.settings.epochs:
            continue
        said = status.assessment
        if said is not None and said.level is not None and said.phase_epoch is None:
            found.append(Known(settings.settings.l2, said.level))
    return found


def _compared(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, **_FREE)
