"""Settings by keyboard alone: arrows, typing, what is refused, what waits for a restart."""

from textual.pilot import Pilot
from textual.widgets import Input, Label

from l2tui.data.builtin.catalogue import CATALOGUE, recommended_settings
from l2tui.runs.events import SetValue
from l2tui.settings import ACTIVATIONS, SETTING_INFO, show_value
from l2tui.tui.app import L2tuiApp
from l2tui.tui.widgets.settings_panel import SettingEditor, SettingsList
from l2tui.view.settings_rows import PANEL_SETTINGS, label_of
from tests.tui.fake_worker import Worker
from tests.tui.made_up_runs import MOONS
from tests.tui.reading_screen import (
    lines_of,
    row_of,
    run_screen,
    screen_lines,
    select,
    start,
    text_of,
    title_of,
    until,
    until_shown,
    value_of,
)


def editor_open(pilot: Pilot[None]) -> bool:
    return bool(run_screen(pilot).query(SettingEditor))


async def type_value(pilot: Pilot[None], name: str, text: str) -> None:
    """Opens a setting, types over its value and presses enter."""
    select(pilot, name)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.focused, Input))
    assert pilot.app.focused.value == show_value(name, getattr(run_screen(pilot).pending, name))
    await pilot.press(*text, "enter")


