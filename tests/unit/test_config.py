"""The configuration file: what it may hold, and what is said of a mistake."""

import argparse
import tomllib
from pathlib import Path

import pytest

from l2tui.cli.app_options import add_app_options, gather_app_config
from l2tui.cli.config import example
from l2tui.cli.options import add_setting_options, gather_settings, parse
from l2tui.config import APP_INFO, AppConfig, config_path, parse_app_value, read_config
from l2tui.errors import SettingsError
from l2tui.settings import SETTING_INFO, Settings
from l2tui.tui.keymap import all_bindings, check_keymap


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("L2TUI_CONFIG", str(path))
    return path


def test_the_app_can_be_set(file: Path) -> None:
    file.write_text('[app]\nfps = 2\nmax-bandwidth = "2k"\nascii = true\ntheme = "light"\nmouse = false\nmax_cores = 1')
    config = AppConfig(**read_config().app)
    assert config == AppConfig(fps=2.0, max_bandwidth=2000, ascii=True, theme="light", mouse=False, max_cores=1)


def test_settings_and_keys_can_be_set(file: Path) -> None:
    file.write_text('[settings]\nhidden = 32\npace = "max"\n[keys]\nrun.toggle = "p"\n"l2.up" = "u,k"')
    config = read_config()
    assert config.settings == {"hidden": 32, "pace": None}
    assert config.keys == {"run.toggle": "p", "l2.up": "u,k"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[app]\nfps = 0", "app.fps: expected a number from 0.1 to 30, got 0"),
        ("[app]\nfps = true", "app.fps: expected a number from 0.1 to 30, got True"),
        ('[app]\nfps = "fast"', "app.fps: expected a number from 0.1 to 30, got 'fast'"),
        ("[app]\nmax_bandwith = 2000", "app.max_bandwith: there is nothing of that name to set; did you mean max_band"),
        ('[app]\nmax_bandwidth = "2q"', "app.max_bandwidth: expected bytes a second, 100 or more, such as 2000 or 2k"),
        ("[app]\nmouse = 1", "app.mouse: expected true or false, got 1"),
        ("[app]\nmax_cores = 0", "app.max_cores: expected a whole number of 1 or more, or auto, got 0"),
        ("[app]\ntheme = 3", "app.theme: expected a name, got 3"),
        ("[settings]\nhiden = 3", "settings.hiden: there is no such setting; did you mean hidden?"),
        ("[settings]\nl2 = -1", "settings.l2: expected a number of 0 or more, got -1"),
        ("[key]\na = 1", "key: expected the tables [app], [settings] and [keys]; did you mean [keys]?"),
        ("fps = 3", "fps: expected the tables [app], [settings] and [keys]; fps belongs into [app]"),
        ("l2 = 3", "l2 belongs into [settings]"),
        ("app = 3", "app: expected a table, [app], got 3"),
        ("[keys]\nrun.toggle = 3", "keys.run.toggle: expected a key in quotes, got 3"),
        ('[keys]\nrun.toggle = ""', "keys.run.toggle: expected a key in quotes, got ''"),
        ("[app", "not a TOML file: "),
    ],
)
def test_a_mistake_is_told_in_one_line_with_its_place(file: Path, text: str, words: str) -> None:
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_config()
    message = str(caught.value)
    assert message.startswith(f"{file}: ")
    assert words in message
    assert "\n" not in message


def test_a_file_that_is_named_must_be_there(file: Path) -> None:
    with pytest.raises(SettingsError, match="there is no such file"):
        read_config()


def test_a_file_that_is_not_named_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("L2TUI_CONFIG")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "etc"))
    assert tmp_path in config_path().parents
    assert config_path().name == "config.toml"
    config = read_config()
    assert not config.app
    assert not config.settings
    assert not config.keys


def test_what_is_not_text_is_told(file: Path) -> None:
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="not UTF-8"):
        read_config()
    file.unlink()
    file.mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        read_config()


