"""Which columns of a log are its losses, and which says how far the training is."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from l2tui.errors import did_you_mean

_TRAIN = frozenset({"train", "training", "tr"})
_VAL = frozenset({"val", "valid", "validation", "eval", "evaluation", "dev", "test"})
_LOSSES = frozenset({"error", "merror", "rmse", "rmsle", "mae", "mse", "mape", "nll", "perplexity", "ppl", "deviance"})
_KINDS = ("epoch", "", "step")
AXES = {
    "epoch": ("epoch", "epochs"),
    "step": ("step", "steps", "global step", "globalstep"),
    "iteration": ("iteration", "iterations", "iter", "round", "boosting round"),
    # What pandas writes in front of each line, without a name.
    "row": ("", "unnamed 0", "index"),
}


class Choice(NamedTuple):
    """The columns of the losses; None for one that the log does not have, or not yet."""

    train: str | None
    val: str | None


class AmbiguousError(ValueError):
    """There are several pairs of losses, by name in `pairs`, and nothing says which is meant."""

    def __init__(self, pairs: Mapping[str, Choice]) -> None:
        super().__init__(f"several pairs of losses: {_listed(pairs)}; choose one with --pair")
        self.pairs = pairs


class _Name(NamedTuple):
    name: str
    side: str
    loss: str
    kind: str


def plain(name: str) -> str:
    """Returns a name without what does not tell names apart: case, spaces, and the signs that stand for spaces."""
    return " ".join(re.findall(r"[^\W_]+", name.lower()))


def choose(
    counts: Mapping[str, int], train: str | None = None, val: str | None = None, pair: str | None = None
) -> Choice:
    """Chooses the losses of a log.

    Args:
        counts: The names in their order, and how many values each has so far.
        train: The name of the training loss, where a person gives it.
        val: That of the validation loss.
        pair: Which of several pairs is meant, such as "box_loss".

    Raises:
        AmbiguousError: There is more than one.
        ValueError: There is none; the text says what there is and what to do.
    """
    given = Choice(*(name and _named(name, counts) for name in (train, val)))
    if given.train and given.val:
        return given
    if given.train or given.val:
        known = _parsed(given.train or given.val or "")
        found = _pairs(counts).get(known.loss if known else "", given)
        return Choice(given.train or found.train, given.val or found.val)
    whole = pairs_of(counts) or _pairs(counts)
    if pair is not None:
        for loss, choice in whole.items():
            if plain(loss) == plain(pair):
                return choice
        raise ValueError(f"no pair of losses is called {pair!r}; there are {_listed(whole)}")
    if not whole:
        raise ValueError(
            f"no loss has a known name; there are {', '.join(counts) or 'no columns'}; "
            "name them with --train-column and --val-column"
        )
    first = [loss for loss in whole if loss == "loss"] or [loss for loss in whole if "loss" in loss] or list(whole)
    if len(first) > 1:
        raise AmbiguousError({loss: whole[loss] for loss in first})
    return whole[first[0]]


def pairs_of(counts: Mapping[str, int]) -> dict[str, Choice]:
    """Returns the losses that a log has on both sides, by name."""
    return {loss: found for loss, found in _pairs(counts).items() if found.train and found.val}


def _pairs(counts: Mapping[str, int]) -> dict[str, Choice]:
    parsed = [found for name in counts if (found := _parsed(name)) is not None]
    losses = dict.fromkeys(one.loss for one in parsed)
    return {loss: Choice(*(_best(parsed, loss, side, counts) for side in ("train", "val"))) for loss in losses}


def _listed(pairs: Mapping[str, Choice]) -> str:
    return ", ".join(f"{loss} ({' and '.join(filter(None, choice))})" for loss, choice in pairs.items())


def _named(wanted: str, names: Mapping[str, int]) -> str:
    found = [name for name in names if name == wanted] or [name for name in names if plain(name) == plain(wanted)]
    if not found:
        near = did_you_mean(wanted, names, f"there are {', '.join(names)}")
        raise ValueError(f"no column {wanted!r}; {near}")
    return found[0]


def _parsed(name: str) -> _Name | None:
    """Takes a name apart, None for one that is no loss: "valid_0 binary_logloss" is binary_logloss on valid."""
    words = [word for word in re.split(r"[\s_/\-.:]+", name.strip().lower()) if word]
    side = next((word for word in words if word in _TRAIN | _VAL), "")
    kind = words[-1] if len(words) > 1 and words[-1] in _KINDS else ""
    rest = words[:-1] if kind else words
    if side:
        at = rest.index(side)
        # A number behind the side counts the sets: validation_0.
        numbered = len(rest) > at + 1 and rest[at + 1].isdigit()
        rest = rest[:at] + rest[at + 1 + numbered :]
        # Loggers that write both sides of one name say it twice: train/train_loss.
        rest = [word for word in rest if word != side]
    # Keras calls the loss of an epoch epoch_loss in TensorBoard.
    rest = rest[1:] if len(rest) > 1 and rest[0] == "epoch" else rest
    if not any("loss" in word or word in _LOSSES for word in rest):
        return None
    return _Name(name, "val" if side in _VAL else "train", "_".join(rest), kind)


def _best(parsed: Sequence[_Name], loss: str, side: str, counts: Mapping[str, int]) -> str | None:
    """Returns the name of a loss on a side that is logged most often; of an epoch's and a step's value, the epoch's."""
    found = [one for one in parsed if (one.loss, one.side) == (loss, side)]
    most = max((counts[one.name] for one in found), default=0)
    lone = [one for one in found if counts[one.name] > 1 or most <= 1]
    return min(lone, key=lambda one: _KINDS.index(one.kind)).name if lone else None
