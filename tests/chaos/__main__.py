"""`python -m tests.chaos [--cases N] [--kills N] [--bytes N] [--seed S]`: the enemy's whole round, with a table."""

import argparse
import os
import random
import sys
import tempfile
from pathlib import Path

from tests.chaos.directories import fuzz
from tests.chaos.keys import feed
from tests.chaos.kills import kill
from tests.chaos.places import PLACES, make_runs
from tests.chaos.storm import attack
from tests.chaos.together import kill_together
from tests.conftest import end_workers


def main() -> int:
    """Tries everything; returns 1 if anything failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000, help="damaged directories (default %(default)s)")
    parser.add_argument(
        "--kills", type=int, default=500, help="lives of a worker that are cut off (default %(default)s)"
    )
    parser.add_argument(
        "--bytes", type=int, default=20_000, help="that reach each dialog and screen (default %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 31), help="by default one of its own")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "runs"
        os.environ |= {"L2TUI_RUNS": str(root), "L2TUI_CONFIG": os.devnull, "XDG_STATE_HOME": folder}
        rows.append(("worker killed, commands in batches", options.kills, kill(options.seed, options.kills)))
        rows.append(("reads of random keys", options.cases, feed(options.seed, options.cases)))
        together = [
            wrong for number in range(-(-options.kills // 50)) for wrong in kill_together(options.seed + number, 5)
        ]
        rows.append(("app and worker killed together", -(-options.kills // 50) * 5, together))
        os.chdir(folder)
        paths = make_runs(Path(folder))
        reached, found = 0, []
        for name in PLACES if options.bytes else ():
            storm = attack(options.seed, name, paths, options.bytes)
            print(f"{name:12}{storm}", *storm.failures, sep="\n", flush=True)
            reached += storm.reached
            found += storm.failures
        rows.append(("bytes that reached a dialog or screen", reached, found))
        end_workers(Path(folder))
        rows.append(("damaged run directories", options.cases, fuzz(root, options.seed, options.cases)))
    print(f"{'what':40}{'tries':>10}{'failures':>10}")
    for what, tries, failures in rows:
        print(f"{what:40}{tries:>10}{len(failures):>10}")
    for _, _, failures in rows:
        print(*failures, sep="\n")
    return 1 if any(failures for _, _, failures in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
