"""Each optimiser against a second implementation in another style, against PyTorch, and against its own promises."""

import numpy as np
import pytest

from l2tui.nn.network import data_loss, forward, gradients, penalty
from l2tui.nn.parameters import Weights
from tests.unit.nn.conftest import FastNetwork, make_problem
from tests.unit.nn.test_network import numeric_gradient

OPTIMIZERS = ["sgd", "momentum", "adam", "adamw"]
LEARNING_RATE = {"sgd": 0.1, "momentum": 0.02, "adam": 0.01, "adamw": 0.01}


def textbook(name, weights, gradient_at, learning_rate, l2, steps, momentum=0.9):
    """The published rules, array by array; `learning_rate` and `l2` may be functions of the step."""
    arrays = [np.array(w) for w in weights]
    first = [np.zeros_like(w) for w in arrays]
    second = [np.zeros_like(w) for w in arrays]
    for t in range(1, steps + 1):
        lr = learning_rate(t) if callable(learning_rate) else learning_rate
        lam = l2(t) if callable(l2) else l2
        data = gradient_at(Weights(*arrays))
        for i, is_weight in enumerate((True, False, True, False)):
            decay = 2 * lam * arrays[i] * is_weight
            g = data[i] if name == "adamw" else data[i] + decay
            if name == "sgd":
                arrays[i] = arrays[i] - lr * g
            elif name == "momentum":
                first[i] = momentum * first[i] + g
                arrays[i] = arrays[i] - lr * first[i]
            else:
                first[i] = 0.9 * first[i] + 0.1 * g
                second[i] = 0.999 * second[i] + 0.001 * g**2
                m_hat, v_hat = first[i] / (1 - 0.9**t), second[i] / (1 - 0.999**t)
                if name == "adamw":
                    arrays[i] = arrays[i] - lr * decay
                arrays[i] = arrays[i] - lr * m_hat / (np.sqrt(v_hat) + 1e-8)
    return arrays


