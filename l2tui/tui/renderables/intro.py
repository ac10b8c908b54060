"""What stands in the chart's place before the first run: the question, and the keys that answer it."""

import re

from rich.text import Text

from l2tui.tui.key_names import DEFAULT_NAMES, KeyNames
from l2tui.tui.renderables.chart_model import UNICODE_GLYPHS
from l2tui.tui.themes import Palette

_WIDTH = 50


def draw_intro(width: int, height: int, palette: Palette, keys: KeyNames = DEFAULT_NAMES) -> list[Text]:
    """Draws the introduction in the middle of `height` lines of at most `width` cells."""
    # Where there is little room, what stands before the comma or the colon says enough.
    narrow = width < _WIDTH
    rows = [
        (Text(keys["run.toggle"], palette.key), "start, and watch both losses"),
        (Text(UNICODE_GLYPHS.train, palette.train), "training loss: on rows it learns from"),
        (Text(UNICODE_GLYPHS.val, palette.val), "validation loss: on rows it never sees"),
        (Text(UNICODE_GLYPHS.best, palette.good), "best epoch: val at its lowest"),
        (Text(UNICODE_GLYPHS.confirmed, palette.bad), "overfitting: val rises, train still falls"),
        (Text(f"{keys['l2.up']} {keys['l2.down']}", palette.key), "more or less weight decay λ, while it runs"),
        (Text(keys["app.help"], palette.key), "all keys"),
    ]
    lines = [
        Text("Is my model memorising, since when, and", palette.strong),
        Text("how much weight decay does it need?", palette.strong),
        Text(),
    ]
    for sign, words in rows:
        line = Text()
        short = palette.say(re.split("[,:]", words)[0] if narrow else words)
        line.append_text(sign).append(" " * max(1, 7 - sign.cell_len)).append(short, palette.muted)
        lines.append(line)
    if height < len(lines) or width < lines[0].cell_len:
        lines = lines[3:5] + lines[-2:] if height >= 4 else lines[3:4]
    indent = max(0, (width - max(line.cell_len for line in lines)) // 2)
    top = max(0, (height - len(lines)) // 2)
    return [Text()] * top + [Text(" " * indent).append_text(line) for line in lines]
