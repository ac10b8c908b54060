"""Text from outside, such as a path or an error, made safe for a terminal."""


def printable(text: str) -> str:
    """Returns a text whose every character is shown: no escape sequence, no line end, no change of direction."""
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else "\N{REPLACEMENT CHARACTER}"
