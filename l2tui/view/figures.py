"""Numbers as text of a fixed width, and bars made of line characters."""

import math
from collections.abc import Sequence

_LEVELS = "▁▂▃▄▅▆▇█"


def figure(value: float | None, width: int = 6) -> str:
    """Returns a number with as many digits as fit into `width` cells, right-aligned; "-" for None."""
    if value is None or math.isnan(value):
        return "-".rjust(width)
    if math.isinf(value):
        return ("∞" if value > 0 else "-∞").rjust(width)
    for digits in range(width, -1, -1):
        text = f"{value:.{digits}f}"
        if len(text) <= width and (value == 0 or float(text) != 0) and _precise(value, digits):
            return text.rjust(width)
    for digits in range(width, -1, -1):
        text = _short_exponent(f"{value:.{digits}e}")
        if len(text) <= width:
            return text.rjust(width)
    return _short_exponent(f"{value:.0e}").rjust(width)


def _precise(value: float, digits: int) -> bool:
    # A small number keeps two significant digits at least, or is better shown with an exponent.
    return value == 0 or abs(value) >= 10 ** (1 - digits)


def _short_exponent(text: str) -> str:
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}"


def bar(share: float, width: int) -> str:
    """Returns a line that fills a share (0 to 1) of `width` cells, to half a cell; the rest is blank."""
    full, half = divmod(round(max(0.0, min(1.0, share)) * width * 2), 2)
    return ("━" * full + "╸" * half).ljust(width)


def sparkline(values: Sequence[float], top: float) -> str:
    """Returns one character a value, whose height is its share of `top`; a gap where there is no number."""
    if not top > 0:
        return " " * len(values)
    return "".join(_level(value / top) for value in values)


def _level(share: float) -> str:
    if math.isnan(share):
        return " "
    return _LEVELS[max(0, min(7, math.ceil(min(share, 1.0) * 8) - 1))]


def round_digits(value: float, digits: int) -> float:
    """Returns a number rounded to so many significant digits; more of them would only flicker."""
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


def step_above(value: float) -> float:
    """Returns the smallest of 1, 1.5, 2, 3, 5, 7 times a power of ten that is at least `value`.

    A scale that moves in such steps lets a picture stand still while the numbers in it change.
    """
    if not value > 0 or math.isinf(value):
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    for factor in (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0):
        if value <= factor * power:
            return factor * power
    return 10.0 * power


def age(seconds: float | None) -> str:
    """Returns an age in its largest unit, such as "3 h"."""
    if seconds is None or seconds < 0:
        return "-"
    for length, unit in ((86400 * 7, "w"), (86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
