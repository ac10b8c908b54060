"""Settings that a table is likely to be trained well with; they rest on a study of 71 tables that others wrote."""

from typing import Any, Literal

# About so many updates show whether and when a network of this size overfits.
_UPDATES = 25_000
# Regression on fewer training rows than these, with so many inputs a row, begins with decay.
_FEW_ROWS, _INPUTS_A_ROW, _DECAY = 400, 0.05, 0.03
_BATCHES = ((1_000, 16), (5_000, 32), (20_000, 64), (100_000, 128), (300_000, 256))
_EPOCHS = (20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000)


def recommended_for(task: Literal["classification", "regression"], n_train: int, n_inputs: int) -> dict[str, Any]:
    """Returns values of `Settings` for a table.

    λ begins at 0, so that the table's own overfitting can be seen before it is cured. Regression on few rows with many
    inputs begins with decay: on average over such tables of the study, ridge regression is better at λ = 0.

    Args:
        task: What is predicted.
        n_train: Rows in the training part.
        n_inputs: Inputs of the network.
    """
    batch = next((size for rows, size in _BATCHES if n_train <= rows), 512)
    updates = -(-n_train // batch)
    epochs = max((epochs for epochs in _EPOCHS if epochs * updates <= _UPDATES), default=_EPOCHS[0])
    scarce = n_train < _FEW_ROWS and n_inputs >= _INPUTS_A_ROW * n_train
    return {
        "train_size": n_train,
        "hidden": 64,
        "activation": "tanh",
        "learning_rate": {"classification": 0.02, "regression": 0.01}[task],
        "batch_size": batch,
        "epochs": epochs,
        "l2": _DECAY if task == "regression" and scarce else 0.0,
    }
