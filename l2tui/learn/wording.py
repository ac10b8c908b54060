"""Rewrites the decoder's messages about a lesson's file in this program's words."""

import re
from collections.abc import Mapping

_PHRASES = (
    (r"Object missing required field (`\w+`)", r"\1 is missing"),
    (r"Object contains unknown field (`.+`)", r"\1 is not known here"),
    (r"^E(?=xpected)", "e"),
    (r"`(str|int|float|array|object|bool)`", r"\1"),
    (r"\b(expected|got) str\b", r"\1 text"),
    (r"\b(expected|got) int\b", r"\1 a whole number"),
    (r"\b(expected|got) float\b", r"\1 a number"),
    (r"\b(expected|got) array\b", r"\1 a list"),
    (r"\b(expected|got) object\b", r"\1 a table"),
    (r"\b(expected|got) bool\b", r"\1 true or false"),
    (r"(list|text) of length >= (\d+)", r"\1 with a length of \2 or more"),
    (r"(list|text) of length <= (\d+)", r"\1 with a length of \2 or less"),
    (r">= ([\d.]+)", r"of \1 or more"),
    (r"<= ([\d.]+)", r"of \1 or less"),
    (r"> ([\d.]+)", r"above \1"),
    (r"< ([\d.]+)", r"below \1"),
)


def in_words(message: str, allowed: Mapping[str, tuple[str, ...]]) -> str:
    """Returns a message of msgspec in this program's words, with the place in front; lists are counted from 1.

    Args:
        message: The message.
        allowed: By the name of a field, which values it can have.
    """
    what, _, place = message.partition(" - at `")
    place = re.sub(r"\[(\d+)\]", lambda found: f"[{int(found[1]) + 1}]", place.rstrip("`").lstrip("$").lstrip("."))
    invalid = re.match(r"Invalid (?:enum )?value (.*)", what)
    if invalid:
        names = allowed.get(re.sub(r"\[.*", "", place.rpartition(".")[2]), ())
        what = f"expected {', '.join(names)}; got {invalid[1]}"
    else:
        for pattern, words in _PHRASES:
            what = re.sub(pattern, words, what)
    return f"{place}: {what}" if place else what
