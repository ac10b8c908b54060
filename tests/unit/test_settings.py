import contextlib
import datetime
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2tui.errors import SettingsError
from l2tui.settings import (
    ACTIVATIONS,
    CRITERIA,
    DTYPES,
    LIVE_SETTINGS,
    OPTIMIZERS,
    SETTING_INFO,
    Settings,
    TableChoice,
    changed,
    from_mapping,
    parse_value,
    show_value,
)
from l2tui.toml_files import read_toml


def _floats(low: float = 0.0, high: float | None = None, **more: Any) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, allow_infinity=False, **more)


_NAMES = st.text().map(str.strip).filter(lambda text: text and text.lower() != "null")
ALLOWED: dict[str, st.SearchStrategy[Any]] = {
    "data": _NAMES,
    "noise": _floats(high=10),
    "label_noise": _floats(high=1),
    "train_size": st.integers(2, 10**8),
    "seed": st.integers(0, 2**32 - 1),
    "fold": st.integers(0, 10_000),
    "folds": st.integers(2, 100),
    "hidden": st.integers(1, 100_000),
    "activation": st.sampled_from(ACTIVATIONS),
    "dtype": st.sampled_from(DTYPES),
    "l2": _floats(),
    "learning_rate": _floats(exclude_min=True),
    "optimizer": st.sampled_from(OPTIMIZERS),
    "momentum": _floats(high=1, exclude_max=True),
    "batch_size": st.integers(1, 10**8),
    "epochs": st.integers(0, 10**9),
    "criterion": st.sampled_from(CRITERIA),
    "stop_on_overfit": st.booleans(),
    "pace": st.none() | _floats(exclude_min=True),
    "blas_threads": st.integers(1, 256),
}
_ANY_ALLOWED = st.sampled_from(sorted(ALLOWED)).flatmap(lambda name: st.tuples(st.just(name), ALLOWED[name]))

NOT_NUMBERS = ["", " ", "abc", "nan", "NaN", "inf", "-inf", "1,5", "0x10", "1_0", "null", "NULL", "None", "-", "1 2"]
NOT_NUMBERS += ["λ", "١", "1e999", "9" * 5000, float("nan"), float("inf"), 10**400, True, [1], {}, datetime.date.max]
BAD: dict[str, list[Any]] = {
    "data": ["", " ", None, 3, True, ["moons"], "null"],
    "noise": [*NOT_NUMBERS, -1e-9, 10.1, "-1"],
    "label_noise": [*NOT_NUMBERS, None, -0.1, "1.01"],
    "train_size": [*NOT_NUMBERS, None, 1, 0, -3, 2.5, "2.5"],
    "seed": [*NOT_NUMBERS, None, -1, 2**32, "1.5"],
    "fold": [*NOT_NUMBERS, None, -1, 10_001],
    "folds": [*NOT_NUMBERS, None, 0, 1, 101],
    "hidden": [*NOT_NUMBERS, None, 0, "0", 100_001],
    "activation": ["", "gelu", "Tanh", None, 1, True],
    "dtype": ["float16", "", None, 64],
    "l2": [*NOT_NUMBERS, None, -1, "-1e-3", -1e-300],
    "learning_rate": [*NOT_NUMBERS, None, 0, "0", -0.1],
    "optimizer": ["rmsprop", "SGD", None, ""],
    "momentum": [*NOT_NUMBERS, None, 1, "1.0", -0.1],
    "batch_size": [*NOT_NUMBERS, None, 0, "0", -16, 1.5],
    "epochs": [*NOT_NUMBERS, None, -1, "1.5", 10**9 + 1],
    "criterion": ["gl5", "", None, 1],
    "stop_on_overfit": ["maybe", "", None, 2, "null", 0.5],
    "pace": [*NOT_NUMBERS, 0, "0", -1, "fast", "maximum"],
    "blas_threads": [*NOT_NUMBERS, None, 0, 257, 1.5],
}


def test_every_setting_is_described_and_tested_here() -> None:
    fields = [name for name in Settings.__struct_fields__ if name != "table"]
    assert list(SETTING_INFO) == fields
    assert sorted(ALLOWED) == sorted(BAD) == sorted(fields)
    assert set(LIVE_SETTINGS) < set(fields)


@given(_ANY_ALLOWED)
def test_what_is_shown_can_be_typed(named: tuple[str, Any]) -> None:
    name, value = named
    shown = parse_value(name, show_value(name, value))
    assert shown == value
    assert type(shown) is type(value)


@given(_ANY_ALLOWED)
def test_an_allowed_value_is_kept_by_every_way_in(named: tuple[str, Any]) -> None:
    name, value = named
    settings = from_mapping({name: value})
    assert getattr(settings, name) == value
    assert changed(Settings(), **{name: value}) == settings
    assert msgspec.json.decode(msgspec.json.encode(settings), type=Settings) == settings


