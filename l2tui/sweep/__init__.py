"""Finding how much weight decay a model needs: one grid of λ, trained on several folds in lock-step.

The mathematics is that of `training.lanes`; here are the grid, the plan of who trains how far, the answer and its
statistics, and the directory that a sweep lives in. Nothing here knows a screen.
"""

import importlib
import sys
from types import ModuleType
from typing import Any


class _Callable(ModuleType):
    """This package, called like the public function `l2tui.sweep`, whose name it has."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Calls `l2tui.api.sweeping.sweep`."""
        return importlib.import_module("l2tui.api.sweeping").sweep(*arguments, **options)


sys.modules[__name__].__class__ = _Callable
