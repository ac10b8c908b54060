"""The ghost of the run in focus, as keys steer it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from l2tui.runs.events import Ghost, Swap
from l2tui.tui.context import names_of

if TYPE_CHECKING:
    from l2tui.tui.screens.run import RunScreen

# One notch above 0, at 1e-5, a ghost could not be told from the run.
FIRST_L2 = 1e-3


def toggle_ghost(screen: RunScreen) -> None:
    """Ends the ghost, or has one train along: without decay, or with some where the run has none itself."""
    controller, names = screen.controller, names_of(screen.app)
    if controller.view.ghost is not None:
        screen.do(lambda: controller.send(Ghost(None)), "The ghost trains along no more.")
        return
    l2 = 0.0 if controller.steered.l2 else FIRST_L2
    keys = f"{names['run.ghost']} ends it, {names['run.swap']} swaps the two."
    screen.do(lambda: controller.send(Ghost(l2)), f"A ghost at λ {l2:g} trains along from here. {keys}", seconds=5)


def swap_ghost(screen: RunScreen) -> None:
    """Goes on with the ghost, and has the ghost go on with the run."""
    controller = screen.controller
    ghost = controller.view.ghost
    if ghost is not None:
        done = f"Swapped: the run goes on with the ghost's weights and λ {ghost.l2:g}."
        screen.do(lambda: controller.send(Swap()), done, seconds=4)
