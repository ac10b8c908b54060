"""What commands print: prose, JSON, and what came from outside."""

import json
import sys
from typing import Any

import msgspec

from l2tui.view.glyphs import glyphs_of

SCHEMA = 1


def print_text(text: str) -> None:
    """Prints prose, in words that standard output takes; single signs are put in their place by the stream itself."""
    print(glyphs_of(sys.stdout).say(text))


def print_json(value: Any, *, indent: int | None = None) -> None:
    r"""Prints a value as JSON, on a line of its own or indented; a number that is not finite is null there.

    An object says first which version of its keys it has, those of docs/json.md. A file's name that is no UTF-8 keeps
    its bytes, spelled out as Python does: \udcff for the byte FF.
    """
    fields = msgspec.structs.asdict(value) if isinstance(value, msgspec.Struct) else value
    versioned = {"schema": SCHEMA, **fields} if isinstance(fields, dict) else fields
    try:
        text = msgspec.json.encode(versioned)
        text = text if indent is None else msgspec.json.format(text, indent=indent)
    except UnicodeEncodeError:
        text = json.dumps(msgspec.to_builtins(versioned), indent=indent).encode()
    sys.stdout.buffer.write(text + b"\n")


def one_line(text: str) -> str:
    """Returns a text whose line ends, and what steers a terminal, are spelled out."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
