"""The top line, the legend under the chart, the verdict and the line of keys: a run as text."""

from rich.text import Text

from l2tui.overfitting.verdict import Assessment
from l2tui.tui.renderables.chart_model import UNICODE_GLYPHS
from l2tui.tui.renderables.figures import bar, figure
from l2tui.tui.run_view import Phase, RunView
from l2tui.tui.themes import Palette

_SYMBOLS: dict[Phase, str] = {
    "ready": "○",
    "starting": "◌",
    "running": "●",
    "paused": "◐",
    "finished": "■",
    "diverged": "✗",
    "failed": "✗",
    "interrupted": "✗",
}
_VERDICTS = {
    "waiting": "Too early to tell",
    "learning": "Learning",
    "overfitting": "Overfitting",
    "l2_too_strong": "λ too strong",
    "plateau": "Plateau",
    "diverged": "Diverged",
}


def draw_status(view: RunView, width: int, palette: Palette) -> Text:
    """Draws the top line: what, in which state, how far, how fast."""
    phase = view.phase
    style = {"running": palette.good, "diverged": palette.bad, "failed": palette.bad, "interrupted": palette.bad}
    left = Text(no_wrap=True)
    left.append(" l2tui ", palette.strong)
    left.append(f" {(view.running or view.planned).data}  ", palette.key)
    left.append(f"{_SYMBOLS[phase]} {phase:<8}", style.get(phase, palette.text))
    if view.status is None:
        return left
    right = Text(no_wrap=True)
    digits = len(str(view.epochs))
    right.append(" epoch ", palette.muted)
    right.append(f"{view.epoch:>{digits}}/{view.epochs} ", palette.text)
    rate = f" {figure(view.status.steps_per_second, 6)} steps/s " if view.is_live else ""
    room = width - len(left.plain) - len(right.plain) - len(rate)
    if room < 4:
        rate = ""
        room = width - len(left.plain) - len(right.plain)
    if room >= 4:
        cells = min(room, 40)
        done = bar(view.epoch / view.epochs if view.epochs else 1.0, cells)
        right.append(done.replace(" ", "·"), palette.train)
        room -= cells
    right.append(rate, palette.muted)
    left.append(" " * max(0, room))
    left.append_text(right)
    left.truncate(width)
    return left


def draw_legend(view: RunView, index: int, width: int, palette: Palette, *, pointed: bool) -> Text:
    """Draws the values under the chart, at the last epoch or at the one that the cursor points at.

    Args:
        view: The run.
        index: Position of the epoch among the recorded ones, -1 for the last.
        width: Cells across.
        palette: Colours.
        pointed: Whether the cursor is out, so that the epoch is named.
    """
    train, val, penalty = (view.at(name, index) for name in ("train_loss", "val_loss", "penalty"))
    gap = None if train is None or val is None else val - train
    line = Text(no_wrap=True)
    if pointed and (epoch := view.at("epoch", index)) is not None:
        line.append(f"@{epoch:.0f} ", palette.strong)
    line.append(f"{UNICODE_GLYPHS.train} train {figure(train)}  ", palette.train)
    line.append(f"{UNICODE_GLYPHS.val} val {figure(val)}  ", palette.val)
    for label, value in (("gap", gap), ("penalty", penalty)):
        text = f"{label} {figure(value)}  "
        if len(line.plain) + len(text.rstrip()) <= width:
            line.append(text, palette.muted)
    if width - len(line.plain) >= 26:
        facts = view.status.facts if view.status else None
        score = "R²" if facts and facts.task == "regression" else "acc"
        train_score, val_score = (view.at(name, index) for name in ("train_accuracy", "val_accuracy"))
        line.append(f"{score} train {figure(train_score, 5)} val {figure(val_score, 5)}", palette.muted)
    return line


def draw_verdict(view: RunView, hint: str, palette: Palette) -> Text:
    """Draws the verdict: its name and epochs, the evidence, what to try; or what to do where there is none yet."""
    text = Text()
    phase, assessment = view.phase, view.assessment
    if phase == "ready":
        text.append("Press ", palette.strong).append("space", palette.key).append(" to train.\n", palette.strong)
        text.append(hint, palette.muted)
        return text
    if phase in ("failed", "interrupted"):
        text.append("The run failed.\n" if phase == "failed" else "The run was cut off.\n", palette.bad)
        text.append(view.status.reason if view.status else hint, palette.text)
        return text
    if assessment is None:
        return text.append("Starting...", palette.muted)
    text.append(_headline(assessment), _verdict_style(assessment, palette))
    text.append("\n")
    if assessment.evidence:
        text.append(assessment.evidence + "\n", palette.text)
    reason = view.status.reason if view.status else ""
    text.append("▸ ", palette.key).append(_advice(assessment, view), palette.strong)
    if reason and phase == "diverged":
        text.append(f"\n{reason}", palette.bad)
    return text


def _advice(assessment: Assessment, view: RunView) -> str:
    advice = assessment.advice
    advice = advice.replace("raise λ", "raise λ (+)", 1).replace("lower λ", "lower λ (-)", 1)
    if view.phase in ("finished", "diverged"):
        advice += "; R runs it again"
    return advice


def _headline(assessment: Assessment) -> str:
    headline = _VERDICTS[assessment.verdict]
    if assessment.onset_epoch is not None:
        headline += f" since {assessment.onset_epoch}"
    return headline


def _verdict_style(assessment: Assessment, palette: Palette) -> str:
    style = {
        "overfitting": palette.bad,
        "diverged": palette.bad,
        "l2_too_strong": palette.decay,
        "learning": palette.good,
    }.get(assessment.verdict, palette.text)
    return f"bold {style}"


def draw_keys(pairs: tuple[tuple[str, str], ...], width: int, palette: Palette) -> Text:
    """Draws keys with a word each, as many as fit; the last two always do."""
    kept = list(pairs)
    while len(kept) > 2 and sum(len(key) + len(word) + 3 for key, word in kept) > width + 1:
        del kept[-3]
    line = Text(no_wrap=True)
    for key, word in kept:
        line.append(f" {key}", palette.key).append(f" {word} ", palette.muted)
    return line
