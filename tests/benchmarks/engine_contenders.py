"""The same training step four times: this engine, NumPy as tutorials write it, scikit-learn and PyTorch.

Every function takes a `Case` and returns a function that trains for a number of steps. All do plain gradient descent on
mean cross-entropy with L2 on the weights, one hidden layer, rows in a new random order each epoch.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from l2tui.nn.optimizers import make_optimizer
from l2tui.nn.parameters import Parameters, Shape, initialise
from l2tui.nn.step import Step
from l2tui.training.batches import Batches

LEARNING_RATE, L2 = 0.05, 1e-4

_SCIKIT_LEARN_NAMES = {"sigmoid": "logistic"}

Contender = Callable[[int], None]


class Case(NamedTuple):
    """Sizes of a step: inputs, hidden units, outputs (1: two classes), batch; floating point type; activation."""

    d: int
    h: int
    k: int
    b: int
    dtype: str
    activation: Any = "tanh"

    def data(self, batches: int = 20) -> tuple[Any, Any]:
        rng = np.random.default_rng(0)
        n = batches * self.b
        X = rng.normal(size=(n, self.d)).astype(self.dtype)
        return X, rng.integers(0, max(2, self.k), n)

    @property
    def flops(self) -> int:
        """Floating point operations in the matrix products of a step."""
        return 2 * self.b * (2 * self.d * self.h + 3 * self.h * self.k)


def engine(case: Case) -> Contender:
    """This project's step, with the shuffling that belongs to it."""
    return engine_on(case, *case.data())


def engine_on(case: Case, X: Any, y: Any) -> Contender:
    """The same on given rows."""
    loss: Any = "binary_cross_entropy" if case.k == 1 else "cross_entropy"
    parameters = Parameters(Shape(case.d, case.h, case.k), case.activation, np.dtype(case.dtype))
    initialise(parameters, case.activation, np.random.default_rng(1))
    step = Step(parameters, case.activation, loss, case.b)
    optimizer = make_optimizer("sgd", parameters, step.gradient)
    optimizer.set(learning_rate=LEARNING_RATE, l2=L2)
    X1 = np.column_stack([X, np.ones(len(X), X.dtype)])
    batches = Batches(step, X1, step.targets(y, case.k), case.b)
    batches.set_scale(optimizer.gradient_scale)
    rng = np.random.default_rng(2)

    def train(steps: int) -> None:
        run, count = step.run, batches.count
        for i in range(steps):
            if i % count == 0:
                batches.shuffle(rng)
            run(batches[i % count], optimizer)

    return train


def tutorial(case: Case) -> Contender:
    """NumPy as a tutorial writes it: a permutation that is indexed, the loss of each batch, new arrays all along."""
    X, y = case.data()
    d, h, k, b = case.d, case.h, case.k, case.b
    rng = np.random.default_rng(1)
    W1 = (rng.normal(size=(d, h)) / np.sqrt(d)).astype(X.dtype)
    b1 = np.zeros(h, X.dtype)
    W2 = (rng.normal(size=(h, k)) / np.sqrt(h)).astype(X.dtype)
    b2 = np.zeros(k, X.dtype)
    target = y[:, None].astype(X.dtype) if k == 1 else np.eye(k, dtype=X.dtype)[y]
    losses: list[float] = []
    activate, slope = {
        "tanh": (np.tanh, lambda a: 1 - a**2),
        "relu": (lambda z: np.maximum(z, 0), lambda a: a > 0),
        "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda a: a * (1 - a)),
    }[case.activation]

    def train(steps: int) -> None:
        nonlocal W1, b1, W2, b2
        count = len(X) // b
        for i in range(steps):
            if i % count == 0:
                order = rng.permutation(len(X))
            rows = order[i % count * b : (i % count + 1) * b]
            x, t = X[rows], target[rows]
            a1 = activate(x @ W1 + b1)
            z2 = a1 @ W2 + b2
            if k == 1:
                p = 1 / (1 + np.exp(-z2))
                loss = -np.mean(t * np.log(p + 1e-12) + (1 - t) * np.log(1 - p + 1e-12))
            else:
                e = np.exp(z2 - z2.max(axis=1, keepdims=True))
                p = e / e.sum(axis=1, keepdims=True)
                loss = -np.mean(np.sum(t * np.log(p + 1e-12), axis=1))
            losses.append(loss + L2 * (np.sum(W1**2) + np.sum(W2**2)))
            dz2 = (p - t) / b
            dW2 = a1.T @ dz2
            db2 = dz2.sum(axis=0)
            dz1 = (dz2 @ W2.T) * slope(a1)
            dW1 = x.T @ dz1
            db1 = dz1.sum(axis=0)
            W1 -= LEARNING_RATE * (dW1 + 2 * L2 * W1)
            b1 -= LEARNING_RATE * db1
            W2 -= LEARNING_RATE * (dW2 + 2 * L2 * W2)
            b2 -= LEARNING_RATE * db2
        losses.clear()

    return train


