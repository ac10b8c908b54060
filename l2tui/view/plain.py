"""Plain words: text from outside, such as a path or an error, made safe for a terminal, and numbers with their word."""


def printable(text: str) -> str:
    """Returns a text whose every character is shown: no escape sequence, no line end, no change of direction."""
    return text if text.isprintable() else "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else "\N{REPLACEMENT CHARACTER}"


def count_of(number: int, one: str, several: str | None = None) -> str:
    """Returns a number with its word, such as "1 row" or "1,200 rows"."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"
