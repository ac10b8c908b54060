"""Lessons on the main screen: the list, the band above the keys, and what a sweep shows meanwhile.

Imports what a lesson needs when there is one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from l2tui.errors import L2tuiError
from l2tui.tui.context import names_of

if TYPE_CHECKING:
    from l2tui.sweep.summary import SweepView
    from l2tui.tui.lesson.course import Course
    from l2tui.tui.lesson.guide import Guide
    from l2tui.tui.screens.run import RunScreen
    from l2tui.tui.sweep_client import SweepClient
    from l2tui.tui.widgets.lesson_band import LessonBand


async def choose(screen: RunScreen) -> None:
    """Lists the lessons, and begins the one that is chosen."""
    from l2tui.learn.lesson import bundled
    from l2tui.tui.lesson.course import Course
    from l2tui.tui.screens.lessons import LessonsScreen

    index = await screen.app.push_screen_wait(LessonsScreen())
    if index is not None:
        await take(screen, Course(bundled(), index))


async def take(screen: RunScreen, course: Course) -> None:
    """Begins a lesson; a run that trains continues in the background."""
    from l2tui.tui.lesson.course import LessonKeys
    from l2tui.tui.lesson.guide import Guide
    from l2tui.tui.widgets.lesson_band import LessonBand

    bands, names = screen.query(LessonBand), names_of(screen.app)
    # A run that the lesson before began is stopped; any other goes on.
    goes_on, was_paused = screen.controller.steers and not bands, screen.controller.view.phase == "paused"
    guides: list[Guide] = []
    screen.do(lambda: guides.append(Guide(course, screen.controller, LessonKeys(names), stop=bool(bands))))
    if not guides:
        return
    await bands.remove()
    band = LessonBand(guides[0], screen.do, lambda: _leave(screen))
    screen.add_class("lesson")
    await screen.mount(band, before="#keys")
    band.focus()
    if goes_on:
        waits = "stays paused" if was_paused else "goes on"
        screen.notify(f"Your run {waits}; {names['app.runs']} lists it.", timeout=5, markup=False)


def _leave(screen: RunScreen) -> None:
    screen.query("LessonBand").remove()
    screen.remove_class("lesson")
    screen.query_one("SettingsList").focus()
    screen.notify(f"{names_of(screen.app)['app.lessons']} comes back to the lessons.", timeout=4, markup=False)


def _band_of(screen: RunScreen) -> LessonBand | None:
    from l2tui.tui.widgets.lesson_band import LessonBand

    return next(iter(screen.query(LessonBand)), None)


def sweep_as_seen(screen: RunScreen) -> Callable[[SweepView], SweepView]:
    """Returns what makes of a sweep what is shown of it: without its answer, where a lesson asks to find that."""
    from l2tui.sweep.answer import Answer
    from l2tui.tui.lesson.page import sweep_words

    band = _band_of(screen)
    if band is None or not band.guide.awaits_sweep:
        return lambda view: view
    return lambda view: msgspec.structs.replace(view, answer=Answer("waiting", sentence=sweep_words(view)))


async def take_sweep(screen: RunScreen, client: SweepClient, chosen: float) -> None:
    """Takes over the λ that was chosen from a sweep, where a lesson asks for it."""
    band = _band_of(screen)
    if band is None:
        return
    try:
        view = await asyncio.to_thread(client.poll)
    except L2tuiError as error:
        screen.complain(error)
    else:
        band.act(lambda: band.guide.take_sweep(view, chosen))
