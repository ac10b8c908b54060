"""The keys of the main screen, and those that move in a list. Each has an id, so that a user can remap it."""

from textual.binding import Binding


def bind(
    keys: str, action: str, words: str, tooltip: str, id: str, display: str | None = None, *, priority: bool = False
) -> Binding:
    """Returns a binding that Textual's own footer does not list.

    Args:
        keys: The keys, with commas between.
        action: What they do.
        words: The same in a word or two.
        tooltip: The same in a line.
        id: What a user names it by to give it other keys.
        display: What the keys are called, where their names will not do.
        priority: Whether they go before those of what has the focus.
    """
    return Binding(keys, action, words, show=False, tooltip=tooltip, id=id, key_display=display, priority=priority)


RUN_KEYS = (
    bind("space", "run_or_pause", "run / pause", "start, pause, go on", "run.toggle"),
    bind("full_stop", "advance(False)", "one step", "pause, and update the weights once", "run.step"),
    bind("comma", "advance(True)", "one epoch", "pause, and go to the end of the epoch", "run.epoch"),
    bind("plus,equals_sign", "steer('l2', 1)", "more λ", "one notch more weight decay, at once", "l2.up", "+"),
    bind("minus", "steer('l2', -1)", "less λ", "one notch less weight decay, at once", "l2.down"),
    bind("0", "steer('l2', 0)", "λ off", "no weight decay", "l2.off"),
    bind("greater_than_sign", "steer('pace', 1)", "faster", "more epochs a second", "pace.up"),
    bind("less_than_sign", "steer('pace', -1)", "slower", "fewer epochs a second", "pace.down"),
    bind("b", "restore_best", "best weights", "go on from the weights of the best epoch (★)", "run.best"),
    bind("s", "stop", "stop", "end the training here; it can go on later", "run.stop"),
    bind("R", "restart(0)", "restart", "begin again with the settings on the screen", "run.restart"),
    bind("N", "restart(1)", "new seed", "begin again with the next seed", "run.reseed"),
    bind("F", "ask('run.fork')", "fork", "a new run from the cursor's epoch on", "run.fork"),
    bind("G", "ghost('run.ghost')", "ghost", "a twin at another λ trains along; again ends it", "run.ghost"),
    bind("x", "ghost('run.swap')", "swap", "the run goes on as the ghost, and the ghost as the run", "run.swap"),
    bind("y", "switch('log_y')", "log axis", "logarithmic or linear loss axis", "chart.log"),
    bind("S", "switch('smooth')", "smoothing", "smooth the lines; numbers and marks stay exact", "chart.smooth"),
    bind("z", "switch('recent')", "zoom", "the recent part, or all", "chart.zoom"),
    bind("v", "picture(False)", "picture", "what the network has learnt; again: the next picture", "picture.turn"),
    bind("V", "picture(True)", "picture beside", "the picture beside the chart, or in its place", "picture.beside"),
    bind("left_square_bracket,ctrl+left", "mark(-1)", "mark before", "cursor to ★, ▲ or λ before", "chart.back", "["),
    bind("right_square_bracket,ctrl+right", "mark(1)", "next mark", "cursor to ★, ▲ or λ after", "chart.next", "]"),
    bind("escape", "no_cursor", "no cursor", "put the chart's cursor away", "chart.hide"),
    bind("c", "steer('criterion', 1)", "criterion", "judge the same curve by the next rule", "criterion.next"),
    bind(
        "C",
        "show('criterion.all')",
        "all criteria",
        "what every rule says of this curve, side by side",
        "criterion.all",
    ),
    bind("P", "choose_pair", "losses", "which losses of a log with several pairs", "log.pair"),
    bind("tab", "app.focus_next", "other panel", "arrow keys: settings, or the chart's cursor", "panel.next"),
    bind("T", "app.toggle_light", "light / dark", "light or dark colours", "app.light"),
    bind("o", "open_table", "open a table", "a table of your own, and what to predict of it", "table.open"),
    bind(
        "D",
        "show('table.preparation')",
        "your table",
        "what was done to the columns of your table",
        "table.preparation",
    ),
    bind("t", "show('run.results')", "test", "how good the best weights are; then on the test part", "run.results"),
    bind("e", "ask('run.export')", "export", "weights as a file, an ONNX network, or λ for other tools", "run.export"),
    bind("w", "ask('app.sweep')", "sweep λ", "how much decay: a grid of λ on several folds", "app.sweep"),
    bind("L", "ask('app.lessons')", "lessons", "learn by doing: short lessons on this screen", "app.lessons"),
    bind("r", "ask('app.runs')", "runs", "all runs: open, compare, go on, name, delete", "app.runs"),
    bind("ctrl+z", "app.suspend_process", "to the shell", "to the shell; fg comes back", "app.suspend", priority=True),
    bind(
        "ctrl+l",
        "app.redraw",
        "draw again",
        "the whole screen, if something has spoilt it",
        "app.redraw",
        priority=True,
    ),
    bind("d", "leave('leave')", "detach", "leave; the training goes on", "app.detach"),
    bind("question_mark", "show('app.help')", "help", "all keys, and how to read the picture", "app.help"),
    bind("q", "app.quit", "quit", "leave; asks what becomes of a running training", "app.quit"),
)

EVERYWHERE_KEYS = tuple(key for key in RUN_KEYS if key.priority)
"""Those of them that the app has on every screen: neither a spoilt screen nor a shell asks which dialog is open."""

_FAR = 1_000_000
# Lines down, the end of the id, and a word of explanation.
_MOVES = {
    "up": (-1, "up", "to the {} above"),
    "down": (1, "down", "to the {} below"),
    "pageup": (-10, "pageup", "ten {}s up"),
    "pagedown": (10, "pagedown", "ten {}s down"),
    "home": (-_FAR, "first", "to the first {}"),
    "end": (_FAR, "last", "to the last {}"),
}


def keys_in_list(scope: str, what: str, *keys: str, priority: bool = False) -> tuple[Binding, ...]:
    """Returns the keys that select another line of a list, for a widget with an action `move(lines)`.

    Args:
        scope: What their ids begin with.
        what: What a line stands for.
        *keys: Which of up, down, pageup, pagedown, home and end.
        priority: Whether they go before those of the widget that is typed into.
    """
    bindings = []
    for key in keys:
        lines, name, tooltip = _MOVES[key]
        words = tooltip.format(what)
        bindings.append(bind(key, f"move({lines})", name, words, f"{scope}.{name}", priority=priority))
    return tuple(bindings)
