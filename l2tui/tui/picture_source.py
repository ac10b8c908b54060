"""Where the numbers of a picture come from: the worker of a run that trains, or a command for one that has ended."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

from l2tui.errors import RunError
from l2tui.runs.events import ShowPicture
from l2tui.runs.pictures import Moment, Picture, PictureRequest, Pictures, read_pictures
from l2tui.runs.states import kept_epochs
from l2tui.tui.run_client import AttachedRun
from l2tui.tui.tools import ask_tool

if TYPE_CHECKING:
    from l2tui.runs.directory import RunDirectory
    from l2tui.tui.controller import Controller
    from l2tui.view.run_view import RunView

# A worker is asked again before the time is over for which it hands a picture out.
_ASK_AGAIN, _ASKED_FOR = 5.0, 12.0
# Of a run that trains and may only be watched, a picture is computed anew after so many seconds.
_WATCH_SECONDS = 5.0


class PictureSource:
    """Gets the pictures of the run in focus. What is on the screen is never held up by it.

    Args:
        controller: Knows the run and sends commands.
    """

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._asked: tuple[Path, PictureRequest] | None = None
        self._asked_at = 0.0
        self._seen: object = None
        self._known: tuple[object, tuple[Picture, ...]] | None = None

    def moment(self, view: RunView, index: int | None) -> Moment:
        """Returns of which weights a picture is to be.

        Without a cursor, of the live ones; at ★ of the best ones; elsewhere of the last epoch up to there whose state
        is kept, if there is one, else of the live ones.
        """
        run, epoch = self._run, None if index is None else view.at("epoch", index)
        if run is None or epoch is None or view.snapshot is None or index is None:
            return "live"
        best = view.assessment.best_epoch if view.assessment is not None else None
        if best is not None and int(view.snapshot.column("epoch").searchsorted(best)) == index:
            return "best"
        return max((kept for kept in kept_epochs(run) if kept <= epoch), default="live")

    async def look(self, view: RunView, request: PictureRequest) -> tuple[Picture, ...] | None:
        """Returns a picture, and that of the ghost if wanted; None where there is no other one than the last time.

        Raises:
            L2tuiError: There is none, for the reason that is the error's text.
        """
        run = self._run
        if run is None or view.phase in ("ready", "starting"):
            return None
        if view.steers:
            with contextlib.suppress(RunError):
                self._ask(run, request)
            return await asyncio.to_thread(self._handed_out, run, request)
        # A run that is only watched may train on; one that has ended does not change.
        state = view.phase, view.epoch, int(time.monotonic() / _WATCH_SECONDS) if view.is_live else 0
        key = (run.path, request, state if not view.is_live else state[2])
        if self._known is not None and self._known[0] == key:
            return self._known[1]
        place = ("--picture", request.kind, "--at", "last" if request.moment == "live" else str(request.moment))
        size = ("--width", str(request.columns), "--height", str(request.rows))
        ghost = ["--ghost"] if request.ghost else []
        answer = await ask_tool(Pictures, "plot", str(run.path.absolute()), *place, *size, *ghost, "--json")
        self._known = key, answer.pictures
        return answer.pictures

    @property
    def _run(self) -> RunDirectory | None:
        followed = self._controller.run
        source = None if followed is None else followed.source
        return source.run if isinstance(source, AttachedRun) else None

    def _ask(self, run: RunDirectory, request: PictureRequest) -> None:
        now = time.monotonic()
        if self._asked != (run.path, request) or now - self._asked_at > _ASK_AGAIN:
            self._controller.send(ShowPicture(request, _ASKED_FOR))
            self._asked, self._asked_at = (run.path, request), now

    def _handed_out(self, run: RunDirectory, request: PictureRequest) -> tuple[Picture, ...] | None:
        try:
            found = run.stat(run.pictures)
        except OSError:
            return None
        seen = (run.path, request, found.st_ino, found.st_mtime_ns)
        if seen == self._seen:
            return None
        self._seen = seen
        return tuple(picture for picture in read_pictures(run) if picture.request == request) or None
