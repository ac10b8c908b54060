import numpy as np
import pytest

from l2tui.data.builtin import datasets
from l2tui.data.builtin.catalogue import CATALOGUE
from l2tui.data.builtin.datasets import generate, load_table
from l2tui.errors import DataError

TABLES = [name for name, info in CATALOGUE.items() if not info.generated]
GENERATED = [name for name, info in CATALOGUE.items() if info.generated]
PLANAR = [name for name in GENERATED if CATALOGUE[name].n_inputs == 2]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_what_the_catalogue_says(name):
    info, table = CATALOGUE[name], load_table(name)
    assert table.X.shape == (info.rows, info.n_inputs)
    assert table.X.dtype == np.float64
    assert table.X.flags.c_contiguous
    assert np.isfinite(table.X).all()
    assert table.y.shape == (info.rows,)
    assert table.y.dtype == (np.int64 if info.n_classes else np.float64)
    assert len(table.feature_names) == len(set(table.feature_names)) == info.n_inputs
    assert len(table.class_names) == info.n_classes
    assert table.task == info.task
    assert table.target_name


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("iris", {"setosa": 50, "versicolor": 50, "virginica": 50}),
        ("breast-cancer", {"benign": 357, "malignant": 212}),
        ("wine", {"class_0": 59, "class_1": 71, "class_2": 48}),
    ],
)
def test_classes_have_their_names_and_known_counts(name, counts):
    table = load_table(name)
    assert dict(zip(table.class_names, np.bincount(table.y).tolist(), strict=True)) == counts


def test_digits_are_numbered_as_they_read_and_have_17_grey_levels():
    table = load_table("digits")
    assert table.class_names == tuple("0123456789")
    assert np.array_equal(np.unique(table.X), np.arange(17))


def test_diabetes_is_in_its_own_units():
    table = load_table("diabetes")
    assert (table.y.min(), table.y.max()) == (25, 346)
    assert set(table.X[:, table.feature_names.index("sex")]) == {1, 2}
    assert table.X[:, table.feature_names.index("age")].max() == 79


@pytest.mark.parametrize("name", TABLES)
def test_tables_equal_the_copies_in_scikit_learn(name):
    sklearn = pytest.importorskip("sklearn.datasets")
    options = {"scaled": False} if name == "diabetes" else {}
    theirs, ours = getattr(sklearn, f"load_{name.replace('-', '_')}")(**options), load_table(name)
    assert np.array_equal(ours.X, theirs.data)
    if ours.class_names:
        assert [ours.class_names[k] for k in ours.y] == [str(theirs.target_names[k]) for k in theirs.target]
    else:
        assert np.array_equal(ours.y, theirs.target)


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"\n",
        b"a,b\n1,2\n",
        b"a,b,c,d,species\n" + b"1,2,3,4,x\n" * 150,
        b"a\n" + b"1,2,3,x,s\n" * 150,
        b"\xff\xfe\n",
    ],
)
def test_a_missing_or_damaged_table_is_one_clear_line(tmp_path, monkeypatch, content):
    path = tmp_path / "iris.csv"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(datasets, "table_path", lambda name: path)
    with pytest.raises(DataError, match=r"iris\.csv: .*install l2tui anew") as caught:
        load_table("iris")
    assert "\n" not in str(caught.value)


def test_each_kind_of_set_is_had_in_its_own_way_only():
    with pytest.raises(DataError, match="cannot be generated"):
        generate("iris", 10, 0.1, 0)
    with pytest.raises(DataError, match="no table"):
        load_table("moons")
    with pytest.raises(DataError, match="no such data set"):
        generate("suns", 10, 0.1, 0)


@pytest.mark.parametrize("name", GENERATED)
def test_generated_sets_have_the_shape_asked_for(name):
    data = generate(name, 101, 0.3, 4)
    assert data.X.shape == (101, CATALOGUE[name].n_inputs)
    assert data.X.dtype == np.float64
    assert data.X.flags.c_contiguous
    assert len(data.feature_names) == CATALOGUE[name].n_inputs
    assert len(data.class_names) == CATALOGUE[name].n_classes
    if data.class_names:
        assert sorted(np.bincount(data.y).tolist()) == [50, 51]


@pytest.mark.parametrize("name", GENERATED)
def test_a_seed_makes_the_same_rows_and_another_seed_others(name):
    first, again, other = (generate(name, 50, 0.3, seed) for seed in (1, 1, 2))
    assert np.array_equal(first.X, again.X)
    assert np.array_equal(first.y, again.y)
    assert not np.array_equal(first.X, other.X)


@pytest.mark.parametrize("name", GENERATED)
def test_noise_moves_the_same_points_by_its_own_deviation(name):
    still, small, large = (generate(name, 4000, noise, 0) for noise in (0, 0.1, 0.4))
    moved = (lambda a: a.X - still.X) if CATALOGUE[name].n_classes else (lambda a: a.y - still.y)
    assert np.std(moved(small)) == pytest.approx(0.1, rel=0.05)
    assert np.allclose(moved(large), 4 * moved(small))


@pytest.mark.parametrize("name", PLANAR)
def test_without_noise_the_classes_lie_apart(name):
    data = generate(name, 400, 0, 0)
    first, second = data.X[data.y == 0], data.X[data.y == 1]
    distances = np.linalg.norm(first[:, None] - second[None], axis=2)
    if name == "spirals":
        outside = np.linalg.norm(first, axis=1) > 1
        distances = distances[outside]
    assert distances.min() > 0.2


def test_the_shapes_are_what_their_names_say():
    circles = generate("circles", 500, 0, 0)
    radius = np.linalg.norm(circles.X, axis=1)
    assert np.allclose(radius[circles.y == circles.class_names.index("ring")], 2)
    assert radius[circles.y == circles.class_names.index("disc")].max() <= 1

    xor = generate("xor", 500, 0, 0)
    assert np.array_equal(xor.X.prod(axis=1) < 0, xor.y == 1)
    assert len(np.unique(xor.X, axis=0)) == 4

    sine = generate("sine", 500, 0, 0)
    assert np.allclose(sine.y, np.sin(sine.X[:, 0]))

    spirals = generate("spirals", 500, 0, 0)
    r, angle = np.linalg.norm(spirals.X, axis=1), np.arctan2(spirals.X[:, 1], spirals.X[:, 0])
    start = np.mod(angle - 2 * np.pi * r / 3 + 0.1, 2 * np.pi) - 0.1
    assert np.allclose(start, np.pi * spirals.y)

    moons = generate("moons", 500, 0, 0)
    centres = np.where(moons.y[:, None] == 0, [0.0, 0.0], [1.0, 0.5])
    assert np.allclose(np.linalg.norm(moons.X - centres, axis=1), 1)


def test_tables_inside_an_installed_package_are_preferred(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "_PACKAGE", tmp_path / "l2tui")
    assert datasets.table_path("iris") == tmp_path / "datasets" / "iris.csv"
    (tmp_path / "l2tui" / "_datasets").mkdir(parents=True)
    assert datasets.table_path("iris") == tmp_path / "l2tui" / "_datasets" / "iris.csv"
