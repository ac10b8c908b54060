"""Everything that can be wrong with a file gets one line that says what, where, and what to do."""

import csv
import datetime
import gzip
import io
import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l2tui.data import memory
from l2tui.data.table.applying import apply_to_file
from l2tui.data.table.inspect import inspect_table
from l2tui.data.table.prepare import prepare_table
from l2tui.errors import DataError, L2tuiError, SettingsError
from l2tui.settings import TableChoice

HEADER = "a,b,y\n"
ROWS = "".join(f"{i * 7 % 13},{i * i % 11 / 7},{'pq'[i % 2]}\n" for i in range(40))
GOOD = HEADER + ROWS


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def parquet(**columns):
    file = io.BytesIO()
    pl.DataFrame(columns).write_parquet(file)
    return file.getvalue()


def zipped(name):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, GOOD)
    return file.getvalue()


def many_classes(n):
    return "a,y\n" + "".join(f"{i % 7},c{i}\n" for i in range(n))


BAD = {
    "empty file": ("x.csv", b"", "the file is empty"),
    "blank lines": ("x.csv", b"\n\n\n", "the file is empty"),
    "header only": ("x.csv", HEADER, "no rows"),
    "header without a line end": ("x.csv", "a,b,y", "no rows"),
    "one column": ("x.csv", "a\n1\n2\n", "one column only.*comma, semicolon, tab"),
    "one row": ("x.csv", "a,b\n1,2\n", "1 row; at least 10"),
    "too few values": ("x.csv", GOOD + "1,2\n" + ROWS, "line 42, row 41: 2 values, but the header has 3"),
    "too many values": ("x.csv", GOOD + "1,2,3,4\n", "line 42, row 41: 4 values, but the header has 3"),
    "too few and too many": ("x.csv", GOOD + "1,2\n1,2,3,4\n", "line 42, row 41: 2 values"),
    "one value": ("x.csv", GOOD + "1\n", "line 42, row 41: 1 value, but"),
    "unclosed quote": ("x.csv", GOOD + '1,"2,p\n3,4,q\n', "line 42: a quotation mark .* never closed"),
    "quote within a value": ("x.csv", GOOD + '1,2,"p"q\n', "line 42: a quotation mark within a value"),
    "mixed encodings": (
        "x.csv",
        ("é" + GOOD).encode() + "1,2,é\n".encode("latin-1"),
        "line 42: not UTF-8.*one encod",
    ),
    "UTF-16 without a mark, cut": ("x.csv", GOOD.encode("utf-16-le")[:-1], "damaged.*UTF-16"),
    "half a UTF-16 character": ("x.csv", GOOD.encode("utf-16")[:-1], "damaged.*UTF-16"),
    "NUL byte": ("x.csv", GOOD + "1,\0,p\n", "line 42: a NUL byte"),
    "a program": ("x.csv", b"\x7fELF\2\1\1" + bytes(99), "this is a program, not a table"),
    "a picture": ("x.csv", b"\x89PNG\r\n" + bytes(99), "this is a picture"),
    "random bytes": (
        "x.csv",
        np.random.default_rng(0).bytes(20_000),
        "not text but binary data.*save the table as CSV",
    ),
    "random bytes but zeros": (
        "x.csv",
        np.random.default_rng(0).bytes(20_000).replace(b"\0", b""),
        "not text but binary data",
    ),
    "random bytes, packed": ("x.csv.gz", gzip.compress(np.random.default_rng(0).bytes(20_000)), "not text but binary"),
    "a web page": ("x.csv", "<!DOCTYPE html>\n<p>hello", "a web page; save its table as CSV"),
    "JSON": ("x.csv", '[{"a": 1, "b": 2}]', "this is JSON; save the table as CSV"),
    "a zip archive": ("x.csv", zipped("a.csv"), "a zip archive; unpack"),
    "an Excel workbook": ("x.csv", zipped("xl/workbook.xml"), "an Excel workbook; save the sheet as CSV"),
    "a pickle": ("x.csv", b"\x80\x04" + bytes(20), "a pickle, which is never opened"),
    "packed and cut off": ("x.csv.gz", gzip.compress(GOOD.encode())[:-9], "damaged or cut off"),
    "same names": ("x.csv", GOOD.replace("a,b", "a,a"), "columns 1 and 2 are both called 'a'; rename"),
    "infinite": ("x.csv", GOOD + "inf,1,p\n", "column 'a', row 41: an infinite value"),
    "infinite by its size": ("x.csv", GOOD + "1e999,1,p\n", "column 'a', row 41: an infinite value"),
    "too large to square": ("x.csv", GOOD + "1e300,1,p\n-1e308,2,q\n" * 9, "column 'a' has numbers too large"),
    "thousands apart": ("x.csv", GOOD + '"1,234",1,p\n', "column 'a', row 41: '1,234' has thousands apart"),
    "many thousands apart": ("x.csv", GOOD + "1 234 567,1,p\n", "column 'a', row 41: '1 234 567' has thousands apart"),
    "decimal comma": ("x.csv", GOOD + '"1,5",1,p\n', "column 'a', row 41: '1,5' has a decimal comma.*point"),
    "comma that can be either": ("x.csv", GOOD.replace(",", ";") + "1,234;5;p\n", "column 'a', row 41: '1,234'"),
    "comma and point": (
        "x.csv",
        GOOD.replace(",", ";") + "1;0,25;p\n",
        "column 'b', row 41: .0,25. has a decimal",
    ),
    "nested columns": ("x.parquet", parquet(a=[[1], [2]] * 20, y=[1, 2] * 20), "column 'a' holds List values"),
    "not Parquet": ("x.parquet", GOOD, "not a Parquet file"),
    "cut Parquet": ("x.parquet", parquet(a=[1, 2] * 20, y=[1, 2] * 20)[:99], "the file is damaged"),
    "Parquet of one column": ("x.parquet", parquet(a=[1, 2] * 20), "one column only"),
    "not NPZ": ("x.npz", GOOD, "not an? NPZ file"),
    "cut NPZ": ("x.npz", npz(X=np.ones((30, 2)), y=np.arange(30))[:200], "damaged"),
    "NPZ with objects": (
        "x.npz",
        npz(X=np.array([[1, None]], object), y=np.ones(1)),
        "pickled objects, .* never",
    ),
    "NPZ without X and y": ("x.npz", npz(A=np.ones(3)), "holds A; arrays named X and y"),
    "X and y of different length": ("x.npz", npz(X=np.ones((30, 2)), y=np.ones(29)), "X has 30 rows and y has 29"),
    "X of three dimensions": ("x.npz", npz(X=np.ones((9, 2, 2)), y=np.ones(9)), "X must be a table of numbers"),
    "a line without end": ("x.csv", b"a,b\n1," + b"x" * (20 << 20), "line 2: longer than 8 MB"),
    "a first line without end": ("x.csv", b"x" * (20 << 20), "line 1: longer than 1 MB"),
    "a quote without end": ("x.csv", b'a,b\n1,"' + b"x\n" * (10 << 20), "line 2: a quotation mark .* never closed"),
}


