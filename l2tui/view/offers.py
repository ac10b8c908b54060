"""Which keys do something in the present state of a run, what the others say, and which the bottom line names."""

from __future__ import annotations

from collections.abc import Iterator

from l2tui.view.key_names import KeyNames
from l2tui.view.run_view import WATCHING, RunView

# What stands in the bottom line: ids of keys, and a word.
_WORDS: dict[tuple[str, ...], str] = {
    ("run.toggle",): "run",
    ("l2.up", "l2.down"): "λ",
    ("run.swap",): "swap",
    ("run.ghost",): "ghost",
    ("picture.turn",): "picture",
    ("run.stop",): "stop",
    ("run.best",): "best",
    ("run.fork",): "fork",
    ("app.sweep",): "sweep",
    ("app.runs",): "runs",
    ("log.pair",): "losses",
    ("table.open",): "open",
    ("run.restart",): "restart",
    ("app.lessons",): "lessons",
    ("run.results",): "test",
    ("l2.off",): "λ off",
    ("chart.log",): "log",
    ("chart.zoom",): "zoom",
    ("run.step",): "step",
    ("run.epoch",): "epoch",
    ("pace.down", "pace.up"): "pace",
    ("app.detach",): "detach",
    ("criterion.next",): "criterion",
    ("criterion.all",): "all criteria",
    ("run.reseed",): "new seed",
    ("run.export",): "export",
    ("chart.smooth",): "smooth",
    ("panel.next",): "other panel",
    ("app.light",): "light",
    ("app.suspend",): "to the shell",
    ("app.help",): "help",
    ("app.quit",): "quit",
}
# What comes first after the end of a run, when λ no longer changes anything by itself.
_AFTER_THE_END = (
    "run.toggle",
    "run.restart",
    "l2.up",
    "picture.turn",
    "run.fork",
    "app.runs",
    "app.sweep",
    "run.results",
)
_ADVISED = (("raise λ", "l2.up"), ("lower λ", "l2.down"), ("stop here", "run.stop"), ("sweep λ", "app.sweep"))
_TRAINS = ("run.", "l2.", "pace.", "criterion.next", "table.open", "app.sweep", "app.lessons")
_WITH_A_RUN = ("run.restart", "run.reseed", "chart.log", "chart.zoom", "chart.smooth")
_OF_WEIGHTS = ("run.results", "run.export", "picture.turn", "picture.beside")


def refusal(view: RunView, id: str, keys: KeyNames) -> str:
    """Returns why a key does nothing now, and what does; empty where it does something."""
    if id in _OF_WEIGHTS:
        return _no_weights(view, keys, picture=id.startswith("picture."))
    if view.watching and id.startswith(_TRAINS):
        return WATCHING
    if id == "log.pair":
        return "" if view.pairs else "Only a log with several pairs of losses has a choice of them."
    if id == "run.toggle":
        return "" if view.toggle else _nothing_left(view, keys)
    if id in ("run.step", "run.epoch"):
        return "" if view.phase == "ready" or view.is_live else _nothing_left(view, keys)
    if id == "run.fork":
        return _nothing_to_fork(view, keys)
    if id in ("run.ghost", "run.swap") and not view.steers:
        return "There is no training for a ghost to join."
    if id == "run.swap":
        return "" if view.ghost is not None else f"There is no ghost to swap with: {keys['run.ghost']} starts one."
    if id == "run.stop":
        return "" if view.steers else "There is no training to stop."
    if id == "run.best" and not view.steers:
        return "There is no training to put the best weights into."
    if id == "run.best" and (view.assessment is None or view.assessment.best_epoch is None):
        return "There is no best epoch yet."
    if id == "criterion.all" and view.latest("epoch") is None:
        return "There is no curve to judge yet."
    return ""


def offered(view: RunView, keys: KeyNames) -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
    """Yields what the bottom line names, most important first and help and quit last: key and word, and their ids."""
    ended = not view.is_live and view.phase not in ("ready", "watching")
    order = list(_WORDS)
    if ended:
        first = [ids for id in _AFTER_THE_END for ids in _WORDS if ids[0] == id]
        order = [*first, *(ids for ids in order if ids not in first)]
    for ids in order:
        id = ids[0]
        # These work, but are not worth a place.
        idle = (id in _WITH_A_RUN and view.phase == "ready") or (id == "app.detach" and not view.steers)
        if not idle and not refusal(view, id, keys):
            word = view.toggle or "" if id == "run.toggle" else _WORDS[ids]
            if id == "run.ghost" and view.ghost is not None:
                word = "end ghost"
            yield (" ".join(keys[id] for id in ids), word), ids


def with_keys(advice: str, view: RunView, keys: KeyNames) -> str:
    """Returns an advice with the keys that follow it, as far as they do something."""
    for words, id in _ADVISED:
        if not refusal(view, id, keys):
            advice = advice.replace(words, f"{words} ({keys[id]})", 1)
    return advice


def _nothing_left(view: RunView, keys: KeyNames) -> str:
    restart = keys["run.restart"]
    if view.toggle == "go on":
        return f"The run has ended: {keys['run.toggle']} goes on."
    if view.toggle == "run":
        return f"The run has ended: {keys['run.toggle']} trains with the settings on the screen."
    if view.phase == "diverged":
        return f"The loss diverged: lower the rate or λ, then {restart} trains anew."
    return f"All epochs are done: raise epochs to go on, or {restart} runs it again."


def _nothing_to_fork(view: RunView, keys: KeyNames) -> str:
    if view.is_log:
        return "A log cannot be forked: it holds no weights."
    if view.latest("epoch") is not None:
        return ""
    ready = view.phase == "ready"
    return f"There is nothing to fork yet: {keys['run.toggle']} trains." if ready else "There is nothing to fork yet."


def _no_weights(view: RunView, keys: KeyNames, *, picture: bool) -> str:
    if view.is_log:
        return "A log has no weights."
    if picture and view.phase != "ready" and (view.status is None or view.status.facts is None):
        return "There are no weights to show yet."
    return f"There are no weights yet: {keys['run.toggle']} trains." if view.phase == "ready" else ""
