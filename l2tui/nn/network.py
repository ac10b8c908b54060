"""The two-layer network in its plain form: forward pass, losses and gradients, as a textbook writes them.

This is the form to read, and the one that the fast form in `step.py` is tested against. Samples are in rows.
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from l2tui.nn.parameters import Array, Weights
from l2tui.settings import Activation

Loss = Literal["binary_cross_entropy", "cross_entropy", "mse"]


def loss_for(task: str, n_outputs: int) -> Loss:
    """Returns the loss that fits a task: MSE, sigmoid for two classes, softmax for more."""
    if task == "regression":
        return "mse"
    return "binary_cross_entropy" if n_outputs == 1 else "cross_entropy"


def activate(Z: Array, activation: Activation) -> Array:
    """Returns the hidden units' outputs H for their inputs Z, both (n, hidden)."""
    if activation == "tanh":
        return np.asarray(np.tanh(Z))
    if activation == "relu":
        return np.asarray(np.maximum(Z, 0))
    return sigmoid(Z)


def activation_slope(H: Array, activation: Activation) -> Array:
    """Returns dH/dZ, written in terms of H: 1 - H² for tanh, [H > 0] for relu, H·(1 - H) for sigmoid."""
    if activation == "tanh":
        return np.asarray(1 - H**2)
    if activation == "relu":
        return (H > 0).astype(H.dtype)
    return np.asarray(H * (1 - H))


def sigmoid(Z: Array) -> Array:
    """Returns 1 / (1 + exp(-Z)), written as (1 + tanh(Z/2)) / 2, which cannot overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * Z)))


def softmax(Z: Array) -> Array:
    """Returns exp(Z) / sum of exp(Z) along each row, with the row's maximum taken off first so nothing overflows."""
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return np.asarray(E / E.sum(axis=1, keepdims=True))


def forward(weights: Weights, X: Array, activation: Activation) -> tuple[Array, Array]:
    """Runs the network.

        H = f(X W1 + b1)        Z2 = H W2 + b2

    Args:
        weights: The network.
        X: (n, n_in) inputs.
        activation: The hidden units' f.

    Returns:
        H (n, hidden) and the outputs Z2 (n, n_out): logits for classes, predicted values for regression.
    """
    H = activate(X @ weights.W1 + weights.b1, activation)
    return H, H @ weights.W2 + weights.b2


def data_loss(Z2: Array, y: NDArray[Any], loss: Loss) -> float:
    """Returns the mean loss per sample, without the penalty: that of `row_losses`."""
    return float(np.mean(row_losses(Z2, y, loss)))


def row_losses(Z2: Array, y: NDArray[Any], loss: Loss) -> Array:
    """Returns the loss of each sample, (n,).

        binary_cross_entropy   log(1 + exp(-s·z)),  s = +1 for class 1, -1 for class 0
        cross_entropy          log(sum_j exp(z_j)) - z_y
        mse                    (z - y)²

    Args:
        Z2: (n, n_out) outputs.
        y: (n,) class indices, or targets for `mse`.
        loss: Which loss.
    """
    if loss == "mse":
        return np.asarray((Z2[:, 0] - y) ** 2)
    if loss == "binary_cross_entropy":
        return np.asarray(np.logaddexp(0, -signs(y) * Z2[:, 0]))
    top = Z2.max(axis=1)
    log_sum = top + np.log(np.exp(Z2 - top[:, None]).sum(axis=1))
    return np.asarray(log_sum - Z2[np.arange(len(Z2)), y])


def constant_loss(y: NDArray[Any], loss: Loss) -> float:
    """Returns the lowest mean loss that outputs which are the same for all rows can have: of knowing nothing.

    That is the entropy of the classes' shares in nats, or the variance of the targets.
    """
    if loss == "mse":
        return float(np.var(y))
    shares = np.bincount(y) / len(y)
    return float(-np.sum(shares * np.log(shares, where=shares > 0, out=np.zeros_like(shares))))


def uninformed_loss(y_train: NDArray[Any], y: NDArray[Any], loss: Loss) -> float:
    """Returns the mean loss on y of outputs that are the same for all rows, the best ones on the training part.

        cross-entropy   -mean of log(share of the row's class in the training part)
        mse             mean of (y - mean target of the training part)²

    It is infinite where y has a class that the training part lacks.
    """
    if loss == "mse":
        return float(np.mean((y - y_train.mean()) ** 2))
    counts = np.bincount(y_train, minlength=int(y.max()) + 1)
    with np.errstate(divide="ignore"):
        return float(-np.mean(np.log(counts[y] / len(y_train))))


def penalty(weights: Weights, l2: float) -> float:
    """Returns λ·(ΣW1² + ΣW2²); biases carry none."""
    return float(l2 * (np.sum(weights.W1**2) + np.sum(weights.W2**2)))


def output_error(Z2: Array, y: NDArray[Any], loss: Loss) -> Array:
    """Returns dZ2, the gradient of `data_loss` with respect to the outputs, (n, n_out).

    For both cross-entropies it is (probability - one-hot target) / n, for MSE 2·(z - y) / n.
    """
    n = len(Z2)
    if loss == "mse":
        return np.asarray(2 * (Z2 - np.asarray(y)[:, None]) / n)
    if loss == "binary_cross_entropy":
        return np.asarray((sigmoid(Z2) - np.asarray(y)[:, None]) / n)
    dZ2 = softmax(Z2)
    dZ2[np.arange(n), y] -= 1
    return np.asarray(dZ2 / n)


def gradients(weights: Weights, X: Array, y: NDArray[Any], activation: Activation, loss: Loss) -> Weights:
    """Returns the data gradients dW1, db1, dW2, db2 by back-propagation.

    dW2 = Hᵀ dZ2                       db2 = column sums of dZ2
    dZ1 = (dZ2 W2ᵀ) * f'(Z1)
    dW1 = Xᵀ dZ1                      db1 = column sums of dZ1
    """
    H, Z2 = forward(weights, X, activation)
    dZ2 = output_error(Z2, y, loss)
    dZ1 = (dZ2 @ weights.W2.T) * activation_slope(H, activation)
    return Weights(X.T @ dZ1, dZ1.sum(axis=0), H.T @ dZ2, dZ2.sum(axis=0))


def sgd_update(weights: Weights, gradient: Weights, learning_rate: float, l2: float) -> Weights:
    """Returns the weights after one step of gradient descent on data_loss + λ·(ΣW1² + ΣW2²).

    W -= lr·(dW + 2λ·W)        b -= lr·db
    """
    return Weights(
        weights.W1 - learning_rate * (gradient.W1 + 2 * l2 * weights.W1),
        weights.b1 - learning_rate * gradient.b1,
        weights.W2 - learning_rate * (gradient.W2 + 2 * l2 * weights.W2),
        weights.b2 - learning_rate * gradient.b2,
    )


def signs(y: NDArray[Any]) -> NDArray[np.float64]:
    """Returns +1 for class 1 and -1 for class 0."""
    return 2.0 * np.asarray(y, np.float64) - 1.0
