import json
import os
from pathlib import Path

import pytest

from l2tui.cli.runs import run
from l2tui.settings import Settings
from l2tui.worker.launch import new_run


def test_a_run_whose_name_is_no_utf_8_is_listed(runs_root: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    try:
        odd = new_run(Settings(), path=runs_root / os.fsdecode(b"caf\xe9"))
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    plain = new_run(Settings(data="circles"))
    assert run(["--json"]) == 0
    listed = json.loads(capfdbinary.readouterr().out)
    assert {Path(info["path"]) for info in listed} == {odd.path, plain.path}
    assert run([]) == 0
    assert b"circles" in capfdbinary.readouterr().out
