"""What simpler rules score on the same rows, in words."""

from rich.cells import cell_len

from l2tui.runs.results import Floor, PartResult
from l2tui.view.cells import fitted
from l2tui.view.plain import printable

_LONGEST_ANSWER = 16


def floor_name(floor: Floor) -> str:
    """Returns the rule's name; that of a constant says what it always answers."""
    if floor.rule == "mean":
        return "always the mean"
    answer = printable(floor.answer)
    answer = fitted(answer, min(cell_len(answer), _LONGEST_ANSWER))
    return f"always '{answer}'" if floor.rule == "largest class" else floor.rule


def floor_words(result: PartResult, width: int) -> str:
    """Returns the scores of simpler rules and then the network's, in one line.

    Where there is room, each with its standard error. Nothing where no floors are known or they do not fit.
    """
    if not result.floors:
        return ""
    scores = [(floor_name(floor), floor.score, floor.score_error) for floor in result.floors]
    scores.append(("this network", result.score, result.score_error))
    percent = bool(result.class_names)
    long = " · ".join(f"{name} {score_words(score, error, percent)}" for name, score, error in scores)
    short = " · ".join(f"{name} {score_words(score, None, percent)}" for name, score, _ in scores)
    forms = (f"{long} (± standard error)" if "±" in long else long, short, short.replace(" regression", ""))
    return next((words for words in forms if cell_len(words) <= width), "")


def score_words(score: float, error: float | None, percent: bool) -> str:
    """Returns an accuracy in per cent, or R², with its standard error where that is known."""
    if percent:
        return f"{100 * score:.1f}{'' if error is None else f' ± {100 * error:.1f}'} %"
    form = ".3f" if abs(score) < 100 else ".3g"
    return f"{score:{form}}" + ("" if error is None else f" ± {error:{form}}")
