"""Pictures made of formulas, for a screen without a worker."""

import math

from l2tui.runs.pictures import (
    FieldNumbers,
    FitNumbers,
    InputNumbers,
    LabelCounts,
    LabelNumbers,
    Numbers,
    Picture,
    PictureRequest,
    PixelNumbers,
    WeightNumbers,
)


def picture_for(request: PictureRequest, epoch: int = 400) -> Picture:
    """The picture that is asked for, of a network that never was."""
    made = {"field": field, "fit": fit, "inputs": inputs, "weights": weights, "labels": labels}
    return Picture(request=request, epoch=epoch, step=7 * epoch, l2=0.0, numbers=made[request.kind](request))


def field(request: PictureRequest) -> FieldNumbers:
    """Two classes above and below a wave, an island, and a row on the wrong side."""
    columns, rows = request.columns, request.rows
    classes = bytearray()
    for row in range(rows):
        for column in range(columns):
            x, y = (column + 0.5) / columns, 1 - (row + 0.5) / rows
            p = _p(x, y)
            classes.append(3 * (p > 0.5) + (2 if 0.35 < p < 0.65 else 1 if 0.05 < p < 0.95 else 0))
    places = [((k * 0.37) % 1.0, (k * 0.61) % 1.0) for k in range(40)]
    labels = [int(_p(x, y) > 0.5) for x, y in places]
    marked = [int(k == 5) for k in range(40)]
    labels[5] = 1 - labels[5]
    return FieldNumbers(
        columns=columns,
        rows=rows,
        classes=bytes(classes),
        low=(-1.5, -1.0),
        high=(2.5, 1.5),
        names=("x1", "x2"),
        class_names=("upper", "lower"),
        across=tuple(x for x, _ in places),
        up=tuple(y for _, y in places),
        labels=bytes(labels),
        marked=bytes(marked),
        wrong_side=1,
        looked_at=40,
        total=40,
    )


def _p(x: float, y: float) -> float:
    island = 4.0 * math.exp(-120 * ((x - 0.8) ** 2 + (y - 0.75) ** 2))
    return 1 / (1 + math.exp(-12 * (0.5 + 0.25 * math.sin(7 * x) - y) - 3 * island))


def fit(request: PictureRequest) -> FitNumbers:
    x = [-2 + 4 * (k + 0.5) / request.columns for k in range(request.columns)]
    return FitNumbers(
        low=-2.0,
        high=2.0,
        curve=tuple(math.sin(value) + 0.4 * math.sin(6 * value) for value in x),
        truth=tuple(math.sin(value) for value in x),
        train=tuple((value, math.sin(value) + 0.4 * math.sin(6 * value)) for value in (-1.7, -0.9, 0.2, 0.8, 1.6)),
        val=tuple((value, math.sin(value)) for value in (-1.2, -0.4, 0.5, 1.2)),
        name="x",
        target="y",
    )


def inputs(request: PictureRequest) -> InputNumbers | PixelNumbers:
    names = ("alcohol", "hue", "malic acid", "葡萄", "ash")
    return InputNumbers(names=names, uses=(4.2, 3.1, 0.9, 0.25, 0.01), total=5)


def pixels(request: PictureRequest) -> PixelNumbers:
    return PixelNumbers(
        side=8, uses=tuple(abs(math.sin(0.4 * x) * math.sin(0.4 * y)) for y in range(8) for x in range(8))
    )


def weights(request: PictureRequest) -> WeightNumbers:
    middle = request.columns // 2
    counts = [
        tuple(int(60 * math.exp(-(((k - middle) / wide) ** 2))) for k in range(request.columns)) for wide in (8, 3)
    ]
    return WeightNumbers(limit=4.0, counts=(counts[0], counts[1]), largest=(3.2, 1.1))


def labels(request: PictureRequest) -> Numbers:
    return LabelNumbers(counts=LabelCounts(wrong=40, looked_at=40, memorised=31, true=7))
