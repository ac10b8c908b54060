"""Runs that are trained in this process."""

from collections.abc import Callable
from typing import Any

import pytest

from l2tui.data.builtin.catalogue import recommended_settings
from l2tui.results.trained import Trained, load_trained
from l2tui.settings import Settings
from l2tui.worker.launch import new_run
from l2tui.worker.work import work


def train(settings: Settings) -> Trained:
    run = new_run(settings)
    work(run)
    return load_trained(run)


@pytest.fixture
def trained() -> Callable[..., Trained]:
    """Trains on built-in data: `trained("moons", epochs=5)`."""

    def start(data: str, **values: Any) -> Trained:
        return train(recommended_settings(data, **{"epochs": 8, "hidden": 8, **values}))

    return start