async def test_arrows_move_and_stay_inside_the_list(app: L2tuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        panel = run_screen(pilot).query_one(SettingsList)
        assert panel.name_selected == "l2"
        await pilot.press("home", "up")
        assert panel.name_selected == PANEL_SETTINGS[0]
        await pilot.press("down")
        assert panel.name_selected == PANEL_SETTINGS[1]
        await pilot.press("end", "down")
        assert panel.name_selected == PANEL_SETTINGS[-1]
        await pilot.pause()
        assert [line[0] for line in lines_of(pilot, "SettingsList")].index("▸") == len(PANEL_SETTINGS) - 1


async def test_right_then_left_changes_a_setting_and_takes_it_back(app: L2tuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        for name in PANEL_SETTINGS[1:]:
            select(pilot, name)
            before = value_of(pilot, label_of(name))
            await pilot.press("right")
            await until(pilot, lambda name=name, before=before: value_of(pilot, label_of(name)) != before)
            await pilot.press("left")
            await until(pilot, lambda name=name, before=before: value_of(pilot, label_of(name)) == before)
        assert run_screen(pilot).pending == MOONS


async def test_other_data_bring_their_recommended_settings(app: L2tuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        select(pilot, "data")
        seen = []
        for name in [*list(CATALOGUE)[1:], "moons"]:
            await pilot.press("right")
            await until(pilot, lambda name=name: value_of(pilot, "data") == name)
            # Back where it began, what was there before the round is there again.
            expected = MOONS if name == MOONS.data else recommended_settings(name, pace=100.0, criterion="gl")
            assert run_screen(pilot).pending == expected
            assert value_of(pilot, "train rows") == str(expected.train_size)
            seen.append(name)
        assert len(seen) == len(CATALOGUE)
        assert text_of(pilot, "#verdict").endswith("two interleaved half circles in the plane")


async def test_choosing_data_keeps_what_is_the_persons_own(app: L2tuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await type_value(pilot, "seed", "41")
        await type_value(pilot, "pace", "max")
        await until(pilot, lambda: value_of(pilot, "pace") == "max")
        await type_value(pilot, "data", "circles")
        await until(pilot, lambda: value_of(pilot, "data") == "circles")
        assert (value_of(pilot, "seed"), value_of(pilot, "pace")) == ("41", "max")


async def test_a_live_setting_changes_the_run_at_once(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        for name, text, value in (
            ("l2", "0.0123", 0.0123),
            ("learning_rate", "0.25", 0.25),
            ("epochs", "777", 777),
            ("pace", "max", None),
            ("criterion", "patience", "patience"),
        ):
            await type_value(pilot, name, text)
            await until(pilot, lambda name=name, value=value: getattr(run_screen(pilot).live, name) == value)
            assert value_of(pilot, label_of(name)) == text
            assert not row_of(pilot, label_of(name)).endswith("R")
        assert [command.name for command in worker.commands] == ["l2", "learning_rate", "epochs", "pace", "criterion"]
        assert all(isinstance(command, SetValue) for command in worker.commands)


async def test_a_setting_that_is_not_live_waits_for_a_restart(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        for label in (label_of(name) for name in PANEL_SETTINGS[1:] if not SETTING_INFO[name].live):
            select(pilot, next(name for name in PANEL_SETTINGS if label_of(name) == label))
            await pilot.press("right")
            await until(pilot, lambda label=label: row_of(pilot, label).endswith(" R"))
            await until(pilot, lambda: "R restarts with it" in title_of(pilot, "#settings"))
            await pilot.press("left")
            await until(pilot, lambda label=label: not row_of(pilot, label).endswith(" R"))
            await until(pilot, lambda: "R restarts with it" not in title_of(pilot, "#settings"))
        assert worker.commands == []


async def test_looking_at_other_data_changes_nothing_of_the_run(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await type_value(pilot, "l2", "0.01")
        await until(pilot, lambda: run_screen(pilot).live.l2 == 0.01)
        select(pilot, "hidden")
        await pilot.press("right")
        await until(pilot, lambda: "64→128" in row_of(pilot, "hidden"))
        sent = list(worker.commands)
        select(pilot, "data")
        await pilot.press("right")
        await until(pilot, lambda: row_of(pilot, "data").split()[-2:] == ["moons→circles", "R"])
        assert row_of(pilot, "λ").split()[-2:] == ["0.01→0", "R"]
        assert "64→128" not in row_of(pilot, "hidden"), "that was planned for moons"
        await pilot.press("left")
        await until(pilot, lambda: value_of(pilot, "data") == "moons")
        assert value_of(pilot, "λ") == "0.01"
        assert row_of(pilot, "hidden").split()[-2:] == ["64→128", "R"]
        assert worker.commands == sent


async def test_keys_that_steer_act_on_the_run_while_other_data_are_planned(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await type_value(pilot, "l2", "0.01")
        await until(pilot, lambda: run_screen(pilot).live.l2 == 0.01)
        select(pilot, "data")
        await pilot.press("right", "plus")
        await until(pilot, lambda: row_of(pilot, "λ").split()[-2:] == ["0.03→0", "R"])
        assert worker.commands == [SetValue("l2", 0.01), SetValue("l2", 0.03)]
        select(pilot, "l2")
        await pilot.press("right")
        await until(pilot, lambda: row_of(pilot, "λ").split()[-2:] == ["0.03→1e-05", "R"])
        assert worker.commands[2:] == []
        select(pilot, "data")
        await pilot.press("left")
        await until(pilot, lambda: value_of(pilot, "λ") == "0.03")
        await pilot.press("right", "R")
        await until(pilot, lambda: len(worker.clients) == 2)
        assert (worker.client.settings.data, worker.client.settings.l2) == ("circles", 1e-5)


REFUSED = (
    ("l2", "-1", "a number of 0 or more"),
    ("l2", "abc", "a number of 0 or more"),
    ("learning_rate", "0", "a number above 0"),
    ("hidden", "2.5", "a whole number"),
    ("batch_size", "0", "a whole number of 1 or more"),
    ("activation", "swish", "tanh, relu or sigmoid"),
    ("data", "mooons", "did you mean moons"),
    ("pace", "fast", "or max"),
)


async def test_a_wrong_value_is_told_beside_it_and_the_old_one_kept(app: L2tuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        for name, text, complaint in REFUSED:
            await type_value(pilot, name, text)
            editor = run_screen(pilot).query_one(SettingEditor)
            label = editor.query_one(Label)
            await until(pilot, lambda label=label: label.display)
            await pilot.pause()
            panel = run_screen(pilot).query_one("#settings").content_region
            assert complaint in text_of(pilot, "SettingEditor Label")
            assert text in text_of(pilot, "SettingEditor Input")
            assert panel.contains_region(editor.region), "the message lies inside the panel"
            await pilot.press("backspace")
            await until(pilot, lambda label=label: not label.display)
            await pilot.press("escape")
            await until(pilot, lambda: not editor_open(pilot))
            assert run_screen(pilot).pending == MOONS
            assert isinstance(pilot.app.focused, SettingsList)


async def test_escape_leaves_what_was_typed(app: L2tuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        select(pilot, "hidden")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.focused, Input))
        await pilot.press("9", "9", "escape")
        await until(pilot, lambda: not editor_open(pilot))
        assert value_of(pilot, "hidden") == "64"


async def test_keys_that_steer_are_text_in_an_editor(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        select(pilot, "data")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.focused, Input))
        await pilot.press(*"qRbyc+0", "space", "question_mark")
        await pilot.pause()
        assert pilot.app.focused.value == "qRbyc+0 ?"
        assert worker.clients == []
        assert app.is_running
        assert len(app.screen_stack) == 1


async def test_leaving_the_editor_by_tab_closes_it(app: L2tuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.focused, Input))
        await pilot.press("5", "tab")
        await until(pilot, lambda: not editor_open(pilot))
        assert run_screen(pilot).pending == MOONS
        await until(pilot, lambda: pilot.app.focused is not None)


async def test_choices_go_round_by_arrow_and_complete_when_typed(app: L2tuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        select(pilot, "activation")
        for value in (*ACTIVATIONS[1:], ACTIVATIONS[0]):
            await pilot.press("right")
            await until(pilot, lambda value=value: value_of(pilot, "activation") == value)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.focused, Input))
        await pilot.press("r")
        await until_shown(pilot, "▸activation  relu")
        await pilot.press("right", "enter")
        await until(pilot, lambda: not editor_open(pilot))
        await until(pilot, lambda: value_of(pilot, "activation") == "relu")


async def test_a_real_table_refuses_noise_with_a_word(worker: Worker) -> None:
    app = worker.app(recommended_settings("wine"))
    async with app.run_test(size=(80, 24)) as pilot:
        assert value_of(pilot, "noise") == "-"
        select(pilot, "noise")
        await pilot.press("right", "left")
        assert value_of(pilot, "noise") == "-"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.focused, Input))
        await pilot.press(*"0.5", "enter")
        await until(pilot, lambda: "wine is a real table and has no noise" in text_of(pilot, "SettingEditor Label"))
        assert run_screen(pilot).pending.noise is None


async def test_more_rows_than_a_table_has_are_refused_with_the_range(worker: Worker) -> None:
    app = worker.app(recommended_settings("iris"))
    async with app.run_test(size=(80, 24)) as pilot:
        select(pilot, "train_size")
        await pilot.press(*["right"] * 8)
        await until(pilot, lambda: value_of(pilot, "train rows") == "100")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.focused, Input))
        await pilot.press(*"149", "enter")
        await until(pilot, lambda: "from 3 to 130 for iris" in text_of(pilot, "SettingEditor Label"))


async def test_a_batch_of_all_rows_says_so(app: L2tuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await type_value(pilot, "batch_size", "5000")
        await until(pilot, lambda: value_of(pilot, "batch") == "full")


async def test_the_editor_opens_in_the_line_of_its_setting(app: L2tuiApp) -> None:
    async with app.run_test(size=(60, 16)) as pilot:
        for name in ("pace", "data", "l2"):
            select(pilot, name)
            await pilot.pause()
            line = next(y for y, text in enumerate(screen_lines(pilot)) if f"▸{label_of(name)}" in text)
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(pilot.app.focused, Input))
            await pilot.pause()
            assert pilot.app.focused.region.y == line
            await pilot.press("escape")
            await until(pilot, lambda: not editor_open(pilot))
