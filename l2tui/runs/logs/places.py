"""Which files of a folder are its newest log."""

import re
from collections.abc import Iterator
from pathlib import Path

from l2tui.errors import RunError
from l2tui.runs.logs.columns import plain

FORMATS = "CSV, TSV, JSON Lines, trainer_state.json (Hugging Face), TensorBoard event files"
_NAMED = ("metrics.csv", "results.csv", "trainer_state.json", "*tfevents*")
_ANY = ("*.csv", "*.tsv", "*.jsonl")
_SIDES = frozenset({"train", "training", "val", "valid", "validation", "eval", "test"})


def log_in(folder: Path) -> list[tuple[str, Path]]:
    """Returns the files of the newest log in a folder, each with what its names begin with.

    Raises:
        RunError: There is none.
    """
    for patterns in (_NAMED, _ANY):
        found = [path for pattern in patterns for path in folder.rglob(pattern) if path.is_file()]
        if found:
            newest = max(found, key=_age)
            return list(_of_events(folder, newest)) if "tfevents" in newest.name else [("", newest)]
    raise RunError(f"{folder}: neither a run nor a folder with a log; read are {FORMATS}")


def _age(path: Path) -> tuple[float, int]:
    step = re.search(r"checkpoint-(\d+)$", path.parent.name)
    try:
        return path.stat().st_mtime, int(step[1]) if step else 0
    except OSError:
        return 0.0, 0


def _of_events(folder: Path, newest: Path) -> Iterator[tuple[str, Path]]:
    """Yields the event files of a run: those beside the newest, and of a run that has a folder a part, those of all."""
    home = newest.parent
    if home == folder or not _SIDES & set(plain(home.name).split()):
        yield from (("", path) for path in sorted(home.glob("*tfevents*")))
        return
    for path in sorted(home.parent.glob("*/*tfevents*")):
        yield f"{path.parent.name}/", path
