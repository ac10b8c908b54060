import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2tui.data.builtin.catalogue import CATALOGUE, recommended_settings
from l2tui.errors import DataError, L2tuiError, SettingsError
from l2tui.settings import SETTING_INFO, Settings
from l2tui.tui.editing import edited
from l2tui.tui.own_table import OwnTable

MOONS = recommended_settings("moons")


def test_text_becomes_the_settings_own_type() -> None:
    assert edited(MOONS, "l2", " 3e-4 ").l2 == 3e-4
    assert edited(MOONS, "hidden", "128").hidden == 128
    assert edited(MOONS, "pace", "max").pace is None
    assert edited(MOONS, "stop_on_overfit", "on").stop_on_overfit is True
    assert edited(MOONS, "activation", "relu").activation == "relu"


def test_an_edit_changes_nothing_else_and_leaves_the_old_settings_alone() -> None:
    new = edited(MOONS, "l2", "0.5")
    assert MOONS.l2 == 0
    changed = [name for name in SETTING_INFO if getattr(new, name) != getattr(MOONS, name)]
    assert changed == ["l2"]


@pytest.mark.parametrize("data", CATALOGUE)
def test_other_data_bring_what_is_recommended_and_keep_what_is_the_persons_own(data: str) -> None:
    own = {
        "seed": 7,
        "criterion": "patience",
        "stop_on_overfit": True,
        "dtype": "float32",
        "optimizer": "adam",
        "momentum": 0.5,
        "pace": 20.0,
    }
    new = edited(recommended_settings("sine", **own), "data", data)
    assert new == recommended_settings(data, **own)


def test_another_optimizer_brings_the_rate_that_suits_it() -> None:
    adam = edited(MOONS, "optimizer", "adam")
    assert adam.learning_rate == recommended_settings("moons", optimizer="adam").learning_rate
    assert edited(adam, "optimizer", "sgd") == MOONS
    table = msgspec.structs.replace(MOONS, data="/a/b.csv", learning_rate=0.02)
    own = edited(table, "optimizer", "adamw", OwnTable(table, 50))
    assert edited(own, "optimizer", "momentum", OwnTable(table, 50)).learning_rate == 0.02


def test_a_rate_that_a_person_chose_stays_with_another_optimizer() -> None:
    assert edited(edited(MOONS, "learning_rate", "0.07"), "optimizer", "adam").learning_rate == 0.07


def test_the_fastest_pace_is_kept_with_other_data() -> None:
    assert edited(recommended_settings("sine", pace="max"), "data", "xor").pace is None


@pytest.mark.parametrize(
    ("data", "name", "text", "words"),
    [
        ("moons", "l2", "-1", "expected a number of 0 or more, got '-1'"),
        ("moons", "l2", "nan", "expected a number of 0 or more"),
        ("moons", "l2", "", "expected a number of 0 or more"),
        ("moons", "batch_size", "0", "a whole number of 1 or more"),
        ("moons", "noise", "null", "a number from 0 to 10"),
        ("wine", "noise", "0.1", "wine is a real table"),
        ("iris", "train_size", "149", "from 3 to 130 for iris"),
        ("moons", "train_size", "1", "2 or more"),
    ],
)
def test_what_is_not_allowed_is_said_with_the_settings_name(data: str, name: str, text: str, words: str) -> None:
    with pytest.raises(SettingsError) as raised:
        edited(recommended_settings(data), name, text)
    assert words in str(raised.value)
    assert raised.value.name == name


def test_unknown_data_are_said_with_what_was_meant() -> None:
    with pytest.raises(DataError, match="did you mean moons"):
        edited(MOONS, "data", "mooons")


@given(name=st.sampled_from(sorted(SETTING_INFO)), text=st.text(max_size=12))
def test_any_text_gives_settings_or_an_error_for_people(name: str, text: str) -> None:
    with contextlib.suppress(L2tuiError):
        assert isinstance(edited(MOONS, name, text), Settings)
