"""The private parts of the installed Textual are those that the drawing is built on.

If one of these fails with a new Textual, the app goes on with Textual's own drawing; `line/textual` is then the one
place to mend.
"""

import io
from typing import Any

import pytest
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.drivers._writer_thread import WriterThread
from textual.geometry import Region
from textual.widgets import Label

from l2tui.line.difference import Difference, clear_for
from l2tui.line.grid import Grid
from l2tui.line.looks import look_of
from l2tui.line.options import DrawingOptions
from l2tui.line.pen import Pen
from l2tui.line.textual import drawing as parts
from l2tui.line.textual.drawing import SparingApp, backlog_of, misfits, parts_of
from tests.emulator import Emulator


class Page(SparingApp[None]):
    CSS = "Label { width: 1fr; height: 3; border: round red; } #b { background: blue; color: yellow; }"

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Label("some words that are longer than a line", id="a")
            yield Label("漢字 and [b]bold[/b]", id="b")
            yield Label("[u]under[/u] [reverse]turned[/reverse]", id="c")


def test_this_textual_has_the_parts() -> None:
    assert misfits(Page()) == []


async def test_every_part_of_a_picture_arrives_where_textual_puts_it() -> None:
    app = Page()
    async with app.run_test(size=(50, 10)) as pilot:
        compositor, console = app.screen._compositor, app.console
        whole = compositor.render_update(full=True)
        assert isinstance(whole, LayoutUpdate)
        stock, grid = Emulator(50, 10), Grid(50, 10)
        assert _drawn(app, whole, grid) == whole.region
        stock.feed(whole.render_segments(console).replace("\n", "\r\n").encode())
        app.query_one("#b", Label).update("other 漢 words")
        app.query_one("#c", Label).update("x")
        compositor._dirty_regions.update({Region(3, 1, 30, 1), Region(20, 0, 25, 3)})
        part = compositor.render_update()
        assert isinstance(part, ChopsUpdate)
        _drawn(app, part, grid)
        stock.feed(part.render_segments(console).encode())
        ours, pen = Emulator(50, 10), Pen()
        text, sent = clear_for(grid, pen, erases=True)
        ours.feed((text + Difference(sent, grid, pen, erases=True).write(range(10))[0]).encode())
        assert ours.differs_from(stock) == []
        await pilot.pause()


def _drawn(app: Page, update: Any, grid: Grid) -> Region | None:
    colors = parts.colors_of(app)
    for x, y, segments in parts_of(update):
        for text, style, _ in segments:
            x = grid.put(x, y, text, look_of(style, colors))
    return getattr(update, "region", None)


def test_the_queue_of_writes_can_be_looked_at() -> None:
    class Driver:
        _writer_thread = WriterThread(io.StringIO())

    assert backlog_of(Driver()) == 0
    Driver._writer_thread.write("waits, as the thread has not been started")
    assert backlog_of(Driver()) == 1
    Driver._writer_thread._file.close()
    with pytest.raises(AttributeError):
        backlog_of(None)


def test_another_textual_draws_in_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def display(self: object, something: object, else_: object) -> None: ...

    monkeypatch.setattr(parts, "_SIGNATURES", ((display, ["self", "screen", "renderable"]),))
    assert misfits(Page()) != []
    assert Page().draws_stock


@pytest.mark.parametrize(
    ("options", "variable", "stock"),
    [(None, None, False), (DrawingOptions(stock=True), None, True), (None, "stock", True), (None, "ours", False)],
)
def test_the_switch(
    monkeypatch: pytest.MonkeyPatch, options: DrawingOptions | None, variable: str | None, stock: bool
) -> None:
    monkeypatch.delenv("L2TUI_DRAWING", raising=False)
    if variable is not None:
        monkeypatch.setenv("L2TUI_DRAWING", variable)
    assert Page(drawing=options).draws_stock is stock


def test_the_base_class_is_an_ordinary_app() -> None:
    assert issubclass(SparingApp, App)
