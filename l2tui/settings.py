"""Every setting of a run, as one frozen and validated object.

This module imports no number library, so the command line and the first picture of the app need not wait for one.
"""

import math
from contextlib import suppress
from typing import Annotated, Any, Literal, NamedTuple, get_args

import msgspec
from msgspec import Meta, Struct

from l2tui.errors import SettingsError

Activation = Literal["tanh", "relu", "sigmoid"]
Dtype = Literal["float64", "float32"]
CriterionName = Literal["growing", "gl", "up", "pq", "patience"]
OptimizerName = Literal["sgd", "momentum", "adam", "adamw"]

ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)
DTYPES: tuple[Dtype, ...] = get_args(Dtype)
CRITERIA: tuple[CriterionName, ...] = get_args(CriterionName)
OPTIMIZERS: tuple[OptimizerName, ...] = get_args(OptimizerName)

# What λ does with each optimiser, for people.
L2_WITH_OPTIMIZER: dict[OptimizerName, str] = {
    "sgd": "λ shrinks every weight by 2·lr·λ of itself a step; L2 penalty and weight decay are the same",
    "momentum": "λ is in the gradient, and momentum carries its pull on as it does the data's",
    "adam": "λ is in the gradient, which Adam rescales: weights with large gradients hardly decay",
    "adamw": "λ shrinks every weight by 2·lr·λ of itself a step, apart from the adaptive step",
}

# Adam's steps are about as long as the rate, whatever the gradient: a rate that suits SGD is far too large for it.
ADAM_RATE = 1e-3
ADAPTIVE = ("adam", "adamw")

# A table with fewer rows has too few for three parts.
MIN_ROWS = 10


class TableChoice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to read a table of the user.

    Attributes:
        target: Column to predict; None to guess it.
        task: Whether that is a class or a number; "auto" to tell by its values.
        drop: Columns to leave out.
        split: Shares of the training, validation and test part, in per cent of the rows.
        group: Column whose equal values never come on both sides of a split.
        time: Column by which rows are put in order before they are split, instead of by chance.
        rows: Rows to use at most, a random sample of them; None for all.
        transform: Names of columns, and how their values are replaced before they are standardised: by the logarithm
            of one plus their distance from the smallest ("log"), or by their normal score ("rank").
    """

    target: str | None = None
    task: Literal["auto", "classification", "regression"] = "auto"
    drop: tuple[str, ...] = ()
    split: tuple[float, float, float] = (60.0, 20.0, 20.0)
    group: str | None = None
    time: str | None = None
    rows: Annotated[int, Meta(ge=MIN_ROWS)] | None = None
    transform: tuple[tuple[str, Literal["log", "rank"]], ...] = ()

    def __post_init__(self) -> None:
        if not all(math.isfinite(share) and share > 0 for share in self.split):
            shown = "/".join(f"{share:g}" for share in self.split)
            raise SettingsError(f"split: expected three shares above 0, such as 60/20/20, got {shown}", "table")
        if not any(abs(sum(self.split) - whole) <= 0.01 * whole for whole in (1.0, 10.0, 100.0)):
            shown = "/".join(f"{share:g}" for share in self.split)
            raise SettingsError(f"split: {shown} sums to {sum(self.split):g}; expected 100, as in 60/20/20", "table")


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run is made of: the data, the model and how it is trained.

    Build one from outside values with `from_mapping`, which validates; `changed` gives an altered copy.

    Attributes:
        data: Name of a built-in data set, or path of a table.
        table: How that table is to be read; None for a built-in data set.
        noise: Standard deviation of the noise of a generated set; None for a real table.
        label_noise: Share of training labels that are flipped (classes), or standard deviation of the noise
            added to training targets in units of their own deviation (regression). Validation and test keep theirs.
        train_size: Rows in the training part.
        seed: Seed of the data, the split, the initial weights and the order of the batches.
        fold: Which share of the training and validation rows together validates: 0 for the split's own validation
            part, 1 to `folds` for one of that many equal shares, above for those of another draw. Initial weights and
            batches differ from fold to fold.
        folds: Equal shares that those rows are cut into.
        hidden: Units of the hidden layer.
        activation: Their non-linearity.
        dtype: Floating point type of the weights.
        l2: λ of the penalty λ·(ΣW1² + ΣW2²).
        learning_rate: Factor of the gradient in one step.
        optimizer: How a gradient changes the weights; `L2_WITH_OPTIMIZER` says what λ does with each.
        momentum: Share of the last change that the momentum optimiser carries on; the others have no use for it.
        batch_size: Rows in one step; at least `train_size` means full-batch.
        epochs: Passes over the training part.
        criterion: Which rule confirms that the validation loss rises.
        stop_on_overfit: Whether the run ends when that rule confirms it.
        pace: Epochs a second at most; None for as fast as it goes.
        blas_threads: Threads of the matrix products. More than one pays from about 500 inputs and hidden units on, and
            the last digits of the weights may then depend on it.
    """

    data: Annotated[str, Meta(min_length=1)] = "moons"
    table: TableChoice | None = None
    noise: Annotated[float, Meta(ge=0, le=10)] | None = None
    label_noise: Annotated[float, Meta(ge=0, le=1)] = 0.0
    train_size: Annotated[int, Meta(ge=2, le=10**8)] = 100
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 0
    fold: Annotated[int, Meta(ge=0, le=10_000)] = 0
    folds: Annotated[int, Meta(ge=2, le=100)] = 5
    hidden: Annotated[int, Meta(ge=1, le=100_000)] = 64
    activation: Activation = "tanh"
    dtype: Dtype = "float64"
    l2: Annotated[float, Meta(ge=0)] = 0.0
    learning_rate: Annotated[float, Meta(gt=0)] = 0.1
    optimizer: OptimizerName = "sgd"
    momentum: Annotated[float, Meta(ge=0, lt=1)] = 0.9
    batch_size: Annotated[int, Meta(ge=1, le=10**8)] = 16
    epochs: Annotated[int, Meta(ge=0, le=10**9)] = 1000
    criterion: CriterionName = "growing"
    stop_on_overfit: bool = False
    pace: Annotated[float, Meta(gt=0)] | None = None
    blas_threads: Annotated[int, Meta(ge=1, le=256)] = 1

    def __post_init__(self) -> None:
        for name in ("l2", "learning_rate", "momentum", "noise", "pace"):
            value = getattr(self, name)
            if value is not None and not math.isfinite(value):
                raise SettingsError(_complaint(name, value), name)


