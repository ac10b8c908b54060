"""Hundreds of tables that nobody of this project wrote, each trained with no option, one process a table.

`python -m tests.benchmarks.tables` prints how many train, how many are refused and why, tracebacks and time-outs, time
and memory, and then a line a table with the target that was guessed. `--only MASS/` runs those whose name contains the
text, `--sample 60 --seed 3` a random choice; ctrl+c ends it with a report on those tried so far. Needs
`pip install '.[benchmark]'`; a package that is not installed is left out.
"""

import argparse
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.benchmarks.table_sources import all_tables

_ROOT = Path(__file__).resolve().parents[2]
_DIVERGED = 3


class Outcome(NamedTuple):
    """What became of one table.

    Attributes:
        name: Package and table.
        rows: Lines of the file but the first.
        what: "trained", "diverged", "refused", "traceback" or "hang".
        words: The target and its kind, or the last line of the message.
        seconds: From start to end of the process.
        cpu: Processor seconds of it and of its worker.
        megabytes: Its largest resident set.
    """

    name: str
    rows: int
    what: str
    words: str
    seconds: float
    cpu: float
    megabytes: float


def try_table(name: str, content: bytes, folder: Path, limit: float) -> Outcome:
    """Trains a table in a process of its own."""
    path = folder / (name.replace("/", "-") + ".csv")
    path.write_bytes(content)
    run = path.with_suffix(".run")
    command = [sys.executable, "-m", "l2tui", "train", str(path), "--json", "--run-dir", str(run)]
    began = time.perf_counter()
    with (folder / "out").open("w+b") as out, (folder / "err").open("w+b") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, cwd=_ROOT, start_new_session=True)
        signal.signal(signal.SIGALRM, lambda *_: process.kill())
        signal.setitimer(signal.ITIMER_REAL, limit)
        _, status, usage = os.wait4(process.pid, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
        err.seek(0)
        message = err.read().decode(errors="replace").strip()
    what, words = _judge(process.returncode, message, run)
    path.unlink()
    return Outcome(
        name, content.count(b"\n") - 1, what, words, seconds, usage.ru_utime + usage.ru_stime, _megabytes(usage)
    )


def _judge(returncode: int, message: str, run: Path) -> tuple[str, str]:
    last = message.rpartition("\n")[2]
    if returncode == -signal.SIGKILL:
        return "hang", last
    if "Traceback" in message:
        return "traceback", last
    if returncode not in (0, _DIVERGED):
        return "refused", last
    plan = json.loads((run / "preparation.json").read_bytes())
    kind = f"{len(plan['class_names'])} classes" if plan["class_names"] else "number"
    return ("diverged" if returncode else "trained"), f"{plan['target']}: {kind}, {len(plan['input_names'])} inputs"


def reason(words: str) -> str:
    """Returns a refusal without what differs from table to table: paths, names in quotation marks, numbers."""
    words = re.sub(r"^l2tui[^:]*: |/\S+?\.csv:? ?", "", words)
    return re.sub(r"\d[\d,.]*", "N", re.sub(r"'[^']*'|\"[^\"]*\"", "'...'", words))[:110]


def report(outcomes: Sequence[Outcome]) -> list[str]:
    """Returns the counts and the page of guesses as lines."""
    counts = Counter(outcome.what for outcome in outcomes)
    large = [outcome for outcome in outcomes if outcome.rows >= 10]
    trained = [outcome for outcome in outcomes if outcome.what == "trained"]
    share = sum(outcome.what == "trained" for outcome in large) / max(1, len(large))
    lines = [", ".join(f"{what} {n}" for what, n in counts.most_common())]
    lines.append(f"{len(large)} have 10 rows or more; of these {share:.1%} trained")
    if trained:
        for what, unit, values in (
            ("time", "s", [o.seconds for o in trained]),
            ("processor time", "s", [o.cpu for o in trained]),
            ("memory", "MB", [o.megabytes for o in trained]),
        ):
            lines.append(f"{what:<15} median {median(values):.2f} {unit}  largest {max(values):.2f} {unit}")
    lines += ["", "refused, by reason"]
    refused = [outcome for outcome in outcomes if outcome.what == "refused"]
    lines += [f"{n:5}  {words}" for words, n in Counter(reason(o.words) for o in refused).most_common()]
    for what in ("refused", "diverged", "traceback", "hang"):
        lines += ["", what] + [f"  {o.name:<34} {o.words}" for o in outcomes if o.what == what]
    lines += ["", "guesses"]
    return lines + [f"  {o.name:<34} {o.rows:>7,} rows  {o.words}" for o in outcomes if o.what == "trained"]


def _megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.tables", description=__doc__)
    parser.add_argument("--only", default="", help="tables whose name contains this")
    parser.add_argument("--sample", type=int, help="so many tables at random")
    parser.add_argument("--seed", type=int, default=0, help="seed of the sample")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds after which a table counts as a hang")
    options = parser.parse_args()
    tables = [(name, content) for name, content in all_tables() if options.only in name]
    if options.sample:
        tables = random.Random(options.seed).sample(tables, min(options.sample, len(tables)))
    outcomes = []
    # The largest resident set of a process begins at that of its parent, and this process holds all tables.
    small = ProcessPoolExecutor(1, get_context("spawn"))
    with tempfile.TemporaryDirectory() as folder, small, suppress(KeyboardInterrupt):
        for at, (name, content) in enumerate(tables, 1):
            outcomes.append(small.submit(try_table, name, content, Path(folder), options.limit).result())
            print(f"\r{at}/{len(tables)} {name:<40}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print("\n".join(report(outcomes)))


if __name__ == "__main__":
    main()
