"""Which runs are compared with one: those with its data and settings but for λ, that came to their end unsteered."""

from pathlib import Path

import pytest

from l2tui.overfitting import Known
from l2tui.runs.directory import RunDirectory
from l2tui.runs.siblings import siblings
from l2tui.runs.stored import known_status, read_run_settings
from l2tui.settings import Settings, changed
from l2tui.worker.launch import new_run
from l2tui.worker.work import work

MOONS = Settings(epochs=30, hidden=4, train_size=20, noise=0.3)


def trained(settings: Settings) -> RunDirectory:
    run = new_run(settings)
    work(run)
    return run


def known_to(run: RunDirectory) -> list[Known]:
    settings = read_run_settings(run)
    return siblings(run, settings, settings.fingerprint or "")


def test_runs_that_differ_in_l2_alone_are_known_with_their_final_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("L2TUI_RUNS", str(tmp_path))
    mine = trained(MOONS)
    assert known_to(mine) == []
    other = trained(changed(MOONS, l2=0.1, pace=1000.0))
    for name, value in (("seed", 1), ("hidden", 5), ("epochs", 31), ("learning_rate", 0.2)):
        trained(changed(MOONS, **{name: value}))
    (tmp_path / "no run").mkdir()
    status = known_status(other)
    assert status is not None
    assert status.assessment is not None
    assert known_to(mine) == [Known(0.1, status.assessment.level or 0.0)]
    assert known_to(other)[0].l2 == 0.0
