"""What the main screen opens on top of itself, and what it makes of the answers. Each is loaded when it is needed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from textual.binding import Binding

from l2tui.errors import L2tuiError
from l2tui.runs.directory import RunDirectory
from l2tui.settings import TableChoice, changed
from l2tui.tui.context import names_of
from l2tui.tui.editing import KEPT_WITH_NEW_DATA
from l2tui.tui.lesson import on_screen
from l2tui.tui.own_table import OwnTable, TableToOpen, with_kept
from l2tui.view.data_names import data_name, is_table
from l2tui.view.keys import RUN_KEYS
from l2tui.view.offers import refusal

if TYPE_CHECKING:
    from l2tui.runs.subjects import Source
    from l2tui.tui.screens.leave import Choice
    from l2tui.tui.screens.run import RunScreen
    from l2tui.tui.sweep_client import SweepClient


async def offer_live_run(screen: RunScreen) -> None:
    """Offers to open the run that trains now, if there is one."""

    def find() -> RunDirectory | None:
        from l2tui.runs.listing import newest_live_run

        return newest_live_run()

    run = await asyncio.to_thread(find)
    if run is None or screen.controller.run is not None:
        return
    from l2tui.tui.screens.ask import AskScreen

    is_sweep = run.sweep.exists()
    doing, yes = ("sweeping λ", "look at it") if is_sweep else ("training", "look at it and steer it")
    question = AskScreen(f"{run.name} is {doing}.", yes, "leave it alone, begin something new")
    if not await screen.app.push_screen_wait(question):
        return
    if is_sweep:
        await open_sweep(screen, run)
    else:
        screen.do(lambda: screen.controller.open(run))


async def choose_run(screen: RunScreen) -> None:
    """Shows all runs, and opens the one that is chosen."""
    from l2tui.tui.screens.runs import RunsScreen

    chosen = await screen.app.push_screen_wait(RunsScreen())
    if chosen is not None:
        how, info = chosen
        if info.grid:
            await open_sweep(screen, info.run, resume=how == "resume")
            return
        screen.do(lambda: screen.controller.open(info.run, resume=how == "resume" and not info.is_live))


async def sweep_l2(screen: RunScreen) -> None:
    """Shows the sweep of the settings on the screen, begun here where there is none, and takes what is chosen."""
    from l2tui.tui.sweep_client import SweepClient

    controller = screen.controller
    settings = controller.live if controller.live is not None and controller.steers else controller.pending
    client = screen.sweep
    if client is None or not client.fits(settings):
        try:
            client = await asyncio.to_thread(SweepClient.find_or_start, settings)
        except L2tuiError as error:
            screen.complain(error)
            return
    await show_sweep(screen, client)


async def open_sweep(screen: RunScreen, run: RunDirectory, *, resume: bool = False) -> None:
    """Shows a sweep of the list."""
    from l2tui.tui.sweep_client import SweepClient

    try:
        client = await asyncio.to_thread(SweepClient.of, run)
        if resume:
            await asyncio.to_thread(client.resume)
    except L2tuiError as error:
        screen.complain(error)
        return
    await show_sweep(screen, client)


async def show_sweep(screen: RunScreen, client: SweepClient) -> None:
    """Shows a sweep and takes what is chosen."""
    from l2tui.tui.screens.sweep import SweepScreen

    screen.sweep, controller = client, screen.controller
    chosen = await screen.app.push_screen_wait(SweepScreen(client, on_screen.sweep_as_seen(screen)))
    if chosen is None:
        return
    how, settings = chosen
    if how == "use":
        screen.do(lambda: controller.steer("l2", settings.l2))
        await on_screen.take_sweep(screen, client, settings.l2)
    else:
        screen.do(lambda: controller.begin_with(settings))


async def choose_pair(screen: RunScreen) -> bool:
    """Asks which pair of losses of a log is meant; returns whether one was chosen."""
    from l2tui.tui.run_client import WatchedLog
    from l2tui.tui.screens.pairs import PairsScreen

    run = screen.controller.run
    if run is None or not isinstance(run.source, WatchedLog):
        return False
    chosen = await screen.app.push_screen_wait(PairsScreen(screen.controller.view.pairs))
    if chosen is None:
        return False
    run.source.choose(chosen)
    return True


async def show_comparison(screen: RunScreen, sources: Sequence[Source]) -> None:
    """Shows what the app was opened to compare, and opens the run that is chosen; without one, leaves."""
    from l2tui.tui.screens.compare import CompareScreen

    path = await screen.app.push_screen_wait(CompareScreen(sources))
    if path is None:
        screen.app.exit()
    else:
        screen.do(lambda: screen.controller.open(RunDirectory(Path(path))))


async def fork_run(screen: RunScreen) -> None:
    """Forks the run at the chart's cursor, or at the present."""
    from l2tui.tui.screens.fork import fork_run

    await fork_run(screen)