def refused(path, words, **choice):
    with pytest.raises(L2tuiError, match=words) as caught:
        inspect_table(path, TableChoice(**choice))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("name", "content", "words"), BAD.values(), ids=BAD)
def test_a_bad_file_is_answered_in_one_line(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    message = refused(path, words)
    assert message.startswith(f"{path}: ")
    assert len(message) < 300 + len(str(path))


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"target": "yy"}, r"no column 'yy' \(--target\); did you mean y"),
        ({"target": "price"}, "no column 'price'.*there are a, b, y"),
        ({"drop": ("ab",)}, r"no column 'ab' \(--drop\)"),
        ({"drop": ("a", "b")}, "no column is left to predict 'y' from"),
        ({"drop": ("y",), "target": "y"}, "cannot be left out"),
        ({"group": "zz"}, "--group"),
        ({"time": "y", "target": "b"}, "column 'y' is text; --time needs numbers or dates"),
        ({"group": "y", "target": "b"}, "2 groups; --group needs three"),
        ({"group": "a", "time": "b"}, "cannot go together"),
        ({"group": "y", "target": "y"}, "is the target"),
        ({"transform": (("y", "log"),), "target": "y"}, "is the target"),
        ({"transform": (("y", "log"),), "target": "b"}, "column 'y' is text and cannot be transformed"),
        ({"task": "regression", "target": "y"}, "holds text such as 'p'.*--task classification"),
    ],
)
def test_a_choice_that_cannot_be_is_answered_in_one_line(tmp_path, choice, words):
    path = tmp_path / "x.csv"
    path.write_text(GOOD)
    refused(path, words, **choice)


