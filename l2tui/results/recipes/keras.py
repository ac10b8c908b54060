"""The recipe for Keras."""

from l2tui.results.recipes.model import DECOUPLED_REMARK, EPSILON_REMARK, L2_IN_ADAM_REMARK, Ingredients, Recipe

_LOSSES = {
    "mse": ("MeanSquaredError()", "standardised targets, shape (rows, 1)"),
    "binary_cross_entropy": ("BinaryCrossentropy(from_logits=True)", "0.0 or 1.0, shape (rows, 1)"),
    "cross_entropy": ("SparseCategoricalCrossentropy(from_logits=True)", "class indices, shape (rows,)"),
}


def keras_recipe(given: Ingredients) -> Recipe:
    """Returns the lines for Keras: `kernel_regularizer=l2(λ)` for both layers."""
    decoupled = given.optimizer == "adamw"
    optimizer = {
        "sgd": f"SGD({given.learning_rate!r})",
        "momentum": f"SGD({given.learning_rate!r}, momentum={given.momentum!r})",
        "adam": f"Adam({given.learning_rate!r}, epsilon=1e-8)",
        "adamw": f"AdamW({given.learning_rate!r}, weight_decay=2 * {given.l2!r}, epsilon=1e-8)",
    }[given.optimizer]
    penalty = "" if decoupled else f", kernel_regularizer=l2({given.l2!r})"
    imports = "import keras" if decoupled else "import keras\nfrom keras.regularizers import l2"
    no_decay = "optimizer.exclude_from_weight_decay(var_list=[layer.bias for layer in model.layers])\n"
    loss, targets = _LOSSES[given.loss]
    code = f"""\
{imports}

keras.config.set_floatx("{given.dtype}")
batch_size = {given.batch_size}
model = keras.Sequential(
    [
        keras.Input(({given.n_in},)),
        keras.layers.Dense({given.hidden}, activation="{given.activation}"{penalty}),
        keras.layers.Dense({given.n_out}{penalty}),
    ]
)
optimizer = keras.optimizers.{optimizer}
{no_decay if decoupled else ""}model.compile(optimizer=optimizer, loss=keras.losses.{loss})


def step(X, y):  # y: {targets}
    model.train_on_batch(X, y)
"""
    remarks = ["`l2(λ)` is λ·Σw², on both kernels; the loss that Keras prints includes it."]
    if decoupled:
        remarks = [DECOUPLED_REMARK, "There is no regularizer, and biases are left out of the decay."]
    elif given.optimizer == "adam":
        remarks.append(L2_IN_ADAM_REMARK)
    nearly = [EPSILON_REMARK] if given.optimizer in ("adam", "adamw") else []
    if (given.activation, given.dtype) == ("tanh", "float64"):
        # It lowers the type of a result of 64 bits in most of its operations, unless its backend has one of its own.
        nearly.append("Some of Keras' backends compute tanh in float32 even so: the last digits differ.")
    return Recipe("Keras", (*remarks, *nearly), code, exact=not nearly)
