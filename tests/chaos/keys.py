"""A terminal that sends anything: bytes that are no text, and sequences that are almost those of keys and answers."""

import codecs
import random

from l2tui.line.textual.keys import EscapeParser

_LETTERS = b"0123456789;:?<>$mMtuyRIO~ABab_"


def feed(seed: int, reads: int, encoding: str = "utf-8") -> list[str]:
    """Returns at which reads the app's way of reading keys raised an error."""
    chance = random.Random(seed)
    decoder = codecs.getincrementaldecoder(encoding)(errors="ignore")
    parser, failures = EscapeParser(False), []
    for number in range(reads):
        data = chance.randbytes(chance.randint(1, 60))
        if chance.random() < 0.7:
            data = b"\x1b[" + bytes(chance.choices(_LETTERS, k=chance.randint(0, 12)))
        # An empty text means the end of the file to the parser; the driver passes none on.
        if text := decoder.decode(data):
            try:
                list(parser.feed(text))
            except Exception as error:
                failures.append(f"seed {seed}, read {number}: {data!r}: {type(error).__name__}: {error}")
                parser = EscapeParser(False)
    return failures
