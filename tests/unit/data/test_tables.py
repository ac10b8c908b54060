"""From a file to splits: what columns become, what is learnt from which rows, and the same for new rows."""

import argparse
import datetime
import shlex
from statistics import NormalDist

import msgspec
import numpy as np
import polars as pl
import pytest

from l2tui.cli.options import add_table_options, table_choice
from l2tui.data.catalogue import CATALOGUE, is_table, recommended_settings
from l2tui.data.datasets import table_path
from l2tui.data.naming import listed, natural_key
from l2tui.data.preparation import Preparation, encode_preparation
from l2tui.data.recommend import recommended_for
from l2tui.data.splits import ARRAYS, prepare
from l2tui.data.tables import apply_to_file, inspect_table, prepare_table
from l2tui.errors import DataError
from l2tui.settings import TableChoice, changed

N = 300
PARTS = ("train", "val", "test")


def columns(n=N, seed=0):
    """A table with a bit of everything, its values as Python objects."""
    rng = np.random.default_rng(seed)
    day = datetime.date(2020, 1, 1)
    table = {
        "id": list(range(100, 100 + n)),
        "size": rng.normal(5, 2, n).round(3).tolist(),
        "gap": [None if rng.random() < 0.2 else float(round(x, 3)) for x in rng.normal(size=n)],
        "rich": np.exp(rng.normal(0, 2.5, n)).round(4).tolist(),
        "paid": rng.choice(["yes", "no"], n).tolist(),
        "when": [str(day + datetime.timedelta(days=int(d))) for d in rng.integers(0, 900, n)],
        "town": rng.choice(["Oslo", "Rome", "Bonn", "Nice"], n, p=[0.4, 0.3, 0.2, 0.1]).tolist(),
        "firm": [None if rng.random() < 0.1 else str(name) for name in rng.choice(["x", "y"], n)],
        "same": ["1"] * n,
        "text": [f"word {k} {rng.integers(10**9)}" for k in range(n)],
        "who": [f"p{k}" for k in rng.integers(0, 40, n)],
        "kind": rng.choice(["a10", "a2", "b"], n).tolist(),
    }
    table["town"][:8] = ["Ypres", "Lund", "Graz", "Vaduz"] * 2
    return table


def write(path, table, **options):
    pl.DataFrame(table).write_csv(path, **options)
    return path


@pytest.fixture
def path(tmp_path):
    return write(tmp_path / "mine.csv", columns())


def splits_of(path, seed=0, label_noise=0.0, train_size=None, **choice):
    settings = inspect_table(path, TableChoice(**choice), seed=seed).settings
    values = {} if train_size is None else {"train_size": train_size}
    return prepare_table(changed(settings, label_noise=label_noise, **values))


def plan_of(splits, name):
    return next(plan for plan in splits.preparation.columns if plan.name == name)


def raw(splits, part="train"):
    """Inputs before they were standardised, by name."""
    X = getattr(splits, f"X_{part}") * splits.x_scale + splits.x_mean
    return dict(zip(splits.feature_names, X.T, strict=True))


def test_every_kind_of_column_becomes_what_it_should(path):
    look = inspect_table(path)
    found = {column.name: column for column in look.columns}
    assert list(found) == list(columns())
    kinds = {name: column.kind for name, column in found.items()}
    assert kinds["when"] == "date"
    assert kinds["paid"] == "boolean"
    assert kinds["town"] == kinds["kind"] == "category"
    assert kinds["size"] == kinds["gap"] == "number"
    assert {name for name, column in found.items() if column.role == "dropped"} == {"id", "same", "text"}
    assert "row numbers" in found["id"].note
    assert "one value" in found["same"].note
    assert found["gap"].missing == sum(value is None for value in columns()["gap"])
    assert found["gap"].n_inputs == 2
    assert found["rich"].skewed
    assert not found["size"].skewed
    assert (look.target, look.target_reason, look.task) == ("kind", "the last column", "classification")
    assert [name for name, _ in look.classes] == ["a2", "a10", "b"]
    assert sum(look.parts) == look.rows == look.rows_used == N
    assert look.n_inputs == prepare_table(look.settings).X_train.shape[1]


