"""The ghost of the run in focus, as keys steer it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from l2tui.runs.events import Ghost, Swap
from l2tui.tui.context import names_of
from l2tui.tui.ladders import step_value

if TYPE_CHECKING:
    from l2tui.tui.screens.run import RunScreen


def toggle_ghost(screen: RunScreen) -> None:
    """Ends the ghost, or has one train along: at λ = 0, or one notch up where the run has no decay itself."""
    controller, names = screen.controller, names_of(screen.app)
    if controller.view.ghost is not None:
        screen.do(lambda: controller.send(Ghost(None)))
        screen.notify("The ghost trains along no more.", timeout=2)
        return
    live = controller.steered
    l2 = 0.0 if live.l2 else step_value(live, "l2", 1)
    screen.do(lambda: controller.send(Ghost(l2)))
    keys = f"{names['run.ghost']} ends it, {names['run.swap']} swaps the two."
    screen.notify(f"A ghost at λ {l2:g} trains along from here. {keys}", timeout=5, markup=False)


def swap_ghost(screen: RunScreen) -> None:
    """Goes on with the ghost, and has the ghost go on with the run."""
    controller = screen.controller
    ghost = controller.view.ghost
    if ghost is not None:
        screen.do(lambda: controller.send(Swap()))
        words = f"Swapped: the run goes on with the ghost's weights and λ {ghost.l2:g}."
        screen.notify(words, timeout=4, markup=False)
