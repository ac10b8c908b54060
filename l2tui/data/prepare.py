"""From settings to the arrays a network is trained on."""

from l2tui.data.builtin.prepare import prepare_builtin
from l2tui.data.splits import Splits
from l2tui.settings import Settings


def prepare(settings: Settings) -> Splits:
    """Makes the splits that settings describe. The same settings give the same bytes.

    Args:
        settings: Of these, `data`, `table`, `noise`, `label_noise`, `train_size` and `seed` are used. For a generated
            set, a `noise` of None is the set's default.

    Returns:
        The three parts.

    Raises:
        DataError: There is no such data set, it does not fit into memory, or it is a table that cannot be used.
        SettingsError: A value is not allowed for this data set.
    """
    if settings.table is not None:
        # A built-in set needs no table library, so it does not wait for one.
        from l2tui.data.table.prepare import prepare_table

        return prepare_table(settings)
    return prepare_builtin(settings)
