"""The table in docs/logs.md: what works with the logs of the real libraries, found by trying it."""

import io
import json
import os
from contextlib import redirect_stdout
from pathlib import Path

from l2tui.cli.watch import run
from l2tui.errors import L2tuiError
from l2tui.runs.logs.log import LogReader
from l2tui.runs.reader import Snapshot
from tests.logs.truth import CASES, LOGS, VERSIONS, WRITERS, values

PAGE = Path(__file__).parents[4] / "docs" / "logs.md"
BEGIN, END = "<!-- table: written by the tests -->\n", "<!-- end of table -->"
UPDATE = "L2TUI_UPDATE_DOCS"


def _is_true(name: str, best: float | None, count: int) -> bool:
    """Returns whether no validation is missing and ★ is their minimum, that of the last training in the file."""
    losses = values(name, CASES[name][3])
    return count == len(losses) and best == min(losses[25:] if name == "keras-append.csv" else losses)


def _live(name: str, folder: Path) -> bool:
    """Watches a log grow from nothing, in forty pieces."""
    data = (LOGS / name).read_bytes()
    path = folder / name
    reader = LogReader(path)
    snapshot = Snapshot()
    for end in (*range(0, len(data), max(1, len(data) // 40)), len(data)):
        path.write_bytes(data[:end])
        snapshot = reader.poll()
    assert snapshot.status is not None
    assert snapshot.status.assessment is not None
    return _is_true(name, snapshot.status.assessment.best_val_loss, len(snapshot))


def _printed(*arguments: str) -> tuple[int, str]:
    output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with redirect_stdout(output):
        status = run(arguments)
    output.seek(0)
    return status, output.read()


def _once(name: str, *options: str) -> bool:
    path = LOGS / name
    try:
        (status, numbers), (_, text) = (_printed(str(path), how, *options) for how in ("--json", "--once"))
    except L2tuiError:
        return False
    best = json.loads(numbers)["assessment"]["best_val_loss"]
    return status == 0 and "★" in text and _is_true(name, best, len(LogReader(path).poll()))


def _pair(name: str) -> str:
    """Returns what the pair is called: the name of the loss without its side."""
    return {"xgboost.csv": "logloss", "lightgbm.csv": "binary_logloss"}.get(name, "loss")


def _gate(name: str) -> bool:
    """Returns whether --fail-on agrees with the verdict."""
    status, numbers = _printed(str(LOGS / name), "--json", "--fail-on", "overfitting")
    return status == (4 if json.loads(numbers)["assessment"]["verdict"] == "overfitting" else 0)


def table(folder: Path) -> str:
    """Returns the table, a row a log."""
    heads = (
        "written by",
        "how",
        "counted by",
        "read live",
        "--once",
        "columns named",
        "--pair",
        "--criterion",
        "--fail-on",
    )
    rows = [heads, ("---",) * len(heads)]
    for name, (x, _, train, val) in CASES.items():
        library, how = WRITERS[name]
        tried = (
            _live(name, folder),
            _once(name),
            _once(name, "--train-column", train.upper(), "--val-column", val.upper()),
            _once(name, "--pair", _pair(name)),
            _once(name, "--criterion", "patience"),
            _gate(name),
        )
        words = ("works" if good else "fails" for good in tried)
        rows.append((f"{library} {VERSIONS[library]}", how, x, *words))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def test_the_table_of_formats_is_current_and_all_of_it_works(tmp_path: Path) -> None:
    found = table(tmp_path)
    assert "fails" not in found
    before, _, rest = PAGE.read_text().partition(BEGIN)
    shown, _, after = rest.partition(END)
    if os.environ.get(UPDATE):
        PAGE.write_text(before + BEGIN + found + END + after)
        return
    assert shown == found, f"{UPDATE}=1 pytest {Path(__file__).name} writes it anew"


def test_every_log_in_the_folder_is_tried() -> None:
    files = {
        path.name for pattern in ("*.csv", "*.tsv", "*.jsonl", "*.tfevents", "trainer*") for path in LOGS.glob(pattern)
    }
    assert files - {"keras-no-validation.csv"} == set(CASES) == set(WRITERS)