def test_inputs_are_what_the_file_says(path):
    """The raw inputs of all parts, put together, are the columns as polars reads them."""
    splits = splits_of(path, transform=(("rich", "log"),))
    order = np.concatenate([raw(splits, part)["when"] for part in PARTS])
    frame = pl.read_csv(path, try_parse_dates=True, null_values="")
    days = (frame["when"] - datetime.date(1970, 1, 1)).dt.total_days().to_numpy()
    assert np.allclose(np.sort(order), np.sort(days))
    inputs = {name: np.concatenate([raw(splits, part)[name] for part in PARTS]) for name in splits.feature_names}
    assert np.allclose(np.sort(inputs["size"]), np.sort(frame["size"].to_numpy()))
    assert inputs["paid"].sum() == pytest.approx((frame["paid"] == "yes").sum())
    assert inputs["town=Oslo"].sum() == pytest.approx((frame["town"] == "Oslo").sum())
    assert inputs["firm missing"].sum() == pytest.approx(frame["firm"].null_count())
    assert inputs["gap missing"].sum() == pytest.approx(frame["gap"].null_count())
    shift = plan_of(splits, "rich").shift
    logged = np.concatenate([np.expm1(raw(splits, part)["rich"]) + shift for part in PARTS])
    low = frame["rich"].to_numpy()
    assert np.allclose(np.sort(logged[logged >= shift]), np.sort(low[low >= shift]))


def test_the_training_part_is_standard_and_its_median_stands_in(path):
    splits = splits_of(path)
    assert np.allclose(splits.X_train.mean(axis=0), 0, atol=1e-12)
    assert np.allclose(splits.X_train.std(axis=0), 1)
    inputs = raw(splits)
    missing = inputs["gap missing"] > 0.5
    assert missing.any()
    assert np.allclose(inputs["gap"][missing], np.median(inputs["gap"][~missing]))


def test_the_same_file_and_seed_give_the_same_bytes_and_another_seed_others(path):
    first, again, other = splits_of(path), splits_of(path), splits_of(path, seed=1)
    for name in ARRAYS:
        assert getattr(first, name).tobytes() == getattr(again, name).tobytes()
    assert first.preparation == again.preparation
    assert first.fingerprint == again.fingerprint != other.fingerprint


@pytest.mark.parametrize("choice", [{}, {"transform": (("size", "rank"), ("rich", "log"))}])
def test_all_is_learnt_from_the_training_part_alone(tmp_path, choice):
    """Whatever stands in the other rows, in the same kind of values, nothing that was learnt is another."""
    table = columns()
    table["score"] = [value * 10 for value in table["size"]]
    table["row"] = [f"{k / 7:.6f}" for k in range(N)]
    del table["kind"]
    write(tmp_path / "a.csv", table)
    before = splits_of(tmp_path / "a.csv", target="score", **choice)
    trained = {round(value * 7) for value in raw(before)["row"]}
    assert len(trained) == len(before.y_train)
    rng = np.random.default_rng(5)
    for k in set(range(N)) - trained:
        table["score"][k] = 1e4 * rng.normal()
        table["size"][k], table["rich"][k] = float(1e6 * rng.normal()), float(1e6 * rng.random())
        table["gap"][k] = None if rng.random() < 0.5 else 1e5
        table["town"][k], table["firm"][k] = f"town {k}", "y"
        table["paid"][k], table["same"][k], table["when"][k] = "no", "2", "1901-01-01"
        table["id"][k], table["text"][k] = 7, "the same"
    write(tmp_path / "a.csv", table)
    after = splits_of(tmp_path / "a.csv", target="score", **choice)
    learnt = [msgspec.structs.replace(splits.preparation, notes=()) for splits in (before, after)]
    assert learnt[0] == learnt[1]
    assert before.X_train.tobytes() == after.X_train.tobytes()
    assert not np.array_equal(before.X_test, after.X_test)


