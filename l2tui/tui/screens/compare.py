"""Runs side by side: their curves over each other, and a table of what differs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from textwrap import wrap
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from l2tui.errors import L2tuiError
from l2tui.runs.comparison import Subject, fold_seeds, told_apart
from l2tui.runs.differences import table_of
from l2tui.tui.context import context_of, look_of, names_of, palette_of
from l2tui.tui.screens.once import LeftOnce
from l2tui.tui.screens.text import TextScreen
from l2tui.tui.widgets.compared import ComparedPanel
from l2tui.tui.widgets.drawn import Drawn
from l2tui.view.chart.overlay import Overlay, OverlayOptions, axis_of
from l2tui.view.compare import NOT_OPENED, READING, Comparison, curves_of, draw_selected, draw_top, warning
from l2tui.view.compare_keys import COMPARE_KEYS
from l2tui.view.compare_table import draw_table
from l2tui.view.pictures.compared import picture_words, scale_warning, without_pictures
from l2tui.view.status import draw_keys

if TYPE_CHECKING:
    from l2tui.runs.subjects import Source

_LOOK_SECONDS = 0.25
_RETRY_SECONDS = 2.0
# Dozens of figures that change more often are not read.
_FIGURE_SECONDS = 1.0
# Lines that the table may have of those of the screen; cells that the labels of the loss axis take.
_TABLE_SHARE, _BELOW_PICTURES = 0.42, 0.25
_AXIS_CELLS = 6


class CompareScreen(LeftOnce, Screen[str | None]):
    """Follows what is compared; returns the path of a run that is to be opened, or None.

    Args:
        sources: What is compared.
    """

    BINDINGS: ClassVar[list[BindingType]] = list(COMPARE_KEYS)

    def __init__(self, sources: Sequence[Source]) -> None:
        super().__init__()
        self._sources = sources
        self._polled: list[Subject] = []
        self._overlay = Overlay()
        self._modes = dict.fromkeys(("train", "all_rows", "fold", "log_y", "recent", "smooth", "best"), False)
        self._selected, self._top = 0, 0
        self._epoch: int | None = None
        self._baseline: tuple[str, str] | None = None
        self._figures_due = 0.0
        self._fold: tuple[list[Subject], list[Subject]] | None = None

    def compose(self) -> ComposeResult:
        for part in ("top", "warning", "chart", "pictures", "selected", "table", "keys"):
            yield (ComparedPanel if part == "pictures" else Drawn)(id=f"compare-{part}")

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self._draw())
        self._follow()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    @work(exclusive=True, group="follow")
    async def _follow(self) -> None:
        frame = max(_LOOK_SECONDS, context_of(self.app).drawing.frame_seconds)
        said, stale = "", False
        known: dict[Source, Subject] = {}
        while True:
            errors = await asyncio.to_thread(self._poll, known)
            polled = [known[source] for source in self._sources if source in known]
            if polled != self._polled:
                self._polled, stale = polled, True
                self._draw_chart(self._comparison())
            if stale and monotonic() >= self._figures_due:
                stale = False
                self._draw()
            if errors and errors[0] != said:
                self.notify(errors[0], severity="error", markup=False, timeout=10)
            said = errors[0] if errors else ""
            await asyncio.sleep(_RETRY_SECONDS if errors else frame)

    def _poll(self, known: dict[Source, Subject]) -> list[str]:
        """Reads what is new; returns what is wrong. What can no longer be read stays as it was."""
        errors = []
        for source in self._sources:
            try:
                known[source] = source.poll()
            except L2tuiError as error:
                errors.append(str(error))
        return errors

    def _comparison(self) -> Comparison:
        """Returns what is to be shown. Zoom, smoothing and the axis have no part in it."""
        subjects = self._folded() if self._modes["fold"] else self._polled
        self._selected = max(0, min(self._selected, len(subjects) - 1))
        apart = told_apart(subjects)
        keys = [(subject.name, subject.path) for subject in subjects]
        return Comparison(
            subjects,
            apart,
            table_of(subjects, apart, self._epoch),
            "train" if self._modes["train"] else "val",
            selected=self._selected,
            baseline=keys.index(self._baseline) if self._baseline in keys else None,
            epoch=self._epoch,
            all_rows=self._modes["all_rows"],
            folded=self._modes["fold"],
        )

    def _folded(self) -> list[Subject]:
        """Returns what there is with seeds folded, computed once for what was read last."""
        if self._fold is None or self._fold[0] is not self._polled:
            self._fold = self._polled, fold_seeds(self._polled)
        return self._fold[1]

    def _draw(self) -> None:
        if not (self._polled and self.size.area and self.query(Drawn)):
            return
        self._figures_due = monotonic() + _FIGURE_SECONDS
        comparison, palette, width = self._comparison(), palette_of(self.app), self.size.width
        modes = [word for mode, word in _MODE_WORDS.items() if self._modes[mode]]
        kind = self._pictures.kind
        shown = f"{comparison.part} loss" if kind is None else picture_words(comparison, kind, width)
        self._show("top", [draw_top(comparison, shown, modes if kind is None else (), width, palette)])
        hint = self._hint(comparison) + (scale_warning(comparison, kind) if kind is not None else "")
        words = wrap(palette.say(warning(comparison, hint)), max(1, width - 2))
        self._show("warning", [Text(f" {line}", palette.bad + Style(bold=True)) for line in words])
        rows = len(comparison.shown)
        share = _TABLE_SHARE if kind is None else _BELOW_PICTURES
        height = max(2, min(1 + rows, int(share * self.size.height)))
        self._top = max(0, min(self._top, 1 + rows - height))
        self._show("table", draw_table(comparison, width, height, palette, top=self._top))
        self._show("selected", [draw_selected(comparison, width, palette, self._selected)])
        hidden = f"{self._top + 1}-{self._top + height - 1}/{rows}" if height <= rows else ""
        self._show("keys", [draw_keys(self._keys(comparison, hidden), width, palette)])
        # The others have their heights now, and the chart what they leave.
        self.call_after_refresh(self._draw_chart, comparison)

    @property
    def _pictures(self) -> ComparedPanel:
        return self.query_one(ComparedPanel)

    def _show(self, part: str, lines: list[Text]) -> None:
        picture = self.query_one(f"#compare-{part}", Drawn)
        if picture.styles.height is None or picture.styles.height.value != len(lines):
            picture.styles.height = len(lines)
        picture.show_text(lines)

    def _hint(self, comparison: Comparison) -> str:
        """Returns what can be done about losses that do not compare."""
        if not comparison.apart.seeds_alone or len(self._folded()) == len(self._polled):
            return ""
        return f" {self._key_name('fold')} folds the seeds."

    def _key_name(self, id: str) -> str:
        return names_of(self.app).by_id(CompareScreen, f"compare.{id}")

    def _keys(self, comparison: Comparison, hidden: str) -> list[tuple[str, str]]:
        here, pictured = comparison.subjects[self._selected].kind, self._pictures.kind is not None
        listed = [
            ("left right", comparison.x),
            ("next", f"run {self._selected + 1}/{len(comparison.subjects)}"),
            ("picture", "picture"),
            *([("best", "last weights" if self._modes["best"] else "best weights")] if pictured else []),
            *([("open", "open")] if here == "run" else []),
            *([("up down", hidden)] if hidden else []),
            ("baseline", "no baseline" if comparison.baseline == self._selected else "baseline"),
            ("all", "what differs" if self._modes["all_rows"] else "all"),
            *([] if pictured else [("part", "val" if self._modes["train"] else "train")]),
            ("fold", "each seed" if self._modes["fold"] else "fold seeds"),
            *([] if pictured else [("zoom", "all epochs" if self._modes["recent"] else "zoom")]),
            ("keys", "keys"),
            ("back", "no cursor" if self._epoch is not None else "curves" if pictured else "back"),
        ]
        return [(" ".join(self._key_name(id) for id in ids.split()), word) for ids, word in listed]

    def _draw_chart(self, comparison: Comparison) -> None:
        # The screen may be gone by the time at which this is called.
        chart = next(iter(self.query("#compare-chart").results(Drawn)), None)
        for pictures in self.query(ComparedPanel):
            pictures.compare(comparison, best=self._modes["best"])
        if chart is None or not chart.size.area:
            return
        options = OverlayOptions(
            chart.size.width,
            chart.size.height,
            selected=comparison.selected,
            cursor_epoch=self._epoch,
            log_y=self._modes["log_y"],
            smooth=self._modes["smooth"],
            recent=self._modes["recent"],
            ascii=not look_of(self.app).glyphs.braille,
            x_name=comparison.x if comparison.x != "epoch" else "",
        )
        chart.show(self._overlay.draw(curves_of(comparison), options, palette_of(self.app)))

    def action_cursor(self, columns: int) -> None:
        """Moves the cursor by columns of the chart; past the last epoch it is put away."""
        if not self._polled:
            return
        comparison = self._comparison()
        newest = max((subject.epoch or 0 for subject in comparison.subjects), default=0)
        axis = axis_of(curves_of(comparison), max(1, self.size.width - _AXIS_CELLS), recent=self._modes["recent"])
        step = max(1, round((axis.high - axis.low) / axis.cells))
        epoch = (newest if self._epoch is None else self._epoch) + columns * step
        self._epoch = None if epoch > newest else max(0, epoch)
        self._draw()

    def action_select(self, columns: int) -> None:
        """Selects another column, after the last one the first."""
        if self._polled:
            self._selected = (self._selected + columns) % len(self._comparison().subjects)
            self._draw()

    def action_scroll_rows(self, rows: int) -> None:
        """Scrolls the table."""
        self._top += rows
        self._draw()

    def action_switch(self, mode: str) -> None:
        """Switches a way of showing."""
        self._modes[mode] = not self._modes[mode]
        if mode == "fold" and self._modes["fold"] and len(self._folded()) == len(self._polled):
            self._modes["fold"] = False
            self.notify("No two of these differ in the seed alone.", timeout=4)
        self._draw()

    def action_picture(self) -> None:
        """Shows the next picture of what is compared, after the last one the curves."""
        if not self._polled:
            return
        if not self._pictures.turn(comparison := self._comparison()):
            self.notify(without_pictures(comparison.subjects), timeout=4)
        self._show_place()

    def action_best(self) -> None:
        """Shows pictures of the best weights, or of the last ones again; a cursor is put away."""
        if self._pictures.kind is None:
            self.notify(f"The best weights are for pictures: {self._key_name('picture')} shows one.", timeout=4)
        else:
            self._epoch = None
            self.action_switch("best")

    def _show_place(self) -> None:
        self.set_class(self._pictures.kind is not None, "pictured")
        self._draw()

    def action_baseline(self) -> None:
        """Shows differences from the selected column, or values again."""
        if self._polled:
            subject = self._comparison().subjects[self._selected]
            key = (subject.name, subject.path)
            self._baseline = None if self._baseline == key else key
            self._draw()

    def action_open(self) -> None:
        """Opens the selected run."""
        if self._polled:
            subject = self._comparison().subjects[self._selected]
            if subject.kind == "run":
                self.dismiss(subject.path)
            else:
                self.notify(NOT_OPENED[subject.kind], timeout=4)

    def action_keys(self) -> None:
        """Shows all keys, and how to read the table."""
        names = names_of(self.app)
        keys = [f"{names.of(key):<12} {key.tooltip}" for key in self.BINDINGS if isinstance(key, Binding)]
        self.app.push_screen(TextScreen("Keys", palette_of(self.app).say("\n".join([*keys, "", *READING]))))

    def action_back(self) -> None:
        """Puts the cursor away; without one, the pictures; without these, leaves."""
        if self._epoch is not None:
            self._epoch = None
            self._draw()
        elif self._pictures.kind is not None:
            self._pictures.kind = None
            self._show_place()
        else:
            self.dismiss(None)


_MODE_WORDS = {"log_y": "log", "recent": "recent part", "smooth": "smoothed", "all_rows": "all rows"}