class SettingInfo(NamedTuple):
    """The help on one setting.

    Attributes:
        name: The field of `Settings`.
        label: A short name for the screen.
        expects: What a value must be, to go into "expected ...".
        help: One line for help pages.
        live: Whether it can change while a run goes on.
    """

    name: str
    label: str
    expects: str
    help: str
    live: bool = False


SETTING_INFO: dict[str, SettingInfo] = {
    info.name: info
    for info in (
        SettingInfo("data", "data", "the name of a data set", "data set to train on"),
        SettingInfo("noise", "noise", "a number from 0 to 10", "noise of a generated data set"),
        SettingInfo(
            "label_noise",
            "label noise",
            "a number from 0 to 1",
            "share of training labels that are wrong on purpose",
        ),
        SettingInfo("train_size", "train rows", "a whole number of 2 or more", "rows in the training part"),
        SettingInfo("seed", "seed", "a whole number from 0 to 4294967295", "seed of data, split, weights and batches"),
        SettingInfo("fold", "fold", "a whole number of 0 or more", "share of the rows that validates; 0: own split"),
        SettingInfo("folds", "folds", "a whole number from 2 to 100", "shares that the rows are cut into for folds"),
        SettingInfo("hidden", "hidden", "a whole number from 1 to 100000", "units of the hidden layer"),
        SettingInfo("activation", "activation", "tanh, relu or sigmoid", "non-linearity of the hidden units"),
        SettingInfo("dtype", "dtype", "float64 or float32", "floating point type of the weights"),
        SettingInfo(
            "l2",
            "L2 λ",
            "a number of 0 or more",
            "weight decay: λ of the penalty λ·Σw² on W1 and W2",
            True,
        ),
        SettingInfo("learning_rate", "rate", "a number above 0", "learning rate", True),
        SettingInfo("optimizer", "optimizer", "sgd, momentum, adam or adamw", "how a gradient changes the weights"),
        SettingInfo("momentum", "momentum", "a number from 0 to below 1", "what the momentum optimizer carries on"),
        SettingInfo(
            "batch_size", "batch", "a whole number of 1 or more", "rows in one step; from train rows on: full-batch"
        ),
        SettingInfo("epochs", "epochs", "a whole number from 0 to 1000000000", "passes over the training part", True),
        SettingInfo(
            "criterion",
            "criterion",
            "growing, gl, up, pq or patience",
            "rule that confirms a rising validation loss",
            True,
        ),
        SettingInfo("stop_on_overfit", "auto stop", "on or off", "end the run when overfitting is confirmed", True),
        SettingInfo("pace", "pace", "a number above 0, or max", "epochs a second at most, or max", True),
        SettingInfo("blas_threads", "threads", "a whole number from 1 to 256", "threads of the matrix products"),
    )
}