def test_training_rows_are_the_same_when_the_preparation_is_done_again(path):
    splits = splits_of(path, transform=(("size", "rank"), ("rich", "log")))
    again, notes = apply_to_file(msgspec.json.decode(encode_preparation(splits.preparation), type=Preparation), path)
    assert again.shape == (N, splits.X_train.shape[1])
    rows = {row.tobytes() for row in again}
    for part in PARTS:
        assert {row.tobytes() for row in getattr(splits, f"X_{part}")} <= rows
    assert any(note.startswith("gap: ") and "median" in note for note in notes)


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_built_in_set_has_a_preparation_too(name, tmp_path):
    settings = recommended_settings(name)
    splits = prepare(settings)
    assert splits.preparation.input_names == splits.feature_names
    assert (splits.preparation.y_mean, splits.preparation.y_scale) == (splits.y_mean, splits.y_scale)
    assert msgspec.json.decode(encode_preparation(splits.preparation), type=Preparation) == splits.preparation
    if settings.noise is None:
        X, _ = apply_to_file(splits.preparation, table_path(name))
        assert {row.tobytes() for row in splits.X_test} <= {row.tobytes() for row in X}


def test_new_rows_keep_their_order_and_count(tmp_path, path):
    splits = splits_of(path)
    table = columns()
    whole, _ = apply_to_file(splits.preparation, path)
    picked = [5, 3, 299, 3]
    names = ["town", "size", "when", "gap", "paid", "rich", "firm", "who", "extra"]
    new = {name: [table[name][k] if name in table else "7" for k in picked] for name in names}
    X, notes = apply_to_file(splits.preparation, write(tmp_path / "new.csv", new))
    assert np.array_equal(X, whole[picked])
    assert any("extra" in note for note in notes)
    one, _ = apply_to_file(splits.preparation, write(tmp_path / "one.csv", {k: v[:1] for k, v in new.items()}))
    assert np.array_equal(one, whole[picked[:1]])


def test_new_values_and_missing_ones_are_counted(tmp_path, path):
    splits = splits_of(path)
    table = columns()
    new = {name: values[:4] for name, values in table.items()}
    new["town"], new["paid"], new["firm"] = ["Mars", "Oslo", "Mars", ""], ["", "yes", "no", "no"], ["z", "x", "x", "x"]
    X, notes = apply_to_file(splits.preparation, write(tmp_path / "new.csv", new))
    assert np.isfinite(X).all()
    assert "town: 2 never seen in training, taken as other" in notes
    assert "town: 1 missing, taken as no category" in notes
    assert "paid: 1 missing, taken as the median of training" in notes
    inputs = dict(zip(splits.feature_names, (X * splits.x_scale + splits.x_mean).T, strict=True))
    assert np.allclose(inputs["town: other"], [1, 0, 1, 0])
    assert np.allclose(inputs["firm=x"] + inputs["firm=y"], [0, 1, 1, 1])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"town": None, "size": None}, r"columns are missing: size, town"),
        ({"size": ["1", "2", "big"]}, "column 'size', row 3: 'big' is not a finite number"),
        ({"size": ["1", "inf", "2"]}, "column 'size', row 2: 'inf' is not a finite number"),
        ({"paid": ["yes", "no", "maybe"]}, "column 'paid', row 3: 'maybe' is not no or yes"),
        ({"when": ["2020-01-01", "01.02.2020", ""]}, "column 'when', row 2: '01.02.2020' is not such a date"),
    ],
)
def test_new_rows_that_cannot_be_read_are_refused_with_their_place(tmp_path, path, change, words):
    splits = splits_of(path)
    new = {name: values[:3] for name, values in columns().items()} | change
    write(tmp_path / "new.csv", {name: values for name, values in new.items() if values is not None})
    with pytest.raises(DataError, match=words):
        apply_to_file(splits.preparation, tmp_path / "new.csv")


