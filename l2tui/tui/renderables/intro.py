"""What stands in the chart's place before the first run: the question, and the keys that answer it."""

from rich.text import Text

from l2tui.tui.key_names import DEFAULT_NAMES, KeyNames
from l2tui.tui.renderables.chart_model import UNICODE_GLYPHS
from l2tui.tui.themes import Palette

_WIDTH = 50


def draw_intro(width: int, height: int, palette: Palette, keys: KeyNames = DEFAULT_NAMES) -> list[Text]:
    """Draws the introduction in the middle of `height` lines of at most `width` cells."""
    narrow = width < _WIDTH
    rows = [
        (Text(keys["run.toggle"], palette.key), "start, and watch both losses", "start"),
        (
            Text(UNICODE_GLYPHS.train, palette.train),
            "training loss: on rows it learns from",
            "train: rows it learns from",
        ),
        (Text(UNICODE_GLYPHS.val, palette.val), "validation loss: on rows it never sees", "val: rows it never sees"),
        (Text(UNICODE_GLYPHS.best, palette.good), "best epoch: val at its lowest", "best epoch: val lowest"),
        (
            Text(UNICODE_GLYPHS.confirmed, palette.bad),
            "overfitting: val rises, train still falls",
            "val rises, train still falls",
        ),
        (
            Text(f"{keys['l2.up']} {keys['l2.down']}", palette.key),
            "more or less weight decay λ, while it runs",
            "more or less weight decay λ",
        ),
        (Text(keys["app.help"], palette.key), "all keys", "all keys"),
    ]
    lines = [
        Text("Is my model memorising, since when, and", palette.strong),
        Text("how much weight decay does it need?", palette.strong),
        Text(),
    ]
    for sign, words, short in rows:
        line = Text()
        said = palette.say(short if narrow else words)
        line.append_text(sign).append(" " * max(1, 7 - sign.cell_len)).append(said, palette.muted)
        lines.append(line)
    title, rest = lines[:3], lines[3:]
    if width < title[0].cell_len or height < len(title) + len(rest) - 1:
        lines = rest[: max(1, height - 1)] + rest[-1:] if 1 < height < len(rest) else rest[:height]
    elif height < len(lines):
        lines = title[:2] + rest
    indent = max(0, (width - max(line.cell_len for line in lines)) // 2)
    top = max(0, (height - len(lines)) // 2)
    return [Text()] * top + [Text(" " * indent).append_text(line) for line in lines]
