"""All recipes of a run as one Markdown text."""

from l2tui.results.recipes.keras import keras_recipe
from l2tui.results.recipes.model import Ingredients, Recipe
from l2tui.results.recipes.optax import optax_recipe
from l2tui.results.recipes.sklearn import sklearn_recipe
from l2tui.results.recipes.torch import torch_recipe
from l2tui.results.trained import Trained


def ingredients_of(trained: Trained) -> Ingredients:
    """Returns what a recipe is made from, with the settings in force at the best epoch."""
    settings = trained.settings
    n_in, hidden = trained.weights.W1.shape
    return Ingredients(
        n_in=n_in,
        hidden=hidden,
        n_out=trained.weights.W2.shape[1],
        activation=settings.activation,
        loss=trained.loss,
        optimizer=settings.optimizer,
        momentum=settings.momentum,
        l2=settings.l2,
        learning_rate=settings.learning_rate,
        batch_size=min(settings.batch_size, trained.train_rows),
        dtype=settings.dtype,
    )


def recipes_for(given: Ingredients) -> tuple[Recipe, ...]:
    """Returns the recipe for each library."""
    return keras_recipe(given), torch_recipe(given), optax_recipe(given), sklearn_recipe(given)


def recipe_text(trained: Trained) -> str:
    """Returns all recipes of a run, in Markdown."""
    given = ingredients_of(trained)
    parts = [_head(trained, given)]
    for recipe in recipes_for(given):
        parts.append(f"## {recipe.library}\n\n" + "\n".join(recipe.remarks) + "\n")
        if recipe.code:
            parts.append(f"```python\n{recipe.code}```\n")
    return "\n".join(parts)


def _head(trained: Trained, given: Ingredients) -> str:
    decay = "each step takes 2·lr·λ of itself off every weight, apart from Adam's step"
    penalty = "the objective is data_loss + λ·(ΣW1² + ΣW2²), so the gradient of a weight w gains 2·λ·w"
    momentum = f" {given.momentum:g}" if given.optimizer == "momentum" else ""
    rest = trained.train_rows % given.batch_size
    inputs, outputs = (f"{n} {what}{'s' * (n != 1)}" for n, what in ((given.n_in, "input"), (given.n_out, "output")))
    lines = [
        f"# λ = {given.l2:g} in other libraries\n",
        f"Run {trained.name}, best epoch {trained.epoch}: {inputs}, {given.hidden} hidden units "
        f"({given.activation}), {outputs}; {given.optimizer}{momentum}, "
        f"learning rate {given.learning_rate:g}, batches of {given.batch_size} rows"
        + (f", the last of an epoch of {rest}." if rest else "."),
        f"Here {decay if given.optimizer == 'adamw' else penalty}; biases carry none.",
        "Inputs are standardised"
        + (", and so is the target" if given.loss == "mse" else "")
        + ", by the training part's means and deviations: `l2tui export RUN npz` writes them down.",
    ]
    earlier = tuple(dict.fromkeys(f"{s.l2:g}" for s in trained.history if s.l2 != given.l2))
    if earlier:
        lines.append(f"λ was {', '.join(earlier)} for a part of the training; these lines are for the last value.")
    return "\n".join(lines) + "\n"
