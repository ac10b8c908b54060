"""This program's own commands as the app runs them."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from l2tui.errors import L2tuiError
from l2tui.tui.tools import ToolProgress, ask_tool, run_tool


def in_place_of_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))


def is_alive(pid: int) -> bool:
    # A process that nobody has waited for yet is not alive.
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_a_command_of_this_program_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What lies in the current folder is not imported.
    (tmp_path / "l2tui.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    assert b"l2tui" in await run_tool("--version")


async def test_the_reason_of_a_failure_is_the_error(tmp_path: Path) -> None:
    with pytest.raises(L2tuiError, match="no such run") as caught:
        await run_tool("attach", str(tmp_path / "nothing"))
    assert not str(caught.value).startswith("l2tui: ")


async def test_progress_is_handed_on_and_other_words_are_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines = ('{"done": 0.25, "doing": "reading"}', "a warning", '{"done": 1}', "[1]")
    said = "\n".join(f"echo '{line}' >&2" for line in lines)
    in_place_of_python(monkeypatch, tmp_path, f"{said}\nhead -c 300000 /dev/zero\n")
    seen: list[ToolProgress] = []
    printed = await run_tool("inspect", on_progress=seen.append)
    assert seen == [ToolProgress(0.25, "reading"), ToolProgress(1.0, "")]
    assert printed == bytes(300_000)


async def test_an_answer_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    in_place_of_python(monkeypatch, tmp_path, """echo '{"done": 0.5}'""")
    assert await ask_tool(ToolProgress, "inspect") == ToolProgress(0.5)
    for junk in ("[1]", "{", r"\0377"):
        in_place_of_python(monkeypatch, tmp_path, f"printf '{junk}'")
        with pytest.raises(L2tuiError, match="inspect: its answer cannot be read"):
            await ask_tool(ToolProgress, "inspect")


async def test_one_that_says_nothing_is_told_by_its_status(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    in_place_of_python(monkeypatch, tmp_path, "exit 7")
    with pytest.raises(L2tuiError, match="inspect: it ended with status 7"):
        await run_tool("inspect")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="tells by /proc who lives")
async def test_whoever_stops_waiting_ends_it_with_all_that_it_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, until: Callable[..., Any]
) -> None:
    pids = tmp_path / "pids"
    in_place_of_python(monkeypatch, tmp_path, f"sleep 60 &\necho $! $$ > {pids}.new; mv {pids}.new {pids}\nwait")
    task = asyncio.create_task(run_tool("inspect"))
    while not pids.exists():
        await asyncio.sleep(0.01)
    child, parent = (int(pid) for pid in pids.read_text().split())
    assert os.getpgid(child) == os.getpgid(parent) != os.getpgid(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not Path(f"/proc/{parent}").exists(), "it was waited for"
    until(lambda: not is_alive(child))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="tells by /proc who lives")
async def test_one_that_is_cancelled_while_it_starts_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, until: Callable[..., Any]
) -> None:
    pids = tmp_path / "pids"
    in_place_of_python(monkeypatch, tmp_path, f"sleep 600 &\necho $! > {pids}.new; mv {pids}.new {pids}\nwait")
    start = asyncio.create_subprocess_exec
    may_return = asyncio.Event()

    async def start_slowly(*command: Any, **options: Any) -> Any:
        process = await start(*command, **options)
        await may_return.wait()
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start_slowly)
    task = asyncio.create_task(run_tool("inspect"))
    while not pids.exists():
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.sleep(0)
    may_return.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    child = int(pids.read_text())
    until(lambda: not is_alive(child))
