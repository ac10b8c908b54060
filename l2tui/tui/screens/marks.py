"""What every criterion says of the same curve, side by side."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from rich.table import Table
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from l2tui.overfitting import CRITERIA, Change, Watch, evaluate_all
from l2tui.runs.events import BestRestored, SettingChanged
from l2tui.settings import CriterionName
from l2tui.tui.context import names_of, palette_of
from l2tui.tui.screens.once import LeftOnce
from l2tui.view.keys import bind

if TYPE_CHECKING:
    from l2tui.runs.reader import Snapshot


_ROOM_FOR_WORDS = 76


def watches_of(snapshot: Snapshot) -> dict[CriterionName, Watch]:
    """Returns what each criterion makes of the recorded epochs of a run.

    Up to 4,096 epochs all are recorded and the marks exact; beyond, they can be a few epochs late.
    """
    changes = [
        Change(event.epoch, "weights")
        if isinstance(event, BestRestored)
        else Change(event.epoch, "l2", event.new if isinstance(event.new, float) else None)
        if event.name == "l2"
        else Change(event.epoch)
        for event in snapshot.events
        if isinstance(event, BestRestored)
        or (isinstance(event, SettingChanged) and event.name in ("l2", "learning_rate"))
    ]
    epochs, train, val = (snapshot.column(name).tolist() for name in ("epoch", "train_loss", "val_loss"))
    return evaluate_all(epochs, train, val, changes)


class MarksScreen(LeftOnce, ModalScreen[None]):
    """A table of all criteria on one run.

    Args:
        snapshot: The run.
        present: The criterion whose mark is on the chart.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("escape,q,space,enter,C", "dismiss", "close", "back to the run", "marks.close")
    ]

    def __init__(self, snapshot: Snapshot, present: str) -> None:
        super().__init__()
        self._snapshot, self._present = snapshot, present

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog marks") as box:
            box.border_title = "The same curve by every criterion"
            close = names_of(self.app).by_id(MarksScreen, "marks.close")
            box.border_subtitle = f"{close} closes"
            yield Static("...")

    def on_mount(self) -> None:
        self._judge()

    @work(exclusive=True)
    async def _judge(self) -> None:
        watches = await asyncio.to_thread(watches_of, self._snapshot)
        palette = palette_of(self.app)
        narrow = self.app.size.width < _ROOM_FOR_WORDS
        table = Table.grid(padding=(0, 1 if narrow else 2))
        for _ in range(5):
            table.add_column(no_wrap=True)
        since, confirmed = ("★", "▲") if narrow else ("since ★", "confirmed ▲")
        table.add_row("", since, confirmed, "withdrawn", "now", style=palette.muted)
        for name, watch in watches.items():
            table.add_row(
                f"{'▸' if name == self._present else ' '} {name}",
                _epoch(watch.onset_epoch),
                _epoch(watch.confirmed_epoch),
                f"{watch.withdrawn} x",
                watch.criterion.readout,
                style=palette.strong if name == self._present else palette.text,
            )
        table.add_row()
        self.query_one(Static).update(table)
        explained = Static("\n".join(f"{name}: {words}" for name, words in CRITERIA.items()), markup=False)
        await self.query_one(".marks").mount(explained)


def _epoch(epoch: int | None) -> str:
    return "-" if epoch is None else str(epoch)
