"""Forty tables that nobody of this project wrote: see `tests/fixtures/tables/README.md`."""

import re
from pathlib import Path

import pytest

from l2tui.data.table.inspect import inspect_table
from l2tui.results.evaluate import evaluate_run
from l2tui.runs.reader import RunReader
from l2tui.settings import Settings, TableChoice, changed
from l2tui.worker.launch import new_run
from l2tui.worker.work import work

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parents[1] / "fixtures" / "tables"
ROW = re.compile(r"\| `(.+\.csv)` \| .+ \| `(.+)` \| (class|number) \|")
TABLES = [found.groups() for line in (FOLDER / "README.md").read_text().splitlines() if (found := ROW.match(line))]


def trained_losses(settings: Settings) -> tuple[float, float]:
    """Trains for a few epochs; returns val_loss at the start and at the best epoch."""
    run = new_run(changed(settings, epochs=30))
    trainer = work(run).trainer
    assert not trainer.diverged
    assert evaluate_run(run, "val").floors
    return float(RunReader(run).poll().column("val_loss")[0]), trainer.watch.best_val_loss


def test_every_file_is_described_and_all_are_small() -> None:
    files = sorted(FOLDER.glob("*.csv"))
    assert [path.name for path in files] == sorted(name for name, _, _ in TABLES)
    assert len(files) == 40
    assert sum(path.stat().st_size for path in files) < 500_000


@pytest.mark.parametrize(("name", "target", "kind"), TABLES)
def test_a_table_trains_to_its_target(name: str, target: str, kind: str) -> None:
    summary = inspect_table(FOLDER / name, TableChoice(target=target))
    assert summary.task == {"class": "classification", "number": "regression"}[kind]
    before, best = trained_losses(summary.settings)
    assert best < before


@pytest.mark.parametrize("name", [name for name, _, _ in TABLES])
def test_a_table_trains_without_an_option_and_never_to_its_row_names(name: str) -> None:
    summary = inspect_table(FOLDER / name)
    assert summary.target != "rownames"
    trained_losses(summary.settings)
