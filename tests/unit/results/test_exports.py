import dataclasses
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from l2tui.data.builtin.datasets import load_table
from l2tui.data.prepare import prepare
from l2tui.errors import DataError, L2tuiError
from l2tui.files import write_file
from l2tui.nn.network import forward, sigmoid, softmax
from l2tui.results.npz import export_npz
from l2tui.results.onnx_model import export_onnx
from l2tui.results.recipes.text import ingredients_of, recipe_text, recipes_for
from l2tui.results.trained import Trained

Train = Callable[..., Trained]


def answers(found: Trained, X: np.ndarray) -> np.ndarray:
    """What the network says of rows as they are in the table, by the plain form of it."""
    splits = prepare(found.settings)
    _, Z2 = forward(found.weights, (X - splits.x_mean) / splits.x_scale, found.settings.activation)
    if splits.task == "regression":
        return Z2[:, 0] * splits.y_scale + splits.y_mean
    return softmax(Z2) if Z2.shape[1] > 1 else np.hstack((sigmoid(-Z2), sigmoid(Z2)))


CASES = [("breast-cancer", "relu"), ("wine", "tanh"), ("diabetes", "sigmoid")]


@pytest.mark.parametrize(("data", "activation"), CASES)
def test_the_archive_is_enough_to_predict_by_its_own_words(
    trained: Train, tmp_path: Path, data: str, activation: str
) -> None:
    found = trained(data, activation=activation, l2=0.001)
    path = tmp_path / "w.npz"
    export_npz(found, path)
    with np.load(path, allow_pickle=False) as file:
        a = dict(file)
    X = load_table(data).X
    f = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0), "sigmoid": lambda z: 1 / (1 + np.exp(-z))}
    Z2 = f[str(a["activation"])]((X - a["x_mean"]) / a["x_scale"] @ a["W1"] + a["b1"]) @ a["W2"] + a["b2"]
    expected = answers(found, X)
    if a["task"] == "regression":
        np.testing.assert_allclose(Z2[:, 0] * a["y_scale"] + a["y_mean"], expected, rtol=1e-10)
    elif len(a["class_names"]) == 2:
        np.testing.assert_allclose(1 / (1 + np.exp(-Z2[:, 0])), expected[:, 1], rtol=1e-9)
    else:
        np.testing.assert_allclose(np.exp(Z2) / np.exp(Z2).sum(axis=1, keepdims=True), expected, rtol=1e-9)
    splits = prepare(found.settings)
    assert tuple(a["class_names"]) == splits.class_names
    assert tuple(a["input_names"]) == splits.feature_names
    assert (a["l2"], a["epoch"]) == (0.001, found.epoch)


@pytest.mark.parametrize(("data", "activation"), [*CASES, ("digits", "relu"), ("sine", "tanh"), ("moons", "sigmoid")])
def test_the_onnx_model_says_what_the_network_says(trained: Train, tmp_path: Path, data: str, activation: str) -> None:
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    found = trained(data, activation=activation)
    path = tmp_path / "m.onnx"
    export_onnx(found, path)
    session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
    n_in = len(found.weights.W1)
    X = load_table(data).X if data not in ("sine", "moons") else np.random.default_rng(0).normal(size=(50, n_in))
    expected = answers(found, X)
    facts = session.get_modelmeta().custom_metadata_map
    assert tuple(json.loads(facts["input_names"])) == found.preparation.input_names
    assert tuple(json.loads(facts["class_names"])) == found.preparation.class_names
    if facts["task"] == "regression":
        np.testing.assert_allclose(session.run(["value"], {"inputs": X})[0], expected, rtol=1e-10)
        return
    taken, probabilities = session.run(["class", "probabilities"], {"inputs": X})
    np.testing.assert_allclose(probabilities, expected, atol=1e-12)
    assert np.array_equal(taken, expected.argmax(axis=1))
    assert session.run(["class"], {"inputs": X[:1]})[0].shape == (1,)


def test_without_the_package_the_way_to_it_is_named(
    trained: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(L2tuiError, match="pip install"):
        export_onnx(trained("moons", epochs=1), tmp_path / "m.onnx")
    assert not list(tmp_path.glob("*.onnx"))


def test_a_recipe_holds_the_runs_own_values_and_every_block_of_it_is_python(trained: Train) -> None:
    found = trained("moons", l2=0.003, learning_rate=0.25, batch_size=32, optimizer="momentum", momentum=0.7)
    text = recipe_text(found)
    blocks = [block.partition("```")[0] for block in text.split("```python\n")[1:]]
    assert blocks == [recipe.code for recipe in recipes_for(ingredients_of(found)) if recipe.code]
    assert len(blocks) == 4
    for block in blocks:
        compile(block, "recipe", "exec")
        assert {"0.003", "0.25", "0.7"} <= set(
            block.replace("(", " ").replace(")", " ").replace("=", " ").replace(",", " ").split()
        )
    # 100 rows in batches of 32
    assert "batches of 32 rows, the last of an epoch of 4." in text


def test_a_batch_larger_than_the_training_part_is_the_training_part(trained: Train) -> None:
    assert ingredients_of(trained("moons", batch_size=1000)).batch_size == 100


def test_a_recipe_says_that_another_l2_was_in_force_before(trained: Train) -> None:
    found = trained("moons", l2=0.003)
    before = found.settings.__class__(data="moons", l2=0.01)
    assert "λ was 0.01 for a part" in recipe_text(dataclasses.replace(found, history=(before, found.settings)))
    assert "for a part" not in recipe_text(found)


def test_a_file_is_written_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def half(file: BinaryIO) -> None:
        file.write(b"new")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_file(path, half)
    assert path.read_text() == "old"
    write_file(path, lambda file: file.write(b"new"))
    assert path.read_text() == "new"
    assert [entry.name for entry in tmp_path.iterdir() if "a.txt" in entry.name] == ["a.txt"]


@pytest.mark.parametrize("path", [".", "/dev/null", "no/such/folder/a"])
def test_what_is_no_regular_file_is_left_alone(tmp_path: Path, path: str) -> None:
    with pytest.raises(DataError, match="cannot be written"):
        write_file(tmp_path / path, lambda file: file.write(b""))
