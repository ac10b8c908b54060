"""The default rule: means whose memory grows with the run, and proof that the run is over its best epoch."""

import math

from msgspec import structs

from l2tui.overfitting.ratios import rise, show
from l2tui.overfitting.rule import SETTLE, Rule

RISE, GONE = 0.04, 0.02
RECENT, LEAST_RECENT = 1 / 40, 5.0
LONG = 0.1
NOISE_MEMORY = 10.0
LONG_WAIT, CLEAR_WAIT, BACK_WAIT = 12, 10, 4
CLEAR = 4.0
STOOD = 15
GRACE = 8
EARLY_BEST = 20
FALL = 0.0005

# E|x - y| is 2σ/√π for two independent normal values.
_DEVIATION = math.sqrt(math.pi) / 2


class Growing(Rule, frozen=True, gc=False, tag="growing"):
    """The recent mean of val_loss lies above its minimum, provably so, while train_loss lies below its value there.

        level(t) = level(t-1) + (E_va(t) - level(t-1)) / min(s, max(5, t/40))

    with s the values since the best epoch ★, and t all values so far: the mean of what came since ★, and once that is
    more than a fortieth of the run, a running mean as steady and as late as the mean over the last twentieth. So a
    short run is judged on a few epochs, and the noise of a long one is averaged away. E_tr has the same mean,
    `train`, and a slower one with a memory of t/10, `train_long`. It starts when

    1. level > 1.04 · E_opt, each of the last four values > 1.02 · E_opt, so that one high value is no
       rise, and val_loss is not still falling: its running mean over ★ and all, `flow`, has been lower; where ★ is
       one of the first twenty values, `flow` holds the untrained network for long, and it will do that `level` has,
    2. train is below E_tr at ★, train_long by half a thousandth, so that a train_loss at rest does not count, and
    3. there is proof that ★ was more than one lucky value, which is any of
       *long*: ★ lies at least 12 values and a tenth of the run back;
       *clear*: ★ lies at least 10 values back, and level - E_opt is above 4 σ, so that no single value is likely to
       undercut it; σ is the noise of one value, from the mean size of the differences between values that are one
       and four apart, whichever is larger: the second sees noise that lasts for some epochs;
       *back*: a mark that had stood for 15 values or more was undone by a new minimum, and 4 values after it the
       level is above it again.

    It ends on a new minimum, when level < 1.02 · E_opt, or when train stays above E_tr at ★ for more than 8
    values in a row.

    The minimum is the exact one, not that of a smoothed curve: it is the epoch whose weights can be had back. Values
    are counted, not epochs, so a log with one value in k epochs takes k times as long in epochs.

    A change of λ or the learning rate keeps the minimum as the reference and starts the means and the proof anew: for
    the next 10 values nothing starts or ends but by a new minimum.

    Attributes:
        seen: t, values so far.
        best: E_opt, the lowest val_loss so far.
        best_train: train_loss at ★.
        since: s, values since ★ or since the last change, whichever is later.
        level: Mean of val_loss, as above.
        train: Mean of train_loss with the same memory.
        train_long: Mean of train_loss with the longer memory.
        flow: Running mean of val_loss with the memory of `level`, but of all values, not just those since ★.
        lowest: The lowest `flow` so far, without the first ten values.
        own_lowest: The lowest `level` since ★ or the last change, without the first five values.
        near: Mean |E_va(t) - E_va(t-1)|.
        far: Mean |E_va(t) - E_va(t-4)|.
        last: The last four val_losses, the latest first.
        fires: Whether the rule holds.
        held: Values for which it has held.
        over: Values in a row, while it holds, with `train` above `best_train`.
        stood: Whether a mark that had stood for long was undone by a new minimum.
        changed_lately: Whether `since` counts from a change.

    Source: GL of Prechelt, "Early Stopping - But When?" (1998), taken of a running mean; σ from differences as in von
    Neumann, "Distribution of the Ratio of the Mean Square Successive Difference to the Variance" (1941), with absolute
    values, which a single jump disturbs less. The numbers come from `tests/benchmarks/mark_study.py`, tuned on other
    seeds than those it reports.
    """

    seen: int = 0
    best: float = math.inf
    best_train: float = math.inf
    since: int = 0
    level: float = 0.0
    train: float = 0.0
    train_long: float = 0.0
    flow: float = 0.0
    lowest: float = math.inf
    near: float = 0.0
    far: float = 0.0
    last: tuple[float, float, float, float] | None = None
    fires: bool = False
    held: int = 0
    over: int = 0
    stood: bool = False
    changed_lately: bool = False
    own_lowest: float = math.inf

    @property
    def judges_train(self) -> bool:
        """Whether the rule itself sees to it that train_loss is below its value at the best epoch: yes."""
        return True

    @property
    def noise(self) -> float:
        """σ, the deviation of a single val_loss."""
        return _DEVIATION * max(self.near, self.far)

    @property
    def proof(self) -> float:
        """How much of the proof there is, from 0 to 1."""
        if self.since <= SETTLE and self.changed_lately:
            return 0.0
        if self.stood and self.since >= BACK_WAIT:
            return 1.0
        clear = (self.level - self.best) / max(CLEAR * self.noise, 1e-300)
        return min(
            1.0,
            max(
                self.since / max(LONG_WAIT, LONG * self.seen),
                min(clear, self.since / CLEAR_WAIT),
            ),
        )

    @property
    def readout(self) -> str:
        """Such as "+3.1 %, alarm at 4 %", "+12.1 %, proof 43 %" (or train up, train flat) or "settling, 3/10"."""
        if self.changed_lately and self.since <= SETTLE:
            return f"settling, {self.since}/{SETTLE}"
        above = rise(self.level, self.best) if self.since else 0.0
        shown = show(100.0 * max(above, 0.0))
        if self.fires:
            return f"+{shown} %, alarm"
        if above <= RISE:
            return f"+{shown} %, alarm at {100 * RISE:g} %"
        if self.train >= self.best_train or self.train_long >= self.best_train:
            return f"+{shown} %, train up"
        if self.train_long >= self.best_train - FALL * abs(self.best_train):
            return f"+{shown} %, train flat"
        return f"+{shown} %, proof {min(99, int(100 * self.proof))} %"

    def update(self, epoch: int, train_loss: float, val_loss: float) -> "Growing":
        """Returns the rule after one more epoch."""
        seen, since, best, best_train = self.seen + 1, self.since + 1, self.best, self.best_train
        memory = seen * RECENT if seen > LEAST_RECENT / RECENT else LEAST_RECENT
        v1, v2, v3, v4 = self.last or (val_loss, val_loss, val_loss, val_loss)
        flow = self.flow + (val_loss - self.flow) / (seen if seen < memory else memory)
        lowest = flow if flow < self.lowest and seen > NOISE_MEMORY else self.lowest
        weight = 1.0 / (memory if memory > NOISE_MEMORY else NOISE_MEMORY if seen > NOISE_MEMORY else seen)
        near = self.near + weight * (abs(val_loss - v1) - self.near)
        far = self.far + weight * (abs(val_loss - v4) - self.far)
        last = (val_loss, v1, v2, v3)
        if val_loss < best:
            stood = self.stood or self.held >= STOOD
            return Growing(
                seen=seen,
                best=val_loss,
                best_train=train_loss,
                flow=flow,
                lowest=lowest,
                near=near,
                far=far,
                last=last,
                stood=stood,
            )
        weight = 1.0 / (since if since < memory else memory)
        level = self.level + weight * (val_loss - self.level)
        train = self.train + weight * (train_loss - self.train)
        long = LONG * seen if LONG * seen > memory else memory
        train_long = self.train_long + (train_loss - self.train_long) / (since if since < long else long)
        own_lowest = level if since > LEAST_RECENT and level < self.own_lowest else self.own_lowest
        fires, over = self.fires, 0
        if since < BACK_WAIT or (since <= SETTLE and self.changed_lately):
            pass
        elif fires:
            over = self.over + 1 if train > best_train else 0
            fires = over <= GRACE and rise(level, best) >= GONE
        elif (
            train < best_train
            and train_long < best_train - FALL * abs(best_train)
            and (level > lowest or (seen - since <= EARLY_BEST and level > own_lowest))
            and rise(level, best) > RISE
            and rise(min(last), best) > GONE
        ):
            clear = CLEAR * _DEVIATION * (near if near > far else far)
            fires = (
                self.stood
                or (since >= LONG_WAIT and since >= LONG * seen)
                or (since >= CLEAR_WAIT and level - best > clear)
            )
        held = self.held + 1 if fires else 0
        return Growing(
            seen,
            best,
            best_train,
            since,
            level,
            train,
            train_long,
            flow,
            lowest,
            near,
            far,
            last,
            fires,
            held,
            over,
            self.stood,
            self.changed_lately,
            own_lowest,
        )

    def changed(self) -> "Growing":
        """Returns the rule after λ or the learning rate took another value: the means and the proof start anew."""
        if self.last is None:
            return self
        return structs.replace(
            self,
            since=0,
            level=0.0,
            train=0.0,
            train_long=0.0,
            over=0,
            stood=False,
            changed_lately=True,
            own_lowest=math.inf,
        )
