"""A run's best weights as a NumPy archive without pickles."""

from pathlib import Path

import numpy as np

from l2tui.files import write_file
from l2tui.results.trained import Trained

LAYOUT = """\
H = activation((x - x_mean)/x_scale @ W1 + b1); Z2 = H @ W2 + b2
W1 (inputs, hidden), b1 (hidden,), W2 (hidden, outputs), b2 (outputs,)
regression: Z2*y_scale + y_mean; two classes: sigmoid(Z2) is the second one's probability; more: softmax(Z2)"""


def export_npz(trained: Trained, path: Path) -> None:
    """Writes the weights, what standardises the inputs, and what the outputs mean.

    `W1` (n_in, hidden), `b1` (hidden,), `W2` (hidden, n_out), `b2` (n_out,), `x_mean` and `x_scale` (n_in,), all
    float64; `y_mean`, `y_scale`, `l2`, `val_loss`, `epoch` as 0-d arrays; `input_names` (n_in,) and `class_names`
    (n_classes,), `activation`, `task`, `target`, `run` and `layout`, which says how they go together, as text.

    Args:
        trained: The weights.
        path: The file.

    Raises:
        DataError: It cannot be written.
    """
    preparation = trained.preparation
    text = {
        "input_names": preparation.input_names,
        "class_names": preparation.class_names,
        "activation": trained.settings.activation,
        "task": preparation.task,
        "target": preparation.target,
        "run": trained.name,
        "layout": LAYOUT,
    }
    numbers = {
        "x_mean": preparation.x_mean,
        "x_scale": preparation.x_scale,
        "y_mean": preparation.y_mean,
        "y_scale": preparation.y_scale,
        "l2": trained.l2,
        "val_loss": trained.val_loss,
        "epoch": trained.epoch,
    }
    arrays = {
        **trained.weights._asdict(),
        **{name: np.array(value) for name, value in numbers.items()},
        **{name: np.array(value, np.str_) for name, value in text.items()},
    }
    write_file(path, lambda file: np.savez(file, allow_pickle=False, **arrays))
