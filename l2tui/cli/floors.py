"""What simpler rules score, as lines of text."""

from rich.cells import cell_len

from l2tui.runs.results import Floor, PartResult
from l2tui.view.cells import fitted
from l2tui.view.floors import floor_name, score_words


def floor_lines(result: PartResult) -> list[str]:
    """Returns the scores of simpler rules and the network's below them; nothing where no floors are known."""
    if not result.floors:
        return []
    percent = bool(result.class_names)
    names = [*map(floor_name, result.floors), "this network"]
    scores = [(floor.score, floor.score_error) for floor in result.floors] + [(result.score, result.score_error)]
    words = [score_words(*score, percent) for score in scores]
    first, second = (max(map(cell_len, texts)) for texts in (names, words))
    how = [_fit(floor, result.floors[0]) for floor in result.floors] + [_gain(result.floors[-1], percent)]
    head = f"{'accuracy' if percent else 'R²'} of simpler rules on the same rows"
    known = "" if result.score_error is None else ", ± one standard error"
    rows = zip(names, words, how, strict=True)
    return ["", head + known] + [
        f"  {fitted(name, first)}  {fitted(score, second, right=True)}  {more}".rstrip() for name, score, more in rows
    ]


def _fit(floor: Floor, constant: Floor) -> str:
    if floor.l2 is None:
        return ""
    sample = f", a sample of {floor.train_rows:,} rows" if floor.train_rows < constant.train_rows else ""
    return f"at λ {floor.l2:g}{sample}"


def _gain(floor: Floor, percent: bool) -> str:
    """Returns the network's score less the linear rule's, as they are compared row by row."""
    sign = "" if floor.gain < 0 else "+"
    return f"{sign}{score_words(floor.gain, floor.gain_error, percent).replace('%', 'points')} on {floor.rule}"
