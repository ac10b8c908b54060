"""The top line, the legend under the chart, the verdict and the line of keys: a run as text."""

from collections.abc import Sequence
from textwrap import wrap

from rich.style import Style
from rich.text import Text

from l2tui.overfitting.verdict import Assessment
from l2tui.overfitting.words import HEADLINES
from l2tui.view.chart.model import UNICODE_GLYPHS
from l2tui.view.data_names import data_name
from l2tui.view.figures import bar, figure, round_digits
from l2tui.view.ghost import draw_ghost
from l2tui.view.key_names import DEFAULT_NAMES, KeyNames
from l2tui.view.measures import LatestMeasures, measures_of, wrong_words
from l2tui.view.offers import with_keys
from l2tui.view.palette import Palette
from l2tui.view.plain import count_of, printable
from l2tui.view.run_view import RunView

_LONGEST_NAME = 24
_ROOM_FOR_PARENT = 110
SYMBOLS: dict[str, str] = {
    "ready": "○",
    "starting": "◌",
    "running": "●",
    "paused": "◐",
    "finished": "■",
    "stopped": "□",
    "diverged": "✗",
    "failed": "✗",
    "interrupted": "✗",
    "watching": "◉",
}
VERDICTS: dict[str, str] = {**HEADLINES, "working": "λ is working"}


def draw_status(view: RunView, width: int, palette: Palette) -> Text:
    """Draws the top line: what, in which state, how far, how fast."""
    phase = view.phase
    style = {"running": palette.good, "diverged": palette.bad, "failed": palette.bad, "interrupted": palette.bad}
    left = Text(no_wrap=True)
    left.append(" l2tui ", palette.strong)
    name = printable(view.name) or data_name(view.pending)
    left.append(f" {name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + '…'}  ", palette.key)
    left.append(f"{SYMBOLS[phase]} {phase:<8}", style.get(phase, palette.text))
    if view.status is None:
        return left
    right = Text(no_wrap=True)
    if view.planned is None:
        right.append(f"{view.x} {view.epoch} ", palette.text)
        left.append(" " * max(1, width - len(left.plain) - len(right.plain))).append_text(right)
        left.truncate(width)
        return left
    if view.origin is not None:
        # The parent's name where there is room for it.
        named = f"of {printable(view.origin.name or view.origin.run)} " if width >= _ROOM_FOR_PARENT else ""
        left.append(f" fork {named}@{view.origin.epoch}", palette.muted)
    digits = len(str(view.epochs))
    right.append(" epoch ", palette.muted)
    right.append(f"{view.epoch:>{digits}}/{view.epochs} ", palette.text)
    rate = f" {round_digits(view.status.steps_per_second, 2):>7,.0f} steps/s " if view.is_live else " "
    room = width - len(left.plain) - len(right.plain) - len(rate)
    if room < 4:
        rate = ""
        room = width - len(left.plain) - len(right.plain)
    if room >= 4:
        cells = min(room, 40)
        done = bar(view.epoch / view.epochs if view.epochs else 1.0, cells)
        right.append(done.rstrip(), palette.train)
        right.append("─" * (cells - len(done.rstrip())), palette.axis)
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
    if train is None:
        return line.append(f"{UNICODE_GLYPHS.train} train  ", palette.train).append(
            f"{UNICODE_GLYPHS.val} val", palette.val
        )
    line.append(f"{UNICODE_GLYPHS.train} train {figure(train)} ", palette.train)
    line.append(f"{UNICODE_GLYPHS.val} val {figure(val)} ", palette.val)
    line.append_text(draw_ghost(view, index, width - len(line.plain), palette))
    if width - len(line.plain) >= 11:
        line.append(f" gap {figure(gap)}", palette.muted)
    for label in () if penalty is None else ("penalty", "λΣw²"):
        text = f" {label} {figure(penalty)}"
        if len(line.plain) + len(text) <= width:
            line.append(text, palette.muted)
            break
    return line


