"""Runs this program's own commands for the app, which reads no table and computes nothing itself."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio import StreamReader
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

import l2tui
from l2tui.errors import L2tuiError

# A message may quote a long line of a file.
_LONGEST_LINE = 2**22
_COMPLAINT = "l2tui: "


class ToolProgress(Struct, frozen=True):
    """How far a command is.

    Attributes:
        done: Share that is done, from 0 to 1.
        doing: What it is doing, in a word or two.
    """

    done: float = 0.0
    doing: str = ""


OnProgress = Callable[[ToolProgress], None]
Answer = TypeVar("Answer", bound=Struct)


async def ask_tool(kind: type[Answer], *arguments: str, on_progress: OnProgress | None = None) -> Answer:
    """Runs a command that prints JSON, as `run_tool` does.

    Args:
        kind: What it prints.
        *arguments: The command and its arguments.
        on_progress: Called with each line of progress that it reports.

    Raises:
        L2tuiError: It failed, or what it printed is something else.
    """
    printed = await run_tool(*arguments, on_progress=on_progress)
    try:
        return msgspec.json.decode(printed, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise L2tuiError(f"l2tui {arguments[0]}: its answer cannot be read: {error}") from None


async def run_tool(*arguments: str, on_progress: OnProgress | None = None) -> bytes:
    """Runs a command in a process group of its own and returns what it prints.

    A caller that cancels this ends the command: it is killed with all that it started, and waited for.

    Args:
        *arguments: The command and its arguments.
        on_progress: Called with each line of progress that it reports.

    Returns:
        Its standard output.

    Raises:
        L2tuiError: It failed, for the reason that is the error's text.
    """
    package = str(Path(l2tui.__file__).parent.parent)
    path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "l2tui", *arguments),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            start_new_session=True,
            limit=_LONGEST_LINE,
            env={**os.environ, "PYTHONPATH": path},
        )
    )
    try:
        process = await asyncio.shield(starting)
    except asyncio.CancelledError:
        # Cancelled by itself, it would kill the command alone, and wait for what that has started.
        await _end(await starting)
        raise
    except (OSError, ValueError) as error:
        raise L2tuiError(f"l2tui {arguments[0]}: cannot be started: {error}") from None
    try:
        printed, last = await asyncio.gather(_printed(process.stdout), _last_words(process.stderr, on_progress))
        status = await process.wait()
    finally:
        await _end(process)
    if status != 0:
        reason = last.partition(_COMPLAINT)[2] or last or f"it ended with status {status}"
        raise L2tuiError(reason if last.startswith(_COMPLAINT) else f"l2tui {arguments[0]}: {reason}")
    return printed


async def _printed(stream: StreamReader | None) -> bytes:
    return b"" if stream is None else await stream.read()


async def _last_words(stream: StreamReader | None, on_progress: OnProgress | None) -> str:
    """Hands progress on; returns the last line that says something else."""
    last = ""
    while stream is not None and (line := await stream.readline()):
        try:
            progress = msgspec.json.decode(line, type=ToolProgress)
        except (msgspec.DecodeError, UnicodeDecodeError):
            last = line.decode(errors="replace").strip() or last
            continue
        if on_progress is not None:
            on_progress(progress)
    return last


async def _end(process: Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