@given(_floats())
def test_a_number_is_shown_as_short_as_it_can_be(value: float) -> None:
    shown = show_value("l2", value)
    assert len(shown) <= len(repr(value))
    if float(f"{value:.3g}") == value:
        assert len(re.sub(r"[^1-9]", "", shown.partition("e")[0])) <= 3


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_bad_value_is_refused_in_one_line_that_names_the_setting(name: str, value: Any) -> None:
    for way in (lambda: parse_value(name, value), lambda: from_mapping({name: value})):
        with pytest.raises(SettingsError) as caught:
            way()
        message = str(caught.value)
        assert message.startswith(f"{name}: expected {SETTING_INFO[name].expects}, got ")
        assert "\n" not in message
        assert caught.value.name == name


@given(name=st.sampled_from(sorted(SETTING_INFO)), text=st.text())
def test_no_text_gives_anything_but_a_value_or_a_settings_error(name: str, text: str) -> None:
    with contextlib.suppress(SettingsError):
        value = parse_value(name, text)
        assert getattr(from_mapping({name: value}), name) == value


def test_text_is_converted() -> None:
    assert from_mapping({"l2": ".1", "learning_rate": "1."}).l2 == 0.1
    typed = from_mapping({"l2": " 1e-3 ", "epochs": "50", "pace": "max", "stop_on_overfit": "ON", "hidden": "8.0"})
    assert (typed.l2, typed.epochs, typed.pace, typed.stop_on_overfit, typed.hidden) == (1e-3, 50, None, True, 8)


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"^lambda: no such setting; there are .*\bl2\b") as caught:
        from_mapping({"lambda": 1})
    assert caught.value.name == "lambda"


@pytest.mark.parametrize("name", ["l2", "learning_rate", "momentum", "noise", "pace"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_even_the_bare_constructor_takes_no_number_that_is_not_finite(name: str, value: float) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: "):
        Settings(**{name: value})


def test_settings_cannot_be_altered() -> None:
    settings: Any = Settings()
    with pytest.raises(AttributeError):
        settings.l2 = 1.0
    assert changed(settings, l2=1.0) != settings
    assert settings.l2 == 0.0


def test_toml_holds_settings_by_either_spelling(tmp_path: Path) -> None:
    path = tmp_path / "some.toml"
    path.write_text('data = "wine"\nl2 = 1e-3\nlearning-rate = 1\nbatch_size = 8\npace = "max"\nstop-on-overfit = true')
    assert read_toml(path) == {
        "data": "wine",
        "l2": 1e-3,
        "learning_rate": 1.0,
        "batch_size": 8,
        "pace": None,
        "stop_on_overfit": True,
    }


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"l2 = ", "not a TOML file: "),
        (b"l2 = 1\nl2 = 2", "not a TOML file: "),
        (b"just words", "not a TOML file: "),
        (b"l2 = 1" + b"0" * 5000, "not a TOML file: "),
        (b"l2 = " + b"[" * 100_000, "not a TOML file: "),
        (b'data = "\xff"', "not a TOML file: it is not UTF-8"),
        (b"\xff\xfel\x002\x00", "not a TOML file: it is not UTF-8"),
        (b"weight_decay = 1", "weight_decay: no such setting; there are data, "),
        (b"[train]\nl2 = 1", "train: no such setting; there are data, "),
        (b'hidden = "many"', "hidden: expected a whole number from 1 to 100000, got 'many'"),
        (b"hidden = true", "hidden: expected a whole number from 1 to 100000, got True"),
        (b"hidden = [1]", "hidden: expected a whole number from 1 to 100000, got [1]"),
        (b"l2 = nan", "l2: expected a number of 0 or more, got nan"),
        (b"learning-rate = -1", "learning_rate: expected a number above 0, got -1"),
        (b"epochs = 2020-01-01", "epochs: expected a whole number from 0 to 1000000000, got datetime"),
    ],
)
def test_bad_toml_is_refused_in_one_line_that_names_the_file(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        read_toml(path)
    assert str(caught.value).startswith(f"{path}: {expected}")
    assert "\n" not in str(caught.value)


def test_toml_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "missing.toml", tmp_path / "file" / "below", Path("/proc/self/mem")):
        with pytest.raises(SettingsError, match=f"^{re.escape(str(path))}: cannot be read: "):
            read_toml(path)


@pytest.mark.parametrize("split", [(60, 20, 20), (0.6, 0.2, 0.2), (8, 1, 1), (33.3, 33.3, 33.4)])
def test_shares_of_the_parts_sum_to_a_whole(split: tuple[float, float, float]) -> None:
    assert TableChoice(split=split).split == split


@pytest.mark.parametrize("split", [(90, 10, 10), (60, 20, 10), (6, 2, 1)])
def test_shares_that_sum_to_another_number_are_refused_with_it(split: tuple[float, float, float]) -> None:
    with pytest.raises(SettingsError, match=f"sums to {sum(split):g}; expected 100"):
        TableChoice(split=split)
