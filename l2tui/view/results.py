"""How good the best weights are on a part of the data, as text."""

from rich.cells import cell_len
from rich.text import Text

from l2tui.runs.results import PartResult
from l2tui.settings import show_value
from l2tui.view.cells import fitted
from l2tui.view.chart.scatter import draw_scatter
from l2tui.view.confusion import draw_confusion
from l2tui.view.figures import figure
from l2tui.view.floors import floor_words
from l2tui.view.palette import Palette
from l2tui.view.plain import count_of, printable

_ROOM_FOR_NAMES = 66
_PARTS = {"val": "validation", "test": "test"}


def draw_result_title(result: PartResult, width: int, palette: Palette) -> Text:
    """Draws the top line: which weights these are."""
    line = Text(no_wrap=True).append(" best weights ", palette.strong)
    line.append(palette.say(f" epoch {result.epoch:,} · λ {show_value('l2', result.l2)}"), palette.text)
    if result.target_name:
        line.append(fitted(f" · {result.target_name}", max(0, width - len(line.plain))).rstrip(), palette.muted)
    return line


def draw_numbers(results: tuple[PartResult, ...], width: int, palette: Palette) -> Text:
    """Draws loss and score of one or two parts, with the intervals that hold the truth in 95 of 100 cases.

    Below them stand the scores of simpler rules on the last of the parts.

    Args:
        results: The parts.
        width: Cells across; where there are few, names are short and rows are not counted. Of a run that goes on, the
            parts may be at weights of two epochs, which stand in place of the rows.
        palette: Colours.
    """
    classes = bool(results[0].class_names)
    epochs = {result.epoch for result in results}
    name = 10 if width >= _ROOM_FOR_NAMES else 4
    score = "accuracy" if classes else "R²"
    head = f"{'':<{name}} {'loss':<6} {'95 % interval':<16}  {score:<8} 95 % interval"
    lines = [Text(head[:width], palette.muted, no_wrap=True)]
    for result in results:
        style = palette.val if result.part == "val" else palette.key
        line = Text(no_wrap=True).append(f"{_PARTS[result.part] if name > 4 else result.part:<{name}} ", style)
        line.append(f"{figure(result.loss)} ", palette.strong)
        low, high = (figure(limit).strip() for limit in result.loss_interval)
        line.append(f"{f'{low} .. {high}':<16}  ", palette.text)
        line.append(f"{_score(result.score, classes):<8} ", palette.strong)
        low, high = (_score(limit, classes) for limit in result.score_interval)
        line.append(f"{low.removesuffix(' %')} .. {high}", palette.text)
        which = f"  {count_of(result.rows, 'row')}" if len(epochs) == 1 else f"  epoch {result.epoch:,}"
        lines.append(line.append(which if len(line.plain) + len(which) <= width else "", palette.muted))
    if floors := floor_words(results[-1], width):
        lines.append(Text(floors, palette.muted, no_wrap=True))
    return Text("\n").join(lines)


def error_words(result: PartResult, width: int) -> str:
    """Returns the error in the target's own units, with its interval; nothing for classes or where it does not fit."""
    if result.rmse is None or result.rmse_interval is None:
        return ""
    short = f"RMSE {figure(result.rmse, 5).strip()}"
    low, high = (figure(limit, 5).strip() for limit in result.rmse_interval)
    long = f"{short} ({low} .. {high})"
    longest = f"{long} in units of {printable(result.target_name)}"
    return next((words for words in (longest, long, short) if cell_len(words) <= width), "")


def draw_picture(result: PartResult, width: int, height: int, palette: Palette) -> Text:
    """Draws which classes were taken for which, or predicted against true values."""
    if result.class_names:
        return draw_confusion(result.class_names, result.confusion, width, height, palette)
    return draw_scatter(result.pairs, width, height, palette)


def looks(count: int, l2s: tuple[float, ...] = ()) -> str:
    """Returns how often the test part was looked at, in words, and at which λ."""
    words = {0: "not looked at yet", 1: "looked at once so far", 2: "looked at twice so far"}
    text = f"Test part {words.get(count, f'looked at {count:,} times so far')}"
    different = list(dict.fromkeys(show_value("l2", l2) for l2 in l2s))
    return f"{text}, at λ {', '.join(different)}" if different else text


def _score(value: float, percent: bool) -> str:
    return f"{100 * value:.1f} %" if percent else figure(value, 5).strip()
