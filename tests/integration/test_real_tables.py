"""Tables that people know, opened as a person would open them, against scikit-learn on the same prepared inputs.

Breast cancer (words for classes), wine (three classes), diabetes (regression), cars (a category to predict, missing
values, dates, names), affairs (categories, imbalance). `python -m tests.benchmarks.real_tables` prints the figures.
"""

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import polars as pl
import pytest

from l2tui.data.splits import Splits
from l2tui.nn.network import row_losses
from l2tui.results.bootstrap import bootstrap_means, percentile_interval
from l2tui.results.trained import Trained, load_trained, own_splits
from l2tui.runs.directory import RunDirectory
from l2tui.runs.results import PartResult

pytestmark = pytest.mark.slow


def breast_cancer() -> pl.DataFrame:
    bunch = _sklearn().load_breast_cancer()
    names = np.array(["malignant", "benign"])[bunch.target]
    return pl.DataFrame(bunch.data, [str(name) for name in bunch.feature_names]).with_columns(diagnosis=names)


def wine() -> pl.DataFrame:
    bunch = _sklearn().load_wine()
    cultivars = np.array(["Barolo", "Grignolino", "Barbera"])[bunch.target]
    return pl.DataFrame(bunch.data, bunch.feature_names).insert_column(0, pl.Series("class", cultivars))


def diabetes() -> pl.DataFrame:
    bunch = _sklearn().load_diabetes(scaled=False)
    table = pl.DataFrame(bunch.data, bunch.feature_names)
    sex = pl.Series("sex", np.where(table["sex"] == 1, "female", "male"))
    return table.with_columns(sex).with_columns(progression=bunch.target)


def cars() -> pl.DataFrame:
    local = pytest.importorskip("vega_datasets", reason="the table of cars comes with vega_datasets").local_data
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = local.cars()
    return pl.DataFrame({name: _text(frame[name]) for name in frame.columns})


def affairs() -> pl.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fair = pytest.importorskip("statsmodels.datasets.fair", reason="the survey comes with statsmodels")
        frame = fair.load_pandas().data
    work = np.array(["student", "farming", "clerical", "teacher", "manager", "professional"])
    table = pl.DataFrame({name: frame[name].to_numpy() for name in frame.columns})
    jobs = {name: work[table[name].cast(pl.Int64).to_numpy() - 1] for name in ("occupation", "occupation_husb")}
    answer = np.where(table["affairs"].to_numpy() > 0, "yes", "no")
    return table.drop("affairs").with_columns(**jobs).with_columns(affair=answer)


TABLES: dict[str, Callable[[], pl.DataFrame]] = {
    "breast-cancer": breast_cancer,
    "wine": wine,
    "diabetes": diabetes,
    "cars": cars,
    "affairs": affairs,
}


def _sklearn() -> Any:
    return pytest.importorskip("sklearn.datasets")


def _text(column: Any) -> list[str | None]:
    """Values as a person's CSV has them: empty where there is none, a day without its midnight."""
    return [None if text in ("nan", "NaT", "None") else text.removesuffix(" 00:00:00") for text in map(str, column)]


class Comparison(NamedTuple):
    """A table's run, tested, and scikit-learn's network on the same rows.

    Attributes:
        result: What `l2tui test` says.
        theirs: The mean loss of scikit-learn's network on the test part.
        difference: 95 % interval of our loss less theirs, row by row.
    """

    result: PartResult
    theirs: float
    difference: tuple[float, float]


def l2tui(*arguments: Any) -> str:
    package = str(Path(__file__).parents[2])
    paths = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-m", "l2tui", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_table(path: Path, *options: str) -> RunDirectory:
    return RunDirectory(Path(json.loads(l2tui("train", path, "--json", *options))["run"]))


def compare(run: RunDirectory) -> Comparison:
    """Tests a run, and trains scikit-learn's network of the same size and penalty, with its own way of training."""
    result = msgspec.json.decode(l2tui("test", run.path, "--json"), type=PartResult)
    trained = load_trained(run)
    splits = own_splits(run, trained.run_settings)
    ours = row_losses(trained.outputs(splits.X_test), splits.y_test, trained.loss)
    assert result.loss == pytest.approx(ours.mean(), rel=1e-12)
    theirs = _their_losses(trained, splits)
    difference = percentile_interval(bootstrap_means((ours - theirs)[:, None])[:, 0])
    return Comparison(result, float(theirs.mean()), difference)