def scikit_learn(case: Case) -> Contender:
    """`MLPClassifier.partial_fit`, called once a batch; α = 2·λ·b, as it divides α by twice the rows of a batch."""
    from sklearn.neural_network import MLPClassifier

    X, y = case.data()
    classes = np.arange(max(2, case.k))
    model = MLPClassifier(
        (case.h,),
        activation=_SCIKIT_LEARN_NAMES.get(case.activation, case.activation),
        solver="sgd",
        momentum=0.0,
        learning_rate_init=LEARNING_RATE,
        alpha=2 * L2 * case.b,
        batch_size=case.b,
        shuffle=False,
        random_state=0,
    )
    model.partial_fit(X[: case.b], y[: case.b], classes=classes)
    rng = np.random.default_rng(2)

    def train(steps: int) -> None:
        count = len(X) // case.b
        for i in range(steps):
            if i % count == 0:
                order = rng.permutation(len(X))
            rows = order[i % count * case.b : (i % count + 1) * case.b]
            model.partial_fit(X[rows], y[rows])

    return train


def scikit_learn_epochs(case: Case) -> Contender:
    """`MLPClassifier.partial_fit`, called once an epoch, so that its checks of the input are shared by 20 steps."""
    from sklearn.neural_network import MLPClassifier

    X, y = case.data()
    model = MLPClassifier(
        (case.h,),
        activation=_SCIKIT_LEARN_NAMES.get(case.activation, case.activation),
        solver="sgd",
        momentum=0.0,
        learning_rate_init=LEARNING_RATE,
        alpha=2 * L2 * case.b,
        batch_size=case.b,
        random_state=0,
    )
    model.partial_fit(X, y, classes=np.arange(max(2, case.k)))

    def train(steps: int) -> None:
        for _ in range(max(1, steps * case.b // len(X))):
            model.partial_fit(X, y)

    return train


def pytorch(case: Case) -> Contender:
    """PyTorch in eager mode: a `Sequential`, `torch.optim.SGD` with weight decay 2·λ on the weights, one thread."""
    import torch

    torch.set_num_threads(1)
    X, y = case.data()
    inputs = torch.tensor(X)
    activate = {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid}[case.activation]
    net = torch.nn.Sequential(torch.nn.Linear(case.d, case.h), activate(), torch.nn.Linear(case.h, case.k))
    net.to(inputs.dtype)
    if case.k == 1:
        targets, loss_function = torch.tensor(y).to(inputs.dtype)[:, None], torch.nn.BCEWithLogitsLoss()
    else:
        targets, loss_function = torch.tensor(y), torch.nn.CrossEntropyLoss()
    weights, biases = [net[0].weight, net[2].weight], [net[0].bias, net[2].bias]
    optimizer = torch.optim.SGD(
        [{"params": weights, "weight_decay": 2 * L2}, {"params": biases, "weight_decay": 0.0}], lr=LEARNING_RATE
    )

    def train(steps: int) -> None:
        count = len(X) // case.b
        for i in range(steps):
            if i % count == 0:
                order = torch.randperm(len(X))
            rows = order[i % count * case.b : (i % count + 1) * case.b]
            optimizer.zero_grad()
            loss_function(net(inputs[rows]), targets[rows]).backward()
            optimizer.step()

    return train


CONTENDERS: dict[str, Callable[[Case], Contender]] = {
    "engine": engine,
    "tutorial": tutorial,
    "scikit-learn": scikit_learn,
    "scikit-learn, epochs": scikit_learn_epochs,
    "PyTorch": pytorch,
}
