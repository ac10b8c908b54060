"""What becomes of a fault in the app itself: a log, and a word on where it is."""

import os
import traceback
from datetime import datetime
from pathlib import Path

import l2tui
from l2tui.files import make_directory, open_plain


def write_crash_log(error: BaseException) -> Path | None:
    """Keeps the traceback of an error.

    Args:
        error: What was not caught.

    Returns:
        The file, or None where it cannot be written.
    """
    import platformdirs

    folder = platformdirs.user_state_path("l2tui") / "crashes"
    path = folder / f"{datetime.now():%Y%m%d-%H%M%S}.log"
    try:
        make_directory(folder)
        descriptor = open_plain(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        with os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"l2tui {l2tui.__version__}\n")
            file.writelines(traceback.format_exception(error))
            # What a worker of the app raised is not chained to the error that says so.
            if isinstance(cause := getattr(error, "error", None), BaseException):
                file.writelines(traceback.format_exception(cause))
    except OSError:
        return None
    return path


def last_words(error: BaseException, path: Path | None, run: str | None) -> str:
    """Returns what is said on the terminal after a fault.

    Args:
        error: What was not caught.
        path: The log, if it was written.
        run: The directory of a run that goes on.
    """
    where = "" if path is None else f" The details are in {path}"
    goes_on = "" if run is None else f"\nThe training goes on: l2tui attach {run}"
    return f"l2tui: the app has met a fault of its own: {type(error).__name__}.{where}{goes_on}"
