"""Round steps for axes, and numbers in few characters."""

import math

_EPOCH_WIDTH = 7


def round_step(value: float, *, up: bool) -> float:
    """Returns 1, 2 or 5 times a power of ten, next to a positive value."""
    power = 10.0 ** math.floor(math.log10(value))
    slack = 1e-9 if up else -1e-9
    scaled = value / power
    if up:
        return power * next(step for step in (1.0, 2.0, 5.0, 10.0, 20.0) if step >= scaled * (1 - slack))
    return power * next(step for step in (10.0, 5.0, 2.0, 1.0, 0.5) if step <= scaled * (1 - slack))


def next_step(step: float) -> float:
    """Returns the round step above one."""
    return round_step(step * 1.5, up=True)


def format_loss(value: float, width: int, step: float | None = None) -> str:
    """Returns a number in at most `width` characters, with as many decimals as `step` needs."""
    if abs(value) < (step or 0.0) / 1000:
        value = 0.0
    decimals = 0 if step is None else max(0, -math.floor(math.log10(step) + 1e-9))
    plain = f"{value:g}" if step is None else f"{value:.{min(decimals, 20)}f}"
    if len(plain) <= width and "e" not in plain:
        return plain
    short = ""
    for digits in (2, 1, 0):
        mantissa, exponent = f"{value:.{digits}e}".split("e")
        if "." in mantissa:
            mantissa = mantissa.rstrip("0").rstrip(".")
        short = f"{mantissa}e{int(exponent)}"
        if len(short) <= width:
            return short
    return short[:width]


def format_epoch(epoch: float) -> str:
    """Returns a whole number, shortened to a power of ten where it would be long."""
    plain = f"{epoch:.0f}"
    return plain if len(plain) <= _EPOCH_WIDTH else format_loss(epoch, _EPOCH_WIDTH)
