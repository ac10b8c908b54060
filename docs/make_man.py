"""Writes the manual page l2tui.1 from the parsers of the commands; needs the package argparse-manpage."""

import os
from pathlib import Path

from build_manpages.manpage import Manpage

import l2tui
from l2tui.cli.parsers import whole_parser

PAGE = Path(__file__).with_name("l2tui.1")


def page() -> str:
    """Returns the manual page."""
    # The help is wrapped to this width before it becomes a page.
    os.environ["COLUMNS"] = "100"
    parser = whole_parser()
    # The overview of the commands comes from their parsers.
    parser.epilog = None
    facts = {
        "project_name": "l2tui",
        "version": l2tui.__version__,
        "date": f"version {l2tui.__version__}",
        "manual_title": "User commands",
        "description": "watch a small neural network overfit, and what weight decay does about it",
    }
    return str(Manpage(parser, facts))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