def test_rows_of_a_group_stay_together(path):
    splits = splits_of(path, group="who")
    assert "who" not in {plan.name for plan in splits.preparation.columns}
    table = columns()
    size_to_groups = {}
    for size, who in zip(table["size"], table["who"], strict=True):
        size_to_groups.setdefault(size, set()).add(who)
    groups = [
        {
            who
            for size in raw(splits, part)["size"].round(3).tolist()
            for who in size_to_groups[size]
            if len(size_to_groups[size]) == 1
        }
        for part in PARTS
    ]
    assert all(groups)
    assert not groups[0] & groups[1]
    assert not groups[0] & groups[2]
    assert not groups[1] & groups[2]
    sizes = [len(getattr(splits, f"y_{part}")) for part in PARTS]
    assert sum(sizes) == N
    assert sizes[0] == pytest.approx(0.6 * N, abs=0.1 * N)


def test_with_a_time_the_past_is_for_training_and_the_future_for_the_test(path):
    table = {"row": [f"{k / 7:.6f}" for k in range(N)], **columns()}
    splits = splits_of(write(path, table), time="size")
    assert "size" not in splits.feature_names
    times = [[table["size"][round(7 * value)] for value in raw(splits, part)["row"]] for part in PARTS]
    assert max(times[0]) <= min(times[1])
    assert max(times[1]) <= min(times[2])
    assert [len(part) for part in times] == [180, 60, 60]
    fewer = splits_of(path, time="size", train_size=50)
    assert min(table["size"][round(7 * value)] for value in raw(fewer)["row"]) == sorted(table["size"])[130]


@pytest.mark.parametrize(("split", "sizes"), [((60, 20, 20), [180, 60, 60]), ((8, 1, 1), [240, 30, 30])])
def test_classes_are_shared_out_alike(path, split, sizes):
    splits = splits_of(path, split=split)
    whole = np.bincount(np.concatenate([getattr(splits, f"y_{part}") for part in PARTS]))
    for part, size in zip(PARTS, sizes, strict=True):
        counts = np.bincount(getattr(splits, f"y_{part}"), minlength=3)
        assert counts.sum() == size
        assert np.abs(counts - whole * size / N).max() <= 1.5


def test_fewer_training_rows_leave_the_other_parts_as_they_are(path):
    whole, fewer = splits_of(path), splits_of(path, train_size=40)
    assert len(fewer.y_train) == 40
    assert np.array_equal(whole.y_test, fewer.y_test)
    kept = raw(fewer)["size"].round(3)
    assert set(kept.tolist()) <= set(raw(whole)["size"].round(3).tolist())


def test_label_noise_is_for_the_training_part_only(path):
    clean, noisy = splits_of(path), splits_of(path, label_noise=0.25)
    assert np.count_nonzero(clean.y_train != noisy.y_train) == 45
    assert np.array_equal(clean.y_val, noisy.y_val)


def test_rows_without_a_target_are_left_out_and_counted(tmp_path):
    table = columns()
    table["kind"][::3] = [None] * 100
    look = inspect_table(write(tmp_path / "a.csv", table))
    assert (look.rows, look.rows_used, sum(look.parts)) == (300, 200, 200)
    assert any("100 rows without a target" in note for note in look.notes)


def test_a_sample_is_what_its_seed_says(path):
    choice = TableChoice(rows=100)
    first, again = (prepare_table(inspect_table(path, choice).settings) for _ in range(2))
    other = prepare_table(inspect_table(path, choice, seed=3).settings)
    assert first.fingerprint == again.fingerprint != other.fingerprint
    assert sum(len(getattr(first, f"y_{part}")) for part in PARTS) == 100