@pytest.mark.parametrize(
    ("text", "value"),
    [("2000", 2000), ("2k", 2000), ("2.5K", 2500), ("1m", 1_000_000), ("auto", None), (3000, 3000)],
)
def test_bandwidths(text: str | int, value: int | None) -> None:
    assert parse_app_value("max_bandwidth", text) == value


@pytest.mark.parametrize("text", ["", "k", "99", "nan", "infk", "1e400k", "-2k", "2kk"])
def test_what_is_no_bandwidth(text: str) -> None:
    with pytest.raises(SettingsError, match="expected bytes a second"):
        parse_app_value("max_bandwidth", text)


def options(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?")
    add_setting_options(parser)
    add_app_options(parser)
    return parse(parser, arguments)


def test_an_option_goes_before_the_environment_that_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    in_file = {"theme": "light", "fps": 2.0}
    assert gather_app_config(options(), {}).theme == "auto"
    assert gather_app_config(options(), in_file).theme == "light"
    monkeypatch.setenv("NO_COLOR", "")
    assert gather_app_config(options(), in_file).theme == "light"
    monkeypatch.setenv("NO_COLOR", "1")
    assert gather_app_config(options(), in_file).theme == "auto"
    config = gather_app_config(options("--theme", "dark", "--fps=3", "--no-mouse", "--no-ascii"), in_file)
    assert (config.theme, config.fps, config.mouse, config.ascii) == ("dark", 3.0, False, False)


def test_a_wrong_option_is_named_as_it_was_typed() -> None:
    with pytest.raises(SettingsError, match=r"^--max-cores: expected a whole number of 1 or more, or auto, got 'two'$"):
        gather_app_config(options("--max-cores", "two"), {})


def test_settings_of_the_file_are_weaker_than_the_others(file: Path, tmp_path: Path) -> None:
    file.write_text('[settings]\nhidden = 32\nepochs = 7\nseed = 5\ndata = "iris"')
    other = tmp_path / "other.toml"
    other.write_text("epochs = 8\nseed = 6")
    settings = gather_settings(options("--config", str(other), "--seed=9"), default_data="moons", pace=100.0)
    assert settings is not None
    assert (settings.data, settings.hidden, settings.epochs, settings.seed) == ("iris", 32, 8, 9)
    assert settings.pace == 100.0


def test_noise_of_the_file_does_not_keep_real_data_from_being_opened(file: Path) -> None:
    file.write_text("[settings]\nnoise = 0.7")
    made, real = (gather_settings(options(name), default_data=None) for name in ("moons", "iris"))
    assert made is not None
    assert real is not None
    assert (made.noise, real.noise) == (0.7, None)
    with pytest.raises(SettingsError, match="noise"):
        gather_settings(options("iris", "--noise=0.1"), default_data=None)


def test_a_setting_that_does_not_fit_the_data_is_blamed_on_the_file(file: Path) -> None:
    file.write_text("[settings]\ntrain_size = 100000")
    with pytest.raises(SettingsError) as caught:
        gather_settings(options("iris"), default_data=None)
    assert str(caught.value).startswith(f"{file}: settings.train_size")


def test_the_example_holds_all_there_is_with_the_defaults(file: Path) -> None:
    text = example()
    assert not any(tomllib.loads(text).values())
    file.write_text("\n".join(line.removeprefix("# ") if " = " in line else line for line in text.splitlines()))
    config = read_config()
    assert set(config.app) == set(APP_INFO) == set(AppConfig.__struct_fields__)
    assert AppConfig(**config.app) == AppConfig()
    assert set(config.settings) == set(SETTING_INFO)
    defaults = Settings(noise=0.3)
    assert config.settings == {name: getattr(defaults, name) for name in SETTING_INFO}
    bindings = [binding for owned in all_bindings().values() for binding in owned]
    assert check_keymap(config.keys, "file") == {binding.id: binding.key for binding in bindings}
    assert {"run.toggle", "leave.stop", "runs.delete", "settings.type", "chart.left", "ask.yes"} <= set(config.keys)
