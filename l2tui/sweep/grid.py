"""The grid of λ: as typed, by default, finer around a winner, and wider where the loss still falls at its edge."""

import math
from itertools import pairwise

from l2tui.errors import SettingsError
from l2tui.settings import Settings

MAX_LANES = 1000
_HALF, _QUARTER = (1.0, 3.0), (1.0, 1.8, 3.0, 5.6)


def default_grid(settings: Settings | None = None) -> tuple[float, ...]:
    """Returns λ = 0 and the notches of the app from 3e-6 to 1: two a decade, 13 in all.

    Args:
        settings: With a learning rate so high that the decay of a step, 2·lr·λ, would reach 1, the grid ends earlier.
    """
    grid = (0.0, *decades(3e-6, 1.0, 2))
    return grid if settings is None else tuple(l2 for l2 in grid if 2 * settings.learning_rate * l2 < 1)


def parse_grid(text: str) -> tuple[float, ...]:
    """Reads a grid: values and ranges with commas, such as "0,1e-5..1@2" for two values a decade from 1e-5 to 1.

    Args:
        text: As typed; a range without "@" has two values a decade.

    Returns:
        The λ, ascending.

    Raises:
        SettingsError: A part is no λ or range, values do not ascend, or there are too many.
    """
    grid: list[float] = []
    for part in (part.strip() for part in text.split(",")):
        start, dots, rest = part.partition("..")
        if not dots:
            grid.append(_number(part, part))
            continue
        stop, _, count = rest.partition("@")
        low, high, a_decade = _number(start, part), _number(stop, part), _number(count or "2", part)
        if not 0 < low < high or a_decade != int(a_decade) or not 1 <= a_decade <= 100:
            raise SettingsError(
                f"l2: {part!r} is no range; expected one such as 1e-5..1@2, from a smaller to a larger λ above 0 "
                "with a whole number of values a decade",
                "l2",
            )
        grid += decades(low, high, int(a_decade))
    for before, after in pairwise(grid):
        if after <= before:
            raise SettingsError(f"l2: the values of a grid ascend; {after:g} comes after {before:g}", "l2")
    if len(grid) < 2:
        raise SettingsError("l2: a sweep compares at least two λ, such as 0,1e-3 or 0,1e-5..1@2", "l2")
    if len(grid) > MAX_LANES:
        raise SettingsError(f"l2: {len(grid)} values; a sweep has {MAX_LANES} at most", "l2")
    return tuple(grid)


def check_grid(settings: Settings, grid: tuple[float, ...]) -> None:
    """Checks that settings can be trained at every λ of a grid.

    Raises:
        SettingsError: There are no epochs, or the decay of a single step would turn the weights' sign.
    """
    if settings.epochs < 1:
        raise SettingsError("epochs: a sweep needs at least one", "epochs")
    limit = 1 / (2 * settings.learning_rate)
    if settings.optimizer != "adam" and max(grid) >= limit:
        raise SettingsError(
            f"l2: at λ = {max(grid):g} and rate {settings.learning_rate:g} the decay of a step, 2·rate·λ, reaches 1; "
            f"stay below {limit:.2g} or lower the rate",
            "l2",
        )


def decades(low: float, high: float, count: int) -> list[float]:
    """Returns `count` values a decade from `low` to `high`, both included, rounded to two digits."""
    digits = {1: (1.0,), 2: _HALF, 4: _QUARTER}.get(count, tuple(10 ** (i / count) for i in range(count)))
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    values = [_rounded(digit * 10.0**power) for power in range(first, last + 1) for digit in digits]
    inside = [value for value in values if low < value * (1 + 1e-9) and value * (1 - 1e-9) < high]
    ends = [_rounded(low), *inside, _rounded(high)]
    return sorted(set(ends))


def wider(grid: tuple[float, ...], learning_rate: float) -> tuple[float, ...]:
    """Returns the λ of one more decade above a grid.

    Those at which the decay of a single step, 2·lr·λ, would reach 1 and turn the weights' sign are left out.
    """
    top = max(grid)
    return tuple(value for value in decades(top, 10 * top, 2) if value > top and 2 * learning_rate * value < 1)


def finer(grid: tuple[float, ...], winner: float) -> tuple[float, ...]:
    """Returns the quarter decades next to a winner that the grid does not have yet; none around λ = 0."""
    if winner == 0:
        return ()
    around = decades(winner / 10**0.55, winner * 10**0.55, 4)
    return tuple(value for value in around if all(abs(math.log10(value / one)) > 0.1 for one in grid if one > 0))


def _rounded(value: float) -> float:
    return float(f"{value:.2g}")


def _number(text: str, part: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise SettingsError(f"l2: {part!r} is no λ; expected numbers of 0 or more such as 0,1e-4,1e-3", "l2")
    return value
