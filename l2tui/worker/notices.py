"""What a person should know of a run that goes on: said in the log for good, and in the status for a while."""

import time

from l2tui.runs.directory import RunDirectory
from l2tui.worker.control import Inbox
from l2tui.worker.log import say

NOTICE_SECONDS = 10.0


class Notices:
    """Notices what others did to the run's directory.

    Attributes:
        text: The last notice, empty once it is some seconds old.
    """

    def __init__(self, run: RunDirectory) -> None:
        self._run = run
        self._in_place = True
        self._ends = 0.0
        self.text = ""

    def look(self, inbox: Inbox) -> None:
        """Looks whether the directory and the commands are where they were."""
        if time.monotonic() > self._ends:
            self.text = ""
        if inbox.notice:
            self.say(inbox.notice)
            inbox.notice = ""
        if self._in_place and not self._run.is_in_place():
            self.say(f"the run directory is no longer at {self._run.path}; its files are where it is now")
            self._in_place = False

    def say(self, text: str) -> None:
        """Says something in the log and the status."""
        say(text)
        self.text, self._ends = text, time.monotonic() + NOTICE_SECONDS
