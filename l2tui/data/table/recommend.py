"""Settings that a table is likely to be trained well with."""

from typing import Any, Literal

# About so many updates show whether and when a network of this size overfits.
_UPDATES = 25_000
_BATCHES = ((1_000, 16), (5_000, 32), (20_000, 64), (100_000, 128), (300_000, 256))
_EPOCHS = (20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000)


def recommended_for(task: Literal["classification", "regression"], n_train: int) -> dict[str, Any]:
    """Returns values of `Settings` for a table.

    λ begins at 0, so that the table's own overfitting can be seen before it is cured.

    Args:
        task: What is predicted.
        n_train: Rows in the training part.
    """
    batch = next((size for rows, size in _BATCHES if n_train <= rows), 512)
    updates = -(-n_train // batch)
    epochs = max((epochs for epochs in _EPOCHS if epochs * updates <= _UPDATES), default=_EPOCHS[0])
    return {
        "train_size": n_train,
        "hidden": 64,
        "activation": "tanh",
        "learning_rate": {"classification": 0.02, "regression": 0.01}[task],
        "batch_size": batch,
        "epochs": epochs,
        "l2": 0.0,
    }
