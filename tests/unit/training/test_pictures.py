"""The numbers of pictures against the same computed place by place, with the plain network."""

import math
from typing import Any

import numpy as np
import pytest

from l2tui.data.builtin.catalogue import recommended_settings
from l2tui.data.preparation import ColumnPlan, Preparation, Reading
from l2tui.data.prepare import prepare
from l2tui.data.splits import Splits
from l2tui.errors import DataError
from l2tui.nn.network import forward, sigmoid, softmax
from l2tui.nn.parameters import Weights
from l2tui.runs.pictures import (
    FieldNumbers,
    FitNumbers,
    InputNumbers,
    LabelNumbers,
    Numbers,
    PictureRequest,
    PixelNumbers,
    WeightNumbers,
)
from l2tui.settings import Settings, changed
from l2tui.training.moments import weights_of
from l2tui.training.pictures.compute import Scale, compute, finish
from l2tui.training.pictures.sight import Sight
from l2tui.training.trainer import Trainer


def trained(data: str, epochs: int = 30, **values: Any) -> tuple[Trainer, Splits, Sight, Weights]:
    settings = recommended_settings(data, **{"hidden": 12, "epochs": epochs, **values})
    splits = prepare(settings)
    trainer = Trainer(settings, splits)
    while not trainer.finished:
        trainer.advance()
    then = weights_of(trainer, "live")
    assert then is not None
    return trainer, splits, Sight.of(settings, splits.preparation, splits), then.weights


def numbers_of(kind: str, weights: Weights, sight: Sight, columns: int = 9, rows: int = 7, **scale: Any) -> Numbers:
    request = PictureRequest(kind=kind, columns=columns, rows=rows)
    return finish(compute(request, weights, sight, Scale(**scale)))


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_each_place_of_a_field_has_the_class_that_the_plain_network_names_there(activation: str) -> None:
    _, splits, sight, weights = trained("moons", activation=activation)
    field = numbers_of("field", weights, sight)
    assert isinstance(field, FieldNumbers)
    own = splits.X_train * splits.x_scale + splits.x_mean
    room = 0.08 * (own.max(axis=0) - own.min(axis=0))
    assert np.allclose(field.low, own.min(axis=0) - room)
    assert np.allclose(field.high, own.max(axis=0) + room)
    for row in range(7):
        for column in range(9):
            x = field.low[0] + (column + 0.5) / 9 * (field.high[0] - field.low[0])
            y = field.high[1] - (row + 0.5) / 7 * (field.high[1] - field.low[1])
            inputs = (np.array([[x, y]]) - splits.x_mean) / splits.x_scale
            p = float(sigmoid(forward(weights, inputs, activation)[1])[0, 0])
            doubt = 2 if 0.35 < p < 0.65 else 1 if 0.05 < p < 0.95 else 0
            assert field.classes[row * 9 + column] == 3 * (p > 0.5) + doubt


def test_the_rows_of_a_field_lie_where_they_are_and_the_wrong_ones_are_those_that_accuracy_counts() -> None:
    trainer, splits, sight, weights = trained("spirals", epochs=40)
    field = numbers_of("field", weights, sight)
    assert isinstance(field, FieldNumbers)
    accuracy = trainer.record().train_accuracy
    assert 0 < field.wrong_side == round((1 - accuracy) * len(splits.y_train)) == sum(field.marked)
    assert field.looked_at == field.total == len(field.labels) == len(splits.y_train)
    places = np.column_stack((field.across, field.up)) * (np.array(field.high) - field.low) + field.low
    assert np.allclose(places, splits.X_train * splits.x_scale + splits.x_mean, atol=1e-3)
    assert list(field.labels) == splits.y_train.tolist()


def test_with_more_than_two_classes_a_place_has_the_likeliest() -> None:
    generator = np.random.default_rng(0)
    shape = {"W1": (2, 5), "b1": (5,), "W2": (5, 4), "b2": (4,)}
    weights = Weights(**{name: generator.normal(0, 2, size) for name, size in shape.items()})
    _, splits, _, _ = trained("moons", epochs=1)
    names = ("a", "b", "c", "d")
    preparation = Preparation(
        task="classification",
        target="t",
        class_names=names,
        input_names=splits.preparation.input_names,
        columns=splits.preparation.columns,
    )
    sight = Sight.of(recommended_settings("moons"), preparation, splits)
    field = numbers_of("field", weights, sight, 20, 20)
    assert isinstance(field, FieldNumbers)
    x = field.low[0] + (np.arange(20) + 0.5) / 20 * (field.high[0] - field.low[0])
    y = field.high[1] - (np.arange(20) + 0.5) / 20 * (field.high[1] - field.low[1])
    inputs = (np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2) - splits.x_mean) / splits.x_scale
    P = softmax(forward(weights, inputs, "tanh")[1])
    expected = 3 * P.argmax(axis=1) + np.where(P.max(axis=1) < 0.65, 2, np.where(P.max(axis=1) < 0.95, 1, 0))
    assert list(field.classes) == expected.tolist()
    assert len(set(field.classes)) > 4


def test_a_fit_is_in_the_units_of_the_data_and_knows_the_truth_of_a_sine() -> None:
    _, splits, sight, weights = trained("sine")
    fit = numbers_of("fit", weights, sight, columns=11)
    assert isinstance(fit, FitNumbers)
    for place, value in enumerate(fit.curve):
        x = fit.low + (place + 0.5) / 11 * (fit.high - fit.low)
        Z2 = forward(weights, np.array([[(x - splits.x_mean[0]) / splits.x_scale[0]]]), "tanh")[1]
        assert value == pytest.approx(float(Z2[0, 0]) * splits.y_scale + splits.y_mean)
        assert fit.truth[place] == pytest.approx(math.sin(x))
    assert len(fit.train) == len(splits.y_train)
    assert len(fit.val) == len(splits.y_val)
    assert fit.val[0][1] == pytest.approx(splits.y_val[0] * splits.y_scale + splits.y_mean)


