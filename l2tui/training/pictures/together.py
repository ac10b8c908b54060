"""The pictures of one moment of a run, its own and that of its ghost, on one scale."""

from collections.abc import Iterable

from l2tui.nn.parameters import Weights
from l2tui.runs.pictures import Numbers, Picture, PictureRequest
from l2tui.training.moments import WeightsThen
from l2tui.training.pictures.compute import Pieces, Scale, axis_limit, compute, largest_weights
from l2tui.training.pictures.sight import Sight


def wanted_of(request: PictureRequest, then: WeightsThen, l2: float) -> list[tuple[float, Weights]]:
    """Returns λ and the weights of the run, and behind them those of its ghost where they are wanted and known."""
    return [(l2, then.weights), *([then.ghost] if request.ghost and then.ghost is not None else [])]


def scale_of(weights: Iterable[Weights]) -> Scale:
    """Returns the scale that reaches to the largest weight of several networks."""
    return Scale(limit=axis_limit(*(largest for each in weights for largest in largest_weights(each))))


def pictures_at(
    request: PictureRequest,
    then: WeightsThen,
    l2: float,
    sight: Sight,
    scale: Scale | None = None,
    *,
    points: PictureRequest | None = None,
) -> Pieces[tuple[Picture, ...]]:
    """Computes the pictures of a moment; yields between pieces, as `compute` does.

    Args:
        request: What was asked for.
        then: The weights.
        l2: λ of the run at that moment.
        sight: Its data.
        scale: The scale, if others share it.
        points: The same with other numbers of points, to compute that instead.

    Raises:
        DataError: These data have no such picture.
    """
    wanted = wanted_of(request, then, l2)
    scale = scale or scale_of(weights for _, weights in wanted)
    parts = [(l2, compute(points or request, weights, sight, scale)) for l2, weights in wanted]
    return _in_turn(request, then, parts)


def _in_turn(
    request: PictureRequest, then: WeightsThen, parts: list[tuple[float, Pieces[Numbers]]]
) -> Pieces[tuple[Picture, ...]]:
    pictures = []
    for place, (l2, pieces) in enumerate(parts):
        numbers = yield from pieces
        pictures.append(
            Picture(request=request, epoch=then.epoch, step=then.step, l2=l2, numbers=numbers, ghost=place > 0)
        )
    return tuple(pictures)
