import json
import subprocess
import sys

import pytest

SCREEN = {"textual", "rich", "plotext", "l2tui.tui"}
HEAVY = {"numpy", "polars", "textual", "rich", "plotext"}


def _loaded(code: str) -> set[str]:
    code = f"import sys, json\nfrom contextlib import *\n{code}\nprint('\\n' + json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_core_loads_no_screen() -> None:
    packages = ("nn", "data", "overfitting", "training", "runs", "worker", "results")
    code = (
        "import importlib, pkgutil\n"
        f"for package in {packages}:\n"
        "    package = importlib.import_module('l2tui.' + package)\n"
        "    for module in pkgutil.iter_modules(package.__path__, package.__name__ + '.'):\n"
        "        if not module.name.endswith('__main__'): importlib.import_module(module.name)\n"
    )
    loaded = _loaded(code)
    assert {"l2tui.training.trainer", "l2tui.worker.session", "l2tui.nn.step", "numpy"} <= loaded
    assert not loaded & SCREEN


@pytest.mark.parametrize(
    "code",
    [
        "import l2tui.cli",
        "import l2tui.cli\nwith suppress(SystemExit): l2tui.cli.main(['--help'])",
        "import l2tui.cli\nwith suppress(SystemExit): l2tui.cli.main(['train', '--help'])",
        *(
            f"import l2tui.cli\nwith suppress(SystemExit): l2tui.cli.main(['{name}', '--help'])"
            for name in ("inspect", "test", "predict", "export", "plot")
        ),
        "import l2tui.cli\nl2tui.cli.main(['datasets'])",
        "import l2tui.cli\nl2tui.cli.main(['train', 'moons', '--l2', 'x'])",
        "import l2tui.worker.launch",
        "import l2tui.view.run_view",
        "import l2tui.data.builtin.catalogue",
    ],
)
def test_what_must_be_quick_loads_nothing_heavy(code: str) -> None:
    assert not _loaded(code) & HEAVY


def test_the_app_is_imported_without_number_and_chart_libraries() -> None:
    loaded = _loaded("import l2tui.tui.app")
    assert "textual" in loaded
    assert not loaded & {"numpy", "polars", "plotext"}
