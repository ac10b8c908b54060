"""An input that stands still."""

from textual.reactive import reactive
from textual.widgets import Input


class SteadyInput(Input):
    """An input whose cursor does not blink: blinking would go over the line twice a second for its own sake."""

    cursor_blink: reactive[bool] = reactive(False, init=False)


class FilterInput(SteadyInput):
    """What is typed to filter a list; a blank is left to the screen, which marks a line."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """As in Textual."""
        return key != "space" and super().check_consume_key(key, character)
