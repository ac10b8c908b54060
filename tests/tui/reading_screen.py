"""What the screen shows, and waiting for it."""

import time
from collections.abc import Callable
from typing import Any

from rich.segment import Segment
from textual.pilot import Pilot
from textual.strip import Strip

from l2tui.tui.screens.run import RunScreen
from l2tui.tui.widgets.settings_panel import SettingsList
from l2tui.view.settings_rows import PANEL_SETTINGS

DEADLINE = 10.0


async def until(pilot: Pilot[None], condition: Callable[[], Any], what: str = "") -> None:
    """Waits until something holds; fails if it does not come about."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert pilot.app._exception is None, pilot.app._exception
        assert time.monotonic() < deadline, what or "\n".join(screen_lines(pilot))
        await pilot.pause(0.02)


async def until_shown(pilot: Pilot[None], *texts: str) -> None:
    """Waits until the screen shows some texts."""
    await until(pilot, lambda: all(text in "\n".join(screen_lines(pilot)) for text in texts))


async def start(pilot: Pilot[None], phase: str = "running") -> None:
    """Presses space, and waits until the run is drawn."""
    await pilot.press("space")
    await until(pilot, lambda: run_screen(pilot).view.phase == phase and len(run_screen(pilot).view.snapshot))
    await drawn(pilot)


async def drawn(pilot: Pilot[None]) -> None:
    """Waits until the chart's drawing module is there and the picture has settled."""
    await until(pilot, lambda: run_screen(pilot).query_one("#chart").draw is not None)
    await pilot.pause()


def run_screen(pilot: Pilot[None]) -> RunScreen:
    """The main screen, also while another one lies on it."""
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, RunScreen)
    return screen


def strips(pilot: Pilot[None]) -> list[Strip]:
    """The screen as the terminal gets it, with what lies on it."""
    update = pilot.app.screen._compositor.render_full_update()
    return [Strip.join(line) for line in update.strips]


def screen_lines(pilot: Pilot[None]) -> list[str]:
    """The screen as characters."""
    return [strip.text for strip in strips(pilot)]


def lines_of(pilot: Pilot[None], selector: str) -> list[str]:
    """What the screen shows inside a widget, borders left out."""
    region = run_screen(pilot).query_one(selector).content_region
    return [strip.crop(region.x, region.right).text for strip in strips(pilot)[region.y : region.bottom]]


def text_of(pilot: Pilot[None], selector: str) -> str:
    """The same as one line, words apart by one space."""
    return " ".join(" ".join(lines_of(pilot, selector)).split())


def title_of(pilot: Pilot[None], selector: str) -> str:
    """Both lines of a widget's border."""
    region = run_screen(pilot).query_one(selector).region
    shown = screen_lines(pilot)
    return "\n".join((shown[region.y], shown[region.bottom - 1]))


def row_of(pilot: Pilot[None], label: str) -> str:
    """The line of one setting."""
    found = [line for line in lines_of(pilot, "SettingsList") if line[1:].startswith(label)]
    assert len(found) == 1, (label, lines_of(pilot, "SettingsList"))
    return found[0]


def value_of(pilot: Pilot[None], label: str) -> str:
    """The value in the line of one setting."""
    return row_of(pilot, label)[1:].removeprefix(label).split()[0]


def select(pilot: Pilot[None], name: str) -> None:
    """Selects a setting."""
    run_screen(pilot).query_one(SettingsList).selected = PANEL_SETTINGS.index(name)


def style_map(pilot: Pilot[None]) -> tuple[list[str], dict[str, str]]:
    """The style of every cell as one letter, and what the letters mean, in the order in which they come up."""
    letters: dict[str, str] = {}
    rows = []
    for strip in strips(pilot):
        row = ""
        for segment in Segment.simplify(strip):
            style = segment.style.without_color + segment.style if segment.style else None
            words = _words(style) if style else "none"
            letter = letters.setdefault(
                words, chr(ord("A") + len(letters)) if len(letters) < 26 else chr(ord("a") + len(letters) - 26)
            )
            row += letter * segment.cell_length
        rows.append(row)
    return rows, {letter: words for words, letter in letters.items()}


def _words(style: Any) -> str:
    parts = [name for name in ("bold", "dim", "italic", "underline", "reverse") if getattr(style, name)]
    parts += [f"{kind} {colour.name}" for kind, colour in (("ink", style.color), ("on", style.bgcolor)) if colour]
    return ", ".join(parts)
