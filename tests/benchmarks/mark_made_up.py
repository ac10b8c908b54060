"""Curves that no small network draws on demand: double descent, plateaus, a validation loss that hits 0."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.mark_curves import Curve

Floats = NDArray[np.float64]


def made_up(seeds: range) -> Iterator[Curve]:
    """Yields made-up curves of some seeds; their noise is a multiple of the loss and lasts for a few epochs."""
    for seed in seeds:
        rng = np.random.default_rng(seed)
        for size in (0.002, 0.02, 0.06):
            yield from _double_descents(seed, rng, size)
            yield from _level(seed, rng, size)
        yield from _zero(seed, rng)


def _double_descents(seed: int, rng: np.random.Generator, size: float) -> Iterator[Curve]:
    """A hump on a falling curve, once with the better minimum after it and once without; its place is drawn."""
    epochs = np.arange(2001.0)
    middle, width = rng.uniform(250, 600), rng.uniform(60, 150)
    hump = 0.35 * np.exp(-(((epochs - middle) / width) ** 2))
    train = 0.6 * np.exp(-epochs / 300) + 0.02
    for label, floor in (("ends lower", 0.15), ("ends higher", 0.42)):
        val = floor + (0.7 - floor) * np.exp(-epochs / rng.uniform(300, 600)) + hump
        if label == "ends higher":
            val = 0.25 + 0.45 * np.exp(-epochs / 40) + hump + 0.1 * (1 - np.exp(-epochs / 300))
        yield _curve("double descent", f"{label}, noise {size}", seed, _noisy(train, rng, size), _noisy(val, rng, size))


def _level(seed: int, rng: np.random.Generator, size: float) -> Iterator[Curve]:
    epochs = np.arange(1501.0)
    train, val = 0.3 + 0.4 * np.exp(-epochs / 25), 0.4 + 0.3 * np.exp(-epochs / 25)
    yield _curve("plateau", f"both level, noise {size}", seed, _noisy(train, rng, size), _noisy(val, rng, size))
    falling = train - 0.1 * (1 - np.exp(-epochs / 500))
    yield _curve("plateau", f"val level, noise {size}", seed, _noisy(falling, rng, size), _noisy(val, rng, size))
    both = 0.3 * (1 - np.exp(-epochs / 200))
    yield _curve(
        "plateau", f"both rise, noise {size}", seed, _noisy(train + both, rng, size), _noisy(val + both, rng, size)
    )


def _zero(seed: int, rng: np.random.Generator) -> Iterator[Curve]:
    epochs = np.arange(801.0)
    train = _noisy(np.exp(-epochs / 60), rng, 0.02)
    stays = np.maximum(np.exp(-epochs / 40) - 1e-3, 0.0)
    yield _curve("val hits 0", "and stays", seed, train, _noisy(stays, rng, 0.02))
    touches = np.where(epochs == 300, 0.0, 0.02 + 0.3 * np.exp(-epochs / 60) + 1e-4 * np.maximum(epochs - 300, 0))
    yield _curve("val hits 0", "once and rises", seed, train, _noisy(touches, rng, 0.02))


def _noisy(clean: Floats, rng: np.random.Generator, size: float) -> Floats:
    """Multiplies by 1 + noise of deviation `size`, with a correlation of 0.6 from one epoch to the next."""
    noise = rng.standard_normal(len(clean))
    for i in range(1, len(noise)):
        noise[i] = 0.6 * noise[i - 1] + 0.8 * noise[i]
    return clean * np.maximum(1.0 + size * noise, 0.05)


def _curve(group: str, label: str, seed: int, train: Floats, val: Floats) -> Curve:
    return Curve(group, label, seed, np.arange(len(val)), train, val)
