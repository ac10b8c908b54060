"""An input that stands still."""

from textual.reactive import reactive
from textual.widgets import Input


class SteadyInput(Input):
    """An input whose cursor does not blink: blinking would go over the line twice a second for its own sake."""

    cursor_blink: reactive[bool] = reactive(False, init=False)