@pytest.mark.parametrize(
    ("names", "choice", "target", "reason"),
    [
        (("a", "Label", "b"), {}, "Label", "named Label"),
        (("class", "target", "b"), {}, "target", "named target"),
        (("a", "b", "c"), {}, "c", "the last column"),
        (("a", "b", "c"), {"drop": ("c",)}, "b", "the last column"),
        (("a", "y", "c"), {"target": "A"}, "a", "as asked"),
    ],
)
def test_the_target_is_guessed_and_the_reason_told(tmp_path, names, choice, target, reason):
    rng = np.random.default_rng(0)
    look = inspect_table(
        write(tmp_path / "a.csv", {name: rng.normal(size=30) for name in names}), TableChoice(**choice)
    )
    assert (look.target, look.target_reason) == (target, reason)
    assert look.settings.table.target == target
    assert any(target in note and reason in note for note in look.notes)


@pytest.mark.parametrize(
    ("values", "task", "task_found", "classes"),
    [
        ([1, 2, 10] * 20, "auto", "classification", ["1", "2", "10"]),
        ([0.5, 1.5] * 30, "auto", "classification", ["0.5", "1.5"]),
        ([1, 2, 10] * 20, "regression", "regression", []),
        ([k / 7 for k in range(60)], "auto", "regression", []),
        (list(range(60)), "auto", "regression", []),
        (list(range(60)), "classification", "classification", [str(k) for k in range(60)]),
        (["true", "FALSE"] * 30, "auto", "classification", ["false", "true"]),
        (["3", "x", "20"] * 20, "auto", "classification", ["3", "20", "x"]),
    ],
)
def test_the_task_follows_from_the_values(tmp_path, values, task, task_found, classes):
    table = {"a": np.random.default_rng(0).normal(size=60), "y": values}
    look = inspect_table(write(tmp_path / "a.csv", table), TableChoice(task=task))
    assert look.task == look.settings.table.task == task_found
    assert [name for name, _ in look.classes] == classes
    assert bool(look.histogram) == (task_found == "regression")
    assert sum(look.histogram) in (0, 60)


def test_a_class_with_hardly_any_rows_is_reported(tmp_path):
    table = {"a": np.random.default_rng(0).normal(size=60), "y": ["u"] * 30 + ["v"] * 28 + ["w"] * 2}
    look = inspect_table(write(tmp_path / "a.csv", table))
    assert any("w (2)" in note for note in look.notes)
    splits = prepare_table(look.settings)
    assert set(splits.y_train) == {0, 1, 2}


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode("utf-32"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.replace(",", ";").encode(),
        lambda text: text.replace(",", "\t").encode(),
        lambda text: text.replace(",", ";").replace(".", ",").encode(),
        lambda text: text.replace("\n", "\n\n").encode(),
        lambda text: text.rstrip("\n").encode(),
        lambda text: text.replace("Oslo", '"Oslo"').encode(),
        lambda text: text.replace(",", " , ").encode(),
    ],
)
def test_however_a_table_is_written_it_is_the_same(tmp_path, path, encode):
    (tmp_path / "other.csv").write_bytes(encode(path.read_text()))
    assert splits_of(tmp_path / "other.csv").fingerprint == splits_of(path).fingerprint


def test_parquet_and_csv_hold_the_same(tmp_path, path):
    table = columns()
    frame = pl.DataFrame(table).with_columns(pl.col("when").str.to_date(), pl.col("paid") == "yes")
    frame.write_parquet(tmp_path / "mine.parquet")
    assert splits_of(tmp_path / "mine.parquet").fingerprint == splits_of(path).fingerprint


def test_npz_and_csv_hold_the_same(tmp_path):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 3)), rng.integers(0, 3, 60)
    np.savez(tmp_path / "a.npz", X=X, y=y)
    table = {f"x{i + 1}": X[:, i] for i in range(3)} | {"y": y}
    write(tmp_path / "a.csv", table)
    assert splits_of(tmp_path / "a.npz").fingerprint == splits_of(tmp_path / "a.csv").fingerprint


