"""`python -m l2tui`, the same as `l2tui`."""

import sys

from l2tui.cli import main

if __name__ == "__main__":
    sys.exit(main())
