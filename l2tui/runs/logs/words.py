"""A verdict on a training that this program does not steer, in words that fit any trainer."""

import re

from msgspec.structs import replace

from l2tui.overfitting.verdict import Assessment


def foreign(assessment: Assessment, x: str) -> Assessment:
    """Returns an assessment that speaks of no key, no λ and of nothing that a log does not hold.

    Args:
        assessment: The verdict.
        x: What is counted: epoch, step, iteration or row.
    """
    is_network = x in ("epoch", "step")
    best = f"the best weights are those of {x} {assessment.best_epoch}" if is_network else ""
    advice = {
        "waiting": "wait for more of them",
        "learning": "let it train",
        "overfitting": f"more decay or fewer {x}s; {best}"
        if is_network
        else f"more regularisation, or stop earlier; the best is {x} {assessment.best_epoch}",
        "l2_too_strong": "less decay, or a lower learning rate",
    }.get(assessment.verdict, assessment.advice)
    # Before there is a verdict, evaluations are counted, whatever x is.
    evidence = re.sub(r"\b(more )epoch(?=s? needed)", r"\1evaluation", assessment.evidence)
    evidence = evidence.replace("that of the untrained network", "the first one").replace(" with this λ", "")
    return replace(
        assessment,
        headline="Both losses rise" if assessment.verdict == "l2_too_strong" else assessment.headline,
        evidence=re.sub(r"\bepoch(?=s?\b)", x, evidence),
        advice=advice,
        direction=None,
    )
