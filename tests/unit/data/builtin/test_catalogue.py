import subprocess
import sys

import pytest

from l2tui.data.builtin.catalogue import CATALOGUE, dataset_info, is_table, recommended_settings, split_sizes
from l2tui.errors import DataError, SettingsError

LADDER = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
TABLES = [name for name, info in CATALOGUE.items() if not info.generated]
GENERATED = [name for name, info in CATALOGUE.items() if info.generated]


def test_the_sets_are_listed_in_their_order():
    assert " ".join(CATALOGUE) == "moons circles spirals xor sine breast-cancer wine digits iris diabetes"
    assert all(info.name == name for name, info in CATALOGUE.items())


def test_the_catalogue_needs_no_number_library():
    code = """if True:
        import sys
        import l2tui.data.builtin.catalogue as catalogue
        catalogue.recommended_settings("moons")
        sys.exit(", ".join({"numpy", "polars", "textual", "plotext", "rich"} & set(sys.modules)) or 0)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", CATALOGUE)
def test_recommended_settings_are_valid_and_last_less_than_a_minute_at_the_default_pace(name):
    settings = recommended_settings(name)
    assert settings.data == name
    assert settings.l2 == 0
    assert settings.noise == CATALOGUE[name].noise
    assert 0 < settings.epochs <= 6000
    assert CATALOGUE[name].suggested_l2 in LADDER


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_summary_is_one_short_line_and_owns_up_to_wrong_labels(name):
    info = CATALOGUE[name]
    assert info.summary.isprintable()
    assert len(info.summary) <= 100
    share = info.recommended.get("label_noise", 0)
    said = f"{share:.0%} of training".replace("%", " %") if info.n_classes else f"off by {share} deviations"
    assert (said in info.summary) == (share > 0) == ("training" in info.summary)


def test_an_unknown_name_is_answered_with_the_nearest_ones():
    with pytest.raises(DataError, match=r"^mons: .*moons.*`l2tui datasets`") as caught:
        dataset_info("mons")
    assert "\n" not in str(caught.value)
    with pytest.raises(DataError, match="breast-cancer"):
        dataset_info("Breast_Cancer")
    with pytest.raises(DataError, match=r"^qqqq: no such data set; `l2tui datasets`"):
        dataset_info("qqqq")


def test_overrides_win_are_converted_and_are_checked():
    settings = recommended_settings("moons", noise="0.1", train_size="40", l2=0.5)
    assert (settings.noise, settings.train_size, settings.l2) == (0.1, 40, 0.5)
    assert settings.hidden == CATALOGUE["moons"].recommended["hidden"]
    with pytest.raises(SettingsError) as caught:
        recommended_settings("moons", l2=-1)
    assert caught.value.name == "l2"


def test_no_noise_means_the_default_noise():
    assert recommended_settings("moons", noise=None) == recommended_settings("moons")
    assert recommended_settings("moons", noise=0).noise == 0


@pytest.mark.parametrize("name", TABLES)
def test_a_real_table_has_no_noise_setting(name):
    assert recommended_settings(name, noise=None).noise is None
    with pytest.raises(SettingsError, match=f"{name} is a real table") as caught:
        recommended_settings(name, noise=0.1)
    assert caught.value.name == "noise"


@pytest.mark.parametrize("name", TABLES)
def test_the_parts_of_a_table_are_all_of_it(name):
    info = CATALOGUE[name]
    largest = info.rows - 20
    for train_size in (info.n_classes or 2, 37, largest):
        n_train, n_val, n_test = split_sizes(info, train_size)
        assert n_train == train_size
        assert n_train + n_val + n_test == info.rows
        assert n_val - n_test in (0, 1)
        assert n_test >= 10
    with pytest.raises(SettingsError, match=f"to {largest} for {name}") as caught:
        recommended_settings(name, train_size=largest + 1)
    assert caught.value.name == "train_size"


@pytest.mark.parametrize(("train_size", "val_size"), [(2, 200), (400, 200), (401, 200), (402, 201), (10_000, 5000)])
def test_the_parts_of_a_generated_set(train_size, val_size):
    for name in GENERATED:
        assert split_sizes(CATALOGUE[name], train_size) == (train_size, val_size, 1000)


def test_training_needs_a_row_of_every_class():
    with pytest.raises(SettingsError, match="from 10 to"):
        split_sizes(CATALOGUE["digits"], 9)
    with pytest.raises(SettingsError, match="2 or more"):
        split_sizes(CATALOGUE["moons"], 1)


def test_what_a_person_types_is_told_apart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert not any(is_table(name) for name in (*CATALOGUE, "mons", "my data"))
    assert all(is_table(name) for name in ("a.csv", "A.TSV", "a.parquet", "a.npz", "a.csv.gz", "./a", "/tmp/x"))
    (tmp_path / "mons").touch()
    (tmp_path / "moons").touch()
    assert is_table("mons")
    assert not is_table("moons")
