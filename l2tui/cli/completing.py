"""What a shell offers after TAB: the commands, their options, and the data sets, runs and values that fit."""

import argparse
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, get_args

from argcomplete.completers import BaseCompleter, FilesCompleter
from argcomplete.finders import CompletionFinder
from argcomplete.lexers import split_line

from l2tui.cli.parsers import COMMANDS, parser_of
from l2tui.cli.sweep import VERDICTS
from l2tui.data.builtin.catalogue import CATALOGUE
from l2tui.overfitting.standing import Verdict
from l2tui.settings import ACTIVATIONS, CRITERIA, DTYPES, OPTIMIZERS

Completer = Callable[..., Iterable[str]]

_VALUES = {
    "criterion": CRITERIA,
    "optimizer": OPTIMIZERS,
    "activation": ACTIVATIONS,
    "dtype": DTYPES,
    "theme": ("auto", "dark", "light", "mono"),
}


class _Nothing(BaseCompleter):
    """Offers nothing for a value that only a person knows."""

    def __call__(self, *, prefix: str, **_: Any) -> Iterable[str]:
        return ()


def complete() -> None:
    """Writes what fits where the cursor stands, as the shell has described it in the environment, and ends the process.

    Source: argcomplete's protocol; `_ARGCOMPLETE` is the number of the word that counts as the program's name.
    """
    line, point = os.environ.get("COMP_LINE", ""), os.environ.get("COMP_POINT", "0")
    words = split_line(line, int(point))[3]
    names = words[1:3]
    while names and " ".join(names) not in COMMANDS:
        names.pop()
    parser = parser_of(" ".join(names))
    below = [name.split()[1] for name in COMMANDS if name.startswith(f"{' '.join(names)} ")]
    if below:
        parser.add_argument("below", nargs="?", choices=below)
    for action in parser._actions:
        found = _completer(action, at_start=not names, sweeps=names == ["sweep"])
        if found is not None:
            vars(action)["completer"] = found
    os.environ["_ARGCOMPLETE"] = str(len(names) + 1)
    CompletionFinder()(parser, default_completer=_Nothing())


def _completer(action: argparse.Action, *, at_start: bool, sweeps: bool) -> Completer | None:
    metavar = action.metavar if isinstance(action.metavar, str) else ""
    files: Completer = FilesCompleter()
    if action.dest in _VALUES:
        return lambda **_: _VALUES[action.dest]
    if action.dest == "fail_on":
        return lambda **_: VERDICTS if sweeps else get_args(Verdict)
    if action.dest == "data":
        commands = [name for name in COMMANDS if " " not in name] if at_start else []
        return lambda prefix, **_: [*CATALOGUE, *commands, *files(prefix)]
    if metavar in ("RUN", "SWEEP"):
        return lambda **_: _runs(sweeps=metavar == "SWEEP")
    if metavar == "PATH" and not action.option_strings:
        return lambda prefix, **_: [*_runs(sweeps=False), *files(prefix)]
    is_file = metavar.startswith(("FILE", "DIR")) or action.type is Path
    return files if is_file else None


def _runs(*, sweeps: bool) -> list[str]:
    from l2tui.runs.listing import list_runs

    return [info.name for info in list_runs() if bool(info.grid) or not sweeps]
