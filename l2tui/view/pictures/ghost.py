"""The picture of a ghost beside that of its run."""

from __future__ import annotations

from rich.segment import Segment

from l2tui.runs.pictures import Moment, Picture
from l2tui.view.palette import Palette
from l2tui.view.pictures.beside import Places, Shown, places_for
from l2tui.view.pictures.draw import l2_of
from l2tui.view.run_view import RunView


def ghost_places(view: RunView, moment: Moment, width: int, height: int) -> Places | None:
    """Returns the places of the run's picture and the ghost's; None without a ghost, its weights then, or room."""
    ghost = view.ghost
    if ghost is None or moment == "best" or (isinstance(moment, int) and moment < ghost.began):
        return None
    return places_for(2, width, height)


def headed(picture: Picture, palette: Palette) -> Shown:
    """Returns a picture with the line above it that says whose it is, and its λ."""
    words = f"{'ghost' if picture.ghost else 'run'} · {l2_of(picture)}"
    return Shown([[[Segment(words, palette.strong)]]], picture)


def without_ghost(view: RunView, picture: Picture, width: int, height: int) -> str:
    """Returns why a picture stands without that of the ghost that trains along; empty where it could be there."""
    moment = picture.request.moment
    if view.ghost is None or ghost_places(view, moment, width, height) is not None:
        return ""
    return "the ghost's needs a larger window" if moment == "live" else "none of the ghost kept"
