"""What the sweep's screen says in words and figures."""

from rich.text import Text

from l2tui.settings import show_value
from l2tui.sweep.summary import PerL2, SweepView
from l2tui.view.data_names import data_name
from l2tui.view.figures import figure
from l2tui.view.palette import Palette

_WORDS = {"starting": "starting", "running": "running", "finished": "done", "stopped": "stopped", "failed": "failed"}


def draw_sweep_status(view: SweepView | None, palette: Palette, width: int = 1000) -> Text:
    """Returns the top line: what is swept, and how far it is; how much that is only where there is room."""
    text = _status(view, palette, with_plan=True)
    return text if text.cell_len <= width else _status(view, palette, with_plan=False)


def _status(view: SweepView | None, palette: Palette, *, with_plan: bool) -> Text:
    text = Text(" λ sweep", palette.strong, no_wrap=True)
    if view is None:
        return text.append("  starting", palette.muted)
    lanes = max(len(view.per_l2), len(view.plan.l2))
    folds = len(view.folds) or len(view.plan.folds)
    text.append(f"  {data_name(view.plan.settings)}", palette.text)
    if with_plan:
        text.append(f"  {lanes} λ x {folds} folds x {view.plan.settings.epochs} epochs", palette.muted)
    status = view.status
    if status is None:
        return text.append("  starting", palette.muted)
    state = status.state
    if state == "running" and not view.alive:
        state = "stopped"
    text.append(
        "  " + palette.say(f"● {_WORDS[state]}"), palette.good if state in ("running", "finished") else palette.bad
    )
    if state != "finished":
        text.append(f" {100 * status.share:3.0f} %", palette.text)
    if state == "running" and status.left is not None:
        text.append(f"  about {max(1, round(status.left))} s left", palette.muted)
    if state == "finished":
        text.append(f" in {status.elapsed:.0f} s", palette.muted)
    if with_plan and "edge" in status.rounds:
        text.append("  grid extended", palette.muted)
    return text


def draw_answer(view: SweepView | None, palette: Palette) -> Text:
    """Returns the sentence, and what is to be known about how the sweep trains."""
    if view is None:
        return Text("")
    if view.status is not None and view.status.state == "failed":
        return Text(view.status.reason, palette.bad)
    found = view.answer
    style = palette.strong if found.verdict in ("helps", "no_help") else palette.text
    text = Text(palette.say(found.sentence or "The U forms as the folds train."), style)
    for note in view.status.notes if view.status is not None else ():
        text.append(f" {note}", palette.muted)
    return text


def draw_lane_figures(one: PerL2, view: SweepView, palette: Palette) -> Text:
    """Returns the figures of one λ, a line each."""
    text = Text()
    accuracy = "R²" if view.status is not None and view.status.task == "regression" else "accuracy"
    rows = (
        ("val, end", _with_error(one.val_loss, one.val_error), palette.val),
        ("val, ★", figure(one.best_val_loss).strip(), palette.val),
        ("train, end", figure(one.train_loss).strip(), palette.train),
        (accuracy, figure(one.val_accuracy).strip(), palette.text),
        ("norm W1 W2", f"{figure(one.w1_norm, 5).strip()}  {figure(one.w2_norm, 5).strip()}", palette.text),
    )
    for label, value, style in rows:
        text.append(f"{palette.say(label):11}", palette.muted).append(f"{value}\n", style)
    if one.diverged:
        text.append(f"diverged in {one.diverged} of {len(view.folds)} folds", palette.bad)
    elif one.left:
        text.append(f"left at epoch {one.epoch}", palette.muted)
    elif one.epoch < view.plan.settings.epochs:
        text.append(f"at epoch {one.epoch}", palette.muted)
    else:
        text.append(f"trained to epoch {one.epoch}", palette.muted)
    return text


def title_of(one: PerL2 | None) -> str:
    """Returns the title of the λ that is pointed at."""
    return "λ" if one is None else f"λ = {show_value('l2', one.l2)}"


def _with_error(value: float | None, error: float | None) -> str:
    shown = figure(value).strip()
    return shown if error is None else f"{shown} ± {error:.1g}"
