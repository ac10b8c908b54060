"""What a sweep was begun on: the data and the versions, compared before a process trains on."""

import msgspec

from l2tui.data.prepare import prepare
from l2tui.runs.creation import versions_here
from l2tui.runs.stored import data_changed
from l2tui.settings import changed
from l2tui.sweep.directory import SweepDirectory, SweepPlan, write_plan

_NAMES = {"l2tui": "l2tui", "numpy": "NumPy", "python": "Python"}


def other_versions(plan: SweepPlan) -> str:
    """Returns a line on the versions that a sweep was begun with, where they are not those of today; else nothing.

    Training goes on with others, as it does for a run: the figures are as good, but no longer to the last bit those of
    one version alone.
    """
    here = versions_here()
    other = [
        f"{name} {plan.versions[key]} (now {here[key]})"
        for key, name in _NAMES.items()
        if key in plan.versions and _that_counts(key, plan.versions[key]) != _that_counts(key, here[key])
    ]
    return f"Begun with {', '.join(other)}: what trains from here on may differ in its last bits." if other else ""


def check_data(sweep: SweepDirectory, plan: SweepPlan) -> SweepPlan:
    """Checks that the data are still those that a sweep was begun on; returns the plan with their fingerprint.

    Raises:
        RunError: They are not.
        L2tuiError: They cannot be prepared.
    """
    fingerprint = prepare(changed(plan.settings, fold=0)).fingerprint
    if plan.fingerprint not in (None, fingerprint):
        raise data_changed(sweep, plan.settings)
    return keep_fingerprint(sweep, plan, fingerprint)


def keep_fingerprint(sweep: SweepDirectory, plan: SweepPlan, fingerprint: str) -> SweepPlan:
    """Returns the plan with the fingerprint of its data, which `sweep.json` holds from now on.

    Raises:
        OSError: It cannot be written.
    """
    if plan.fingerprint is None:
        plan = msgspec.structs.replace(plan, fingerprint=fingerprint)
        write_plan(sweep, plan)
    return plan


def _that_counts(key: str, version: str) -> str:
    """Returns a version without what no bit depends on: the last number of Python's."""
    return ".".join(version.split(".")[:2]) if key == "python" else version
