"""l2tui: watch a small neural network overfit, and what weight decay does about it, live in a terminal.

What `__all__` names, and the modules of `l2tui.callbacks`, are public; docs/api.md describes them. Everything else may
change from one version to the next. The types of the public names stand in `__init__.pyi`.
"""

import importlib

__version__ = "0.1.0"

_HOMES = {
    "Assessment": "l2tui.overfitting.verdict",
    "L2tuiError": "l2tui.errors",
    "Run": "l2tui.api.running",
    "Settings": "l2tui.settings",
    "SweepView": "l2tui.sweep.summary",
    "Watch": "l2tui.api.assessing",
    "assess": "l2tui.api.assessing",
    "load": "l2tui.api.running",
    "train": "l2tui.api.running",
}

__all__ = ["__version__", "sweep", *_HOMES]


def __getattr__(name: str) -> object:
    """Loads what is public when it is first used."""
    if name == "sweep":
        # The function and the package share a name, so the package is what answers to it.
        return importlib.import_module("l2tui.sweep")
    if name not in _HOMES:
        raise AttributeError(f"module 'l2tui' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Returns the public names."""
    return __all__