async def ask_how_to_leave(screen: RunScreen) -> Choice | None:
    """Asks what becomes of a run that trains; returns None to stay."""
    from l2tui.tui.screens.leave import LeaveScreen

    return await screen.app.push_screen_wait(LeaveScreen(paused=screen.controller.view.phase == "paused"))


async def ask_for_file(screen: RunScreen) -> Path | None:
    """Asks for a file with a table."""
    from l2tui.tui.screens.open_file import OpenScreen

    return await screen.app.push_screen_wait(OpenScreen())


async def look_at_table(screen: RunScreen, table: TableToOpen, *, accept: bool) -> OwnTable | None:
    """Shows what is in a table; returns it with settings to train it, None if it is not to be used.

    Args:
        screen: The main screen.
        table: The table.
        accept: Whether to accept it at once.

    Raises:
        SettingsError: A value that was asked for does not fit the table.
    """
    from l2tui.tui.screens.preview import PreviewScreen

    pending, choice = screen.controller.pending, table.choice
    if is_table(pending) and pending.table and pending.data == str(table.path.absolute()):
        choice = pending.table
    preview = PreviewScreen(table.path, choice, seed=pending.seed, accept=accept)
    summary = await screen.app.push_screen_wait(preview)
    if summary is None:
        return None
    # A guess that was accepted is a choice: the run is to say what it predicts.
    chosen = msgspec.structs.replace(summary.settings.table or TableChoice(), target=summary.target)
    settings = msgspec.structs.replace(summary.settings, table=chosen)
    settings = with_kept(settings, screen.controller.pending, KEPT_WITH_NEW_DATA)
    # `l2tui FILE --l2 0.1`: what was asked for goes before what is recommended.
    return OwnTable(changed(settings, **table.values), summary.parts[0])


def show_preparation(screen: RunScreen) -> None:
    """Shows what was done to the columns of the table.

    Raises:
        RunError: It cannot be read.
    """
    from l2tui.tui.screens.preparation import PreparationScreen, stored_preparation

    controller = screen.controller
    settings = controller.live or controller.pending
    stored = stored_preparation(controller.run.source if controller.run is not None else None)
    if stored is not None:
        screen.app.push_screen(PreparationScreen(stored, data_name(settings)))
    elif is_table(controller.pending) and not controller.view.is_live and not controller.watching:
        screen.open_table(TableToOpen(Path(controller.pending.data)))
    else:
        opens = names_of(screen.app)["table.open"]
        why = "has not been read yet" if is_table(settings) else f"is built in: {opens} opens a table of your own"
        screen.notify(f"{data_name(settings)} {why}.", timeout=4, markup=False)


def show_marks(screen: RunScreen) -> None:
    """Shows what every criterion says of the curve, if there is one."""
    from l2tui.tui.screens.marks import MarksScreen

    view = screen.controller.view
    if view.snapshot is not None:
        screen.app.push_screen(MarksScreen(view.snapshot, (view.live or view.pending).criterion))


def show_results(screen: RunScreen) -> None:
    """Shows how good the best weights of the run are, if there is one."""
    from l2tui.tui.screens.results import ResultsScreen

    if screen.controller.run is not None:
        screen.app.push_screen(ResultsScreen(screen.controller.run.source.path))


async def export_run(screen: RunScreen) -> None:
    """Asks what of the run to export, if there is one, writes it and says where to."""
    from l2tui.tui.screens.export import ExportScreen

    if screen.controller.run is not None:
        written = await screen.app.push_screen_wait(ExportScreen(screen.controller.run.source.path))
        if written is not None:
            screen.app.push_screen(written)


def keys_of(screen: RunScreen) -> list[Binding]:
    """Returns the keys for the help and the palette; where this window only watches, those that do something."""
    view, names = screen.controller.view, names_of(screen.app)
    return [key for key in RUN_KEYS if not view.watching or not refusal(view, key.id or "", names)]


def show_help(screen: RunScreen) -> None:
    """Shows all keys."""
    from l2tui.tui.screens.help import HelpScreen

    screen.app.push_screen(HelpScreen(keys_of(screen)))


SHOWN: Mapping[str, Callable[[RunScreen], None]] = {
    "criterion.all": show_marks,
    "table.preparation": show_preparation,
    "run.results": show_results,
    "app.help": show_help,
}
"""What is opened by a key, by its id."""

ASKED: Mapping[str, Callable[[RunScreen], Coroutine[None, None, None]]] = {
    "app.runs": choose_run,
    "app.lessons": on_screen.choose,
    "app.sweep": sweep_l2,
    "run.fork": fork_run,
    "run.export": export_run,
}
"""What is opened by a key and leads to an act, by its id."""
