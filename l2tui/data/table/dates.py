"""Dates in text: the forms that are known, and days since 1970 of texts in one of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

DAY_MICROSECONDS = 86_400_000_000
_DAYS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%d.%m.%y",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d-%b-%Y",
    "%d %b %Y",
    "%b-%d-%Y",
    "%b %d %Y",
    "%b %d, %Y",
)
_MONTHS = ("%m/%y", "%m/%Y", "%Y-%m", "%b-%y", "%b-%Y", "%b %y", "%b %Y")
_TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S%.f")
_ISO_TIMES = tuple(f"T{time[1:]}" for time in _TIMES[1:])
_ISO_ZONES = tuple(f"{time}{zone}" for time in (*_TIMES[1:], *_ISO_TIMES) for zone in ("Z", "%z"))
FORMS = (
    *(day + time for day in _DAYS for time in _TIMES),
    *(_DAYS[0] + time for time in (*_ISO_TIMES, *_ISO_ZONES)),
    *_MONTHS,
)
_LIKE_A_DATE = re.compile(
    r"\d{1,4}[-/. ](\d{1,2}|[A-Za-z]{3})[-/. ]\d{1,4}"
    r"|\d{1,2}/(\d{2}|\d{4})$|\d{4}-\d{1,2}$|[A-Za-z]{3}[- ](\d{1,2},?[- ]\d{4}|\d{2}|\d{4})$"
)
# "%Y" alone would take 20 for a year of antiquity.
_YEAR_FIRST = r"^[0-9]{4}[^0-9]"
_YEAR_LAST = r"[0-9][^0-9]+[0-9]{4}([^0-9]|$)"
_YEAR_AFTER_MONTH = r"^[0-9A-Za-z]{1,3}[^0-9A-Za-z][0-9]{4}$"
_FEW = 100


def days(texts: pl.Series, form: str) -> pl.Series:
    """Returns days since 1970, none where a text is no date of that form."""
    import polars as pl

    whole_texts, whole_form = (texts, form) if "%d" in form else ("1 " + texts, f"%d {form}")
    dates = whole_texts.str.to_datetime(whole_form, strict=False, time_unit="us", exact=True)
    if "%Y" in form:
        last = _YEAR_LAST if "%d" in form else _YEAR_AFTER_MONTH
        whole = texts.str.contains(_YEAR_FIRST if form.startswith("%Y") else last)
        dates = dates.set(~whole.fill_null(True), None)
    return dates.cast(pl.Int64) / DAY_MICROSECONDS


def fitting(forms: list[str], texts: pl.Series) -> list[str]:
    """Returns those of some forms that all texts have."""
    if forms and not all(_LIKE_A_DATE.match(str(text)) for text in texts.head(5)):
        return []
    for some in (texts.head(_FEW), texts):
        forms = [form for form in forms if not days(some, form).null_count()]
    return forms


def other_reading(forms: list[str]) -> tuple[str, str] | None:
    """Returns in words how dates of the first form are read, and how else they could be; None if in one way only."""
    if not forms:
        return None
    first = forms[0].replace("%m", "*").replace("%d", "%m").replace("*", "%d")
    if first == forms[0] or first not in forms:
        return None
    return (
        ("month before day", "day before month")
        if forms[0].startswith("%m")
        else ("day before month", "month before day")
    )