def test_text_in_latin_1_is_read_and_said(tmp_path, path):
    (tmp_path / "other.csv").write_bytes(path.read_text().replace("Oslo", "Malmö").encode("latin-1"))
    look = inspect_table(tmp_path / "other.csv", TableChoice(target="town"))
    assert "Malmö" in dict(look.classes)
    assert any("Latin-1" in note for note in look.notes)


def test_a_table_without_names_gets_some(tmp_path):
    rng = np.random.default_rng(0)
    np.savetxt(tmp_path / "a.csv", rng.normal(size=(40, 3)), delimiter=",")
    look = inspect_table(tmp_path / "a.csv")
    assert [column.name for column in look.columns] == ["column_1", "column_2", "column_3"]
    assert look.rows == 40
    assert any("no line with names" in note for note in look.notes)


def test_normal_scores_are_normal_and_keep_the_order(tmp_path):
    values = np.exp(np.random.default_rng(0).normal(0, 3, (3000, 2)))
    path = write(tmp_path / "a.csv", {"rich": values[:, 0], "y": values[:, 1]})
    splits = splits_of(path, transform=(("rich", "rank"),))
    scores = np.sort(raw(splits)["rich"])
    expected = [NormalDist().inv_cdf((k + 0.5) / 1800) for k in range(1800)]
    assert np.abs(scores - expected).max() < 0.01


def test_an_only_column_is_kept_even_if_it_looks_like_row_numbers(tmp_path):
    x = np.arange(60)
    splits = splits_of(write(tmp_path / "a.csv", {"x": x, "y": np.sin(x / 9)}))
    assert splits.feature_names == ("x",)


def test_distinct_numbers_that_measure_are_kept(tmp_path):
    rng = np.random.default_rng(0)
    table = {
        "a": rng.normal(size=60),
        "b": rng.permutation(600)[:60],
        "c": rng.permutation(60),
        "y": rng.normal(size=60),
    }
    assert splits_of(write(tmp_path / "a.csv", table)).feature_names == ("a", "b")


def test_blocks_do_not_show(tmp_path, monkeypatch, path):
    """A file that is read in many pieces gives what one that is read in one piece gives."""
    whole = splits_of(path).fingerprint
    monkeypatch.setattr("l2tui.data.files.BLOCK_BYTES", 1000)
    assert splits_of(path).fingerprint == whole


@pytest.mark.parametrize("texts", [["10", "2", "1", "-3.5"], ["a10", "a2", "a1"], ["10-19", "0-9", "100+"]])
def test_natural_order(texts):
    expected = {"10": ["-3.5", "1", "2", "10"], "a10": ["a1", "a2", "a10"], "10-19": ["0-9", "10-19", "100+"]}[texts[0]]
    assert sorted(texts, key=natural_key) == expected


def test_what_a_person_types_is_told_apart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert not any(is_table(name) for name in (*CATALOGUE, "mons", "my data"))
    assert all(is_table(name) for name in ("a.csv", "A.TSV", "a.parquet", "a.npz", "a.csv.gz", "./a", "/tmp/x"))
    (tmp_path / "mons").touch()
    (tmp_path / "moons").touch()
    assert is_table("mons")
    assert not is_table("moons")


