"""Runs side by side: whose losses can be compared, and runs that differ in the seed alone as one mean."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from l2tui.runs.events import Origin
from l2tui.settings import SETTING_INFO, Settings

Floats = NDArray[np.float64]
Part = Literal["val", "train"]

FEWEST, MOST = 2, 12
# The last part of the epochs that is called final.
_FINAL = 0.05
# What decides which rows there are and which of them validate; the seed is told apart from the rest.
_DATA = ("data", "table", "noise", "label_noise", "train_size", "fold", "folds")
# What the losses of a run do not depend on.
_FREE: dict[str, Any] = {"pace": None, "blas_threads": 1}


class RecordedLoss(NamedTuple):
    """A loss as it was recorded.

    Attributes:
        value: The loss, None where there is none.
        exact: Whether it is that of the very epoch that was asked for, and not of the last record before it.
    """

    value: float | None
    exact: bool = True


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """One curve of a comparison: a run, a λ of a sweep, another program's log, or the mean of several.

    Attributes:
        name: What people call it.
        path: Where it is.
        kind: What it is; "mean" for several runs that are folded into one.
        epochs: Epochs of which the losses are known, ascending, shape (n,).
        train: train_loss at those epochs, shape (n,).
        val: val_loss at those epochs, likewise.
        settings: The settings in force; None for a log.
        history: Values that a live setting has had in turn, for those that were changed.
        steered: Whether anything was changed while it trained.
        fingerprint: Of the prepared data; empty where that is not known.
        task: Whether classes or a number are predicted; empty where that is not known.
        state: What it is doing, or how it ended.
        is_live: Whether it may still grow.
        x: What `epochs` counts.
        planned: The epoch at which it is to end, None where nobody knows.
        best_epoch: ★, the epoch of the lowest val_loss.
        best_val_loss: val_loss there.
        onset_epoch: The epoch from which val_loss rises, once that is confirmed.
        confirmed_epoch: ▲, the epoch at which that was confirmed.
        verdict: What it looks like.
        figures: Other figures of the last epoch, by the names of their metrics.
        final: Final train_loss and val_loss, where they are not those of the curve.
        folds: Of a λ of a sweep, the folds that it is a mean over.
        members: What is folded into it.
        band: Lowest and highest train_loss, then val_loss of the members at those epochs.
        origin: Where it comes from, if it is a fork.
        shape: Inputs, hidden units and outputs, where they are known.
    """

    name: str
    path: str
    kind: Literal["run", "lane", "log", "mean"]
    epochs: Floats
    train: Floats
    val: Floats
    settings: Settings | None = None
    history: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    steered: bool = False
    fingerprint: str = ""
    task: str = ""
    state: str = ""
    is_live: bool = False
    x: str = "epoch"
    planned: int | None = None
    best_epoch: int | None = None
    best_val_loss: float | None = None
    onset_epoch: int | None = None
    confirmed_epoch: int | None = None
    verdict: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    final: tuple[float | None, float | None] | None = None
    folds: tuple[int, ...] = ()
    members: tuple["Subject", ...] = ()
    band: tuple[Floats, Floats, Floats, Floats] | None = None
    origin: Origin | None = None
    shape: tuple[int, int, int] | None = None

    @property
    def epoch(self) -> int | None:
        """The last epoch, None before the first."""
        return int(self.epochs[-1]) if len(self.epochs) else None

    def losses(self, part: Part) -> Floats:
        """Returns train_loss or val_loss."""
        return self.val if part == "val" else self.train

    def at(self, part: Part, epoch: int | None = None) -> RecordedLoss:
        """Returns a loss at an epoch, or the last one; of an epoch without a record that before it.

        A run that has not come so far, or has ended before, has none.
        """
        values = self.losses(part)
        known = np.flatnonzero(np.isfinite(values))
        if epoch is not None:
            if not len(self.epochs) or epoch > self.epochs[-1]:
                return RecordedLoss(None)
            known = known[self.epochs[known] <= epoch]
        # A log has no validation at some epochs; a run whose last loss is not finite has diverged.
        if not len(known) or (epoch is None and self.kind != "log" and known[-1] != len(values) - 1):
            return RecordedLoss(None)
        exact = epoch is None or self.epochs[known[-1]] == epoch
        return RecordedLoss(float(values[known[-1]]), bool(exact))

    def final_loss(self, part: Part) -> float | None:
        """Returns the mean of a loss over the last 5 % of the epochs, None where it is not finite."""
        if self.final is not None:
            return self.final[part == "val"]
        if not len(self.epochs) or self.state == "diverged":
            return None
        last = self.losses(part)[(self.epochs > (1 - _FINAL) * self.epochs[-1]) | (self.epochs == self.epochs[-1])]
        last = last[np.isfinite(last)] if self.kind == "log" else last
        mean = float(np.mean(last)) if len(last) else np.nan
        return mean if np.isfinite(mean) else None


@dataclass(frozen=True)
class Apart:
    """Which losses can be compared.

    Attributes:
        groups: For each subject the number of its group, from 1 on; losses are comparable within a group.
        reason: Why not all are, in a few words; empty where they are.
        seeds_alone: Whether folding the seeds would help.
    """

    groups: tuple[int, ...]
    reason: str = ""
    seeds_alone: bool = False

    @property
    def comparable(self) -> bool:
        """Whether all losses can be compared."""
        return not self.reason


def told_apart(subjects: Sequence[Subject]) -> Apart:
    """Returns whose losses are comparable: those on the same rows, split in the same way."""
    runs = [run for subject in subjects for run in (subject.members or (subject,)) if run.kind == "run"]
    by_bits = all(run.fingerprint for run in runs)
    keys = [_data_of(subject, by_bits) for subject in subjects]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys), 1)}
    groups = tuple(numbers[key] for key in keys)
    if len(numbers) < 2:
        return Apart(groups)
    if any(subject.kind == "log" for subject in subjects):
        return Apart(groups, "other programs' losses; their data are not known here")
    if len({subject.kind == "lane" for subject in subjects}) > 1:
        return Apart(groups, "means over the folds of a sweep beside single runs")
    made = runs or list(subjects)
    differing = [name for name in (*_DATA, "seed") if len({repr(_setting(one, name)) for one in made}) > 1]
    if not differing and any(subject.kind == "lane" for subject in subjects):
        return Apart(groups, "means over different folds")
    if not differing:
        return Apart(groups, "the data have changed from run to run")
    if differing == ["seed"]:
        alone = all(subject.kind == "run" for subject in subjects)
        why = "other seeds, so other rows and splits" if alone else "means over other seeds"
        return Apart(groups, why, seeds_alone=alone)
    words = ", ".join("table" if name == "table" else SETTING_INFO[name].label for name in differing)
    return Apart(groups, f"different data or splits ({words})")


def _data_of(subject: Subject, by_bits: bool) -> tuple[Any, ...]:
    """Returns what subjects have in common whose losses can be compared."""
    if subject.kind == "log":
        return ("log", subject.path)
    if subject.kind == "mean":
        return ("mean", *sorted(_data_of(member, by_bits) for member in subject.members))
    if by_bits and subject.kind == "run":
        return ("run", subject.task, subject.fingerprint)
    if subject.kind == "lane":
        return ("lane", repr(subject.folds), *(repr(_setting(subject, name)) for name in (*_DATA, "seed")))
    return ("run", subject.task, *(repr(_setting(subject, name)) for name in (*_DATA, "seed")))


def _setting(subject: Subject, name: str) -> Any:
    if subject.settings is None or (name == "folds" and not subject.settings.fold):
        return None
    return getattr(subject.settings, name)


def fold_seeds(subjects: Sequence[Subject]) -> list[Subject]:
    """Returns the subjects with those that differ in the seed alone folded into one mean each, where the first was.

    A run that was steered stays alone: the others did not get the same changes at the same epochs.
    """
    groups: dict[Any, list[Subject]] = {}
    for number, subject in enumerate(subjects):
        key: Any = number
        if subject.kind == "run" and subject.settings is not None and not subject.steered:
            key = msgspec.json.encode(msgspec.structs.replace(subject.settings, seed=0, **_FREE))
        groups.setdefault(key, []).append(subject)
    folded: list[Subject] = []
    for group in groups.values():
        seeds = {_setting(one, "seed") for one in group}
        folded += [mean_of(group)] if len(seeds) == len(group) > 1 else group
    return folded


def mean_of(members: Sequence[Subject], **values: Any) -> Subject:
    """Returns the mean of several curves over the epochs that all of them have, with the band from lowest to highest.

    Args:
        members: At least one.
        **values: Attributes of the mean that are known otherwise.
    """
    epochs = members[0].epochs
    for member in members[1:]:
        if not np.array_equal(epochs, member.epochs):
            epochs = np.intersect1d(epochs, member.epochs, assume_unique=True)
    stacks = [
        np.stack([member.losses(part)[np.searchsorted(member.epochs, epochs)] for member in members])
        for part in ("train", "val")
    ]
    train, val = (stack.mean(axis=0) for stack in stacks)
    known = np.isfinite(val).any()
    best = int(np.nanargmin(np.where(np.isfinite(val), val, np.nan))) if known else None
    names = set.intersection(*(set(member.figures) for member in members))
    first = members[0]
    given = {
        "name": f"{first.name} and {len(members) - 1} more",
        "path": first.path,
        "kind": "mean",
        "settings": first.settings,
        "task": first.task,
        "state": _common(member.state for member in members),
        "is_live": any(member.is_live for member in members),
        "planned": first.planned,
        "best_epoch": None if best is None else int(epochs[best]),
        "best_val_loss": None if best is None else float(val[best]),
        "verdict": _common(member.verdict for member in members),
        "figures": {name: float(np.mean([member.figures[name] for member in members])) for name in sorted(names)},
        "final": tuple(_mean(member.final_loss(part) for member in members) for part in ("train", "val")),
    }
    band = (*_edges(stacks[0]), *_edges(stacks[1]))
    return Subject(epochs=epochs, train=train, val=val, members=tuple(members), band=band, **{**given, **values})


def _edges(stack: Floats) -> tuple[Floats, Floats]:
    return stack.min(axis=0), stack.max(axis=0)


def _common(words: Iterable[str]) -> str:
    kinds = sorted(set(words))
    return kinds[0] if len(kinds) == 1 else "mixed"


def _mean(values: Iterable[float | None]) -> float | None:
    known = list(values)
    return None if None in known or not known else float(np.mean([value for value in known if value is not None]))
