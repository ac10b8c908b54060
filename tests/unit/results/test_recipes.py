"""The lines that are handed out, run as they are in the real libraries, against this engine."""

import os
import warnings
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

from l2tui.nn.network import Loss
from l2tui.nn.optimizers import make_optimizer
from l2tui.nn.parameters import Parameters, Shape, Weights, initialise
from l2tui.nn.step import Step
from l2tui.results.recipes.keras import keras_recipe
from l2tui.results.recipes.model import Ingredients, Recipe
from l2tui.results.recipes.optax import optax_recipe
from l2tui.results.recipes.sklearn import sklearn_recipe
from l2tui.results.recipes.torch import torch_recipe
from l2tui.settings import Activation, OptimizerName

os.environ.setdefault("KERAS_BACKEND", "jax")

STEPS = 50
CASES = [
    *product(["sgd", "momentum", "adam", "adamw"], ["binary_cross_entropy"], ["tanh"]),
    *product(["sgd", "adam"], ["mse", "cross_entropy"], ["relu", "sigmoid"]),
    ("momentum", "mse", "tanh"),
    ("momentum", "cross_entropy", "sigmoid"),
    ("adamw", "mse", "relu"),
]


def _given(optimizer: OptimizerName, loss: Loss, activation: Activation) -> Ingredients:
    n_out = 3 if loss == "cross_entropy" else 1
    rate = 0.2 if optimizer in ("sgd", "momentum") else 0.01
    return Ingredients(4, 6, n_out, activation, loss, optimizer, 0.8, 0.02, rate, 16, "float64")


def _problem(given: Ingredients) -> tuple[Weights, np.ndarray, np.ndarray]:
    """Initial weights, and 50 batches of their own."""
    rng = np.random.default_rng(7)
    parameters = Parameters(Shape(given.n_in, given.hidden, given.n_out), given.activation)
    initialise(parameters, given.activation, rng)
    parameters.views().b1[...] = rng.normal(size=given.hidden)
    X = rng.normal(size=(STEPS, given.batch_size, given.n_in))
    y = np.abs(X[..., 0] * 2 + X[..., 1]) + 0.5 * rng.normal(size=X.shape[:2])
    classes = np.digitize(y, [0.8, 2.0]) if given.n_out == 3 else (y > 1).astype(int)
    return parameters.copy_weights(), X, y if given.loss == "mse" else classes


def _here(given: Ingredients, weights: Weights, X: np.ndarray, y: np.ndarray) -> Weights:
    parameters = Parameters(Shape(given.n_in, given.hidden, given.n_out), given.activation)
    parameters.load(weights)
    step = Step(parameters, given.activation, given.loss, given.batch_size)
    optimizer = make_optimizer(given.optimizer, parameters, step.gradient, momentum=given.momentum)
    optimizer.set(learning_rate=given.learning_rate, l2=given.l2)
    scale = step.scale(optimizer.gradient_scale, given.batch_size)
    for X_batch, y_batch in zip(X, y, strict=True):
        X1 = np.column_stack((X_batch, np.ones(len(X_batch))))
        step.run(step.batch(X1, step.targets(y_batch, given.n_out) * scale, scale), optimizer)
    return parameters.copy_weights()


def _names(recipe: Recipe) -> dict[str, Any]:
    names: dict[str, Any] = {}
    with warnings.catch_warnings():
        # What other libraries warn of when they are imported is not ours.
        warnings.simplefilter("ignore")
        exec(compile(recipe.code, recipe.library, "exec"), names)
    return names


def _in_torch(recipe: Recipe, given: Ingredients, weights: Weights, X: np.ndarray, y: np.ndarray) -> Weights:
    torch = pytest.importorskip("torch")
    names = _names(recipe)
    first, last = names["model"][0], names["model"][2]
    with torch.no_grad():
        for layer, W, b in ((first, weights.W1, weights.b1), (last, weights.W2, weights.b2)):
            layer.weight.copy_(torch.from_numpy(W.T.copy()))
            layer.bias.copy_(torch.from_numpy(b.copy()))
    for X_batch, y_batch in zip(X, y, strict=True):
        target = y_batch if given.loss == "cross_entropy" else y_batch[:, None].astype(float)
        names["step"](torch.from_numpy(X_batch), torch.from_numpy(target))
    return Weights(*(p.detach().numpy() for p in (first.weight.T, first.bias, last.weight.T, last.bias)))


