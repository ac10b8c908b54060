from l2tui.api.assessing import Watch as Watch
from l2tui.api.assessing import assess as assess
from l2tui.api.running import Run as Run
from l2tui.api.running import load as load
from l2tui.api.running import train as train
from l2tui.api.sweeping import sweep as sweep
from l2tui.errors import L2tuiError as L2tuiError
from l2tui.overfitting.verdict import Assessment as Assessment
from l2tui.settings import Settings as Settings
from l2tui.sweep.summary import SweepView as SweepView

__version__: str
