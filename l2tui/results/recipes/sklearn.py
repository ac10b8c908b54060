"""The recipe for scikit-learn."""

from l2tui.results.recipes.model import EPSILON_REMARK, L2_IN_ADAM_REMARK, Ingredients, Recipe

_ACTIVATIONS = {"tanh": "tanh", "relu": "relu", "sigmoid": "logistic"}


def sklearn_recipe(given: Ingredients) -> Recipe:
    """Returns the lines for scikit-learn.

    Its objective for a batch of m rows is data_loss + alpha·Σw²/(2·m), so alpha = 2·λ·m. For regression its data loss
    is (z - y)²/2, half of the one here: halving λ and doubling the learning rate makes up for it.
    """
    if given.optimizer == "adamw":
        return Recipe("scikit-learn", ('It has no AdamW; `solver="adam"` with an `alpha` is another thing.',))
    regression, adam = given.loss == "mse", given.optimizer == "adam"
    factor = "" if regression else "2 * "
    # Adam divides the factor of the gradient out again, all but ε.
    rate = given.learning_rate * (2 if regression and not adam else 1)
    if adam:
        solver = f'solver="adam",\n    epsilon={5e-9 if regression else 1e-8!r},'
    else:
        momentum = given.momentum if given.optimizer == "momentum" else 0.0
        solver = f'solver="sgd",\n    momentum={momentum!r},\n    nesterovs_momentum=False,'
    kind = "MLPRegressor" if regression else "MLPClassifier"
    code = f"""\
from sklearn.neural_network import {kind}

l2 = {given.l2!r}
batch_size = {given.batch_size}
model = {kind}(
    hidden_layer_sizes=({given.hidden},),
    activation="{_ACTIVATIONS[given.activation]}",
    alpha={factor}l2 * batch_size,
    batch_size=batch_size,
    learning_rate_init={rate!r},
    {solver}
)
"""
    remarks = [
        f"`alpha` depends on the batch size: the penalty is alpha·Σw²/(2·rows of the batch), so alpha = "
        f"{factor.replace(' * ', '·')}λ·batch_size. In an epoch's last batch, if it has fewer rows m, the weights are "
        "pulled batch_size/m times as hard as here."
    ]
    if regression:
        rest = " and so does ε." if adam else ", and the learning rate is doubled."
        remarks.append(f"Its squared error is half of the one here, so λ counts half{rest}")
    if adam:
        remarks += [L2_IN_ADAM_REMARK, EPSILON_REMARK]
    return Recipe("scikit-learn", tuple(remarks), code, exact=not adam)
