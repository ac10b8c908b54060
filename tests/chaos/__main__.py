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
    failed = False

    def say(what: str, tries: int, failures: list[str]) -> None:
        nonlocal failed
        failed |= bool(failures)
        print(f"{what:40}{tries:>10}{len(failures):>10}", *failures, sep="\n", flush=True)

    print(f"{'what':40}{'tries':>10}{'failures':>10}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "runs"
        os.environ |= {"L2TUI_RUNS": str(root), "L2TUI_CONFIG": os.devnull, "XDG_STATE_HOME": folder}
        say("worker killed, commands in batches", options.kills, kill(options.seed, options.kills))
        say("reads of random keys", options.cases, feed(options.seed, options.cases))
        for number in range(-(-options.kills // 50)):
            say("app and worker killed together", 5, kill_together(options.seed + number, 5))
        os.chdir(folder)
        paths = make_runs(Path(folder))
        for name in PLACES if options.bytes else ():
            storm = attack(options.seed, name, paths, options.bytes)
            say(f"bytes that reached {name}, of {storm.sent}", storm.reached, storm.failures)
        end_workers(Path(folder))
        say("damaged run directories", options.cases, fuzz(root, options.seed, options.cases))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