def test_what_is_no_file(tmp_path):
    refused(tmp_path / "none.csv", "none.csv: no such file")
    refused(tmp_path / "-", "no such file; standard input is none either")
    refused(tmp_path, "a directory; name the file")
    refused(Path("/dev/null"), "not a regular file.*save it to a file")
    os.mkfifo(tmp_path / "pipe.csv")
    refused(tmp_path / "pipe.csv", "not a regular file.*save it to a file")
    refused(Path("a\0b"), "not a name that a file can have")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(GOOD)
    path.chmod(0)
    refused(path, "no permission to read it")


def test_rows_without_a_time_or_a_group_are_named(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(GOOD + "NA,1,p\n")
    refused(path, "column 'a', row 41: no value; --time needs one", time="a")
    refused(path, "column 'a', row 41: no value; --group needs one", group="a")


@pytest.mark.parametrize("content", [GOOD, GOOD.replace("p", "q")])
def test_a_file_that_changes_while_it_is_read_is_noticed(tmp_path, content):
    path = tmp_path / "x.csv"
    path.write_text(GOOD)
    changed = []

    def meddle(done, doing):
        if not changed:
            changed.append(path.write_text(content + ROWS))
            os.utime(path, ns=(1, 1))

    with pytest.raises(DataError, match="has changed while it was read"):
        inspect_table(path, progress=meddle)


def test_a_table_too_large_for_the_memory_is_answered_with_the_rows_that_fit(tmp_path, monkeypatch):
    path = tmp_path / "x.csv"
    path.write_text(HEADER + ROWS * 50)
    monkeypatch.setattr(memory, "available_bytes", lambda: 40_000)
    message = refused(path, r"needs about .* GB of memory.*of 2,000 rows fit: take a sample with --rows \d+")
    rows = int(message.rpartition(" ")[2])
    assert 100 < rows < 2000
    assert inspect_table(path, TableChoice(rows=rows)).rows_used == rows


def test_a_noise_setting_is_refused(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(GOOD)
    summary = inspect_table(path)
    with pytest.raises(SettingsError, match="no noise setting"):
        prepare_table(type(summary.settings)(data=str(path), table=summary.settings.table, noise=0.1))


CELLS = st.one_of(
    st.sampled_from(
        [
            *(
                "1",
                "2",
                "3.5",
                "-1",
                "",
                "NA",
                "a",
                "b",
                "yes",
                "no",
                "true",
                "2020-01-02",
                "1,5",
                "1.234,5",
                "1e5",
                "nan",
            ),
            *("inf", "1e308", "-1e308", "1e-320", '"x"', '"a,b"', '"', "é", "\0", " 7 ", "0", "31.12.2020", "1.234,5"),
            *("0,125", "12.345", "1,234", "01/02/03", "05-06-2020", "1 Jan 2020", "2020-01-02T03:04:05+02:00", "#N/A"),
        ]
    ),
    st.text(max_size=5),
    st.floats().map(str),
    st.integers().map(str),
)
SOUND = {
    "x.csv": (HEADER + ROWS).encode(),
    "y.csv": (HEADER + ROWS).encode("utf-16"),
    "x.npz": npz(X=np.random.default_rng(0).normal(size=(30, 3)), y=np.arange(30) % 2),
    "x.parquet": parquet(a=[1, 2, 3] * 10, b=["u", "v", "w"] * 10, y=[0.5, 1.5] * 15),
    "x.csv.gz": gzip.compress((HEADER + ROWS).encode(), mtime=0),
}


def survives(name, content, rows=None):
    """Whatever is in a file, it is used, with finite numbers and all its rows, or refused in one line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            splits = prepare_table(inspect_table(path).settings)
            again, _ = apply_to_file(splits.preparation, path)
        except L2tuiError as error:
            said = str(error)
        else:
            for X in (splits.X_train, splits.X_val, splits.X_test, again):
                assert np.isfinite(X).all()
            assert rows is None or len(again) == splits.preparation.source_rows == rows
            return
    assert "\n" not in said
    assert said.startswith(f"{path}: ")


@settings(max_examples=60)
@given(st.binary(max_size=300), st.sampled_from(list(SOUND)), st.sampled_from([b"", b"PK\3\4x.npy", b"PAR1", b"a,b\n"]))
def test_any_bytes_are_survived(content, name, beginning):
    survives(name, beginning + content)


@settings(max_examples=80)
@given(
    st.sampled_from(list(SOUND)),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255), st.sampled_from(["set", "del", "ins"])), max_size=5),
)
def test_any_mutation_is_survived(name, changes):
    content = bytearray(SOUND[name])
    for at, value, how in changes:
        at %= max(1, len(content))
        if how == "del":
            del content[at : at + value % 5 + 1]
        else:
            content[at : at + (how == "set")] = bytes([value])
    survives(name, bytes(content))


@settings(max_examples=80)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=2, max_size=4), st.integers(10, 50), st.randoms())
def test_columns_of_any_values_are_survived(pools, n, random):
    lines = [",".join(f"c{i}" for i in range(len(pools)))]
    lines += [",".join(random.choice(pool).replace(",", ";").replace("\n", " ") for pool in pools) for _ in range(n)]
    survives("x.csv", "\n".join(lines).encode("utf-8", "surrogatepass"))


@settings(max_examples=80)
@given(
    st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=2, max_size=4),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(10, 50),
    st.randoms(),
)
def test_no_row_of_a_sound_file_is_lost_whatever_its_values(pools, separator, end, n, random):
    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL)
    names = [f"c{i}" for i in range(len(pools))]
    writer.writerows([names, *([random.choice(pool) for pool in pools] for _ in range(n))])
    survives("x.csv", file.getvalue().encode("utf-8", "surrogatepass"), n)


def test_a_system_that_does_not_tell_its_memory_refuses_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> str:
        raise FileNotFoundError

    def no_such_name(name: str) -> int:
        raise ValueError(name)

    monkeypatch.setattr(Path, "read_text", unknown)
    assert 0 < memory.available_bytes() < 1 << 50
    monkeypatch.setattr(memory.os, "sysconf", no_such_name)
    memory.check_memory(Path("table.csv"), 1 << 50, 10)


def test_a_column_that_cannot_be_used_can_be_left_out(tmp_path):
    path = tmp_path / "x.parquet"
    spans = [datetime.timedelta(hours=k) for k in range(20)]
    path.write_bytes(parquet(a=[[1], [2]] * 10, b=[b"u", b"v"] * 10, c=spans, d=[1.0, 2.5] * 10, y=["p", "q"] * 10))
    message = refused(path, "column 'a' holds List values", drop=("b",))
    assert message.startswith(f"{path}: ")
    assert refused(path, "column 'c' holds Duration values", drop=("a", "b")).startswith(f"{path}: ")
    look = inspect_table(path, TableChoice(drop=("a", "B", "c")))
    preparation = prepare_table(look.settings).preparation
    assert preparation.input_names == ("d",)
    assert len(apply_to_file(preparation, path)[0]) == 20


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("a", [datetime.date(2020, 1, 1)] * 2, "column 'a' holds Date values; it must hold numbers, as in training"),
        ("d", [2020, 2021], "column 'd' holds Int64 values; it must hold dates, as in training"),
        ("b", [1.0, 5.0], r"column 'b', row 2: '5\.0' is not no or yes"),
        ("b", [True, False], None),
        ("b", [1, 0], None),
        ("d", [datetime.datetime(2020, 1, 1, 12), None], None),
        ("a", [None, None], None),
    ],
)
def test_new_rows_of_other_types_are_not_taken_for_what_they_are_not(tmp_path, name, values, words):
    path, new = tmp_path / "x.csv", tmp_path / "new.parquet"
    rows = (f"{k / 7:.3f},{'yes' if k % 3 else 'no'},2020-01-{k % 28 + 1:02},{'pq'[k % 2]}\n" for k in range(40))
    path.write_text("a,b,d,y\n" + "".join(rows))
    preparation = prepare_table(inspect_table(path).settings).preparation
    columns = {"a": [0.5, 1.5], "b": ["no", "yes"], "d": ["2020-01-01", "2020-02-01"]}
    new.write_bytes(parquet(**{**columns, name: values}))
    if words is None:
        assert np.isfinite(apply_to_file(preparation, new)[0]).all()
    else:
        with pytest.raises(DataError, match=words):
            apply_to_file(preparation, new)


def test_new_rows_in_arrays_need_no_target(tmp_path):
    path, new = tmp_path / "x.npz", tmp_path / "new.npz"
    X = np.random.default_rng(0).normal(size=(30, 3))
    path.write_bytes(npz(X=X, y=np.arange(30) % 2))
    new.write_bytes(npz(X=X[:5]))
    preparation = prepare_table(inspect_table(path).settings).preparation
    assert (apply_to_file(preparation, new)[0] == apply_to_file(preparation, path)[0][:5]).all()
    refused(new, "holds X; arrays named X and y are needed")
    new.write_bytes(npz(y=X[:, 0]))
    with pytest.raises(DataError, match="holds y; an array named X is needed"):
        apply_to_file(preparation, new)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (GOOD.replace("p\n", "q\n"), "target 'y' is 'q' in every row.*--target"),
        (GOOD.replace("p\n", "NA\n").replace("q\n", "\n"), "target 'y' has no value"),
        (many_classes(5000), "target 'y' has 5,000 classes, at most 100"),
        (many_classes(20_000), "target 'y' has more than 10,000 different values"),
        ("a,y\n" + "".join(f"{i % 7},2020-01-{i + 1:02}\n" for i in range(30)), "target 'y' holds dates.*--target"),
    ],
)
def test_a_target_of_no_use_is_refused_if_asked_for_and_passed_over_if_not(tmp_path, content, words):
    path = tmp_path / "x.csv"
    path.write_text(content)
    refused(path, words, target="y")
    if content.startswith("a,b"):
        assert inspect_table(path).target in ("a", "b")


def test_what_stands_above_the_names_is_told(tmp_path):
    path = tmp_path / "x.csv"
    for above in ("# made by hand", "sep=;"):
        path.write_text(f"{above}\n{GOOD.replace(',', ';')}")
        refused(path, r"line 1: \d values?, but the lines below it have 3; the first line must be that with the names")


def test_new_rows_without_the_columns_are_told_what_there_is(tmp_path):
    path, new = tmp_path / "x.csv", tmp_path / "new.csv"
    path.write_text(GOOD)
    new.write_text("c,b\n1,2\n")
    preparation = prepare_table(inspect_table(path).settings).preparation
    with pytest.raises(DataError, match="a column is missing: a; there are c, b"):
        apply_to_file(preparation, new)


def test_a_column_that_only_says_how_to_split_is_none_to_learn_from(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("t,y\n" + "".join(f"{k},{'pq'[k % 2]}\n" for k in range(20)))
    refused(path, "no column is left to predict 'y' from: the others only say how to split", time="t")


def test_a_number_too_far_from_training_is_told_with_its_file(tmp_path):
    path = tmp_path / "x.csv"
    # In their order, the last rows are for the test.
    path.write_text("t,a,y\n" + "".join(f"{k},{1e308 if k == 59 else k % 7 * 1e-3},{'pq'[k % 2]}\n" for k in range(60)))
    summary = inspect_table(path, TableChoice(time="t"))
    with pytest.raises(DataError, match=r"x\.csv: column 'a' has numbers too far .* --drop"):
        prepare_table(summary.settings)


def test_a_value_is_found_by_its_line_as_well_whatever_stands_above_it(tmp_path: Path) -> None:
    rows = [f'{i},"a\nb",{"pq"[i % 2]}' for i in range(40)]
    text = "\n".join(["", "a,b,c", *rows[:20], "", *rows[20:], '1,"x",p', '"1,234",x,p', ""])
    path = tmp_path / "x.csv"
    path.write_text(text)
    line = 1 + text[: text.index('"1,234"')].count("\n")
    assert line == 85
    refused(path, f"line {line}, column 'a', row 42: '1,234' has thousands apart")
    path.write_text(text.replace('"1,234",x,p', ",x,p"))
    refused(path, f"line {line}, column 'a', row 42: no value; --group needs one", group="a")
    path.write_text(text.replace('"1,234",x,p', "1,p"))
    refused(path, f"line {line}, row 42: 2 values, but the header has 3")


def test_a_file_without_lines_names_the_row_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pl.DataFrame({"a": [*range(40), None], "b": [1.5 * i for i in range(41)]}).write_parquet(path)
    refused(path, "x.parquet: column 'a', row 41: no value; --time needs one", time="a")
