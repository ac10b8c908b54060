"""Gets the pictures of the runs of a comparison: of which weights, and on which scale."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from l2tui.errors import L2tuiError
from l2tui.runs.comparison import Subject
from l2tui.runs.directory import RunDirectory
from l2tui.runs.pictures import Moment, Picture, PictureRequest, Pictures, file_of
from l2tui.runs.states import kept_epochs
from l2tui.runs.subjects import stamp_of
from l2tui.tui.tools import ask_tool
from l2tui.view.pictures.compared import words_without_picture

# Of runs that train, pictures are computed anew after so many seconds.
_WATCH_SECONDS = 5.0


class Wanted(NamedTuple):
    """The picture of a run that is wanted.

    Attributes:
        path: The run.
        moment: Of which weights.
    """

    path: str
    moment: Moment


class ComparedPictures:
    """Gets pictures of runs, those of the same data on one scale."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[tuple[object, ...], object, float, dict[str, Picture | str]]] = {}

    async def look(
        self, subjects: Sequence[Subject], groups: Sequence[int], request: PictureRequest, *, epoch: int | None
    ) -> list[Picture | str]:
        """Returns a picture of each, or words why there is none; those of a group are on one scale.

        Args:
            subjects: What is compared.
            groups: Of each the number of its group: those with the same data.
            request: Which picture; without a cursor, of the weights of its moment.
            epoch: The cursor's epoch.
        """
        found = await asyncio.to_thread(_wanted, subjects, request, epoch)
        shown: dict[int, Picture | str] = {}
        for group in sorted(set(groups)):
            places = [place for place, number in enumerate(groups) if number == group]
            shown |= {place: each for place in places if isinstance(each := found[place], str)}
            asked = {place: each for place in places if isinstance(each := found[place], Wanted)}
            if asked:
                pictures = await self._of_group(group, list(dict.fromkeys(asked.values())), request)
                shown |= {place: pictures[each.path] for place, each in asked.items()}
        return [shown[place] for place in range(len(subjects))]

    async def _of_group(self, group: int, wanted: list[Wanted], request: PictureRequest) -> dict[str, Picture | str]:
        key, stamps = (request, *wanted), await asyncio.to_thread(lambda: [_stamp(each) for each in wanted])
        known = self._known.get(group)
        if known is not None and known[0] == key:
            fresh = known[1] == stamps or monotonic() - known[2] < _WATCH_SECONDS
            if fresh:
                return known[3]
        pictures = dict(zip((each.path for each in wanted), await _ask(wanted, request), strict=True))
        self._known[group] = key, stamps, monotonic(), pictures
        return pictures


async def _ask(wanted: list[Wanted], request: PictureRequest) -> list[Picture | str]:
    """Computes pictures on one scale; one that fails has words in its place, and the others do without it."""
    paths, moments = zip(*wanted, strict=True)
    at = ",".join("last" if moment == "live" else str(moment) for moment in moments)
    size = ("--width", str(request.columns), "--height", str(request.rows))
    try:
        answer = await ask_tool(Pictures, "plot", *paths, "--picture", request.kind, "--at", at, *size, "--json")
    except L2tuiError as error:
        if len(wanted) == 1:
            return [str(error).removeprefix(f"{paths[0]}: ")]
        alone = [(await _ask([each], request))[0] for each in wanted]
        fine = [each for each, shown in zip(wanted, alone, strict=True) if isinstance(shown, Picture)]
        if len(fine) == len(wanted):
            return [str(error)] * len(wanted)
        together = iter(await _ask(fine, request) if fine else [])
        return [next(together) if isinstance(shown, Picture) else shown for shown in alone]
    return list(answer.pictures)


def _wanted(subjects: Sequence[Subject], request: PictureRequest, epoch: int | None) -> list[Wanted | str]:
    wanted: list[Wanted | str] = []
    for subject in subjects:
        words = words_without_picture(subject, request.kind)
        moment = request.moment if epoch is None else None if words else moment_at(subject, epoch)
        unkept = f"No weights up to epoch {epoch} are kept."
        wanted.append(words or (unkept if moment is None else Wanted(str(Path(subject.path).absolute()), moment)))
    return wanted


def moment_at(subject: Subject, epoch: int) -> Moment | None:
    """Returns of which weights the picture of a run at the cursor's epoch is to be.

    From the end of a run on, of its last ones; else of the best ones or those of a state that is kept, whichever were
    the last up to there. None where there are none.
    """
    if not subject.is_live and subject.epoch is not None and epoch >= subject.epoch:
        return "live"
    kept = max((kept for kept in kept_epochs(RunDirectory(Path(subject.path))) if kept <= epoch), default=None)
    best = subject.best_epoch
    return "best" if best is not None and (kept or 0) <= best <= epoch else kept


def _stamp(wanted: Wanted) -> object:
    return stamp_of(file_of(RunDirectory(Path(wanted.path)), wanted.moment))
