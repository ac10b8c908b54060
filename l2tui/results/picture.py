"""The numbers of a picture from a run's files, for runs that have ended or that nobody may steer."""

from collections.abc import Sequence

import msgspec

from l2tui.data.preparation import Preparation
from l2tui.errors import RunError
from l2tui.nn.parameters import Weights
from l2tui.results.trained import own_splits, settings_until
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import RunSettings
from l2tui.runs.pictures import Picture, PictureRequest
from l2tui.runs.reader import RunReader
from l2tui.runs.stored import read_json, read_run_settings
from l2tui.training.moments import WeightsThen, read_weights
from l2tui.training.pictures.compute import Scale, axis_limit, compute, finish, largest_weights
from l2tui.training.pictures.sight import Sight


def pictures_of(runs: Sequence[RunDirectory], request: PictureRequest) -> tuple[Picture, ...]:
    """Computes one picture of each run, all on one scale.

    Args:
        runs: The runs; one that trains is taken as its last checkpoint has it.
        request: Which picture.

    Raises:
        RunError: There are no such weights, the data have changed, or a file is damaged.
        L2tuiError: The data cannot be prepared again, or have no such picture.
    """
    then = [read_weights(run, request.moment) for run in runs]
    sights = [_sight(run, request) for run in runs]
    for run, each, sight in zip(runs, then, sights, strict=True):
        n_in, n_data = len(each.weights.W1), sight.preparation.n_inputs
        if n_in != n_data:
            raise RunError(f"{run.path}: its network takes {n_in} inputs, its data have {n_data}")
    scale = _common(sights, [each.weights for each in then])
    return tuple(
        _picture(run, request, each, sight, scale) for run, each, sight in zip(runs, then, sights, strict=True)
    )


def _picture(run: RunDirectory, request: PictureRequest, then: WeightsThen, sight: Sight, scale: Scale) -> Picture:
    snapshot = RunReader(run).poll()
    l2 = settings_until(sight.settings, snapshot.events, then.epoch)[-1].l2
    if request.moment == "live" and snapshot.status is not None:
        l2 = snapshot.status.settings.l2
    numbers = finish(compute(request, then.weights, sight, scale))
    return Picture(request=request, epoch=then.epoch, step=then.step, l2=l2, numbers=numbers)


def _sight(run: RunDirectory, request: PictureRequest) -> Sight:
    run_settings: RunSettings = read_run_settings(run)
    settings = run_settings.settings
    # Pictures of the weights alone can be drawn where the data are gone.
    preparation = read_json(run, run.preparation, Preparation) if request.kind in ("inputs", "weights") else None
    if preparation is not None:
        return Sight.of(settings, preparation)
    splits = own_splits(run, run_settings)
    return Sight.of(settings, splits.preparation, splits)


def _common(sights: Sequence[Sight], weights: Sequence[Weights]) -> Scale:
    scale = Scale(limit=axis_limit(*(largest for each in weights for largest in largest_weights(each))))
    if len({len(sight.low) for sight in sights}) > 1 or not len(sights[0].low):
        return scale
    low = tuple(map(min, *(sight.low.tolist() for sight in sights), sights[0].low.tolist()))
    high = tuple(map(max, *(sight.high.tolist() for sight in sights), sights[0].high.tolist()))
    return msgspec.structs.replace(scale, low=low, high=high)
