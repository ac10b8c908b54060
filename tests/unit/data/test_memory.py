"""How much memory there is, as the system's files tell it."""

import re
import resource
import tracemalloc
from pathlib import Path

import pytest

from l2tui.data.builtin.catalogue import recommended_settings
from l2tui.data.memory import available_bytes
from l2tui.data.prepare import prepare
from l2tui.data.table.inspect import inspect_table
from l2tui.errors import DataError, SettingsError
from l2tui.training.trainer import Trainer

GB = 10**9
IRIS = Path(__file__).parents[3] / "datasets" / "iris.csv"


def system(root: Path, files: dict[str, str]) -> Path:
    for name, text in {"proc/meminfo": f"MemTotal: 9\nMemAvailable: {16 * GB // 1024} kB\n", **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_without_limits_it_is_what_the_machine_has(tmp_path: Path) -> None:
    assert available_bytes(system(tmp_path, {})) == 16 * GB // 1024 * 1024


@pytest.mark.parametrize("folder", ["", "/job_7", "/job_7/step_0"])
def test_any_group_on_the_way_up_may_limit_it(tmp_path: Path, folder: str) -> None:
    groups = {f"sys/fs/cgroup{name}/memory.max": "max\n" for name in ("", "/job_7", "/job_7/step_0")}
    limited = {
        f"sys/fs/cgroup{folder}/memory.max": f"{3 * GB}\n",
        f"sys/fs/cgroup{folder}/memory.stat": f"file 5000\nanon {GB}\n",
    }
    root = system(tmp_path, {"proc/self/cgroup": "0::/job_7/step_0\n", **groups, **limited})
    assert available_bytes(root) == 2 * GB


def test_groups_of_the_older_kind_count_as_well(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "4:memory:/slurm/uid_1\n3:cpuset:/\n0::/\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "sys/fs/cgroup/memory/slurm/uid_1/memory.limit_in_bytes": f"{4 * GB}\n",
        "sys/fs/cgroup/memory/slurm/uid_1/memory.stat": f"cache 9\ntotal_rss {GB}\n",
    }
    assert available_bytes(system(tmp_path, files)) == 3 * GB


def test_a_group_that_this_container_does_not_see_is_passed_over(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "0::/../outside\n",
        "sys/fs/cgroup/memory.max": f"{2 * GB}\n",
        "sys/fs/cgroup/memory.stat": "anon 0\n",
    }
    assert available_bytes(system(tmp_path, files)) == 2 * GB


def test_the_limit_of_the_shell_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda which: (5 * GB, resource.RLIM_INFINITY))
    root = system(tmp_path, {"proc/self/status": f"Name: l2tui\nVmSize: {2 * GB // 1000} kB\n"})
    assert available_bytes(root) == 5 * GB - 2 * GB // 1000 * 1024


def test_more_in_use_than_there_is_leaves_nothing(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "0::/\n",
        "sys/fs/cgroup/memory.max": "100\n",
        "sys/fs/cgroup/memory.stat": "anon 200\n",
    }
    assert available_bytes(system(tmp_path, files)) == 0


def test_where_the_shell_leaves_too_little_for_any_table_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda which: (GB, resource.RLIM_INFINITY))
    with pytest.raises(DataError, match=r"iris.csv: reading a table takes 1.5 GB of address space.*ulimit -v"):
        inspect_table(IRIS)


def test_more_generated_rows_than_fit_are_refused_with_how_many_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("l2tui.data.memory.available_bytes", lambda: GB)
    with pytest.raises(
        SettingsError, match=r"train_size: expected at most about (\d+) rows of moons .*1 GB are free"
    ) as said:
        recommended_settings("moons", train_size=10**8)
    fit = int(re.search(r"about (\d+) rows", str(said.value))[1])  # type: ignore[index]
    assert recommended_settings("moons", train_size=fit).train_size == fit
    # What the message promises is kept: so many rows take less than is free, with all that is made of them.
    tracemalloc.start()
    few = recommended_settings("moons", train_size=100_000, hidden=8)
    trainer = Trainer(few, prepare(few))
    trainer.advance(seconds=60)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak / 100_000 * fit < GB
