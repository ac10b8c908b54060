"""Since when does a run overfit: criteria that fire, the mark they confirm, and the verdict in words.

Pure and immutable: each takes one epoch at a time and returns a new value. Nothing here knows numpy or a screen.
"""

from l2tui.overfitting.criteria import CRITERIA, make_criterion
from l2tui.overfitting.phase import Change
from l2tui.overfitting.rule import Criterion
from l2tui.overfitting.standing import Verdict
from l2tui.overfitting.verdict import Assessment, Known, assess
from l2tui.overfitting.watch import Watch, evaluate, evaluate_all

__all__ = [
    "CRITERIA",
    "Assessment",
    "Change",
    "Criterion",
    "Known",
    "Verdict",
    "Watch",
    "assess",
    "evaluate",
    "evaluate_all",
    "make_criterion",
]
