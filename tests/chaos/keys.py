"""What a hostile terminal sends, read by the app's own parser alone, which is faster than a real terminal."""

import codecs
import random

from l2tui.line.textual.keys import EscapeParser
from tests.chaos.noise import noise


def feed(seed: int, reads: int, encoding: str = "utf-8") -> list[str]:
    """Returns at which reads the app's way of reading keys raised an error."""
    chance = random.Random(seed)
    decoder = codecs.getincrementaldecoder(encoding)(errors="ignore")
    parser, failures = EscapeParser(False), []
    for number in range(reads):
        data = noise(chance)
        # An empty text means the end of the file to the parser; the driver passes none on.
        if text := decoder.decode(data):
            try:
                list(parser.feed(text))
            except Exception as error:
                failures.append(f"seed {seed}, read {number}: {data!r}: {type(error).__name__}: {error}")
                parser = EscapeParser(False)
    return failures
