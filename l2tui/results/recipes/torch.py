"""The recipe for PyTorch."""

from l2tui.results.recipes.model import DECOUPLED_REMARK, L2_IN_ADAM_REMARK, Ingredients, Recipe

_ACTIVATIONS = {"tanh": "Tanh", "relu": "ReLU", "sigmoid": "Sigmoid"}
_LOSSES = {
    "mse": ("MSELoss", "standardised targets, shape (rows, 1)"),
    "binary_cross_entropy": ("BCEWithLogitsLoss", "0.0 or 1.0, shape (rows, 1)"),
    "cross_entropy": ("CrossEntropyLoss", "class indices, shape (rows,)"),
}


def torch_recipe(given: Ingredients) -> Recipe:
    """Returns the lines for PyTorch: `weight_decay` = 2λ for the weights, as a parameter group of their own."""
    name, more = {
        "sgd": ("SGD", ""),
        "momentum": ("SGD", f", momentum={given.momentum!r}"),
        "adam": ("Adam", ""),
        "adamw": ("AdamW", ""),
    }[given.optimizer]
    loss, targets = _LOSSES[given.loss]
    code = f"""\
import torch
from torch import nn

l2 = {given.l2!r}
batch_size = {given.batch_size}
model = nn.Sequential(
    nn.Linear({given.n_in}, {given.hidden}),
    nn.{_ACTIVATIONS[given.activation]}(),
    nn.Linear({given.hidden}, {given.n_out}),
).to(torch.{given.dtype})
weights, biases = [model[0].weight, model[2].weight], [model[0].bias, model[2].bias]
optimizer = torch.optim.{name}(
    [{{"params": weights, "weight_decay": 2 * l2}}, {{"params": biases, "weight_decay": 0.0}}],
    lr={given.learning_rate!r}{more},
)
loss_function = nn.{loss}()


def step(X, y):  # y: {targets}
    optimizer.zero_grad()
    loss_function(model(X), y).backward()
    optimizer.step()
"""
    remarks = ["`weight_decay` is 2·λ, on the weights only: without groups it would pull on the biases as well."]
    if given.optimizer in ("adam", "adamw"):
        remarks.append(DECOUPLED_REMARK if given.optimizer == "adamw" else L2_IN_ADAM_REMARK)
    return Recipe("PyTorch", tuple(remarks), code)
