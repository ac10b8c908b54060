"""What a column is for, by its name and the whole of its values, whatever the split."""

import re

import numpy as np

from l2tui.data.preparation import Floats
from l2tui.data.table.loading import RawColumn, RawTable
from l2tui.data.table.summary import ROW_NUMBERS

MAX_CATEGORIES = 50


def words(text: str) -> frozenset[str]:
    """Returns the words of a text."""
    return frozenset(text.split())


_INDEX = re.compile(r"unnamed: ?\d+|row[._ ]?(names?|numbers?|nr|no|id|index)|index")
_IDENTIFIERS = words(
    """
    id ids idx fid mid pid sid cid uid uuid guid key pk code zip postcode ssn number num nr serial
    """
)
_PLACES = words(
    """
    town tract school district state county region country city subject subjects subj patient person family
    household block batch plot site station village ward cluster litter animal rat dog hospital firm company student
    child pair team individual participant zip
    """
)
_TIMES = words(
    """
    year yr date datetime time month day week quarter hour minute period timestamp decade t
    """
)


def tokens(name: str) -> list[str]:
    """Returns the words of a name in lower case: of `schoolID` and `school_id`, school and id."""
    parted = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    return re.findall(r"[a-z]+", parted.lower())


def names_identifier(name: str) -> bool:
    """Returns whether a name is that of an identifier."""
    words = tokens(name)
    if not words:
        return False
    last = words[-1]
    in_one_word = (last.endswith("id") and last[:-2] in _PLACES) or (last.endswith(("code", "cod")) and len(last) > 3)
    return last in _IDENTIFIERS or in_one_word


def names_group(name: str) -> bool:
    """Returns whether a name is that of someone or something with several rows, as a patient or a town."""
    return names_identifier(name) or bool(_PLACES.intersection(tokens(name)))


def names_time(name: str) -> bool:
    """Returns whether a name is that of a time."""
    return bool(_TIMES.intersection(tokens(name)))


def is_index(raw: RawTable, column: RawColumn) -> bool:
    """Returns whether a column only labels or counts the rows: by its name, or since it counts 0, 1, 2 or 1, 2, 3."""
    if raw.unnamed_first and column.name == raw.names[0]:
        return True
    if _INDEX.fullmatch(column.name.strip().lower()) and all_differ(column):
        return True
    if column.reading.kind != "number" or column.missing:
        return False
    offset = column.values - raw.row_numbers
    return offset[0] in (0, 1) and bool((offset == offset[0]).all())


def why_dropped(raw: RawTable, column: RawColumn) -> str:
    """Returns why a column is of no use as an input; empty where it may be."""
    if is_index(raw, column):
        return ROW_NUMBERS
    if column.reading.kind == "category":
        return _no_category(column)
    if not column.missing and (column.values == column.values[0]).all():
        return "one value in all rows"
    whole = bool((column.values == np.floor(column.values)).all())
    if column.reading.kind == "number" and names_identifier(column.name) and whole and all_differ(column):
        return "an identifier, another one in every row"
    return ""


def all_differ(column: RawColumn) -> bool:
    """Returns whether no value comes twice."""
    if column.overflow:
        return True
    there = column.values[column.values >= 0] if column.reading.kind == "category" else present(column.values)
    return len(there) > 1 and len(np.unique(there)) == len(there)


def present(values: Floats) -> Floats:
    """Returns the values that are there."""
    return values[~np.isnan(values)]


def _no_category(column: RawColumn) -> str:
    if column.overflow:
        return "text, almost every row another"
    different = len(column.labels)
    there = len(column.values) - column.missing
    if different == 1 and not column.missing:
        return "one value in all rows"
    if different == there and different > 2:
        return "text, another one in every row"
    if different > MAX_CATEGORIES:
        return f"text with more than {MAX_CATEGORIES} different values"
    return ""
