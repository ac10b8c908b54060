"""What λ a run should have had, from what the others came to, and how what was said of it compares with that."""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from l2tui.data.prepare import prepare
from l2tui.nn.network import constant_loss, loss_for
from l2tui.overfitting import Assessment, Change, Known, Watch, assess
from l2tui.settings import changed
from l2tui.tui.ladders import L2_LADDER
from tests.benchmarks.verdict_kinds import Run, settings_of

Truth = Literal["up", "down", "stay"]

LAST = 0.05
BETTER = 0.02
REACH = 3
EVERY = 10


def final(run: Run) -> float:
    """Returns the mean val_loss of the last twentieth of the epochs."""
    tail = max(1, round(LAST * len(run.val)))
    mean = float(run.val[-tail:].mean())
    return mean if np.isfinite(mean) else float("inf")


class Field(NamedTuple):
    """What the λ of the ladder come to for one kind of run.

    Attributes:
        finals: Final val_loss of each λ, the mean over the seeds.
        by_seed: The same of each seed, by seed.
    """

    finals: tuple[float, ...]
    by_seed: dict[int, tuple[float, ...]]

    @property
    def best(self) -> int:
        """Position of the best λ."""
        return int(np.argmin(self.finals))


def _truth(finals: Sequence[float], at: int) -> Truth:
    mine = (1.0 - BETTER) * finals[at]
    up = min(finals[at + 1 : at + 1 + REACH], default=float("inf"))
    down = min(finals[max(0, at - REACH) : at], default=float("inf"))
    if min(up, down) >= mine:
        return "stay"
    return "up" if up < down else "down"


def fields(runs: Iterable[Run]) -> dict[str, Field]:
    """Returns the field of each kind, from its runs with constant λ."""
    finals: dict[str, dict[int, dict[float, float]]] = {}
    for run in runs:
        finals.setdefault(run.kind, {}).setdefault(run.seed, {})[run.lane.l2] = final(run)
    found = {}
    for kind, seeds in finals.items():
        by_seed = {seed: tuple(of_seed[l2] for l2 in L2_LADDER) for seed, of_seed in seeds.items()}
        found[kind] = Field(tuple(np.mean(list(by_seed.values()), axis=0).tolist()), by_seed)
    return found


class Said(NamedTuple):
    """What was said of a run at one epoch of its last phase.

    Attributes:
        run: The run.
        l2: λ then.
        share: The part of the phase that was over, from 0.1 to 1.
        assessment: What was said.
        truth: Where λ should have gone.
        excess: How far that λ is above the best one at the end.
        at_or_below: Whether λ was at or below the best.
    """

    kind: str
    act: str
    l2: float
    share: float
    assessment: Assessment
    truth: Truth
    excess: float
    at_or_below: bool

    @property
    def wrong(self) -> bool:
        """Whether the opposite of the right direction was named."""
        return {self.assessment.direction, self.truth} == {"up", "down"}

    @property
    def right(self) -> bool:
        """Whether what was said is right: the direction; or, where λ should stay, a verdict that names no other."""
        said = self.assessment
        if self.truth == "stay":
            return said.direction not in ("up", "down") and said.verdict not in ("waiting", "diverged")
        return said.direction == self.truth


class Told(NamedTuple):
    """A run as it was followed.

    Attributes:
        said: At each tenth of the last phase, or at the end alone where λ was constant.
        delay: Epochs from the last change to the first look at which what was said was right; None for never, or
            where nothing was changed.
        changes: How often the verdict changed without an act of the person, leaving out "waiting" for its first word,
            and what is said at the end, where nothing is held back.
        lapsed: Share of the epochs at which the verdict was that of until when it held.
        closest: Least number of epochs between two such changes.
        steered: Whether something was changed.
    """

    said: list[Said]
    delay: int | None
    changes: int
    lapsed: float
    closest: int | None
    steered: bool


def follow(run: Run, field: Field, *, known: bool = False) -> Told:
    """Follows a run epoch by epoch, and notes what was said.

    Args:
        run: The run.
        field: What the λ come to for its kind.
        known: Whether the other runs of its seed with constant λ are known, and the truth is that of the seed alone.
    """
    others = [Known(l2, loss) for l2, loss in zip(L2_LADDER, field.by_seed[run.seed], strict=True)] if known else []
    watch, pending = Watch.start("growing", run.lane.l2, _nothing(run.kind, run.seed)), list(run.lane.changes)
    finals = field.by_seed[run.seed] if known else field.finals
    best = int(np.argmin(finals))
    l2, last = run.lane.l2, len(run.val) - 1
    began = run.lane.changes[-1].epoch if run.lane.changes else 0
    tenths = {began + round((last - began) * i / 10): i / 10 for i in range(1, 11)} if run.lane.changes else {last: 1.0}
    said: list[Said] = []
    delay, verdict, lapsed = None, "waiting", 0
    changes: list[list[int]] = [[]]
    for epoch, (train, val) in enumerate(zip(run.train.tolist(), run.val.tolist(), strict=True)):
        while pending and pending[0].epoch < epoch:
            change = pending.pop(0)
            l2 = change.value if change.name == "l2" else l2
            watch = watch.changed(Change(change.epoch, "l2" if change.name == "l2" else "rate", l2))
            verdict = "waiting"
            changes.append([])
        watch = watch.update(epoch, train, val)
        shown = assess(watch, l2, others)
        lapsed += shown.until is not None
        if shown.verdict != verdict:
            if verdict != "waiting":
                changes[-1].append(epoch)
            verdict = shown.verdict
        is_late = epoch > began and bool(run.lane.changes)
        if epoch in tenths or (is_late and delay is None and (epoch - began) % EVERY == 0):
            assessment = assess(watch, l2, others, ended=True) if epoch == last else shown
            one = Said(
                run.kind,
                run.act,
                l2,
                tenths.get(epoch, 0.0),
                assessment,
                _truth(finals, L2_LADDER.index(l2)),
                finals[L2_LADDER.index(l2)] / min(finals) - 1.0,
                L2_LADDER.index(l2) <= best,
            )
            if epoch in tenths:
                said.append(one)
            if is_late and delay is None and one.right:
                delay = epoch - began
    gaps = [later - one for phase in changes for one, later in pairwise(phase)]
    return Told(
        said, delay, sum(map(len, changes)), lapsed / len(run.val), min(gaps, default=None), bool(run.lane.changes)
    )


@cache
def _nothing(kind: str, seed: int) -> float:
    splits = prepare(changed(settings_of(kind), seed=seed))
    return constant_loss(splits.y_train, loss_for(splits.task, splits.n_outputs))
