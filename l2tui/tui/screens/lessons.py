"""The list of lessons, with those that are done."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList

from l2tui.learn.lesson import bundled
from l2tui.learn.progress import read_progress
from l2tui.tui.context import names_of, palette_of
from l2tui.tui.screens.once import LeftOnce
from l2tui.view.keys import bind


class LessonsScreen(LeftOnce, ModalScreen[int | None]):
    """Lists the lessons; returns the position of the one that is to begin."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("escape,q,L", "dismiss(None)", "back", "back to the run", "lessons.back")
    ]

    def compose(self) -> ComposeResult:
        progress, lessons = read_progress(), bundled()
        with Vertical(classes="dialog lessons") as box:
            box.border_title = "Lessons"
            back = names_of(self.app).by_id(LessonsScreen, "lessons.back")
            box.border_subtitle = f"enter begins · {back} back"
            say = palette_of(self.app).say
            lines = (
                f"{index:>2}  {lesson.title:<30}{'done' if name in progress.done else ''}"
                for index, (name, lesson) in enumerate(lessons.items(), 1)
            )
            options = OptionList(*(Content(say(line)) for line in lines), compact=True)
            options.highlighted = progress.continues_at(list(lessons)) or 0
            yield options

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)
