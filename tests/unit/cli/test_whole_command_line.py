"""What concerns all commands: completion, the manual page, and a first word that is none of them."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from l2tui.cli import COMMANDS, main
from l2tui.runs.listing import list_runs
from l2tui.settings import OPTIMIZERS, Settings
from l2tui.worker.launch import new_run

ROOT = Path(__file__).parents[3]


def _completed(line: str, tmp_path: Path) -> set[str]:
    pytest.importorskip("argcomplete")
    out = tmp_path / "completions"
    environment = {
        **os.environ, "_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line)), "_ARGCOMPLETE_IFS": "\n",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(out),
    }  # fmt: skip
    subprocess.run([sys.executable, "-m", "l2tui"], env=environment, check=True, cwd=tmp_path)
    return {word.strip() for word in out.read_text().split("\n")}


def test_commands_data_sets_options_and_their_values_are_completed(tmp_path: Path) -> None:
    assert {"moons", "train", "watch"} <= _completed("l2tui ", tmp_path)
    assert _completed("l2tui sw", tmp_path) == {"sweep"}
    assert _completed("l2tui train mo", tmp_path) == {"moons"}
    assert _completed("l2tui train moons --learning", tmp_path) == {"--learning-rate"}
    assert _completed("l2tui train moons --optimizer ", tmp_path) >= set(OPTIMIZERS)
    assert _completed("l2tui datasets export wi", tmp_path) == {"wine"}
    assert _completed("l2tui datasets e", tmp_path) == {"export"}
    assert "prune" in _completed("l2tui runs ", tmp_path)
    assert "--older-than" in _completed("l2tui runs prune --", tmp_path)
    assert _completed("l2tui watch x --fail-on overf", tmp_path) == {"overfitting"}
    assert _completed("l2tui sweep moons --fail-on no", tmp_path) == {"no_help"}


def test_runs_and_files_are_completed_where_they_are_meant(tmp_path: Path) -> None:
    (tmp_path / "houses.csv").touch()
    run = new_run(Settings())
    assert _completed("l2tui attach 2", tmp_path) == {run.name} == {info.name for info in list_runs()}
    assert _completed("l2tui inspect hou", tmp_path) == {"houses.csv"}
    assert _completed("l2tui train hou", tmp_path) == {"houses.csv"}
    assert _completed("l2tui train moons --l2 h", tmp_path) == {""}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_gets_a_script_that_it_can_read(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("argcomplete")
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "l2tui" in script
    if shutil.which(shell) is not None:
        subprocess.run([shell, "-n", "/dev/stdin"], input=script, text=True, check=True)


def test_fish_completes_by_its_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("argcomplete")
    if shutil.which("fish") is None:
        pytest.skip("there is no fish")
    main(["completion", "fish"])
    (tmp_path / "l2tui.fish").write_text(capsys.readouterr().out)
    (tmp_path / "l2tui").write_text(f"#!/bin/sh\nexec '{sys.executable}' -m l2tui \"$@\"\n")
    (tmp_path / "l2tui").chmod(0o755)
    code = f"set -x PATH {tmp_path} $PATH; source {tmp_path}/l2tui.fish; complete -C 'l2tui train mo'"
    done = subprocess.run(["fish", "--no-config", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["moons"]


def test_bash_completes_by_its_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("argcomplete")
    main(["completion", "bash"])
    script = capsys.readouterr().out
    program = tmp_path / "l2tui"
    program.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m l2tui \"$@\"\n")
    program.chmod(0o755)
    line = "l2tui train mo"
    code = f"{script}\nCOMP_LINE='{line}' COMP_POINT={len(line)}\n_python_argcomplete {program}\necho ${{COMPREPLY[@]}}"
    done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["moons"]


def test_the_manual_page_is_that_of_the_parsers() -> None:
    pytest.importorskip("build_manpages")
    spec = importlib.util.spec_from_file_location("make_man", ROOT / "docs" / "make_man.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = (ROOT / "docs" / "l2tui.1").read_text()
    assert page == module.page(), "python docs/make_man.py writes it anew"
    for command in set(COMMANDS) - {"open"}:
        assert f"l2tui {command}" in page


def test_every_command_stands_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    printed = capsys.readouterr().out
    for command in COMMANDS:
        assert f"l2tui {command} " in printed


@pytest.mark.parametrize(
    ("words", "meant"), [("trian moons", "train"), ("swep", "sweep"), ("Watch", "watch"), ("dataset", "datasets")]
)
def test_a_mistyped_command_is_offered_the_nearest(words: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(words.split())
    assert left.value.code == 2
    assert f"did you mean `l2tui {meant}`?" in capsys.readouterr().err


def test_a_mistyped_data_set_is_offered_data_sets(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["irs"]) == 1
    assert "did you mean iris" in capsys.readouterr().err
