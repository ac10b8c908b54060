"""A built-in set in three parts, ready to train on."""

import numpy as np

from l2tui.data.builtin.catalogue import check_settings, dataset_info, split_sizes
from l2tui.data.builtin.datasets import Dataset, generate, load_table
from l2tui.data.folds import OWN_SPLIT, Fold, fold_parts
from l2tui.data.preparation import plain_preparation, standard
from l2tui.data.seeds import generator
from l2tui.data.splits import Splits, joined
from l2tui.data.stratify import stratified
from l2tui.errors import DataError
from l2tui.settings import Settings


def prepare_builtin(settings: Settings) -> Splits:
    """Makes the splits of a built-in set.

    Args:
        settings: As for `l2tui.data.prepare.prepare`.

    Raises:
        DataError: There is no such data set, or it does not fit into memory.
        SettingsError: A value is not allowed for this data set.
    """
    info = dataset_info(settings.data)
    check_settings(info, settings)
    sizes = split_sizes(info, settings.train_size)
    try:
        if info.noise is None:
            dataset = load_table(info.name)
        else:
            noise = info.noise if settings.noise is None else settings.noise
            dataset = generate(info.name, sum(sizes), noise, settings.seed)
        return split(dataset, sizes, settings.seed, settings.label_noise, Fold(settings.fold, settings.folds))
    except MemoryError:
        raise DataError(f"{info.name}: no memory for {settings.train_size} training rows; use fewer") from None


def split(
    dataset: Dataset, sizes: tuple[int, int, int], seed: int, label_noise: float, fold: Fold = OWN_SPLIT
) -> Splits:
    """Splits and standardises a data set.

    Args:
        dataset: The rows.
        sizes: Rows in the training, validation and test part; together no more than there are.
        seed: Seed of the choice of rows and of the label noise, which are drawn independently.
        label_noise: Share of training labels that are flipped, exactly round(share·n), each to one of the other
            classes with equal chance; for regression, the deviation of the Gaussian noise that is added to the
            standardised training targets.
        fold: Which fold.

    Returns:
        The three parts. For classes, each has every class's share within one row where that is possible, and the
        training part has at least one row of every class.
    """
    n_classes = len(dataset.class_names)
    rows = generator(seed, "split")
    if n_classes:
        parts = stratified(dataset.y.astype(np.int64), n_classes, sizes, rows)
    else:
        parts = np.split(rows.permutation(len(dataset.y))[: sum(sizes)], np.cumsum(sizes[:2]))
    if fold.number:
        classes = dataset.y.astype(np.int64) if n_classes else None
        parts = fold_parts(parts, fold, seed, train_size=sizes[0], classes=classes, class_names=dataset.class_names)
    x_mean, x_scale = standard(dataset.X[parts[0]])
    X = [np.ascontiguousarray((dataset.X[part] - x_mean) / x_scale) for part in parts]
    preparation = plain_preparation(
        dataset.feature_names,
        x_mean,
        x_scale,
        task=dataset.task,
        target=dataset.target_name,
        class_names=dataset.class_names,
        source_rows=len(dataset.y),
    )
    return joined(preparation, X, [dataset.y[part] for part in parts], seed, label_noise)