def _in_keras(recipe: Recipe, given: Ingredients, weights: Weights, X: np.ndarray, y: np.ndarray) -> Weights:
    pytest.importorskip("keras")
    # As a user of that backend has to for float64.
    pytest.importorskip("jax").config.update("jax_enable_x64", True)
    names = _names(recipe)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names["model"].set_weights(list(weights))
        for X_batch, y_batch in zip(X, y, strict=True):
            names["step"](X_batch, y_batch if given.loss == "cross_entropy" else y_batch[:, None].astype(float))
        return Weights(*map(np.asarray, names["model"].get_weights()))


def _in_optax(recipe: Recipe, given: Ingredients, weights: Weights, X: np.ndarray, y: np.ndarray) -> Weights:
    pytest.importorskip("optax")
    names = _names(recipe)
    params = dict(weights._asdict())
    state = names["optimizer"].init(params)
    for X_batch, y_batch in zip(X, y, strict=True):
        params, state = names["step"](params, state, X_batch, y_batch)
    return Weights(*(np.asarray(params[name]) for name in Weights._fields))


def _in_sklearn(recipe: Recipe, given: Ingredients, weights: Weights, X: np.ndarray, y: np.ndarray) -> Weights:
    pytest.importorskip("sklearn")
    model = _names(recipe)["model"]
    more = {} if given.loss == "mse" else {"classes": np.arange(max(2, given.n_out))}
    # One step makes the arrays; then they are filled and its optimiser forgotten.
    model.partial_fit(X[0], y[0], **more)
    del model._optimizer
    for arrays, values in ((model.coefs_, (weights.W1, weights.W2)), (model.intercepts_, (weights.b1, weights.b2))):
        for array, value in zip(arrays, values, strict=True):
            array[...] = value
    for X_batch, y_batch in zip(X, y, strict=True):
        model.partial_fit(X_batch, y_batch)
    return Weights(model.coefs_[0], model.intercepts_[0], model.coefs_[1], model.intercepts_[1])


LIBRARIES: dict[str, tuple[Callable[..., Recipe], Callable[..., Weights]]] = {
    "torch": (torch_recipe, _in_torch),
    "keras": (keras_recipe, _in_keras),
    "optax": (optax_recipe, _in_optax),
    "sklearn": (sklearn_recipe, _in_sklearn),
}


def _distance(a: Weights, b: Weights) -> float:
    return max(float(np.abs(x - y).max()) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(("optimizer", "loss", "activation"), CASES)
def test_the_lines_give_the_same_weights_after_50_steps(
    library: str, optimizer: str, loss: str, activation: str
) -> None:
    given = _given(optimizer, loss, activation)
    make, train = LIBRARIES[library]
    recipe = make(given)
    if not recipe.code:
        pytest.skip("there is no equivalent, and the recipe says so")
    problem = _problem(given)
    there, here = train(recipe, given, *problem), _here(given, *problem)
    moved = _distance(here, problem[0])
    assert moved > 0.05
    # What is called nearly the same must be that: another place of Adam's ε, or a tanh of single precision.
    assert _distance(there, here) < (1e-8 if recipe.exact else 1e-4 * moved)


def test_what_is_called_exact_is_what_can_be() -> None:
    for optimizer, loss, activation in CASES:
        given = _given(optimizer, loss, activation)
        adaptive = optimizer in ("adam", "adamw")
        assert torch_recipe(given).exact
        assert optax_recipe(given).exact
        assert keras_recipe(given).exact is not (adaptive or activation == "tanh")
        assert sklearn_recipe(given).exact is not (optimizer == "adam")
    assert "no AdamW" in sklearn_recipe(_given("adamw", "mse", "tanh")).remarks[0]
    assert not sklearn_recipe(_given("adamw", "mse", "tanh")).code


@pytest.mark.filterwarnings("ignore:Got `batch_size`")
def test_a_smaller_last_batch_pulls_harder_in_scikit_learn_as_the_recipe_says() -> None:
    pytest.importorskip("sklearn")
    given = _given("sgd", "binary_cross_entropy", "tanh")
    weights, X, y = _problem(given)
    few = 4
    there = _in_sklearn(sklearn_recipe(given), given, weights, X[:1, :few], y[:1, :few])
    harder = Ingredients(**{**vars(given), "l2": given.l2 * given.batch_size / few, "batch_size": few})
    assert _distance(there, _here(harder, weights, X[:1, :few], y[:1, :few])) < 1e-12
