"""The errors a user can meet: one family, each with a message that says what is wrong, where, and what to do."""

from collections.abc import Iterable


class L2tuiError(Exception):
    """Something that a user did or met. Its text is one line, shown as it is, without a traceback."""


class SettingsError(L2tuiError):
    """A setting has a value that it cannot have.

    Attributes:
        name: The field of `Settings` that is wrong, or None where it is not a single one.
    """

    def __init__(self, message: str, name: str | None = None) -> None:
        super().__init__(message)
        self.name = name


class DataError(L2tuiError):
    """A data set is unknown, or a table cannot be used as asked."""


class RunError(L2tuiError):
    """A run directory cannot be created, read or steered."""


class SeveralPairsError(RunError):
    """A log has several pairs of losses, and one is to be chosen.

    Attributes:
        pairs: Their names.
    """

    def __init__(self, message: str, pairs: tuple[str, ...]) -> None:
        super().__init__(message)
        self.pairs = pairs


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """Returns a question that offers the names nearest to one that is unknown.

    Args:
        name: The unknown one.
        known: Those that there are.
        otherwise: What is returned where none is near.
    """
    import difflib

    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else otherwise
