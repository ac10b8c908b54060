"""The screen of a sweep: the loss along λ as it forms, the curves of one λ, and the sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar, Literal

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Static

from l2tui.errors import L2tuiError
from l2tui.settings import Settings, changed, show_value
from l2tui.sweep.directory import Finer, MoreFolds, StopSweep, SweepCommand
from l2tui.sweep.summary import PerL2, SweepView
from l2tui.tui.context import context_of, names_of, palette_of
from l2tui.tui.screens.once import LeftOnce
from l2tui.tui.sweep_client import SweepClient
from l2tui.tui.widgets.drawn import Drawn
from l2tui.view.chart.sweep_plot import SweepOptions, SweepStyles, draw_lane, draw_sweep
from l2tui.view.keys import bind
from l2tui.view.status import draw_keys
from l2tui.view.sweep_text import draw_answer, draw_lane_figures, draw_sweep_status, title_of

_LOOK_SECONDS = 0.25
_RESULT = tuple[Literal["use", "open"], Settings]


class SweepScreen(LeftOnce, Screen[_RESULT | None]):
    """Follows a sweep; returns settings to use or a lane to open as a run, or None.

    Args:
        client: The sweep.
        as_seen: Returns the sweep as it is to be shown.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("left", "move(-1)", "λ down", "to the smaller λ", "sweep.left"),
        bind("right", "move(1)", "λ up", "to the larger λ", "sweep.right"),
        bind("enter", "choose('use')", "use this λ", "put this λ into the settings", "sweep.use"),
        bind("o", "choose('open')", "open as run", "train this λ as an ordinary run", "sweep.open"),
        bind("e", "at_best", "end / ★", "val_loss at the end, or at ★", "sweep.judge"),
        bind("f", "more('finer')", "finer", "quarter decades around the best λ", "sweep.finer"),
        bind("m", "more('folds')", "more folds", "the rows shared out anew", "sweep.folds"),
        bind("space", "mark", "mark", "mark this λ to be compared, or unmark it", "sweep.mark"),
        bind("c", "compare", "compare", "compare the marked λ", "sweep.compare"),
        bind("g", "resume", "go on", "go on with a sweep that was stopped or killed", "sweep.resume"),
        bind("s", "stop", "stop", "end the sweep here", "sweep.stop"),
        bind("escape,w,q", "dismiss(None)", "back", "back; the sweep goes on", "sweep.back"),
    ]

    def __init__(self, client: SweepClient, as_seen: Callable[[SweepView], SweepView] = lambda view: view) -> None:
        super().__init__()
        self._client, self._as_seen = client, as_seen
        self.view: SweepView | None = None
        self.at_best = False
        self._pointed: float | None = None
        self._shown: object = None
        self._marked: list[float] = []

    def compose(self) -> ComposeResult:
        yield Static(id="sweep-status")
        with Horizontal(id="sweep-body"):
            with Vertical(id="sweep-loss"):
                yield Drawn(id="sweep-chart")
            with Vertical(id="sweep-lane"):
                yield Static(id="sweep-figures", markup=False)
                yield Drawn(id="sweep-curves")
        yield Static(id="sweep-answer", markup=False)
        yield Static(id="sweep-keys")

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self._draw())
        self._follow()

    @work(exclusive=True, group="follow")
    async def _follow(self) -> None:
        frame = max(_LOOK_SECONDS, context_of(self.app).drawing.frame_seconds)
        while True:
            try:
                view = self._as_seen(await asyncio.to_thread(self._client.poll))
            except L2tuiError as error:
                self.query_one("#sweep-answer", Static).update(str(error))
                return
            status = view.status
            now = (
                view.per_l2,
                view.answer,
                view.alive,
                status and (status.state, round(100 * status.share), status.left),
            )
            if now != self._shown:
                self._shown = now
                self.view = view
                self._draw()
            await asyncio.sleep(frame)

    def on_resize(self) -> None:
        self.set_class(self.size.width < 70, "narrow")
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        if self not in self.app.screen_stack:
            # The sweep is followed until the last moment, when parts of the screen may be gone already.
            return
        view, palette = self.view, palette_of(self.app)
        self.query_one("#sweep-status", Static).update(draw_sweep_status(view, palette, self.size.width))
        self.query_one("#sweep-answer", Static).update(draw_answer(view, palette))
        names = names_of(self.app)
        keys = [
            (" ".join(names.by_id(SweepScreen, f"sweep.{id}") for id in ids), word)
            for ids, word in (
                (("left", "right"), "λ"),
                (("use",), "use it"),
                *([(("resume",), "go on")] if self._can_resume() else []),
                (("mark",), "mark"),
                *([(("compare",), f"compare {len(self._marked)}")] if self._marked else []),
                (("open",), "open as run"),
                (("judge",), "at the end" if self.at_best else "at ★"),
                (("finer",), "finer"),
                (("folds",), "more folds"),
                (("back",), "back"),
            )
        ]
        self.query_one("#sweep-keys", Static).update(draw_keys(keys, self.size.width, palette))
        if view is None:
            return
        chart, curves = self.query_one("#sweep-chart", Drawn), self.query_one("#sweep-curves", Drawn)
        styles = SweepStyles.of(palette)
        options = SweepOptions(
            chart.size.width,
            chart.size.height,
            cursor=self._position(view),
            at_best=self.at_best,
            ascii=palette.say("★") != "★",
        )
        self.query_one("#sweep-loss").border_subtitle = palette.say(
            f"val {'at ★' if self.at_best else 'at the end'} ● ± spread   train line"
        )
        chart.show(draw_sweep(view, options, styles))
        marked = ", ".join(show_value("l2", l2) for l2 in self._marked)
        self.query_one("#sweep-loss").border_title = palette.say(
            f"Loss along λ · marked {marked}" if marked else "Loss along λ"
        )
        one = self._one(view)
        self.query_one("#sweep-lane").border_title = title_of(one)
        if one is not None:
            self.query_one("#sweep-figures", Static).update(draw_lane_figures(one, view, palette))
            curves.show(draw_lane(self._client.curve(one.l2), curves.size.width, curves.size.height, styles))

    def _can_resume(self) -> bool:
        view = self.view
        return view is not None and not view.alive and view.status is not None and view.status.state != "finished"

    def _position(self, view: SweepView) -> int:
        """Returns the position of the λ that is pointed at; until somebody points, that of the best one."""
        wanted = self._pointed if self._pointed is not None else view.answer.best_l2
        grid = [one.l2 for one in view.per_l2]
        return grid.index(wanted) if wanted in grid else 0

    def _one(self, view: SweepView) -> PerL2 | None:
        return view.per_l2[self._position(view)] if view.per_l2 else None

    def action_move(self, direction: int) -> None:
        """Points at another λ."""
        if self.view is not None and self.view.per_l2:
            position = max(0, min(len(self.view.per_l2) - 1, self._position(self.view) + direction))
            self._pointed = self.view.per_l2[position].l2
            self._draw()

    def action_at_best(self) -> None:
        """Shows val_loss at ★, or at the end."""
        self.at_best = not self.at_best
        self._draw()

    def action_choose(self, how: Literal["use", "open"]) -> None:
        """Takes the λ that is pointed at."""
        one = self._one(self.view) if self.view is not None else None
        if one is not None and self.view is not None:
            fold = self.view.folds[0] if how == "open" else 0
            self.dismiss((how, changed(self._client.plan.settings, l2=one.l2, fold=fold)))

    def action_mark(self) -> None:
        """Marks the λ that is pointed at, or takes the mark away."""
        one = self._one(self.view) if self.view is not None else None
        if one is not None:
            self._marked = sorted({*self._marked} ^ {one.l2})
            self._draw()

    @work
    async def action_compare(self) -> None:
        """Compares the marked λ."""
        from l2tui.runs.comparison import FEWEST, MOST

        if not FEWEST <= len(self._marked) <= MOST:
            key = names_of(self.app).by_id(SweepScreen, "sweep.mark")
            self.notify(f"{FEWEST} to {MOST} λ can be compared; {len(self._marked)} marked. {key} marks.", timeout=4)
            return
        from l2tui.sweep.subjects import LaneSource
        from l2tui.tui.screens.compare import CompareScreen

        await self.app.push_screen_wait(CompareScreen([LaneSource(self._client.sweep, l2) for l2 in self._marked]))

    def action_more(self, what: Literal["finer", "folds"]) -> None:
        """Asks for more λ around the best one, or for more folds."""
        if self.view is None or self.view.answer.best_l2 is None:
            return
        if what == "finer" and not self._can_be_finer(self.view):
            self.notify("No finer: λ can be told apart to about a quarter decade at best.", timeout=4)
            return
        self._ask(Finer() if what == "finer" else MoreFolds())

    def _can_be_finer(self, view: SweepView) -> bool:
        from l2tui.sweep.grid import finer

        return bool(finer(tuple(one.l2 for one in view.per_l2), view.answer.best_l2 or 0.0))

    def action_stop(self) -> None:
        """Ends the sweep here."""
        if self.view is not None and self.view.alive:
            self._ask(StopSweep())

    def action_resume(self) -> None:
        """Trains on where the sweep has stopped."""
        try:
            self._client.resume()
        except L2tuiError as error:
            self.notify(str(error), severity="error", markup=False)

    def _ask(self, command: SweepCommand) -> None:
        try:
            self._client.ask(command)
        except L2tuiError as error:
            self.notify(str(error), severity="error", markup=False)
