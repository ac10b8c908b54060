"""Completing the path of a table as it is typed."""

import os
from dataclasses import dataclass
from pathlib import Path

from l2tui.files import expanded

TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".npz")
_PACKED = ".gz"
_MOST = 500


@dataclass(frozen=True)
class Match:
    """A file or folder that what was typed may become.

    Attributes:
        text: What to type for it; a folder ends in a slash.
        name: Its last part.
        bytes: The size of a file; None for a folder.
    """

    text: str
    name: str
    bytes: int | None

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.bytes is None


def is_table_name(name: str) -> bool:
    """Returns whether a file is called as tables are."""
    return name.lower().removesuffix(_PACKED).endswith(TABLE_SUFFIXES)


def matches_of(text: str) -> list[Match]:
    """Returns the folders and tables whose path begins with a text, folders last; what is hidden only if asked for.

    Capital letters are as good as small ones. A folder that cannot be read has nothing in it.
    """
    folder, _, start = text.rpartition("/")
    before = text[: len(text) - len(start)]
    if text == "~":
        before, start = "~/", ""
    found: list[Match] = []
    try:
        with os.scandir(expanded(before) if before or folder else Path()) as entries:
            for entry in entries:
                if entry.name.lower().startswith(start.lower()) and (start or not entry.name.startswith(".")):
                    match = _match(entry, before)
                    found += [match] if match else []
    except (OSError, ValueError):
        return []
    return sorted(found, key=lambda match: (match.is_folder, match.name.lower()))[:_MOST]


def _match(entry: os.DirEntry[str], before: str) -> Match | None:
    try:
        if entry.is_dir():
            return Match(f"{before}{entry.name}/", f"{entry.name}/", None)
        if is_table_name(entry.name) and entry.is_file():
            return Match(f"{before}{entry.name}", entry.name, entry.stat().st_size)
    except OSError:
        pass
    return None


def without(matches: list[Match], files: list[Path]) -> list[Match]:
    """Returns matches but for those that are one of some files, by whatever path."""
    known = {os.path.realpath(file) for file in files}
    return [match for match in matches if match.is_folder or os.path.realpath(expanded(match.text)) not in known]


def completed(text: str, matches: list[Match]) -> str:
    """Returns a text with as much added to it as all its matches have in common."""
    if not matches:
        return text
    # What the first and the last in order begin with, all between begin with.
    first, last = min(match.text for match in matches), max(match.text for match in matches)
    length = next((i for i, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first))
    common = first[:length]
    return common if len(common) > len(text) or len(matches) == 1 else text
