"""The errors a user can meet: one family, each with a message that says what is wrong, where, and what to do."""


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
