"""Hands out the numbers of pictures on demand while a run trains, within a small share of the time."""

import contextlib
import math
import os
import time
from collections.abc import Callable

import msgspec
import numpy as np

from l2tui.errors import L2tuiError
from l2tui.nn.parameters import Weights
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import ShowPicture
from l2tui.runs.pictures import Picture, PictureRequest
from l2tui.training.moments import WeightsThen, read_weights, weights_of
from l2tui.training.pictures.compute import Pieces
from l2tui.training.pictures.sight import Sight
from l2tui.training.pictures.together import pictures_at, wanted_of
from l2tui.training.trainer import Trainer
from l2tui.worker.log import say

# A picture changes twice a second at most.
PICTURE_SECONDS = 0.5
# What pictures may take of the time, and of the time that they have left, how much in one go.
SHARE, _PIECE_SECONDS, _MOST_CREDIT = 0.01, 0.002, 0.02
# Points of a field times hidden units: a wide network is drawn in coarser points, so that they come in time.
_MOST_WORK = 1 << 21
# Windows that look at pictures of one run at the same time, and seconds for which one may ask.
_MOST_REQUESTS, _MOST_SECONDS = 4, 60.0


class HandingOut:
    """Computes pictures piece by piece, between steps of the training, and writes them to the run's `pictures.json`.

    Args:
        run: The run's directory.
        trainer: Its trainer; nothing of it is changed.
        sight: What is known of its data.
        clock: Returns seconds.
        busy: Returns the seconds of processor time that this thread has taken: time in which another program had its
            turn is no cost of a picture.
    """

    def __init__(
        self,
        run: RunDirectory,
        trainer: Trainer,
        sight: Sight,
        clock: Callable[[], float] = time.monotonic,
        busy: Callable[[], float] = time.thread_time,
    ) -> None:
        self._run, self._trainer, self._sight = run, trainer, sight
        self._clock, self._busy = clock, busy
        # Until when each picture is wanted, when it may change next, and what it was drawn from last.
        self._wanted: dict[PictureRequest, float] = {}
        self._due: dict[PictureRequest, float] = {}
        self._seen: dict[PictureRequest, object] = {}
        self._shown: dict[PictureRequest, tuple[Picture, ...]] = {}
        self._job: tuple[PictureRequest, Pieces[tuple[Picture, ...]]] | None = None
        self._credit, self._credited = _MOST_CREDIT, (clock(), busy())

    def ask(self, command: ShowPicture) -> None:
        """Takes note that somebody looks at a picture for some seconds more."""
        self._wanted[command.request] = self._clock() + min(command.seconds, _MOST_SECONDS)
        while len(self._wanted) > _MOST_REQUESTS:
            self._forget(min(self._wanted, key=lambda request: self._wanted[request]))

    def advance(self, *, idle: bool) -> None:
        """Does a piece of what is to be done, as far as there is time for it.

        Args:
            idle: Whether nothing is trained meanwhile, so that nothing is held up.
        """
        if not self._wanted:
            return
        now = self._clock()
        began = self._busy()
        # A run that keeps a pace has time to spare; one that does not gives a share of what it gets of the processor.
        paced = self._trainer.settings.pace is not None
        passed = now - self._credited[0] if paced else began - self._credited[1]
        self._credit = min(_MOST_CREDIT, self._credit + SHARE * passed)
        self._credited = now, began
        for request in [request for request, until in self._wanted.items() if until < now]:
            self._forget(request)
        if self._credit <= 0 and not idle:
            return
        if self._job is None:
            self._begin(now)
        if self._job is not None:
            with np.errstate(all="ignore"):
                self._work(now + _PIECE_SECONDS)
        if not idle:
            self._credit -= self._busy() - began

    def close(self) -> None:
        """Removes the pictures: a reader of a run that has ended takes its weights from the other files."""
        self._wanted.clear()
        with contextlib.suppress(OSError):
            if self._shown:
                os.unlink(self._run.pictures.name, dir_fd=self._run.held)

    def _forget(self, request: PictureRequest) -> None:
        for known in (self._wanted, self._due, self._seen, self._shown):
            known.pop(request, None)

    def _begin(self, now: float) -> None:
        for request in tuple(self._wanted):
            if self._due.get(request, 0.0) > now:
                continue
            try:
                then = weights_of(self._trainer, request.moment)
                if then is None and not isinstance(request.moment, str):
                    then = None if request in self._seen else read_weights(self._run, request.moment)
                if then is None or (state := self._state(request, then)) == self._seen.get(request):
                    continue
                self._due[request], self._seen[request] = now + PICTURE_SECONDS, state
                points = in_time(request, then.weights)
                l2 = self._l2(request, then)
                self._job = request, pictures_at(request, then, l2, self._sight, points=points)
            except L2tuiError as error:
                say(f"ignored: {error}")
                self._forget(request)
                continue
            return

    def _work(self, until: float) -> None:
        if self._job is None:
            return
        request, pieces = self._job
        # One piece at least: another program may have had the time since.
        while True:
            try:
                next(pieces)
            except StopIteration as done:
                self._job = None
                if request not in self._wanted:
                    return
                self._shown[request] = done.value
                self._write()
                return
            if self._clock() >= until:
                return

    def _write(self) -> None:
        try:
            pictures = [picture for shown in self._shown.values() for picture in shown]
            self._run.replace(self._run.pictures, msgspec.json.encode(pictures))
        except OSError as error:
            # Training does not wait for pictures; the disk's state is said where it matters.
            say(f"no picture: {error.strerror}")

    def _state(self, request: PictureRequest, then: WeightsThen) -> object:
        # The weights may be exchanged between two steps: for the best ones, or for those of the ghost.
        wanted = wanted_of(request, then, self._l2(request, then))
        return then.epoch, then.step, [(l2, float(weights.W1.sum()), float(weights.W2.sum())) for l2, weights in wanted]

    def _l2(self, request: PictureRequest, then: WeightsThen) -> float:
        if request.moment == "live":
            return self._trainer.settings.l2
        changes = self._trainer.changes
        before = [change.l2 for change in changes if change.epoch < then.epoch and change.l2 is not None]
        return before[-1] if before else self._sight.settings.l2


def in_time(request: PictureRequest, weights: Weights) -> PictureRequest:
    """Returns a request for no more points than can be computed while somebody waits."""
    work = request.columns * request.rows * weights.W1.shape[1] * (2 if request.ghost else 1)
    if request.kind not in ("field", "labels") or work <= _MOST_WORK:
        return request
    shrink = math.sqrt(_MOST_WORK / work)
    columns, rows = (max(1, int(shrink * points)) for points in (request.columns, request.rows))
    return msgspec.structs.replace(request, columns=columns, rows=rows)
