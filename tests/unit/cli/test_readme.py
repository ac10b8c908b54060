"""What the README promises is there."""

import re
import shlex
from pathlib import Path

import pytest

from l2tui.cli import COMMANDS, main
from l2tui.data.builtin.catalogue import is_table
from l2tui.view.key_names import DEFAULT_NAMES
from l2tui.view.keys import RUN_KEYS

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
LINES = "".join(re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)).splitlines()
CALLS = [shlex.split(line, comments=True) for line in LINES if line.startswith("l2tui")]
# These pages name options of pip, pytest and Dask as well.
OTHER_PROGRAMS = ("CONTRIBUTING.md", "cluster.md")
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
    ours = [page.read_text(encoding="utf-8") for page in PAGES if page.name not in OTHER_PROGRAMS]
    prose = re.sub(r"`python -m[^`]*`", "", "\n".join(ours))
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", prose)) <= told


def test_every_key_of_the_main_screen_stands_in_the_table() -> None:
    rows = [line.split(" | ")[0] for line in README.partition("## Keys")[2].partition("\n## ")[0].splitlines()]
    listed = {key.replace("ctrl+", "^") for row in rows for key in re.findall(r"`([^`]+)`", row)}
    assert {DEFAULT_NAMES.first(binding) for binding in RUN_KEYS} <= listed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_links_to_is_there(page: Path) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", ["architecture.md", "extending.md"])
def test_a_file_that_a_page_names_is_there(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    named = [name for name in re.findall(r"`([\w/]+\.(?:py|md|json|csv))`", text) if "/" in name and "NAME" not in name]
    assert len(named) > 5
    assert [name for name in named if not any((ROOT / base / name).exists() for base in ("", "l2tui"))] == []


def test_a_way_through_the_code_has_six_stops_at_most() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    ways = text.partition("## Four ways")[2].partition("\n## ")[0].split("\n**")[1:]
    assert [len(re.findall(r"^\d\. ", way, re.MULTILINE)) <= 6 for way in ways] == [True] * 4


def test_the_readme_stays_short() -> None:
    assert len(README.splitlines()) <= 150
