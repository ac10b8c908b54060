"""Five tables that people know, opened without an option, and scikit-learn's network on the same prepared inputs.

`python -m tests.benchmarks.real_tables` prints, for each and at two λ, the loss on the test part of this program's best
weights with its 95 % interval, that of `MLPClassifier` or `MLPRegressor` of the same size and penalty as it trains by
default, and the interval of the difference row by row. Needs scikit-learn, vega_datasets and statsmodels; a table whose
package is missing is left out.
"""

import os
import tempfile
from pathlib import Path

import pytest

from tests.integration.test_real_tables import TABLES, Comparison, compare, run_table

L2S = ("0", "0.003")


def main() -> None:
    print(f"{'table':<15}{'λ':>7}{'rows':>7}{'test loss':>11}  {'95 % interval':<18}{'theirs':>9}  difference")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["L2TUI_RUNS"] = f"{folder}/runs"
        for name, make in TABLES.items():
            path = Path(folder) / f"{name}.csv"
            try:
                make().write_csv(path)
            except pytest.skip.Exception as missing:
                print(f"{name:<15}left out: {missing.msg}")
                continue
            for l2 in L2S:
                print(_line(name, l2, compare(run_table(path, "--l2", l2))))


def _line(name: str, l2: str, found: Comparison) -> str:
    low, high = found.result.loss_interval
    below, above = found.difference
    verdict = "better" if above < 0 else "worse" if below > 0 else "no difference shown"
    interval = f"{low:.4f} to {high:.4f}"
    return (
        f"{name:<15}{l2:>7}{found.result.rows:>7}{found.result.loss:>11.4f}  {interval:<18}{found.theirs:>9.4f}"
        f"  {below:+.4f} to {above:+.4f}: {verdict}"
    )


if __name__ == "__main__":
    main()
