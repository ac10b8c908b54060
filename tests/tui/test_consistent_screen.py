"""Whatever is pressed, what the screen shows fits together, and fits the run."""

import random
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from l2tui.runs.events import BestRestored, Pause, RestoreBest, SetValue, Stop
from l2tui.settings import LIVE_SETTINGS, Settings, changed
from l2tui.tui.app import L2tuiApp
from l2tui.tui.run_client import WatchedLog
from l2tui.view.figures import figure
from l2tui.view.settings_rows import PANEL_SETTINGS, label_of, rows_of
from tests.tui.fake_worker import Worker
from tests.tui.made_up_runs import DONE, MOONS, make_snapshot
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
)

pytestmark = pytest.mark.slow

KEYS = (
    *("space", "plus", "plus", "minus", "0", "greater_than_sign", "less_than_sign", "b", "s", "R", "c", "full_stop"),
    *("left", "right", "right", "up", "down", "down", "home"),
)


@pytest.mark.parametrize("seed", range(6))
async def test_any_keys_leave_a_screen_that_is_true(app: L2tuiApp, worker: Worker, seed: int) -> None:
    chance = random.Random(seed)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space")
        for _ in range(25):
            await pilot.press(chance.choice(KEYS))
            if chance.random() < 0.2 and worker.client.works:
                worker.client.epochs = min(3000, worker.client.epochs + chance.choice((1, 50, 3000)))
                if worker.client.epochs == 3000:
                    worker.client.state, worker.client.works = "finished", False
            await settled(pilot, worker)
            # A message stands in the place of the keys for a while.
            run_screen(pilot).say("", 0)
            await pilot.pause()
            check(pilot, worker)


async def settled(pilot: Pilot[None], worker: Worker) -> None:
    """Waits until the screen has read what the worker did last."""

    def knows() -> bool:
        view, client = run_screen(pilot).view, worker.client
        status = view.status
        return status is not None and (status.state, status.commands, status.epoch, view.worker_started) == (
            client.state,
            len(client.commands),
            client.epochs,
            client.works,
        )

    await until(pilot, knows)
    await pilot.pause()


def check(pilot: Pilot[None], worker: Worker) -> None:
    screen, client, shown = run_screen(pilot), worker.client, screen_lines(pilot)
    rows = lines_of(pilot, "SettingsList")
    for row, line in zip(rows_of(screen.pending, client.settings), rows, strict=True):
        assert line.rstrip().endswith(" R") == (getattr(screen.pending, row.name) != getattr(client.settings, row.name))
        if row.name in LIVE_SETTINGS:
            assert line[1:].removeprefix(label_of(row.name)).strip().startswith(row.value), (row, line)
    status, footer = shown[0], shown[-1]
    assert f"{client.epochs:>4}/{client.settings.epochs}" in status
    word = "stopped" if client.state == "finished" and client.epochs < client.settings.epochs else client.state
    assert f" {word} " in status
    assert (" b best " in footer) == (" s stop " in footer) == client.works
    assert ("pause" in footer) == (client.state == "running")
    assert ("go on" in footer) <= (client.state != "running")
    snapshot = client.poll()
    squares = sum(float(snapshot.column(norm)[-1]) ** 2 for norm in ("w1_norm", "w2_norm"))
    assert f"{figure(client.settings.l2 * squares)}" in text_of(pilot, "#legend")


