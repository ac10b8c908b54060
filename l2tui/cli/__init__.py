"""The command line: `l2tui` opens the app, `l2tui COMMAND` does something else. Nothing heavy is imported for help."""

import importlib
import os
import sys
from collections.abc import Sequence

from l2tui.cli.printing import one_line
from l2tui.errors import L2tuiError
from l2tui.view.glyphs import print_safely

# A command's module has `run(arguments) -> int`; what it needs is imported when it runs.
COMMANDS = {
    "open": "l2tui.cli.app",
    "inspect": "l2tui.cli.inspect",
    "train": "l2tui.cli.train",
    "sweep": "l2tui.cli.sweep",
    "fork": "l2tui.cli.fork",
    "datasets": "l2tui.cli.datasets",
    "learn": "l2tui.cli.learn",
    "runs": "l2tui.cli.runs",
    "attach": "l2tui.cli.attach",
    "resume": "l2tui.cli.resume",
    "watch": "l2tui.cli.watch",
    "test": "l2tui.cli.test",
    "predict": "l2tui.cli.predict",
    "export": "l2tui.cli.export",
    "plot": "l2tui.cli.plot",
    "compare": "l2tui.cli.compare",
    "config": "l2tui.cli.config",
    "completion": "l2tui.cli.completion",
}

EXIT_USER, EXIT_DIVERGED = 1, 3


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the program.

    Args:
        argv: Arguments without the program's name; those of the process by default.

    Returns:
        The exit status: 0 done, 1 something the user got wrong, 2 usage, 3 the training diverged, 4 what --fail-on
        names, and 128 plus the signal's number where a signal ended it.
    """
    if "_ARGCOMPLETE" in os.environ:
        importlib.import_module("l2tui.cli.completing").complete()
    arguments = list(sys.argv[1:] if argv is None else argv)
    named = bool(arguments) and arguments[0] in COMMANDS
    command = arguments.pop(0) if named else "open"
    for stream in (sys.stdout, sys.stderr):
        print_safely(stream)
    try:
        module = importlib.import_module(COMMANDS[command])
        if not named:
            module.refuse_mistyped(arguments)
        status: int = module.run(arguments)
        sys.stdout.flush()
    except L2tuiError as error:
        # A name that someone typed, or a file's, can hold anything.
        print(f"l2tui: {one_line(str(error))}", file=sys.stderr)
        return EXIT_USER
    except BrokenPipeError:
        # The reader of the output, such as `head`, has left. Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_USER
    except KeyboardInterrupt:
        return 130
    return status
