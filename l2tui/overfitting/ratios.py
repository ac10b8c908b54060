"""Arithmetic that criteria and verdicts share."""

SMALLEST = 1e-12


def rise(value: float, reference: float) -> float:
    """Returns how far `value` lies above `reference`, as a share of the reference.

    (value - reference) / max(|reference|, 1e-12), which for a positive loss is value / reference - 1. The floor gives a
    loss that reached exactly 0 a finite answer; the magnitude gives a negative one (a log density) the right sign.
    """
    size = reference if reference > SMALLEST else max(-reference, SMALLEST)
    return (value - reference) / size


def show(value: float) -> str:
    """Returns a number that is 0 or more in at most five characters, such as 3.1, 412 or >9999."""
    if value < 99.95:
        return f"{value:.1f}"
    return f"{value:.0f}" if value < 9999.5 else ">9999"
