"""Pictures from a run's files that do not belong together."""

from collections.abc import Callable

import numpy as np
import pytest

from l2tui.errors import RunError
from l2tui.results.picture import pictures_of
from l2tui.results.trained import Trained
from l2tui.runs.pictures import Kind, PictureRequest


@pytest.mark.parametrize("kind", ["field", "weights", "inputs"])
def test_a_run_with_the_settings_of_another_has_no_picture(trained: Callable[..., Trained], kind: Kind) -> None:
    run = trained("moons").run
    run.settings.write_bytes(trained("wine").run.settings.read_bytes())
    run.preparation.unlink(missing_ok=True)
    with pytest.raises(RunError, match="its network takes 2 inputs, its data have 13"):
        pictures_of([run], PictureRequest(kind=kind, moment="best"))


def test_layers_of_two_networks_have_no_picture(trained: Callable[..., Trained]) -> None:
    run, other = trained("moons").run, trained("moons", hidden=5).run
    with np.load(run.best) as mine, np.load(other.best) as theirs:
        mixed = {**mine, "W1": theirs["W1"]}
    np.savez(run.best, **mixed)
    with pytest.raises(RunError, match="its layers do not belong together"):
        pictures_of([run], PictureRequest(kind="weights", moment="best"))
