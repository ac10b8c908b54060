"""What a hostile terminal sends: bytes that are no text, and sequences that are almost those of keys and answers."""

import random

_LETTERS = b"0123456789;:?<>$mMtuyRIO~ABab_"
_NUMBERS = ("", "-1", "0", "1", "2", "5", "24", "80", "300", "9999", "99999", "1000000000", "9" * 30, "1:2")
# Answers with the position of the cursor, sizes, modes and attributes; mouse, keys, a title.
_FORMS = ("[{}R", "[?{}R", "[48;{}t", "[8;{}t", "[?{}$y", "[?{}c", "[<{}M", "[<{}m", "[{}M", "[{}u", "[{}~", "]{}\x07")
# Begins or ends of what has another end: pastes, the focus, control strings, keys of the keypad.
_HALVES = (b"\x1b[200~", b"\x1b[201~", b"\x1b[I", b"\x1b[O", b"\x1bP", b"\x1b]", b"\x1b_", b"\x1b^", b"\x1bX", b"\x1bO")
_STRINGS = (b"\x1b]0;", b"\x1b]52;c;", b"\x1bP", b"\x1b_G", b"\x1b[200~", b"\x9d", b"\xc2\x9d")
# Characters that no key has: half a pair of UTF-16, the last one there is, the one after it, none.
_CODES = (0, 1, 32, 57, 65, 97, 127, 128, 55296, 57343, 57358, 57414, 65535, 1114111, 1114112, 1 << 31)
_BUTTONS = (0, 1, 2, 3, 4, 8, 16, 32, 35, 64, 65, 66, 67, 128, 255)

COLUMNS, ROWS = 100, 30


def _key(chance: random.Random) -> str:
    """Returns a key in the form of kitty's protocol: codes, modifiers and what has happened, text."""
    codes = ":".join(str(chance.choice(_CODES)) for _ in range(chance.choice((1, 1, 2, 3))))
    modifiers = f"{chance.choice((0, 1, 2, 5, 9, 256, 300))}{chance.choice(('', ':1', ':2', ':3', ':9'))}"
    text = f";{chance.choice(_CODES)}" if chance.random() < 0.3 else ""
    return f"[{codes};{modifiers}{text}u"


def _mouse(chance: random.Random, without: bytes) -> bytes:
    """Returns a report of the mouse in one of the three forms that there are, mostly of a cell of the screen.

    Who does not know the oldest form takes its numbers for keys.
    """
    x, y = chance.randint(0, COLUMNS + 1), chance.randint(0, ROWS + 1)
    button = chance.choice(_BUTTONS)
    forms = (
        b"\x1b[<%d;%d;%dM\x1b[<%d;%d;%dm" % (button, x, y, button, x, y),
        b"\x1b[%d;%d;%dM" % (32 + button, x, y),
        b"\x1b[M" + bytes((32 + button & 0xFF, 32 + x, 32 + y)).translate(None, without),
    )
    return chance.choice(forms)


def noise(chance: random.Random, without: bytes = b"") -> bytes:
    """Returns some bytes: any, keys, and sequences that are almost those of keys and answers.

    Args:
        chance: What is drawn.
        without: Bytes that are left out wherever they would stand for themselves; the escape among them only where it
            would be a key.
    """
    kind = chance.random()
    numbers = ";".join(chance.choices(_NUMBERS, k=chance.randint(1, 5)))
    text = b""
    if kind < 0.25:
        text = chance.randbytes(chance.randint(1, 40))
    elif kind < 0.3:
        text = bytes(chance.choices((0, 0, *range(0x80, 0x100)), k=chance.randint(1, 20)))
    elif kind < 0.5:
        return b"\x1b[" + bytes(chance.choices(_LETTERS, k=chance.randint(0, 12))).translate(None, without)
    elif kind < 0.62:
        return b"\x1b" + chance.choice(_FORMS).format(numbers).encode()
    elif kind < 0.67:
        return b"\x1b" + _key(chance).encode()
    elif kind < 0.72:
        return _mouse(chance, without)
    elif kind < 0.77:
        return chance.choice(_HALVES)
    else:
        text = bytes(chance.choices(range(0x20, 0x7F), k=chance.randint(1, 20))) + chance.choice((b"", b"\r", b"\t"))
    return text.translate(None, without)


def endless(chance: random.Random) -> bytes:
    """Returns a control string or a paste that is long and has no end."""
    return chance.choice(_STRINGS) + bytes(chance.choices(range(0x20, 0x7F), k=chance.randint(100, 2000)))
