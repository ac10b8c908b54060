"""A run's best network as an ONNX model, from inputs as they are before they are standardised to answers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import l2tui
from l2tui.errors import L2tuiError
from l2tui.files import write_file
from l2tui.results.trained import Trained

# What runtimes of several years understand.
_OPSET, _IR_VERSION = 17, 8
_ACTIVATIONS = {"tanh": "Tanh", "relu": "Relu", "sigmoid": "Sigmoid"}


def export_onnx(trained: Trained, path: Path) -> None:
    """Writes the network as ONNX, in float64 throughout.

    The one input is `inputs` (rows, n_in). Each of its columns is what the model's metadata name in `input_names`: a
    number as it is in the table, after its logarithm or rank where that was chosen; a category as 1 or 0 for each
    value. The model standardises them itself. It gives `probabilities` (rows, n_classes) and `class` (rows,), an
    index into the `class_names` of the metadata; or `value` (rows,), in the target's own units.

    Args:
        trained: The network.
        path: The file.

    Raises:
        L2tuiError: The package `onnx` is not installed.
        DataError: It cannot be written.
    """
    try:
        import onnx
    except ImportError:
        raise L2tuiError("ONNX files need the package onnx; `pip install 'l2tui[export]'` installs it") from None
    content: bytes = _model(onnx, trained).SerializeToString()
    write_file(path, lambda file: file.write(content))


def _model(onnx: Any, trained: Trained) -> Any:
    helper = onnx.helper
    nodes = [helper.make_node(kind, inputs, [output]) for kind, inputs, output in _network(trained)]
    answers, outputs = (_value if trained.preparation.task == "regression" else _classes)(onnx, trained)
    nodes += answers
    used = {name for node in nodes for name in node.input}
    constants = [
        onnx.numpy_helper.from_array(array, name) for name, array in _constants(trained).items() if name in used
    ]
    rows = helper.make_tensor_value_info("inputs", onnx.TensorProto.DOUBLE, ["rows", len(trained.weights.W1)])
    model = helper.make_model(
        helper.make_graph(nodes, "l2tui", [rows], outputs, constants),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
        producer_name="l2tui",
        producer_version=l2tui.__version__,
    )
    helper.set_model_props(model, _metadata(trained))
    onnx.checker.check_model(model)
    return model


def _network(trained: Trained) -> list[tuple[str, list[str], str]]:
    """Returns the operations from `inputs` to `Z2`: what each is, what it takes and what it gives."""
    return [
        ("Sub", ["inputs", "x_mean"], "centred"),
        ("Div", ["centred", "x_scale"], "standardised"),
        ("MatMul", ["standardised", "W1"], "weighted_1"),
        ("Add", ["weighted_1", "b1"], "Z1"),
        (_ACTIVATIONS[trained.settings.activation], ["Z1"], "H"),
        ("MatMul", ["H", "W2"], "weighted_2"),
        ("Add", ["weighted_2", "b2"], "Z2"),
    ]


def _constants(trained: Trained) -> dict[str, NDArray[Any]]:
    preparation = trained.preparation
    return {
        **trained.weights._asdict(),
        "x_mean": preparation.x_mean,
        "x_scale": preparation.x_scale,
        "y_mean": np.array(preparation.y_mean),
        "y_scale": np.array(preparation.y_scale),
        "one_column": np.array([-1], np.int64),
    }


def _value(onnx: Any, trained: Trained) -> tuple[list[Any], list[Any]]:
    """Returns the operations from `Z2` to the value in the target's own units, and the model's output."""
    helper = onnx.helper
    nodes = [
        helper.make_node("Mul", ["Z2", "y_scale"], ["scaled"]),
        helper.make_node("Add", ["scaled", "y_mean"], ["column"]),
        helper.make_node("Reshape", ["column", "one_column"], ["value"]),
    ]
    return nodes, [helper.make_tensor_value_info("value", onnx.TensorProto.DOUBLE, ["rows"])]


def _classes(onnx: Any, trained: Trained) -> tuple[list[Any], list[Any]]:
    """Returns the operations from `Z2` to the probabilities and the class, and the model's outputs."""
    helper = onnx.helper
    if trained.weights.W2.shape[1] == 1:
        # sigmoid(-z) and sigmoid(z), neither of which loses digits to a difference from 1.
        nodes = [
            helper.make_node("Neg", ["Z2"], ["minus_Z2"]),
            helper.make_node("Concat", ["minus_Z2", "Z2"], ["both"], axis=1),
            helper.make_node("Sigmoid", ["both"], ["probabilities"]),
        ]
    else:
        nodes = [helper.make_node("Softmax", ["Z2"], ["probabilities"], axis=1)]
    nodes.append(helper.make_node("ArgMax", ["probabilities"], ["class"], axis=1, keepdims=0))
    n_classes = len(trained.preparation.class_names)
    return nodes, [
        helper.make_tensor_value_info("class", onnx.TensorProto.INT64, ["rows"]),
        helper.make_tensor_value_info("probabilities", onnx.TensorProto.DOUBLE, ["rows", n_classes]),
    ]


def _metadata(trained: Trained) -> dict[str, str]:
    preparation = trained.preparation
    return {
        "run": trained.name,
        "epoch": str(trained.epoch),
        "l2": repr(trained.l2),
        "task": preparation.task,
        "target": preparation.target,
        "input_names": json.dumps(preparation.input_names, ensure_ascii=False),
        "class_names": json.dumps(preparation.class_names, ensure_ascii=False),
        "inputs": "float64, in the order of input_names, not standardised: the model does that. A category is 1 or 0 "
        "for each of its values; missing values are filled in before.",
    }
