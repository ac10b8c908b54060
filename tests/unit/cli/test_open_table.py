"""What `l2tui FILE` hands to the app."""

from pathlib import Path
from typing import Any

import pytest

from l2tui.cli.app import run
from l2tui.errors import L2tuiError
from l2tui.settings import Settings, TableChoice


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Settings, dict[str, Any]]]:
    """What the app was opened with."""
    calls: list[tuple[Settings, dict[str, Any]]] = []
    monkeypatch.setattr("l2tui.cli.app_options.check_terminal", lambda: None)
    monkeypatch.setattr("l2tui.tui.app.run_app", lambda settings, **more: calls.append((settings, more)) or 0)
    return calls


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "mine.csv"
    path.write_text("a,label\n" + "".join(f"{i * 7 % 13 / 4},{'yes' if i % 2 else 'no'}\n" for i in range(60)))
    return path


def test_a_file_opens_in_its_preview_unread(opened: list[Any], table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(table.parent)
    table.write_bytes(b"\0 whatever is in it")
    assert run(["mine.csv", "--target", "a", "--l2", "0.25", "--pace", "max"]) == 0
    ((settings, more),) = opened
    assert settings.data == "moons"
    assert more["table"].path == table
    assert more["table"].choice == TableChoice(target="a")
    assert more["table"].values == {"l2": "0.25", "pace": "max"}


def test_start_reads_it_first_and_asks_nothing(opened: list[Any], table: Path) -> None:
    assert run([str(table), "--start"]) == 0
    ((settings, more),) = opened
    assert settings.data == str(table)
    assert settings.table is not None
    assert more["start"] is True
    assert more["table"] is None


def test_what_is_wrong_is_said_before_the_app_opens(opened: list[Any], table: Path) -> None:
    for arguments in (["--l2", "-1"], ["--split", "1/2"]):
        with pytest.raises(L2tuiError):
            run([str(table), *arguments])
    with pytest.raises(L2tuiError, match="no such file"):
        run([str(table.with_name("gone.csv"))])
    assert opened == []
