"""The recipe for optax and JAX."""

from l2tui.results.recipes.model import DECOUPLED_REMARK, L2_IN_ADAM_REMARK, Ingredients, Recipe

_ACTIVATIONS = {"tanh": "jnp.tanh", "relu": "jax.nn.relu", "sigmoid": "jax.nn.sigmoid"}
_LOSSES = {
    "mse": ("((Z2[:, 0] - y) ** 2).mean()", "standardised targets"),
    "binary_cross_entropy": ("optax.sigmoid_binary_cross_entropy(Z2[:, 0], y).mean()", "0 or 1"),
    "cross_entropy": ("optax.softmax_cross_entropy_with_integer_labels(Z2, y).mean()", "class indices"),
}


def optax_recipe(given: Ingredients) -> Recipe:
    """Returns the lines for optax: `add_decayed_weights(2λ, mask)` before the optimiser, or `adamw` with a mask."""
    rate = repr(given.learning_rate)
    update = {
        "sgd": f"optax.sgd({rate})",
        "momentum": f"optax.sgd({rate}, momentum={given.momentum!r})",
        "adam": f"optax.adam({rate})",
        "adamw": "",
    }[given.optimizer]
    chain = f"optax.chain(optax.add_decayed_weights(2 * l2, mask=is_weight), {update})"
    optimizer = chain if update else f"optax.adamw({rate}, weight_decay=2 * l2, mask=is_weight)"
    loss, targets = _LOSSES[given.loss]
    double = 'jax.config.update("jax_enable_x64", True)\n' if given.dtype == "float64" else ""
    code = f"""\
import jax
import jax.numpy as jnp
import optax

{double}l2 = {given.l2!r}
batch_size = {given.batch_size}
is_weight = {{"W1": True, "b1": False, "W2": True, "b2": False}}
optimizer = {optimizer}


def loss(params, X, y):  # W1 ({given.n_in}, {given.hidden}), W2 ({given.hidden}, {given.n_out}); y: {targets}
    Z2 = {_ACTIVATIONS[given.activation]}(X @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]
    return {loss}


@jax.jit
def step(params, state, X, y):  # the first state: optimizer.init(params)
    updates, state = optimizer.update(jax.grad(loss)(params, X, y), state, params)
    return optax.apply_updates(params, updates), state
"""
    remarks = ["`weight_decay` is 2·λ; the mask keeps it off the biases."]
    if given.optimizer in ("adam", "adamw"):
        remarks.append(DECOUPLED_REMARK if given.optimizer == "adamw" else L2_IN_ADAM_REMARK)
    else:
        remarks.append("The decay comes before the optimiser, so that it is part of the gradient.")
    return Recipe("optax", tuple(remarks), code)
