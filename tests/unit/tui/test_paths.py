from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2tui.tui.paths import Match, completed, is_table_name, matches_of, without


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("iris.csv", "Iris-old.CSV.gz", "irrigation/deep/x.npz", "notes.md", ".hidden.csv", "two words.tsv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"abc")
    (tmp_path / "broken.csv").symlink_to(tmp_path / "nowhere.csv")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def names(text: str) -> list[str]:
    return [match.text for match in matches_of(text)]


def test_tables_and_folders_are_listed_and_nothing_else(folder: Path) -> None:
    assert names("") == ["Iris-old.CSV.gz", "iris.csv", "two words.tsv", "irrigation/"]
    assert names("ir") == names("IR") == ["Iris-old.CSV.gz", "iris.csv", "irrigation/"]
    assert names("irrigation/") == ["irrigation/deep/"]
    assert names("irrigation/deep/") == ["irrigation/deep/x.npz"]
    assert matches_of("two")[0].bytes == 3


def test_what_is_hidden_comes_only_if_asked_for(folder: Path) -> None:
    assert names(".") == [".hidden.csv"]


def test_a_file_is_left_out_whatever_path_it_is_known_by(folder: Path) -> None:
    (folder / "link.csv").symlink_to(folder / "iris.csv")
    known = [folder / "irrigation" / ".." / "iris.csv", folder / "irrigation"]
    left = [match.text for match in without(matches_of(""), known)]
    assert left == ["Iris-old.CSV.gz", "two words.tsv", "irrigation/"]


def test_home_is_a_tilde_and_stays_one(folder: Path) -> None:
    assert names("~/two") == ["~/two words.tsv"]
    assert "~/iris.csv" in names("~")
    assert names(f"{folder}/two") == [f"{folder}/two words.tsv"]


@pytest.mark.parametrize("text", ["nowhere/", "iris.csv/", "~no-such-user/", "a\0b", "x" * 5000 + "/"])
def test_what_cannot_be_listed_has_nothing_in_it(folder: Path, text: str) -> None:
    assert matches_of(text) == []


def test_a_folder_that_may_not_be_read_has_nothing_in_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.scandir", refuse)
    assert matches_of("irrigation/") == []


@pytest.mark.parametrize("name", ["a.csv", "a.TSV", "a.txt", "a.parquet", "a.npz", "a.csv.gz", "A.Tsv.GZ"])
def test_names_of_tables(name: str) -> None:
    assert is_table_name(name)
    assert not is_table_name(f"{name}.zip")


@given(st.lists(st.text(alphabet="abc/", min_size=1, max_size=6), min_size=1, max_size=5), st.integers(0, 6))
def test_completing_adds_exactly_what_all_have_in_common(texts: list[str], typed: int) -> None:
    matches = [Match(text, text, 1) for text in texts]
    start = texts[0][:typed]
    if not all(text.startswith(start) for text in texts):
        return
    longer = completed(start, matches)
    assert all(text.startswith(longer) for text in texts)
    assert longer in texts or len({text[len(longer) : len(longer) + 1] for text in texts}) > 1


def test_where_nothing_matches_nothing_is_added() -> None:
    assert completed("abc", []) == "abc"