def score_words(view: RunView | None, index: int) -> str:
    """Returns accuracy or R² of both parts at the last epoch, or at one that is pointed at; empty where unknown."""
    scores = [None if view is None else view.at(f"{part}_accuracy", index) for part in ("train", "val")]
    if view is None or scores[0] is None:
        return ""
    facts = view.status.facts if view.status else None
    name = "R²" if facts and facts.task == "regression" else "accuracy"
    return f"{name} train {figure(scores[0], 5).strip()} val {figure(scores[1], 5).strip()}"


def draw_verdict(
    view: RunView, hint: str, width: int, height: int, palette: Palette, keys: KeyNames = DEFAULT_NAMES
) -> Text:
    """Draws the verdict: its name and epochs, what to try, the evidence; or what to do where there is none yet.

    Args:
        view: The run.
        hint: What to say of the data before there is a run.
        width: Cells across.
        height: Lines at most; the end of the evidence is left out where it does not fit.
        palette: Colours.
        keys: What the keys are called.
    """
    phase, assessment = view.phase, view.assessment
    if phase == "ready":
        text = Text().append("Press ", palette.strong).append(keys["run.toggle"], palette.key)
        text.append(" to train.\n", palette.strong)
        return text.append("\n".join(wrap(hint, width)), palette.muted)
    if phase == "failed":
        text = Text().append("The run failed.\n", palette.bad)
        reason = printable(view.status.reason) if view.status else "No word from it; see worker.log."
        return text.append(reason, palette.text)
    if phase == "interrupted":
        text = Text().append("The run was cut off.\n", palette.bad)
        if view.toggle != "go on":
            return text.append(f"{view.epoch} of {view.epochs} epochs are done.", palette.text)
        return text.append(keys["run.toggle"], palette.key).append(" goes on from its last checkpoint.", palette.text)
    log = view.snapshot.log if view.snapshot is not None else None
    if assessment is None and log is not None:
        text = Text().append("Waiting for the log.\n", palette.strong)
        waits = f"{log.waits} ({keys['log.pair']})" if log.pairs else log.waits
        return text.append("\n".join(wrap(f"{printable(view.name)}: {waits}", width)), palette.text)
    if assessment is None:
        of_table = view.pending.table is not None and view.status is None
        return Text("Reading the table..." if of_table else "Starting...", palette.muted)
    advice = wrap(palette.say(f"▸ {with_keys(assessment.advice, view, keys)}"), width)
    said = phase in ("running", "paused", "diverged")
    reason = printable(view.status.reason) if view.status is not None and said else ""
    headline = wrap(palette.say(_headline(assessment)), width)
    evidence = _fitting(palette.say(reason or assessment.evidence), width, height - len(advice) - len(headline))
    text = Text().append("\n".join(headline), _verdict_style(assessment, palette))
    text.append("\n" + "\n".join(advice), palette.strong)
    return text.append("\n" + "\n".join(evidence), palette.text)


def _fitting(evidence: str, width: int, height: int) -> list[str]:
    """Returns the evidence in lines, with as many of its parts as fit; half a sentence would say nothing."""
    parts = evidence.split("; ")
    for count in range(len(parts), 0, -1):
        lines = wrap("; ".join(parts[:count]), width)
        if len(lines) <= height:
            return lines
    for end in (" of ", ": "):
        lines = wrap(parts[0].partition(end)[0], width)
        if len(lines) <= height:
            return lines
    return []