def _their_losses(trained: Trained, splits: Splits) -> np.ndarray:
    network = pytest.importorskip("sklearn.neural_network")
    regression = splits.task == "regression"
    batch = min(200, len(splits.y_train))
    # Its loss for regression is half of ours.
    alpha = (1 if regression else 2) * trained.l2 * batch
    kind = network.MLPRegressor if regression else network.MLPClassifier
    settings = trained.settings
    activation = {"sigmoid": "logistic"}.get(settings.activation, settings.activation)
    model = kind(
        hidden_layer_sizes=(settings.hidden,), activation=activation, alpha=alpha, batch_size=batch, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(splits.X_train, splits.y_train)
    if regression:
        return np.asarray((model.predict(splits.X_test) - splits.y_test) ** 2)
    right = model.predict_proba(splits.X_test)[np.arange(len(splits.y_test)), splits.y_test]
    return np.asarray(-np.log(np.maximum(right, 1e-300)))


@pytest.mark.parametrize("name", TABLES)
def test_a_known_table_is_opened_without_an_option_tested_and_predicted(name: str, tmp_path: Path) -> None:
    table = TABLES[name]()
    path = tmp_path / f"{name}.csv"
    table.write_csv(path)
    run = run_table(path)
    compared = compare(run)
    # Row by row, our loss is not larger than theirs beyond what other test rows would have made of it.
    assert compared.difference[0] <= 0, compared
    predicted = pl.read_csv(l2tui("predict", run.path, path).encode(), infer_schema_length=None)
    assert len(predicted) == len(table)
    target = load_trained(run).preparation.target
    if compared.result.class_names:
        right = (predicted[target] == table[target]).mean()
        assert right >= compared.result.score_interval[0]
        assert (predicted.select(pl.sum_horizontal(pl.exclude(target))).to_series() - 1).abs().max() < 1e-12
    else:
        error = (predicted[target] - table[target]).to_numpy()
        assert 1 - np.var(error) / np.var(table[target].to_numpy()) >= compared.result.score_interval[0]


@pytest.mark.parametrize("name", ["diabetes", "wine"])
def test_with_an_equal_penalty_neither_is_worse(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.csv"
    TABLES[name]().write_csv(path)
    compared = compare(run_table(path, "--l2", "0.003"))
    assert compared.result.l2 == 0.003
    assert compared.result.loss_interval[0] <= compared.theirs, compared


def test_an_onnx_model_of_a_table_takes_its_prepared_inputs_by_name(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    path, model = tmp_path / "animals.csv", tmp_path / "m.onnx"
    rng = np.random.default_rng(0)
    size = rng.normal(3.0, 1.0, 300)
    coat = rng.choice(["fur", "wool", "scales"], 300)
    kind = np.where(size + (coat == "fur") > 3.3, "dog", "cat")
    known = np.where(rng.random(300) < 0.1, np.nan, size)
    table = pl.DataFrame({"size": known, "coat": coat, "kind": kind})
    table.with_columns(pl.col("size").fill_nan(None)).write_csv(path)
    run = run_table(path, "--epochs", "30")
    l2tui("export", run.path, "onnx", "--out", model)
    session = runtime.InferenceSession(model, providers=["CPUExecutionProvider"])
    facts = session.get_modelmeta().custom_metadata_map
    names = json.loads(facts["input_names"])
    plans = load_trained(run).preparation.columns
    assert names == [name for plan in plans for name in plan.inputs]
    # The inputs by hand, in the order of the names.
    of_size, of_coat = plans
    missing = np.isnan(known)
    inputs = [np.where(missing, of_size.fill, known), missing.astype(float)]
    inputs += [(coat == value).astype(float) for value in of_coat.categories]
    probabilities = session.run(["probabilities"], {"inputs": np.column_stack(inputs)})[0]
    predicted = pl.read_csv(l2tui("predict", run.path, path).encode())
    assert json.loads(facts["class_names"]) == ["cat", "dog"]
    np.testing.assert_allclose(predicted.to_numpy()[:, 1:].astype(float), probabilities, atol=1e-12)
    assert (predicted["kind"] == table["kind"]).mean() > 0.8
