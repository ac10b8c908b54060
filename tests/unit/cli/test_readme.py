"""What the README promises is there."""

import re
import shlex
from pathlib import Path

import pytest

from l2tui.cli import COMMANDS, main
from l2tui.data.builtin.catalogue import is_table
from l2tui.view.key_names import DEFAULT_NAMES
from l2tui.view.keys import RUN_KEYS

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
LINES = "".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL)).splitlines()
CALLS = [shlex.split(line, comments=True) for line in LINES if line.startswith("l2tui")]
WITH_COMMANDS_OF_THEIR_OWN = ("datasets", "runs")


def _help(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit):
        main([*words, "--help"])
    return capsys.readouterr().out


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_a_line_to_copy_is_one_that_the_program_takes(call: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    words = [word for word in call[1:] if not word.startswith("-")]
    depth = 2 if words[0] in WITH_COMMANDS_OF_THEIR_OWN else 1
    assert words[0] in COMMANDS or is_table(words[0])
    told = _help(capsys, *words[:depth])
    for option in call[1:]:
        if option.startswith("--"):
            assert re.search(rf"{option.partition('=')[0]}\b", told), option


def test_every_option_that_is_named_is_one_of_some_command(capsys: pytest.CaptureFixture[str]) -> None:
    calls = [(name,) for name in COMMANDS] + [("datasets", "export"), ("runs", "prune")]
    told = set(re.findall(r"--[a-z][a-z0-9-]+", " ".join(_help(capsys, *call) for call in calls)))
    prose = re.sub(r"`python -m[^`]*`", "", README)
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", prose)) <= told


def test_every_key_of_the_main_screen_stands_in_the_table() -> None:
    rows = [line.split(" | ")[0] for line in README.partition("## Keys")[2].partition("\n## ")[0].splitlines()]
    listed = {key.replace("ctrl+", "^") for row in rows for key in re.findall(r"`([^`]+)`", row)}
    assert {DEFAULT_NAMES.first(binding) for binding in RUN_KEYS} <= listed
