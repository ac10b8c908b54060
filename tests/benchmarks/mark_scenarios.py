"""The runs that the study of the mark is drawn from: what is trained, for how long, and what is changed on the way."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from l2tui.settings import OPTIMIZERS, Settings, from_mapping

# What each set is trained with where a scenario says nothing else. Not the app's recommendations, which may change.
BASE: dict[str, dict[str, Any]] = {
    "moons": {"noise": 0.35, "train_size": 100, "learning_rate": 0.3},
    "circles": {"noise": 0.35, "train_size": 100, "learning_rate": 0.3},
    "spirals": {"noise": 0.35, "train_size": 100, "learning_rate": 0.3},
    "xor": {"noise": 0.6, "train_size": 100, "learning_rate": 0.3},
    "sine": {"noise": 0.5, "train_size": 30, "learning_rate": 0.1},
    "breast-cancer": {"train_size": 100, "learning_rate": 0.1},
    "wine": {"train_size": 60, "learning_rate": 0.1},
    "digits": {"train_size": 200, "learning_rate": 0.1, "batch_size": 32},
    "iris": {"train_size": 60, "learning_rate": 0.1},
    "diabetes": {"train_size": 150, "learning_rate": 0.02},
}
USUAL = {"hidden": 64, "activation": "tanh", "dtype": "float64", "batch_size": 16, "l2": 0.0, "label_noise": 0.0}

# How much smaller a step each further optimiser is given; one that the settings do not know is left out.
SMALLER_STEP = {"momentum": 0.1, "adam": 0.03, "adamw": 0.03, "nesterov": 0.1, "rmsprop": 0.03}


class Change(NamedTuple):
    """A live setting that takes a new value before the first update of the epoch after `epoch`."""

    epoch: int
    name: str
    value: float


class Scenario(NamedTuple):
    """One run.

    Attributes:
        group: Which row of the table by kinds of run it counts in.
        label: What it is, for people; the same for all seeds.
        settings: What is trained.
        changes: What is changed on the way.
        val_rows: Rows of the validation part that are used; None for all.
    """

    group: str
    label: str
    settings: Settings
    changes: tuple[Change, ...] = ()
    val_rows: int | None = None


def scenarios(seeds: range, *, quick: bool = False) -> Iterator[Scenario]:
    """Yields all runs of some seeds; a quick study takes three data sets, and 30 % of the epochs."""
    names = ("moons", "breast-cancer", "sine") if quick else tuple(BASE)
    for seed in seeds:
        for name in names:
            yield from _of_dataset(name, seed, 0.3 if quick else 1.0)
        yield from _long(seed, quick)


def _of_dataset(name: str, seed: int, share: float) -> Iterator[Scenario]:
    rate = BASE[name]["learning_rate"]
    few = 20 if name == "sine" else 40 if name == "digits" else 30

    def run(group: str, label: str, epochs: int, **values: Any) -> Scenario:
        extra = {key: values.pop(key) for key in ("changes", "val_rows") if key in values}
        return Scenario(group, f"{name} {label}", _settings(name, epochs=epochs, seed=seed, **values), **extra)

    def at(length: int) -> int:
        return max(40, round(length * share))

    for l2 in (0.0, 3e-4, 1e-3, 1e-2, 1e-1):
        yield run("lambda", f"l2={l2:g}", at(1200), l2=l2)
    yield run("lambda", "l2=3e-3 lr*2", at(800), l2=3e-3, learning_rate=2 * rate)
    yield run("size", f"n={few} l2=0", at(1000), train_size=few, batch_size=8)
    yield run("size", f"n={few} l2=3e-3", at(1000), train_size=few, batch_size=8, l2=3e-3)
    yield run("size", f"n={few} l2=3e-2", at(600), train_size=few, batch_size=8, l2=3e-2)
    if name not in ("wine", "iris"):
        yield run("size", "n=150 l2=1e-3", at(600), train_size=150, l2=1e-3)
    yield run("batch", "full batch", at(1200), batch_size=10**6)
    yield run("batch", "full batch l2=1e-3", at(1200), batch_size=10**6, l2=1e-3)
    yield run("batch", "batch 4", at(500), batch_size=4)
    yield run("batch", "batch 4 l2=1e-3", at(500), batch_size=4, l2=1e-3)
    yield run("rate", "lr*4", at(600), learning_rate=4 * rate)
    yield run("rate", "lr*3 batch 4 l2=1e-2", at(400), learning_rate=3 * rate, batch_size=4, l2=1e-2)
    yield run("rate", "lr/8", at(1200), learning_rate=rate / 8)
    yield run("label noise", "wrong labels .2", at(800), label_noise=0.2)
    yield run("label noise", "wrong labels .2 l2=1e-2", at(600), label_noise=0.2, l2=1e-2)
    yield run("short", "40 epochs", 40)
    yield run("short", "40 epochs lr/3 l2=1e-2", 40, learning_rate=rate / 3, l2=1e-2)
    yield run("tiny val", "12 val rows", at(600), val_rows=12)
    yield run("tiny val", "12 val rows l2=1e-2", at(600), val_rows=12, l2=1e-2)
    third = at(900) // 3
    yield run("change", "l2 0 to 1e-2", 3 * third, changes=(Change(third, "l2", 1e-2),))
    yield run("change", "l2 1e-2 to 0", 3 * third, l2=1e-2, changes=(Change(third, "l2", 0.0),))
    yield run("change", "lr/10", 3 * third, changes=(Change(third, "learning_rate", rate / 10),))
    yield run("change", "l2 0 to 1e-1", 3 * third, changes=(Change(third // 3, "l2", 1e-1),))
    for optimizer, factor in SMALLER_STEP.items():
        if optimizer in OPTIMIZERS:
            for l2 in (0.0, 1e-3) if optimizer != "adamw" else (1e-2,):
                values = {"optimizer": optimizer, "learning_rate": factor * rate, "l2": l2}
                yield run("optimiser", f"{optimizer} l2={l2:g}", at(500), **values)


def _long(seed: int, quick: bool) -> Iterator[Scenario]:
    """Very long runs of tiny networks, full-batch and on small batches; few, as each takes seconds."""
    if quick or seed % 5:
        return
    kinds = (
        ("moons 100k", "moons", 100_000, {"batch_size": 10**6, "train_size": 30}),
        ("moons 100k l2=1e-3", "moons", 100_000, {"batch_size": 10**6, "train_size": 30, "l2": 1e-3}),
        ("sine 30k batch 8", "sine", 30_000, {"batch_size": 8}),
        ("sine 30k batch 8 l2=3e-3", "sine", 30_000, {"batch_size": 8, "l2": 3e-3}),
        ("diabetes 20k", "diabetes", 20_000, {"batch_size": 10**6, "train_size": 60}),
        ("iris 20k l2=1e-2", "iris", 20_000, {"batch_size": 15, "train_size": 30, "l2": 1e-2}),
    )
    for label, name, epochs, values in kinds:
        yield Scenario("long", label, _settings(name, epochs=epochs, seed=seed, hidden=6, **values))


def _settings(name: str, **values: Any) -> Settings:
    return from_mapping({"optimizer": "sgd", "momentum": 0.9, **USUAL, **BASE[name], "data": name, **values})