def test_a_columns_use_is_the_norm_of_its_row_weighted_by_what_follows() -> None:
    _, splits, sight, weights = trained("wine")
    inputs = numbers_of("inputs", weights, sight)
    assert isinstance(inputs, InputNumbers)
    expected = {}
    for j, name in enumerate(splits.feature_names):
        after = [math.hypot(*weights.W2[h].tolist()) for h in range(12)]
        expected[name] = math.hypot(*(weights.W1[j, h] * after[h] for h in range(12)))
    assert dict(zip(inputs.names, inputs.uses, strict=True)) == pytest.approx(expected)
    assert list(inputs.uses) == sorted(inputs.uses, reverse=True)
    assert inputs.total == 13


def test_the_inputs_of_a_category_are_one_bar() -> None:
    weights = Weights(np.array([[3.0], [4.0], [1.0]]), np.zeros(1), np.array([[2.0]]), np.zeros(1))
    plans = (
        ColumnPlan(name="size", reading=Reading(kind="number"), inputs=("size",), means=(0.0,), scales=(1.0,)),
        ColumnPlan(
            name="colour",
            reading=Reading(kind="category"),
            categories=("red", "blue"),
            inputs=("red", "blue"),
            means=(0.0,) * 2,
            scales=(1.0,) * 2,
        ),
    )
    preparation = Preparation(task="regression", target="t", input_names=("size", "red", "blue"), columns=plans)
    inputs = numbers_of("inputs", weights, Sight.of(Settings(), preparation))
    assert isinstance(inputs, InputNumbers)
    assert dict(zip(inputs.names, inputs.uses, strict=True)) == pytest.approx(
        {"colour": 2 * math.hypot(4, 1), "size": 6}
    )


def test_the_pixels_of_an_image_are_a_map_row_by_row() -> None:
    _, _, sight, weights = trained("digits", epochs=2)
    pixels = numbers_of("inputs", weights, sight)
    assert isinstance(pixels, PixelNumbers)
    assert pixels.side == 8
    whole = np.sqrt(((weights.W1 * np.sqrt((weights.W2**2).sum(axis=1))) ** 2).sum(axis=1))
    assert pixels.uses == pytest.approx(whole.tolist())


@pytest.mark.parametrize("limit", [None, 0.25])
def test_histograms_count_every_weight_once_on_one_axis(limit: float | None) -> None:
    _, _, sight, weights = trained("digits", epochs=2, hidden=700)
    found = numbers_of("weights", weights, sight, columns=31, limit=limit)
    assert isinstance(found, WeightNumbers)
    assert found.largest == pytest.approx((np.abs(weights.W1).max(), np.abs(weights.W2).max()))
    assert found.limit == limit if limit else max(found.largest) <= found.limit < 2 * max(found.largest)
    for counts, layer in zip(found.counts, (weights.W1, weights.W2), strict=True):
        inside = np.clip(layer, -found.limit, found.limit)
        expected, _ = np.histogram(inside, bins=31, range=(-found.limit, found.limit))
        assert list(counts) == expected.tolist()
        assert sum(counts) == layer.size


@pytest.mark.parametrize(("data", "share"), [("moons", 0.1), ("digits", 0.2), ("wine", 0.15)])
def test_wrong_labels_are_those_that_differ_from_the_labels_without_noise(data: str, share: float) -> None:
    trainer, splits, sight, weights = trained(data, epochs=60, label_noise=share)
    clean = prepare(changed(trainer.settings, label_noise=0.0))
    wrong = clean.y_train != splits.y_train
    Z2 = forward(weights, splits.X_train, "tanh")[1]
    named = (Z2[:, 0] > 0).astype(int) if Z2.shape[1] == 1 else Z2.argmax(axis=1)
    found = numbers_of("labels", weights, sight)
    assert isinstance(found, FieldNumbers | LabelNumbers)
    counts = found.counts
    assert counts is not None
    assert counts.wrong == counts.looked_at == wrong.sum() == round(share * len(wrong))
    assert counts.memorised == ((named == splits.y_train) & wrong).sum()
    assert counts.true == ((named == clean.y_train) & wrong).sum()
    if isinstance(found, FieldNumbers):
        assert [bool(mark) for mark in found.marked] == wrong.tolist()


def test_a_large_part_is_looked_at_in_part_and_says_so() -> None:
    _, _, sight, weights = trained("moons", epochs=1, train_size=5000)
    field = numbers_of("field", weights, sight)
    assert isinstance(field, FieldNumbers)
    assert (field.looked_at, field.total) == (2000, 5000)
    assert len(field.across) == len(field.labels) == len(field.marked) == 500


@pytest.mark.parametrize(
    ("data", "kind"), [("wine", "field"), ("sine", "field"), ("moons", "fit"), ("moons", "labels"), ("sine", "labels")]
)
def test_a_picture_that_the_data_do_not_have_is_refused_with_what_it_needs(data: str, kind: str) -> None:
    _, _, sight, weights = trained(data, epochs=1, label_noise=0.0)
    with pytest.raises(DataError, match=f"no picture {kind} of these data: it needs "):
        numbers_of(kind, weights, sight)
