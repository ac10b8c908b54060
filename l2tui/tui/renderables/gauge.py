"""The weight gauge: how large the weights of each layer are, since the start, and which force on them wins."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from msgspec import Struct
from rich.text import Text

from l2tui.tui.renderables.figures import bar, figure, sparkline, step_above
from l2tui.tui.themes import Palette

if TYPE_CHECKING:
    from l2tui.runs.reader import Snapshot

# The pull of the data is that of one batch; over this many epochs it is steady enough to read.
_PULL_EPOCHS = 25
_HISTORY = 64


class LayerWeights(Struct, frozen=True):
    """One layer's weights at one moment.

    Attributes:
        norm: Frobenius norm of W.
        count: Number of weights in W.
        largest: Largest |w|.
        start_norm: Norm at the start of the run.
        history: Norms at up to 64 evenly spread moments from the start until now.
        data_pull: Norm of the data gradient, root mean square over the last epochs.
        decay_pull: Norm of the decay gradient 2·λ·W, likewise.
    """

    norm: float
    count: int
    largest: float
    start_norm: float
    history: tuple[float, ...]
    data_pull: float
    decay_pull: float

    @property
    def rms(self) -> float:
        """Root mean square of a weight."""
        return self.norm / math.sqrt(self.count)


def layers_of(snapshot: Snapshot) -> tuple[LayerWeights, LayerWeights] | None:
    """Returns both layers of a run as last recorded, None before the first record."""
    n = len(snapshot)
    facts = snapshot.status.facts if snapshot.status else None
    if not n or facts is None:
        return None
    n_in, hidden, n_out = facts.shape
    spread = [round(i * (n - 1) / (_HISTORY - 1)) for i in range(_HISTORY)] if n > _HISTORY else list(range(n))

    def layer(number: int, count: int) -> LayerWeights:
        norms = snapshot.column(f"w{number}_norm")

        def pull(kind: str) -> float:
            # The untrained network, epoch 0, has not been pulled at yet.
            recent = snapshot.column(f"{kind}_grad_norm_{number}")[1:][-_PULL_EPOCHS:]
            return float((recent**2).mean() ** 0.5) if len(recent) else 0.0

        return LayerWeights(
            norm=float(norms[-1]),
            count=count,
            largest=float(snapshot.column(f"w{number}_max")[-1]),
            start_norm=float(norms[0]),
            history=tuple(norms[spread].tolist()),
            data_pull=pull("data"),
            decay_pull=pull("decay"),
        )

    return layer(1, n_in * hidden), layer(2, hidden * n_out)


def draw_gauge(layers: tuple[LayerWeights, LayerWeights] | None, width: int, height: int, palette: Palette) -> Text:
    """Draws the gauge in `height` lines: from 2 lines on the norms, from 4 on the forces as well."""
    if layers is None:
        return Text("W1, W2: how large the weights are, once it trains", palette.muted)
    lines = [_norm_line(f"W{number}", layer, width, palette) for number, layer in enumerate(layers, 1)]
    if height >= 4:
        lines += [_pull_line(f"W{number}", layer, width, palette) for number, layer in enumerate(layers, 1)]
    if height >= 6:
        lines.insert(2, Text())
    return Text("\n").join(lines[:height])


def _norm_line(name: str, layer: LayerWeights, width: int, palette: Palette) -> Text:
    line = Text(no_wrap=True)
    line.append(f"{name} ", palette.strong)
    line.append(f"{figure(layer.norm, 5)} ", palette.text)
    ratio = layer.norm / layer.start_norm if layer.start_norm > 0 else math.nan
    tail = f" {figure(ratio, 4)}x "
    details = f" rms {figure(layer.rms, 4).strip():<4} max {figure(layer.largest, 4).strip():<4}"
    room = width - len(line.plain) - len(tail)
    if room >= len(details) + 16:
        room -= len(details)
    else:
        details = ""
    spark = min(_HISTORY, room // 2 if width < 60 else room // 3)
    _append_bar(line, layer, room - spark, palette)
    grown = palette.bad if ratio > 1.5 else palette.good if ratio < 1 else palette.text
    line.append(tail, grown)
    line.append(_history(layer, spark), palette.axis)
    line.append(details, palette.muted)
    return line


def _append_bar(line: Text, layer: LayerWeights, width: int, palette: Palette) -> None:
    top = step_above(max(layer.history, default=layer.norm) * 1.05)
    share = layer.start_norm / top
    start = min(width - 1, round(min(share, 1.0) * width)) if math.isfinite(share) else None
    filled = bar(layer.norm / top, width)
    for index, cell in enumerate(filled):
        if index == start:
            line.append("│" if cell == " " else "┿", palette.strong)
        else:
            line.append(cell if cell != " " else "─", palette.train if cell != " " else palette.axis)


def _history(layer: LayerWeights, width: int) -> str:
    values = layer.history
    if width <= 0 or not values:
        return ""
    if len(values) > width:
        values = tuple(values[round(i * (len(values) - 1) / max(1, width - 1))] for i in range(width))
    return sparkline(values, max(values)).ljust(width)


def _pull_line(name: str, layer: LayerWeights, width: int, palette: Palette) -> Text:
    line = Text(no_wrap=True)
    line.append(f"{name} ", palette.strong)
    line.append("pulled by data ", palette.muted)
    line.append(f"{_pull(layer.data_pull)} ", palette.train)
    tail = f" {_pull(layer.decay_pull).strip():<6} decay"
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


def _pull(value: float) -> str:
    # The pull of a batch is never the same twice; more than two digits would only flicker.
    return f"{value:.2g}".rjust(6) if value == 0 or 1e-3 <= value < 99.5 else figure(value)