async def test_lambda_typed_while_paused_is_that_of_the_penalty(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        # What the worker recorded at the last epoch was recorded with λ = 0.
        worker.client.shown = make_snapshot(changed(MOONS, l2=0.0), state="paused")
        await until_shown(pilot, "◐ paused")
        assert text_of(pilot, "#legend").endswith("0.0000")
        await pilot.press("plus")
        w1, w2 = (worker.client.shown.column(norm)[-1] for norm in ("w1_norm", "w2_norm"))
        await until(pilot, lambda: text_of(pilot, "#legend").endswith(figure(1e-5 * (w1**2 + w2**2)).strip()))


async def test_the_gauge_shows_the_weights_that_were_put_back(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        before = lines_of(pilot, "#gauge")
        worker.client.shown = make_snapshot(state="paused", events=(BestRestored(epoch=400, step=2800, from_epoch=78),))
        await until(pilot, lambda: lines_of(pilot, "#gauge") != before)
        norm = make_snapshot().column("w1_norm")[78]
        assert f"W1 {figure(norm, 5).strip()} " in text_of(pilot, "#gauge")
        assert "Norm at 78" in title_of(pilot, "#gauge")
        worker.client.shown = make_snapshot(epochs=401, events=worker.client.shown.events)
        await until(pilot, lambda: "of epoch" not in title_of(pilot, "#gauge"))


async def test_a_key_stops_the_run_and_it_goes_on_with_another(app: L2tuiApp, worker: Worker, told: list[str]) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("s")
        await until(pilot, lambda: "no training to stop" in "".join(told))
        await start(pilot)
        await until_shown(pilot, "s stop")
        await pilot.press("s")
        await until_shown(pilot, "□ stopped", "400/3000", "space go on")
        assert worker.commands == [Stop()]
        assert "stop" not in lines_of(pilot, "#keys")[0]
        await pilot.press("space")
        await until_shown(pilot, "● running", "space pause")
        assert worker.client.resumed


async def test_advice_to_stop_names_the_key_while_there_is_something_to_stop(app: L2tuiApp, worker: Worker) -> None:
    judged = replace(make_snapshot().status.assessment, advice="stop here, the best weights are kept")
    worker.shown = make_snapshot(assessment=judged)
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await until(pilot, lambda: "stop here (s), the best weights" in text_of(pilot, "#verdict"))
        worker.client.shown = make_snapshot(state="finished", assessment=judged)
        worker.client.works = False
        await until(pilot, lambda: "stop here, the best weights" in text_of(pilot, "#verdict"))


async def test_divergence_is_no_dead_end(app: L2tuiApp, worker: Worker, told: list[str]) -> None:
    worker.shown = make_snapshot(epochs=4, state="diverged", reason="the loss is no longer finite")
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot, "diverged")
        assert "space" not in lines_of(pilot, "#keys")[0]
        await pilot.press("space")
        await until(pilot, lambda: told)
        assert "diverged" in told[-1]
        assert "lower the rate or λ, then R trains anew" in told[-1]
        worker.shown = None
        select(pilot, "learning_rate")
        await pilot.press("left")
        await until(pilot, lambda: row_of(pilot, "rate").endswith("R"))
        await until_shown(pilot, "space run")
        await pilot.press("space")
        await until_shown(pilot, "● running")
        assert worker.client.settings.learning_rate < MOONS.learning_rate
        assert not worker.client.resumed


async def test_after_the_last_epoch_more_epochs_go_on(worker: Worker, told: list[str]) -> None:
    worker.shown = make_snapshot(DONE, state="finished")
    async with worker.app(DONE).run_test(size=(80, 24)) as pilot:
        await start(pilot, "finished")
        await pilot.press("space")
        await until(pilot, lambda: "raise epochs to go on" in "".join(told))
        worker.shown = None
        select(pilot, "epochs")
        await pilot.press("right")
        await until_shown(pilot, "space go on")
        await pilot.press("space")
        await until_shown(pilot, "● running")
        assert worker.client.resumed
        assert worker.client.settings.epochs == 500


async def test_messages_cover_nothing_of_the_run(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await start(pilot)
        before = screen_lines(pilot)
        await pilot.press("less_than_sign")
        await until_shown(pilot, "pace: 50 epochs a second")
        changed_lines = [y for y, line in enumerate(screen_lines(pilot)) if line != before[y]]
        assert changed_lines == [1 + 1 + PANEL_SETTINGS.index("pace"), 23]
        await until(pilot, lambda: "q quit" in screen_lines(pilot)[23])


async def test_a_long_message_is_whole(app: L2tuiApp, worker: Worker) -> None:
    words = (
        "/home/somebody/.local/state/l2tui/runs/20240101-000000-moons-0a1b/control.jsonl: cannot be written: disk full"
    )
    async with app.run_test(size=(60, 16), notifications=True) as pilot:
        await start(pilot)
        app.notify(words, severity="error", markup=False)
        await until(pilot, lambda: "full" in text_of(pilot, "#keys"))
        assert text_of(pilot, "#keys").replace(" ", "") == words.replace(" ", "")


async def test_what_cannot_be_done_is_not_offered_and_says_why(app: L2tuiApp, worker: Worker, told: list[str]) -> None:
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        for key, word, why in (
            ("b", "best", "no training to put"),
            ("s", "stop", "no training to stop"),
            ("t", "test", "no weights yet"),
            ("e", "export", "no weights yet"),
            ("C", "all criteria", "no curve to judge"),
        ):
            assert f" {key} {word} " not in lines_of(pilot, "#keys")[0]
            await pilot.press(key)
            await until(pilot, lambda why=why: why in told[-1] if told else False)
        assert worker.clients == []


async def test_the_header_names_the_run(app: L2tuiApp, worker: Worker) -> None:
    worker.path = "/runs/20240131-120000-moons-0a1b"
    async with app.run_test(size=(80, 24)) as pilot:
        assert "l2tui  moons  ○ ready" in screen_lines(pilot)[0]
        await start(pilot)
        assert "l2tui  0131-120000-moons-0a1b  ● running" in screen_lines(pilot)[0]
        select(pilot, "data")
        await pilot.press("right")
        await until(pilot, lambda: "circles" in row_of(pilot, "data"))
        assert "moons-0a1b" in screen_lines(pilot)[0], "the run that is shown is still that of moons"


async def test_best_weights_are_put_back_while_paused(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await start(pilot)
        await pilot.press("space")
        await until_shown(pilot, "◐ paused", "b best")
        await pilot.press("b", "plus")
        await pilot.pause()
        assert worker.commands == [Pause(), RestoreBest(), SetValue("l2", 1e-5)]


@pytest.mark.parametrize("size", [(100, 30), (120, 40)])
async def test_settings_take_the_width_that_they_need(worker: Worker, size: tuple[int, int]) -> None:
    widths = []
    for data in ("moons.csv", "a-name-that-is-long-enough.csv"):
        async with worker.app(changed(MOONS, noise=None, data=f"/tables/{data}")).run_test(size=size) as pilot:
            await until(pilot, lambda data=data: row_of(pilot, "data").rstrip().endswith(data))
            widths.append(run_screen(pilot).query_one("#left").size.width)
    assert widths[0] < widths[1] <= 0.4 * size[0]


async def test_the_smallest_screen_explains_both_losses_and_both_marks(app: L2tuiApp) -> None:
    async with app.run_test(size=(60, 16)) as pilot:
        await until_shown(pilot, "train: loss on its own rows", "val: loss on unseen rows", "? ", "all keys")
        await until_shown(pilot, "★      best epoch: val at its lowest", "▲      overfitting: val rises")


async def test_the_palettes_prompt_is_a_sign_that_every_font_has(app: L2tuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await until_shown(pilot, "Search for commands")
        assert not any(ord(sign) > 0xFFFF for line in screen_lines(pilot) for sign in line)


async def test_where_one_watches_no_key_trains(worker: Worker, tmp_path: Path, told: list[str]) -> None:
    log = tmp_path / "k.csv"
    log.write_text("epoch,loss,val_loss\n" + "".join(f"{i},{1 / (i + 1)},{1 + i / 10}\n" for i in range(40)))
    async with worker.app(Settings(data="k.csv"), source=WatchedLog(log)).run_test(size=(120, 24)) as pilot:
        await until_shown(pilot, "◉ watching", "k.csv")
        footer = lines_of(pilot, "#keys")[0]
        assert not any(
            f" {word} " in footer for word in ("run", "λ", "best", "stop", "restart", "open", "test", "pace")
        )
        assert "(+)" not in text_of(pilot, "#verdict")
        for key in (
            "R",
            "N",
            "space",
            "full_stop",
            "comma",
            "plus",
            "minus",
            "0",
            "b",
            "s",
            "o",
            "c",
            "less_than_sign",
        ):
            told.clear()
            await pilot.press(key)
            await until(pilot, lambda: told, key)
            assert told == ["Watching only: nothing is trained or steered from this window."], key
        assert worker.clients == []
        assert run_screen(pilot).view.is_log
