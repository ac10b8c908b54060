"""What stands in the chart's place before the first run: the question, and the keys that answer it."""

from rich.text import Text

from l2tui.view.chart.model import UNICODE_GLYPHS
from l2tui.view.key_names import DEFAULT_NAMES, KeyNames
from l2tui.view.palette import Palette

_WIDTH = 50


def draw_intro(width: int, height: int, palette: Palette, keys: KeyNames = DEFAULT_NAMES) -> list[Text]:
    """Draws the introduction in the middle of `height` lines of at most `width` cells."""
    glyphs, narrow = UNICODE_GLYPHS, width < _WIDTH
    # A sign with its words where there is room and where there is little, and what stays the longest.
    rows = (
        (Text(keys["run.toggle"], palette.key), "start, and watch both losses", "start", 0),
        (Text(glyphs.train, palette.train), "training loss: on rows it learns from", "train: loss on its own rows", 4),
        (Text(glyphs.val, palette.val), "validation loss: on rows it never sees", "val: loss on unseen rows", 1),
        (Text(glyphs.best, palette.good), "best epoch: val at its lowest", "best epoch: val at its lowest", 2),
        (Text(glyphs.confirmed, palette.bad), "overfitting: val rises, train still falls", "overfitting: val rises", 3),
        (
            Text(f"{keys['l2.up']} {keys['l2.down']}", palette.key),
            "more or less weight decay λ, while it runs",
            "more or less weight decay λ",
            5,
        ),
        (Text(keys["app.help"], palette.key), "all keys", "all keys", 6),
    )
    lines = [
        Text("Is my model memorising, since when, and", palette.strong),
        Text("how much weight decay does it need?", palette.strong),
        Text(),
    ]
    if height < len(lines) + len(rows) or width < lines[0].cell_len:
        lines = []
    for sign, long, short, place in rows:
        if place < height:
            line = Text().append_text(sign).append(" " * max(1, 7 - sign.cell_len))
            lines.append(line.append(palette.say(short if narrow else long), palette.muted))
    indent = max(0, (width - max(line.cell_len for line in lines)) // 2)
    top = max(0, (height - len(lines)) // 2)
    return [Text()] * top + [Text(" " * indent).append_text(line) for line in lines]