LIVE_SETTINGS: tuple[str, ...] = tuple(info.name for info in SETTING_INFO.values() if info.live)


def from_mapping(values: dict[str, Any]) -> Settings:
    """Builds validated settings.

    Args:
        values: Field names and values; a value may be text, as typed by a person, and `pace` may be "max".

    Returns:
        The settings, with defaults for what is not in `values`.

    Raises:
        SettingsError: A name is unknown or a value is not allowed.
    """
    return Settings(**{name: parse_value(name, value) for name, value in values.items()})


def parse_value(name: str, value: Any) -> Any:
    """Checks and converts the value of one setting.

    Args:
        name: Field of `Settings`.
        value: A value of the right type, or the text of one.

    Returns:
        The value in the field's own type.

    Raises:
        SettingsError: There is no such setting, or the value is not allowed.
    """
    if name not in SETTING_INFO:
        known = ", ".join(SETTING_INFO)
        raise SettingsError(f"{name}: no such setting; there are {known}", name)
    given = value
    if isinstance(value, str):
        value = value.strip()
        if name == "pace" and value == "max":
            return None
        if name == "stop_on_overfit":
            value = {"on": "true", "off": "false"}.get(value.lower(), value)
        if name != "data" and "." in value:
            # ".1" and "1." are numbers to a person, but not in JSON.
            with suppress(ValueError):
                value = repr(float(value))
        if value.lower() == "null":
            raise SettingsError(_complaint(name, given), name)
    if isinstance(value, bool) and name != "stop_on_overfit":
        raise SettingsError(_complaint(name, given), name)
    try:
        return getattr(msgspec.convert({name: value}, Settings, strict=False), name)
    except msgspec.ValidationError:
        raise SettingsError(_complaint(name, given), name) from None


def parse_split(text: str) -> tuple[float, float, float]:
    """Returns the shares of a table's parts, as typed: 60/20/20.

    Raises:
        SettingsError: Those are not three numbers.
    """
    try:
        train, val, test = (float(share) for share in text.replace(",", "/").split("/"))
    except ValueError:
        raise SettingsError(f"split: expected three shares such as 60/20/20, got {text!r}", "table") from None
    return train, val, test


def changed(settings: Settings, **values: Any) -> Settings:
    """Returns a validated copy of `settings` with other values for some fields.

    Raises:
        SettingsError: As `from_mapping`.
    """
    return msgspec.structs.replace(settings, **{name: parse_value(name, value) for name, value in values.items()})


def with_rate(values: dict[str, Any]) -> dict[str, Any]:
    """Returns chosen values with a rate that suits Adam, where that is chosen and no rate is."""
    adaptive = str(values.get("optimizer", "")).strip() in ADAPTIVE
    return {"learning_rate": ADAM_RATE, **values} if adaptive else values


def show_value(name: str, value: Any) -> str:
    """Returns the shortest text that `parse_value` turns back into `value`."""
    if value is None:
        return "max" if name == "pace" else "-"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return min((text for text in (f"{value:g}", repr(value)) if float(text) == value), key=len)
    return str(value)


def _complaint(name: str, value: Any) -> str:
    return f"{name}: expected {SETTING_INFO[name].expects}, got {value!r}"
