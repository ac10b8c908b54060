"""What lanes are said to take of the memory is what they take."""

import json
import subprocess
import sys

import pytest

from l2tui.data.prepare import prepare
from l2tui.nn.optimizers import make_optimizer
from l2tui.nn.parameters import Parameters, Shape
from l2tui.settings import Settings
from l2tui.sweep.memory import _SLOTS, need_of

LANES = 8
# Trains a fold as a process of a sweep does, with states that come and leave, and prints by how much it grew. Linux
# has the peak of the program itself in its status; what getrusage says may be that of the process it was forked from.
MEASURE = """
import json, pickle, resource, sys
import psutil
from l2tui.data.prepare import prepare
from l2tui.settings import Settings
from l2tui.sweep.stretch import Stretch, train
settings = Settings(**json.loads(sys.argv[1]))
grid = tuple(i * 1e-5 for i in range(int(sys.argv[2])))
splits, lanes = prepare(settings), tuple(range(len(grid)))
before = psutil.Process().memory_info().rss
states = ()
for until in (1, 2):
    states = pickle.loads(pickle.dumps(train(splits, Stretch(settings, grid, lanes, until, states)))).states
if sys.platform == "darwin":
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
else:
    most = next(1024 * int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(most - before)
"""


@pytest.mark.parametrize(
    "values",
    [
        {"data": "digits", "hidden": 4000, "batch_size": 32},
        {"data": "digits", "hidden": 3000, "batch_size": 64, "optimizer": "adamw"},
        {"data": "digits", "hidden": 4000, "batch_size": 16, "optimizer": "momentum", "dtype": "float32"},
        {"data": "moons", "hidden": 100, "batch_size": 20_000, "train_size": 40_000},
    ],
    ids=["wide", "adamw", "float32", "large batches"],
)
@pytest.mark.slow
def test_the_estimate_is_the_peak_that_is_measured(values):
    # From a tenth too little, as the system's own bookkeeping may add, to 1.8 times as much.
    settings = Settings(epochs=2, **values)
    command = [sys.executable, "-c", MEASURE, json.dumps({"epochs": 2, **values}), str(LANES)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    need = need_of(prepare(settings), settings)
    assert 0.9 < (need.fold + LANES * (need.lane + need.waiting)) / int(done.stdout) < 1.8


@pytest.mark.parametrize("name", list(_SLOTS))
def test_what_an_optimizer_keeps_is_counted(name):
    parameters = Parameters(Shape(2, 3, 1), "tanh", lanes=2)
    assert len(make_optimizer(name, parameters, parameters.theta.copy()).slots) == _SLOTS[name]


def test_fewer_lanes_fit_where_more_states_are_kept():
    need = need_of(prepare(Settings()), Settings())
    room = need.fold + 3 * need.lane
    assert need.fits(0, room) == 3
    assert need.fits(0, room - 1) == 2
    assert need.fits(10, room + 10 * need.waiting) == 3
    assert need.fits(10**9, room) == 0
