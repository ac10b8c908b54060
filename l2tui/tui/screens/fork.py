"""What a fork is to have otherwise, and making it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from msgspec import Struct
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from l2tui.errors import L2tuiError, SettingsError
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import SettingChanged
from l2tui.settings import Settings, changed, show_value, with_rate
from l2tui.tui.context import names_of
from l2tui.tui.ghosting import FIRST_L2
from l2tui.tui.ladders import step_value
from l2tui.tui.screens.once import LeftOnce
from l2tui.tui.tools import ToolProgress, ask_tool
from l2tui.tui.widgets.steady_input import SteadyInput
from l2tui.view.keys import bind
from l2tui.view.settings_rows import label_of

if TYPE_CHECKING:
    from l2tui.tui.screens.run import RunScreen
    from l2tui.view.run_view import RunView

_OPTIONS = {
    "l2": "--l2",
    "learning_rate": "--lr",
    "optimizer": "--optimizer",
    "momentum": "--momentum",
    "epochs": "--epochs",
}
_SECONDS = 600.0


class Made(Struct, frozen=True):
    """A fork that was made.

    Attributes:
        run: Its directory.
        fork_epoch: The last epoch that it shares with its parent.
    """

    run: str
    fork_epoch: int


class ForkScreen(LeftOnce, ModalScreen[dict[str, Any] | None]):
    """Asks for what a fork is to have otherwise; answers with those settings that differ.

    Args:
        settings: Those of the parent at that epoch.
        epoch: The last epoch to share.
        present: Whether that is the parent's present.
    """

    DEFAULT_CSS = """
    ForkScreen .row { height: 1; }
    ForkScreen .row Label { width: 12; }
    ForkScreen .row Input { width: 1fr; margin: 0; }
    ForkScreen #fork-differs { margin-top: 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("escape", "dismiss(None)", "cancel", "make no fork", "fork.cancel", priority=True),
    ]

    def __init__(self, settings: Settings, epoch: int, *, present: bool) -> None:
        super().__init__()
        self._settings, self._epoch, self._present = settings, epoch, present

    def compose(self) -> ComposeResult:
        settings, where = self._settings, "the present" if self._present else f"epoch {self._epoch}"
        more = {"l2": step_value(settings, "l2", 1) if settings.l2 else FIRST_L2}
        if settings.epochs <= self._epoch:
            more["epochs"] = 2 * self._epoch
        with Vertical(classes="dialog note"):
            yield Label(f"Fork at {where}: a new run, the same up to there", classes="title", markup=False)
            for name in _OPTIONS:
                value = show_value(name, more.get(name, getattr(settings, name)))
                with Horizontal(classes="row"):
                    yield Label(label_of(name), markup=False)
                    yield SteadyInput(value, id=name, compact=True, max_length=20)
            yield Label(id="fork-differs", markup=False)
            cancel = names_of(self.app).by_id(ForkScreen, "fork.cancel")
            yield Label(f"enter forks and trains it, tab next, {cancel} cancels", id="fork-words", markup=False)

    def on_mount(self) -> None:
        self.query_one("#l2").focus()

    def on_input_changed(self) -> None:
        """Says what differs, which is easily overlooked among what does not."""
        differ = [
            f"{label_of(name)} {before} → {after}"
            for name, after in self._given().items()
            if after != (before := show_value(name, getattr(self._settings, name)))
        ]
        self.query_one("#fork-differs", Label).update(f"differs: {' · '.join(differ) or 'nothing yet'}")

    def _given(self) -> dict[str, str]:
        return {name: self.query_one(f"#{name}", Input).value.strip() for name in _OPTIONS}

    def on_input_submitted(self) -> None:
        given = self._given()
        try:
            after = changed(self._settings, **given)
            if after.epochs <= self._epoch:
                raise SettingsError(f"epochs: expected more than {self._epoch}, got {after.epochs}")
        except SettingsError as error:
            words = self.query_one("#fork-words", Label)
            words.add_class("wrong")
            words.update(str(error))
            return
        differ = {name: text for name, text in given.items() if getattr(after, name) != getattr(self._settings, name)}
        # Another optimiser wants a rate of its own, unless one is named.
        self.dismiss(differ if "optimizer" not in differ else {**with_rate(differ)})


def _settings_at(settings: Settings, view: RunView, epoch: int) -> Settings:
    """Returns settings of a run without the changes that were made after an epoch."""
    for event in reversed(view.snapshot.events if view.snapshot is not None else ()):
        # Those of the optimiser belong to the fork that a run is; its number of epochs is a plan, and has no past.
        if isinstance(event, SettingChanged) and event.epoch > epoch and event.name in ("l2", "learning_rate"):
            settings = msgspec.structs.replace(settings, **{event.name: event.old})
    return settings


async def fork_run(screen: RunScreen) -> None:
    """Asks for what is to differ, makes the fork and shows it; the parent is left alone."""
    controller = screen.controller
    run, view, index = controller.run, controller.view, screen.index
    settings = view.live
    if run is None or settings is None:
        return
    at = None if index is None else view.at("epoch", index)
    epoch = view.epoch if at is None else int(at)
    settings = _settings_at(settings, view, epoch)
    given = await screen.app.push_screen_wait(ForkScreen(settings, epoch, present=at is None))
    if given is None:
        return

    def tell(progress: ToolProgress) -> None:
        screen.say(f"Fork: {progress.doing}", _SECONDS)

    screen.say("Fork: reading the data", _SECONDS)
    options = [f"{_OPTIONS[name]}={value}" for name, value in given.items()]
    where = [] if at is None else [f"--epoch={epoch}"]
    try:
        made = await ask_tool(
            Made, "fork", str(run.source.path), *where, *options, "--no-train", "--json", on_progress=tell
        )
    except L2tuiError as error:
        screen.complain(error)
        return
    parent = " The parent stays paused." if controller.view.phase == "paused" else " The parent trains on."
    fork = RunDirectory(run.source.path.parent / made.run)
    done = f"This is the fork, from epoch {made.fork_epoch} on.{parent if controller.steers else ''}"
    screen.do(lambda: controller.open(fork, resume=True), done, seconds=4)