@pytest.mark.parametrize("l2", [0.0, 0.01])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_200_steps_agree_with_the_published_rule(name, l2):
    weights, X, y = make_problem("cross_entropy", n=24, hidden=8)
    fast = FastNetwork(
        weights, "tanh", "cross_entropy", batch_size=24, optimizer=name, learning_rate=LEARNING_RATE[name], l2=l2
    )
    for _ in range(200):
        after = fast.run(X, y)
    expected = textbook(
        name, weights, lambda w: gradients(w, X, y, "tanh", "cross_entropy"), LEARNING_RATE[name], l2, 200
    )
    for a, b in zip(after, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_new_rates_apply_from_the_next_step_on(name):
    weights, X, y = make_problem("mse", n=24, hidden=8)
    start = LEARNING_RATE[name]
    fast = FastNetwork(weights, "sigmoid", "mse", batch_size=24, optimizer=name, learning_rate=start, l2=0.0)
    for t in range(1, 61):
        if t == 21:
            fast.optimizer.set(learning_rate=start, l2=0.05)
        if t == 41:
            fast.optimizer.set(learning_rate=start / 3, l2=0.05)
        after = fast.run(X, y)
    expected = textbook(
        name,
        weights,
        lambda w: gradients(w, X, y, "sigmoid", "mse"),
        lambda t: start if t <= 40 else start / 3,
        lambda t: 0.0 if t <= 20 else 0.05,
        60,
    )
    for a, b in zip(after, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize("l2", [0.0, 0.01])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_200_steps_agree_with_pytorch(name, l2):
    """Weight decay of PyTorch is 2·λ, on the weights alone by means of parameter groups."""
    torch = pytest.importorskip("torch")
    weights, X, y = make_problem("cross_entropy", n=24, hidden=8)
    W1, b1, W2, b2 = (torch.tensor(w, dtype=torch.float64, requires_grad=True) for w in weights)
    kind = {"sgd": "SGD", "momentum": "SGD", "adam": "Adam", "adamw": "AdamW"}[name]
    rate = LEARNING_RATE[name]
    groups = [{"params": [W1, W2], "weight_decay": 2 * l2}, {"params": [b1, b2], "weight_decay": 0.0}]
    extra = {"momentum": 0.9} if name == "momentum" else {}
    reference = getattr(torch.optim, kind)(groups, lr=rate, **extra)
    fast = FastNetwork(weights, "tanh", "cross_entropy", batch_size=24, optimizer=name, learning_rate=rate, l2=l2)
    inputs, labels = torch.tensor(X), torch.tensor(y)
    for _ in range(200):
        reference.zero_grad()
        torch.nn.functional.cross_entropy(torch.tanh(inputs @ W1 + b1) @ W2 + b2, labels).backward()
        reference.step()
        after = fast.run(X, y)
    for a, b in zip(after, (W1, b1, W2, b2), strict=True):
        np.testing.assert_allclose(a, b.detach().numpy(), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy", "mse"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_first_step_follows_from_central_differences(name, loss, activation):
    """From zero state: W - lr·g for SGD and momentum, W - lr·g/(|g| + ε) for Adam, AdamW's decay apart from that."""
    weights, X, y = make_problem(loss)
    l2, rate = 0.05, 0.1

    def objective(w):
        lam = 0.0 if name == "adamw" else l2
        return data_loss(forward(w, X, activation)[1], y, loss) + penalty(w, lam)

    slope = numeric_gradient(objective, weights)
    fast = FastNetwork(weights, activation, loss, batch_size=len(X), optimizer=name, learning_rate=rate, l2=l2)
    after = fast.run(X, y)
    for i, (before, now, g) in enumerate(zip(weights, after, slope, strict=True)):
        if name in ("sgd", "momentum"):
            expected = before - rate * g
        else:
            # The sign of a slope that is 0 but for the error of the differences is not known.
            sure = np.abs(g) > 1e-6
            before, now, g = before[sure], now[sure], g[sure]
            shrunk = before * (1 - 2 * rate * l2) if name == "adamw" and i in (0, 2) else before
            expected = shrunk - rate * g / (np.abs(g) + 1e-8)
        np.testing.assert_allclose(now, expected, rtol=1e-6, atol=1e-7)


def still_network(dtype, name, learning_rate, l2, start=1.0):
    """A network whose data gradient is exactly 0: no inputs, no outputs, no errors, weights of one size in W1."""
    weights = Weights(np.full((2, 3), start), np.full(3, 0.25), np.zeros((3, 1)), np.zeros(1))
    network = FastNetwork(
        weights, "tanh", "mse", batch_size=4, optimizer=name, dtype=dtype, learning_rate=learning_rate, l2=l2
    )
    return network, np.zeros((4, 2)), np.zeros(4)


@pytest.mark.parametrize("decay", [0.5, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 2e-8, 1e-9])
@pytest.mark.parametrize("name", ["sgd", "adamw"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_without_data_gradient_each_step_shrinks_the_weights_by_two_lr_lambda(dtype, name, decay):
    """After 3,000 steps the loss itself is compared, so that a decay that is a little off, or swallowed, shows."""
    steps, start = 3000 if decay < 0.1 else 30, 1.7
    network, X, y = still_network(dtype, name, 0.1, decay / 0.2, start=start)
    for _ in range(steps):
        after = network.run(X, y)
    exact = start * -np.expm1(steps * np.log1p(-decay))
    lost = float(dtype(start)) - after.W1.astype(np.float64)
    # float64 rounds once a step; float32 keeps what it rounds away, and only above 1e-2 has no need to.
    rounding = start * np.finfo(dtype).eps * (2 if dtype == np.float32 else steps)
    np.testing.assert_allclose(lost, exact, rtol=3e-6 if dtype == np.float32 else 0, atol=rounding)
    assert np.array_equal(after.b1, np.full(3, 0.25))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_tiny_decay_adds_up_under_momentum_too(dtype):
    """In the long run the pull counts 1/(1 - μ) = 10 times."""
    decay, steps = 1e-9, 20_000
    network, X, y = still_network(dtype, "momentum", 0.1, decay / 0.2)
    for _ in range(steps):
        after = network.run(X, y)
    lost = 1.0 - after.W1.astype(np.float64)
    np.testing.assert_allclose(lost, 10 * decay * steps, rtol=1e-3)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_biases_feel_no_penalty(name):
    weights, _, _ = make_problem("mse", n=4, n_in=2, hidden=3)
    dead = weights._replace(W1=np.zeros_like(weights.W1), W2=np.zeros_like(weights.W2))
    fast = FastNetwork(dead, "tanh", "mse", batch_size=4, optimizer=name, l2=10.0)
    for _ in range(20):
        after = fast.run(np.ones((4, 2)), np.full(4, dead.b2[0]))
    assert np.array_equal(after.b1, dead.b1)
    assert np.array_equal(after.b2, dead.b2)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_reset_forgets_everything(name, dtype):
    weights, X, y = make_problem("cross_entropy", n=24)
    options = {"batch_size": 24, "optimizer": name, "dtype": dtype, "l2": 1e-5}
    used, fresh = (FastNetwork(weights, "tanh", "cross_entropy", **options) for _ in range(2))
    for _ in range(5):
        used.run(X, y)
    used.parameters.load(weights)
    used.optimizer.reset()
    for _ in range(5):
        a, b = used.run(X, y), fresh.run(X, y)
    assert all(np.array_equal(left, right) for left, right in zip(a, b, strict=True))