def draw_facts(view: RunView, palette: Palette, keys: KeyNames = DEFAULT_NAMES) -> Text:
    """Draws the numbers of the run as a small table, for a screen with room to spare."""
    status, assessment = view.status, view.assessment
    if status is None or assessment is None or status.facts is None:
        return Text()
    facts = status.facts
    score = "R²" if facts.task == "regression" else "accuracy"
    readout = assessment.readout.replace("alarm at", "alarm")
    pairs = [
        ("★ best", f"{figure(assessment.best_val_loss)} at {assessment.best_epoch}"),
        ("▲ confirmed", "-" if assessment.confirmed_epoch is None else f"at {assessment.confirmed_epoch}"),
        (
            "above best" if assessment.readout.startswith("+") else "criterion",
            readout,
        ),
        ("", f"{'train':>6} {'val':>6}"),
        ("loss", _both(view, "loss")),
        (score, _both(view, "accuracy")),
        ("penalty", figure(view.latest("penalty"))),
        *_wrong_labels(view),
        ("rows", "{} train {} val".format(*facts.rows[:2])),
        ("network", "{} - {} - {}".format(*facts.shape)),
        ("weights", f"{(facts.shape[0] + facts.shape[2]) * facts.shape[1]:,} + biases"),
        *_biases(view),
        ("trained for", f"{view.latest('elapsed') or 0:.0f} s"),
    ]
    text = Text()
    for label, value in pairs:
        text.append(f"{label:<12}", palette.muted).append(f"{value}\n", palette.text)
    if facts.alarms:
        warnings = count_of(len(facts.alarms), "warning")
        text.append(f"{warnings} on these data: {keys['table.preparation']}\n", palette.bad)
    return text


def _wrong_labels(view: RunView) -> list[tuple[str, str]]:
    measures = LatestMeasures() if view.snapshot is None else measures_of(view.snapshot)
    if not wrong_words(measures):
        return [("", "")]
    of = "of" if measures.wrong_labels < 100 else "/"
    return [
        ("wrong label", f"{measures.memorised} {of} {measures.wrong_labels} memorised"),
        ("", f"{measures.right} named right"),
    ]


def _biases(view: RunView) -> list[tuple[str, str]]:
    norms = LatestMeasures() if view.snapshot is None else measures_of(view.snapshot)
    if norms.b1 is None or norms.b2 is None:
        return []
    return [("bias norms", f"b1 {figure(norms.b1, 5).strip()} b2 {figure(norms.b2, 5).strip()}")]


def _both(view: RunView, name: str) -> str:
    return f"{figure(view.latest(f'train_{name}'))} {figure(view.latest(f'val_{name}'))}"


def criterion_words(assessment: Assessment | None, x: str = "epoch") -> tuple[str, ...]:
    """Returns where the criterion stands, in a long and a short form: since when, or how far it is from an alarm."""
    if assessment is None:
        return ("",)
    if assessment.confirmed_epoch is not None:
        return (f"alarm since {x} {assessment.confirmed_epoch}",)
    percent, _, rest = assessment.readout.partition(", ")
    long = f"recent val {percent[1:]} above its best; {rest}" if percent.startswith("+") else assessment.readout
    return long, assessment.readout


def _headline(assessment: Assessment) -> str:
    return assessment.headline or VERDICTS[assessment.verdict]


def _verdict_style(assessment: Assessment, palette: Palette) -> Style:
    if assessment.until is not None:
        return palette.text + Style(bold=True)
    style = {
        "overfitting": palette.bad,
        "diverged": palette.bad,
        "l2_too_strong": palette.decay,
        "small_gap": palette.decay,
        "l2_too_weak": palette.bad,
        "learning": palette.good,
        "working": palette.good,
        "about_right": palette.good,
    }.get(assessment.verdict, palette.text)
    return style + Style(bold=True)


def draw_keys(pairs: Sequence[tuple[str, str]], width: int, palette: Palette) -> Text:
    """Draws keys with a word each, as many as fit; the last two always do."""
    line = Text(no_wrap=True)
    for key, word in fitting_keys(pairs, width):
        line.append(f" {key}", palette.key).append(f" {word} ", palette.muted)
    return line


def fitting_keys(pairs: Sequence[tuple[str, str]], width: int) -> list[tuple[str, str]]:
    """Returns the pairs that `draw_keys` has room for."""
    kept = list(pairs)
    while len(kept) > 2 and sum(len(key) + len(word) + 3 for key, word in kept) > width + 1:
        del kept[-3]
    return kept