@pytest.mark.parametrize("n", [6, 200, 1000, 10_000, 600_000])
def test_recommended_settings_are_useful_and_not_endless(n):
    for task in ("classification", "regression"):
        values = recommended_for(task, n)
        updates = values["epochs"] * -(-n // values["batch_size"])
        assert updates <= 30_000
        assert values["epochs"] >= 20
        assert values["train_size"] == n
        assert values["l2"] == 0


def test_a_column_of_two_values_is_never_called_skewed(tmp_path):
    n = 300
    table = {"rare": [int(i % 100 == 0) for i in range(n)], "wild": [2.0 ** (i % 40) for i in range(n)]}
    write(tmp_path / "a.csv", table | {"y": ["pq"[i % 2] for i in range(n)]})
    notes = [note for note in inspect_table(tmp_path / "a.csv").notes if "skewed" in note]
    assert notes == ["heavily skewed: wild; try --transform wild=log or =rank"]


def test_a_column_that_looks_like_row_numbers_can_be_kept(tmp_path):
    table = {"year": list(range(1900, 1960)), "a": [k % 7 for k in range(60)], "y": ["p", "q"] * 30}
    path = write(tmp_path / "a.csv", table)
    look = inspect_table(path)
    assert "year: dropped: looks like row numbers (--transform year=rank keeps it)" in look.notes
    assert inspect_table(path, TableChoice(transform=(("year", "rank"),))).columns[0].role == "input"


def test_times_that_a_split_goes_through_are_told(tmp_path):
    for each, told in ((6, False), (7, True)):
        table = {"t": [k // each for k in range(60)], "a": [k % 7 for k in range(60)], "y": ["p", "q"] * 30}
        look = inspect_table(write(tmp_path / "a.csv", table), TableChoice(time="t"))
        assert ("rows of the same t are in two parts" in look.notes) == told


def test_the_hint_at_a_transformation_can_be_typed(tmp_path):
    table = {'wide, "very"': [2.0 ** (i % 40) for i in range(90)], "y": ["pq"[i % 2] for i in range(90)]}
    write(tmp_path / "a.csv", table)
    (note,) = (note for note in inspect_table(tmp_path / "a.csv").notes if "skewed" in note)
    option = shlex.split(note.rpartition("--transform ")[2])[0]
    parser = argparse.ArgumentParser()
    add_table_options(parser)
    choice = table_choice(parser.parse_args(["--transform", option]))
    assert choice.transform == (('wide, "very"', "log"),)
    assert inspect_table(tmp_path / "a.csv", choice).columns[0].note == "logarithm"


def test_what_is_noted_as_skewed_is_marked_as_such(tmp_path):
    rng = np.random.default_rng(0)
    table = {f"x{k}": rng.gamma(0.45, size=120) for k in range(20)} | {"y": ["pq"[i % 2] for i in range(120)]}
    look = inspect_table(write(tmp_path / "a.csv", table))
    (note,) = (note for note in look.notes if "skewed" in note)
    marked = [column.name for column in look.columns if column.skewed]
    assert listed(marked) in note
    assert len(marked) < 20


def test_one_rare_value_is_one(tmp_path):
    n = 600
    table = {"town": ["Ulm" if 7 <= i < 12 else "AB"[i % 2] for i in range(n)], "x": [i % 7 for i in range(n)]}
    write(tmp_path / "a.csv", table | {"y": ["pq"[i % 3 > 0] for i in range(n)]})
    assert "town: 1 rare value joined" in inspect_table(tmp_path / "a.csv").notes


def test_a_number_too_far_from_training_is_told_with_the_file(tmp_path):
    rng = np.random.default_rng(0)
    table = {"x": rng.normal(size=60) * 1e-3, "y": ["pq"[i % 2] for i in range(60)]}
    write(tmp_path / "a.csv", table)
    preparation = splits_of(tmp_path / "a.csv").preparation
    (tmp_path / "b.csv").write_text("x,y\n1e308,p\n")
    with pytest.raises(DataError, match=r"b\.csv: column 'x' has numbers too far"):
        apply_to_file(preparation, tmp_path / "b.csv")


def test_columns_are_left_out_whatever_the_case_of_their_names(path):
    for choice in ({"drop": ("SIZE ",)}, {"drop": ("size",)}):
        look = inspect_table(path, TableChoice(**choice))
        assert {column.name: column.role for column in look.columns}["size"] == "dropped"
        assert "size" not in splits_of(path, **choice).preparation.input_names


@pytest.mark.parametrize(
    ("form", "other"),
    [
        ("%d.%m.%Y", None),
        ("%d.%m.%y", None),
        ("%m/%d/%Y", None),
        ("%m/%d/%y", None),
        ("%d/%m/%Y", None),
        ("%d-%m-%Y", None),
        ("%d-%b-%Y", None),
        ("%d.%m.%Y %H:%M", None),
        ("%Y-%m-%dT%H:%M:%S+02:00", None),
        ("%m/%d/%Y %H:%M", "day before month would be possible"),
        ("%d-%m-%Y", "month before day would be possible"),
    ],
)
def test_dates_are_read_as_they_are_commonly_written(tmp_path, form, other):
    first = datetime.datetime(1998, 1, 1)
    step = datetime.timedelta(days=31) if other else datetime.timedelta(days=97)
    # The days of a month that number no month tell which of two numbers is which.
    dates = [(first + step * k if other is None else first.replace(year=1990 + k)) for k in range(40)]
    table = {"when": [date.strftime(form) for date in dates], "a": [k % 7 for k in range(40)], "y": ["p", "q"] * 20}
    look = inspect_table(write(tmp_path / "a.csv", table))
    column = look.columns[0]
    assert column.kind == "date"
    zone = datetime.timedelta(hours=2 if "+02" in form else 0)
    assert column.low == (dates[0] - zone - datetime.datetime(1970, 1, 1)) / datetime.timedelta(days=1)
    assert column.high == (dates[-1] - zone - datetime.datetime(1970, 1, 1)) / datetime.timedelta(days=1)
    assert any("would be possible" in note for note in look.notes) == (other is not None)
    assert other is None or any(other in note for note in look.notes)


def semicolons(tmp_path, columns):
    rows = [";".join(columns), *(";".join(values) for values in zip(*columns.values(), strict=True))]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_decimal_commas_of_one_column_tell_what_those_of_another_are(tmp_path):
    numbers = np.random.default_rng(0).uniform(1, 9, 40)
    in_thousandths = [f"{x:.3f}".replace(".", ",") for x in numbers]
    columns = {"a": in_thousandths, "b": [f"{x:.2f}".replace(".", ",") for x in numbers], "y": ["p", "q"] * 20}
    look = inspect_table(semicolons(tmp_path, columns))
    assert look.columns[0].high == round(numbers.max(), 3)
    assert "read with decimal commas: a, b" in look.notes
    # No number with thousands apart begins with a zero.
    look = inspect_table(semicolons(tmp_path, {"a": ["0,125", *in_thousandths[1:]], "y": columns["y"]}))
    assert look.columns[0].low == 0.125


def test_points_between_thousands_are_not_read_as_decimals(tmp_path):
    columns = {
        "a": [f"1.{k:03}" if k % 2 else str(900 + k) for k in range(40)],
        "b": [f"{k},5" for k in range(40)],
        "y": ["p", "q"] * 20,
    }
    with pytest.raises(DataError, match=r"column 'a', row 2: '1\.001' has thousands apart"):
        inspect_table(semicolons(tmp_path, columns))
    columns["a"][4] = "3.25"
    assert inspect_table(semicolons(tmp_path, columns)).columns[0].low == 1.001


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        ([f"{k / 7:.2f},{k % 3},Iris-{'ab'[k % 2]}" for k in range(30)], 30),
        ([f"{'abc'[k % 3]},{'xy'[k % 2]},{'pq'[k % 2]}" for k in range(30)], 30),
        # Names that stand there once more, and years as names, are names all the same.
        (["a,b,c", *(f"{'uvw'[k % 3]},{'xyz'[k % 3]},{'pq'[k % 2]}" for k in range(30)), "a,b,c"], 31),
        (["country,1990,2000,y", *(f"c{k % 4},{k},{k * k},{'pq'[k % 2]}" for k in range(30))], 30),
    ],
)
def test_a_first_line_of_values_is_not_lost(tmp_path, lines, rows):
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines) + "\n")
    look = inspect_table(path)
    assert look.rows == rows
    assert (look.columns[0].name == "column_1") == (rows == len(lines))


def test_a_run_tells_why_its_target_was_taken_as_the_look_did(path):
    look = inspect_table(path)
    assert splits_of(path).preparation.notes == look.notes
    assert look.notes[0] == "target: kind, the last column; classification, its values are names"
