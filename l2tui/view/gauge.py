"""The weight gauge: how large the weights of each layer are, since the start, and which force on them wins."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from rich.text import Text
from textual.content import Content

from l2tui.view.figures import bar, figure, sparkline, step_above
from l2tui.view.measures import last_measured
from l2tui.view.palette import Palette

if TYPE_CHECKING:
    from l2tui.runs.reader import Snapshot

# Older runs know the pull of one batch alone; over this many epochs it is steady enough to read.
_PULL_EPOCHS = 25
_HISTORY = 64
_WIDE = 60
# A norm below it counts as zero.
_SMALLEST = 1e-300


class LayerWeights(Struct, frozen=True):
    """One layer's weights at one moment.

    Attributes:
        norm: Frobenius norm of W.
        count: Number of weights in W.
        largest: Largest |w|.
        start_norm: Norm at the start of the run.
        peak: Largest norm of the run, later than this moment or not; the scale depends on it.
        history: Norms at up to 64 evenly spread moments from the start until this one.
        data_pull: Norm of the mean data gradient at the epoch that was measured last; in older runs norm of that of a
            batch, root mean square over the last epochs.
        decay_pull: Norm of the decay gradient 2·λ·W at that epoch, or likewise.
        noise: Share of a step that is noise; None where it is unknown.
        pull_epoch: The epoch that was measured last; None in older runs.
    """

    norm: float
    count: int
    largest: float
    start_norm: float
    peak: float
    history: tuple[float, ...]
    data_pull: float
    decay_pull: float
    noise: float | None = None
    pull_epoch: int | None = None

    @property
    def rms(self) -> float:
        """Root mean square of a weight."""
        return self.norm / math.sqrt(self.count)


def layers_of(snapshot: Snapshot, index: int | None = None) -> tuple[LayerWeights, LayerWeights] | None:
    """Returns both layers of a run at one moment, None before the first record.

    Args:
        snapshot: The run.
        index: Position of the epoch among the recorded ones; None for the last.
    """
    count = len(snapshot)
    facts = snapshot.status.facts if snapshot.status else None
    if not count or facts is None:
        return None
    n_in, hidden, n_out = facts.shape
    n = count if index is None else max(0, min(index, count - 1)) + 1
    spread = [round(i * (n - 1) / (_HISTORY - 1)) for i in range(_HISTORY)] if n > _HISTORY else list(range(n))

    def noise_at(number: int, place: int | None) -> float | None:
        noise = math.nan if place is None else float(snapshot.column(f"step_noise_{number}")[place])
        return None if math.isnan(noise) else noise

    def layer(number: int, count: int) -> LayerWeights:
        norms = snapshot.column(f"w{number}_norm")
        place = last_measured(snapshot, f"mean_data_grad_norm_{number}", n - 1)

        def pull(kind: str) -> float:
            if place is not None:
                return float(snapshot.column(f"{'mean_' * (kind == 'data')}{kind}_grad_norm_{number}")[place])
            # The untrained network, epoch 0, has not been pulled at yet.
            recent = snapshot.column(f"{kind}_grad_norm_{number}")[1:n][-_PULL_EPOCHS:]
            return float((recent**2).mean() ** 0.5) if len(recent) else 0.0

        return LayerWeights(
            norm=float(norms[n - 1]),
            count=count,
            largest=float(snapshot.column(f"w{number}_max")[n - 1]),
            start_norm=float(norms[0]),
            peak=float(norms.max()),
            history=tuple(norms[spread].tolist()),
            data_pull=pull("data"),
            decay_pull=pull("decay"),
            noise=noise_at(number, place),
            pull_epoch=None if place is None else int(snapshot.column("epoch")[place]),
        )

    return layer(1, n_in * hidden), layer(2, hidden * n_out)


class _Columns(NamedTuple):
    """Cells of the parts of a line: the bar, the history, and rms and max, which stand under a header only."""

    bar: int
    history: int
    details: int


_NAME, _NORM, _RATIO, _DETAIL = 3, 6, 7, 6
_START_WORD = " start"


def _columns(width: int, *, header: bool) -> _Columns:
    details = 2 * _DETAIL if header else 0
    room = width - _NAME - _NORM - _RATIO - 1 - (details or len(_START_WORD))
    history = max(0, min(_HISTORY, room * 2 // 5 if width < _WIDE else room // 3))
    return _Columns(max(1, room - history), history, details)


def draw_gauge_header(width: int, words: str = "Weight norm") -> Content:
    """Draws what stands above the columns of `draw_gauge`, as the title of a box whose text begins two cells in.

    Args:
        width: Cells across, in the box.
        words: What comes first, above the norms.
    """
    columns = _columns(width, header=True)
    ratio = _NAME + _NORM + columns.bar
    history = ratio + _RATIO + 1
    tick = next((label for label in ("│ at the start", "│ start") if len(words) + 3 + len(label) <= ratio), "")
    labels = (
        (len(words) + 3, tick),
        (ratio, "× start"),
        (history, "history"),
        (history + columns.history + _DETAIL - len("rms") - 1, "rms"),
        (history + columns.history + 2 * _DETAIL - len("max") - 1, "max"),
    )
    title = Content.assemble(words, " ")
    for start, label in labels:
        if not label:
            continue
        # A title begins a cell left of the text in the box.
        gap = start - 1 - title.cell_length
        title += Content.assemble(("─" * (gap - 1), "not bold $border"), (f" {label} ", "not bold"))
    return title.rstrip()


def draw_gauge(
    layers: tuple[LayerWeights, LayerWeights] | None, width: int, height: int, palette: Palette, *, header: bool
) -> Text:
    """Draws the gauge in `height` lines: from 2 lines on the norms, from 4 on the forces as well.

    Both layers have one scale.

    Args:
        layers: The weights; None before the first record.
        width: Cells across.
        height: Lines.
        palette: Colours.
        header: Whether `draw_gauge_header` stands above it; only then are there numbers that need it.
    """
    if layers is None:
        return Text("W1, W2: how large the weights are, once it trains", palette.muted)
    columns, peak = _columns(width, header=header), max(layer.peak for layer in layers)
    lines = [_norm_line(f"W{number}", layer, peak, columns, palette) for number, layer in enumerate(layers, 1)]
    if height >= 4:
        lines += [_pull_line(f"W{number}", layer, width, palette) for number, layer in enumerate(layers, 1)]
    if height >= 6:
        epoch = layers[0].pull_epoch
        mean = "mean norm over 25 epochs" if epoch is None else f"its mean up to epoch {epoch}"
        words = palette.say(f"Gradient, {mean}: of the data loss, and of the decay 2·λ·W")
        lines[2:2] = [Text(), Text(words if len(words) <= width else "", palette.muted, no_wrap=True)]
    return Text("\n").join(lines[:height])


def _norm_line(name: str, layer: LayerWeights, peak: float, columns: _Columns, palette: Palette) -> Text:
    line = Text(no_wrap=True)
    line.append(f"{name:<{_NAME}}", palette.strong)
    line.append(f"{_number(layer.norm, _NORM - 1)} ", palette.text)
    _append_bar(line, layer, step_above(max(peak * 1.05, _SMALLEST)), columns.bar, palette)
    ratio = layer.norm / layer.start_norm if layer.start_norm > 0 else math.nan
    grown = palette.bad if ratio > 1.5 else palette.good if ratio < 1 else palette.text
    line.append(f"{_number(ratio, 4).strip() + 'x':>{_RATIO}}", grown)
    line.append("" if columns.details else _START_WORD, palette.muted)
    line.append(f" {_history(layer, peak, columns.history)}", palette.axis)
    if columns.details:
        line.append(f"{_number(layer.rms, 4):>{_DETAIL}}{_number(layer.largest, 4):>{_DETAIL}}", palette.muted)
    return line


def _number(value: float, width: int) -> str:
    text = figure(value, width)
    # Below 1e-99 there is no room for the exponent, and nothing to tell from zero.
    return text if len(text) <= max(width, 5) else "~0".rjust(width)


def _append_bar(line: Text, layer: LayerWeights, top: float, width: int, palette: Palette) -> None:
    share = layer.start_norm / top
    start = min(width - 1, round(min(share, 1.0) * width)) if math.isfinite(share) else None
    filled = bar(layer.norm / top, width)
    for index, cell in enumerate(filled):
        if index == start:
            line.append("│" if cell == " " else "┿", palette.strong)
        else:
            line.append(cell if cell != " " else "─", palette.train if cell != " " else palette.axis)


def _history(layer: LayerWeights, peak: float, width: int) -> str:
    values = layer.history
    if width <= 0 or not values:
        return " " * width
    if len(values) > width:
        values = tuple(values[round(i * (len(values) - 1) / max(1, width - 1))] for i in range(width))
    return sparkline(values, peak).ljust(width)


def _pull_line(name: str, layer: LayerWeights, width: int, palette: Palette) -> Text:
    line = Text(no_wrap=True)
    line.append(f"{name:<{_NAME}}", palette.strong)
    noise = "" if layer.noise is None else f"in {_percent(layer.noise)} noise "
    # A narrow gauge says what the forces are called in its help alone.
    short = bool(noise) and width < _WIDE
    line.append("data " if short else "gradient of data ", palette.muted)
    line.append(f"{_pull(layer.data_pull)} ", palette.train)
    line.append(noise, palette.muted)
    tail = f" {_pull(layer.decay_pull).strip():<6} {'' if short else 'of '}decay"
    room = max(4, width - len(line.plain) - len(tail))
    total = layer.data_pull + layer.decay_pull
    known = 0 < total < math.inf
    data = round(room * (layer.data_pull / total)) if known else 0
    decay = room - data if known else 0
    line.append("━" * data, palette.train)
    line.append("╍" * decay, palette.decay)
    line.append("─" * (room - data - decay), palette.axis)
    line.append(tail, palette.decay)
    return line


def _percent(share: float) -> str:
    # What is nearly all is not all, and what is nearly nothing is not nothing.
    whole = min(99, max(1, round(100 * share))) if 0.0 < share < 1.0 else round(100 * share)
    return f"{whole:>2} %"


def _pull(value: float) -> str:
    # The pull of a batch is never the same twice; more than two digits would only flicker.
    return f"{value:.2g}".rjust(6) if value == 0 or 1e-3 <= value < 99.5 else _number(value, 6)
