"""Lessons on the screen: nothing goes on by itself, every key answers, and what the band says is so."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from l2tui.learn.lesson import Lesson, bundled, decode_lesson
from l2tui.learn.progress import LessonProgress, keep_progress, read_progress
from l2tui.runs.events import BestRestored, GhostSwapped, Origin, SettingChanged, Stop
from l2tui.settings import Settings
from l2tui.tui.app import L2tuiApp
from l2tui.tui.lesson.course import Course
from l2tui.tui.screens.lessons import LessonsScreen
from l2tui.tui.screens.sweep import SweepScreen
from l2tui.tui.widgets.lesson_band import LessonBand
from tests.tui.fake_worker import Worker
from tests.tui.made_up_runs import MOONS, make_snapshot
from tests.tui.reading_screen import drawn, lines_of, run_screen, screen_lines, text_of, until, until_shown
from tests.tui.test_sweep import FakeSweep, made_up

pytestmark = pytest.mark.slow

RUN = {"name": "λ 0", "press": "Press {run.toggle} to train."}
VALUES: dict[str, Any] = {
    "title": "Two runs",
    "text": "What it is about.",
    "question": "Where will val be?",
    "answers": ["lower", "higher"],
    "right": 1,
    "hint": "Think of the weights.",
    "after": "So it is.",
    "settings": {"data": "moons", "epochs": 400, "l2": 0, "pace": 100},
    "runs": [RUN, {"name": "λ 1e-5", "press": "Press {l2.up} once.", "settings": {"l2": 1e-5}, "by_hand": ["l2"]}],
    "conditions": [{"kind": "compare", "value": "val_loss", "run": 2, "is": "below", "than": {"run": 1}}],
}


@pytest.fixture(autouse=True)
def progress(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "lessons.json"
    monkeypatch.setattr("l2tui.learn.progress.progress_path", lambda: path)
    return path


def lesson(**values: Any) -> Lesson:
    return decode_lesson({**VALUES, **values}, "here")


def open_on(worker: Worker, *lessons: Lesson, **options: Any) -> L2tuiApp:
    course = Course({f"lesson {number}": one for number, one in enumerate(lessons, 1)})
    return worker.app(MOONS, course=course, **options)


def band(pilot: Pilot[None]) -> str:
    return text_of(pilot, "LessonBand")


async def says(pilot: Pilot[None], *texts: str) -> None:
    """Waits until the band says some texts."""
    await until(pilot, lambda: run_screen(pilot).query(LessonBand) and all(text in band(pilot) for text in texts))


async def to_the_run(pilot: Pilot[None], answer: str = "1") -> None:
    await says(pilot, "What it is about.")
    await pilot.press("enter", answer, "enter")
    await says(pilot, "Press space to train.")


async def train(pilot: Pilot[None], worker: Worker, *, overfits: bool = True, **other: Any) -> None:
    """Begins a run that is at its end at once."""
    settings = run_screen(pilot).pending
    worker.shown = make_snapshot(settings, settings.epochs, state="finished", overfits=overfits, **other)
    await pilot.press("space")
    await until(pilot, lambda: run_screen(pilot).view.phase not in ("ready", "starting"))


async def second_run(pilot: Pilot[None], worker: Worker, *, overfits: bool = False) -> None:
    await train(pilot, worker)
    await says(pilot, "The run λ 0 has ended: train ", "enter goes on to the next run")
    await pilot.press("enter")
    await says(pilot, "Press + once.", "λ is 0.")
    await pilot.press("plus")
    await says(pilot, "λ is 1e-05.")
    await train(pilot, worker, overfits=overfits)


async def test_a_lesson_from_its_question_to_its_reason(worker: Worker) -> None:
    app = open_on(worker, lesson(), lesson(title="The next"))
    async with app.run_test(size=(80, 24)) as pilot:
        await says(pilot, "Lesson 1 of 2 · Two runs", "What it is about.")
        await pilot.press("enter")
        await says(pilot, "Where will val be?", "1 lower", "2 higher", "1 2 answer")
        await pilot.press("1")
        await says(pilot, "▸1 lower", "enter goes on")
        assert not worker.clients
        await pilot.press("enter")
        await second_run(pilot, worker)
        await says(pilot, "You said: lower. That is right.", "It holds.", "λ 1e-5 against λ 0: val loss 0.277 < 0.562")
        await pilot.press("enter")
        await says(pilot, "So it is.")
        assert read_progress().done == ("lesson 1",)
        await pilot.press("enter")
        await says(pilot, "Lesson 2 of 2 · The next")
        assert read_progress() == LessonProgress(done=("lesson 1",), at="lesson 2")
        assert run_screen(pilot).view.phase == "ready"


async def test_a_wrong_answer_is_told_what_happened(worker: Worker) -> None:
    async with open_on(worker, lesson()).run_test(size=(80, 24)) as pilot:
        await to_the_run(pilot, answer="2")
        await second_run(pilot, worker)
        await says(pilot, "You said: higher. The right answer: lower.", "It holds.")


async def test_what_does_not_show_is_said_and_the_next_seed_offered(worker: Worker) -> None:
    async with open_on(worker, lesson()).run_test(size=(80, 24)) as pilot:
        await to_the_run(pilot)
        await second_run(pilot, worker, overfits=True)
        await says(pilot, "With seed 0 it did not show. enter tries seed 1.", "val loss 0.562 not < 0.562")
        assert "It holds" not in band(pilot)
        await pilot.press("enter")
        await says(pilot, "Press space to train.")
        assert run_screen(pilot).pending.seed == 1
        assert read_progress().done == ()


async def test_the_impatient_start_nothing_and_are_told_why(worker: Worker) -> None:
    async with open_on(worker, lesson()).run_test(size=(80, 24)) as pilot:
        await says(pilot, "What it is about.")
        await pilot.press("enter", "enter", "enter")
        await until_shown(pilot, "Answer first: 1 or 2.")
        await pilot.press("3")
        await until_shown(pilot, "The answers are 1 or 2.")
        await pilot.press("2", "enter", "enter")
        await until_shown(pilot, "Nothing starts by itself. Press space to train.")
        assert not worker.clients
        await pilot.press("space")
        await says(pilot, "It trains: λ 0.", "enter goes on when it has ended.")
        await pilot.press("enter")
        await until_shown(pilot, "The run has not ended: enter goes on then.")
        await pilot.press("space")
        await says(pilot, "It waits: λ 0.", "Paused: space goes on.")
        await pilot.press("enter")
        await until_shown(pilot, "Paused: space goes on with the run.")
        assert len(worker.clients) == 1


async def test_the_reminder_to_press_a_key_is_one_sentence(worker: Worker, told: list[str]) -> None:
    run = {"name": "λ 0", "press": "Press {run.toggle} to train. Then watch both lines."}
    async with open_on(worker, lesson(runs=[run, run])).run_test(size=(80, 24)) as pilot:
        await to_the_run(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: told)
        assert told == ["Nothing starts by itself. Press space to train."]


async def test_settings_that_are_not_the_lessons_are_named_and_put_back(worker: Worker) -> None:
    async with open_on(worker, lesson()).run_test(size=(80, 24)) as pilot:
        await to_the_run(pilot)
        await pilot.press("plus")
        await says(pilot, "The lesson needs other settings: L2 λ 0, not 1e-05.", "enter puts them back")
        await pilot.press("enter")
        await says(pilot, "Press space to train.")
        assert run_screen(pilot).pending == lesson().settings_of(0)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (SettingChanged(epoch=9, step=63, name="l2", old=0.0, new=0.1), "L2 λ was changed while it trained"),
        (BestRestored(epoch=9, step=63, from_epoch=3), "the best weights were put back"),
        (GhostSwapped(epoch=9, step=63, l2=0.0, ghost_l2=0.1), "it was swapped with its ghost"),
    ],
)
async def test_a_run_that_was_steered_does_not_count(worker: Worker, event: Any, words: str) -> None:
    async with open_on(worker, lesson()).run_test(size=(80, 24)) as pilot:
        await to_the_run(pilot)
        await train(pilot, worker, events=(event,))
        await says(pilot, f"This is not the lesson's run: {words}.")
        worker.shown = None
        await pilot.press("enter")
        await says(pilot, "Press space to train.")


async def test_a_fork_does_not_count(worker: Worker) -> None:
    async with open_on(worker, lesson()).run_test(size=(80, 24)) as pilot:
        await to_the_run(pilot)
        settings = run_screen(pilot).pending
        shown = make_snapshot(settings, settings.epochs, state="finished")
        assert shown.settings is not None
        origin = Origin(run="another", epoch=50)
        worker.shown = replace(shown, settings=msgspec.structs.replace(shown.settings, origin=origin))
        await pilot.press("space")
        await says(pilot, "This is not the lesson's run: it is a fork.")


async def test_the_pace_is_free(worker: Worker) -> None:
    event = SettingChanged(epoch=9, step=63, name="pace", old=100.0, new=200.0)
    async with open_on(worker, lesson()).run_test(size=(80, 24)) as pilot:
        await to_the_run(pilot)
        await train(pilot, worker, events=(event,))
        await says(pilot, "λ 0 has ended")


async def test_a_run_of_another_seed_or_cut_short_does_not_count(worker: Worker) -> None:
    async with open_on(worker, lesson()).run_test(size=(80, 24)) as pilot:
        await to_the_run(pilot)
        await pilot.press("N")
        await says(pilot, "This is not the lesson's run: seed 0, not 1.")
        await pilot.press("enter")
        await says(pilot, "Press space to train.")
        assert worker.commands == [Stop()]
        settings = run_screen(pilot).pending
        worker.shown = make_snapshot(settings, 20, state="finished")
        await pilot.press("space")
        await says(pilot, "The run did not get to its end, epoch 400.")


async def test_the_keys_of_the_lesson_go_before_those_of_the_screen_and_say_so(worker: Worker) -> None:
    async with open_on(worker, lesson(), lesson(title="The next")).run_test(size=(80, 24)) as pilot:
        await to_the_run(pilot)
        await pilot.press("space")
        await says(pilot, "It trains")
        assert "stop" not in text_of(pilot, "#keys")
        await pilot.press("tab")
        await says(pilot, "tab back to the lesson")
        assert "s stop" in text_of(pilot, "#keys")
        await pilot.press("tab", "tab")
        await says(pilot, "h hint s skip esc leave")
        await pilot.press("h")
        await says(pilot, "Hint: Think of the weights.", "enter back")
        await pilot.press("enter")
        await says(pilot, "It trains")
        await pilot.press("s")
        await says(pilot, "Lesson 2 of 2 · The next", "What it is about.")
        assert worker.commands == [Stop()], "a run of a lesson that is skipped has no one to look at it"


async def test_leaving_gives_the_screen_back_and_keeps_the_run(worker: Worker) -> None:
    async with open_on(worker, lesson()).run_test(size=(80, 24)) as pilot:
        await to_the_run(pilot)
        await pilot.press("space")
        await says(pilot, "It trains")
        await pilot.press("escape")
        await until(pilot, lambda: not run_screen(pilot).query(LessonBand))
        await until_shown(pilot, "L comes back to the lessons.")
        assert run_screen(pilot).view.phase == "running"
        assert not worker.commands
        assert not run_screen(pilot).has_class("lesson")


async def test_the_last_lesson_ends_them(worker: Worker) -> None:
    async with open_on(worker, lesson()).run_test(size=(80, 24)) as pilot:
        await says(pilot, "What it is about.")
        await pilot.press("s")
        await says(pilot, "That was the last lesson.", "L lists all lessons; esc leaves")
        await pilot.press("enter", "h", "1", "s", "space")
        await says(pilot, "That was the last lesson.")


async def test_the_list_begins_a_lesson_beside_a_run_that_goes_on(app: L2tuiApp, worker: Worker) -> None:
    keep_progress(LessonProgress(done=("memorising",), at="the-cure"))
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        await pilot.press("space")
        await until(pilot, lambda: run_screen(pilot).view.phase == "running")
        await pilot.press("L")
        await until_shown(pilot, "1  Memorising                    done", "enter begins")
        assert isinstance(app.screen, LessonsScreen)
        await pilot.press("enter")
        await says(pilot, "Lesson 3 of", "The cure")
        await until_shown(pilot, "Your run goes on; r lists it.")
        assert not worker.commands
        await pilot.press("L", "up", "enter")
        await says(pilot, "Lesson 2 of")
        await pilot.press("L", "escape")
        await says(pilot, "Lesson 2 of")


async def test_a_paused_run_beside_a_lesson_stays_paused(app: L2tuiApp, worker: Worker) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        await pilot.press("space")
        await until(pilot, lambda: run_screen(pilot).view.phase == "running")
        await pilot.press("space")
        await until(pilot, lambda: run_screen(pilot).view.phase == "paused")
        await pilot.press("L")
        await until_shown(pilot, "enter begins")
        await pilot.press("enter")
        await until_shown(pilot, "Your run stays paused; r lists it.")


async def test_own_keys_are_named_in_the_texts(worker: Worker) -> None:
    keymap = {"run.toggle": "f2", "lesson.next": "f3", "lesson.answer1": "f4"}
    async with open_on(worker, lesson(), keymap=keymap).run_test(size=(80, 24)) as pilot:
        await says(pilot, "f3 goes on")
        await pilot.press("f3", "f4", "f3")
        await says(pilot, "Press f2 to train.")


async def test_a_long_text_is_read_three_lines_at_a_time(worker: Worker) -> None:
    text = " ".join(f"word{number}" for number in range(57))
    async with open_on(worker, lesson(text=text)).run_test(size=(80, 24)) as pilot:
        await says(pilot, "word0 ", "enter more")
        assert len(lines_of(pilot, "LessonBand")) == 4
        await pilot.press("enter")
        await says(pilot, "word56", "enter goes on")
        await pilot.press("enter")
        await says(pilot, "Where will val be?")


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 40)])
async def test_no_word_of_a_lesson_is_lost_at_any_size(worker: Worker, size: tuple[int, int]) -> None:
    for name in bundled():
        course = Course({name: bundled()[name]})
        async with worker.app(MOONS, course=course).run_test(size=size) as pilot:
            await says(pilot, "Lesson ·")
            read = ""
            while "Lesson ·" in band(pilot) and bundled()[name].question.split()[-1] not in band(pilot):
                read += " ".join(lines_of(pilot, "LessonBand")[1:]) + " "
                await pilot.press("enter")
                await pilot.pause()
            assert " ".join(read.split()) == " ".join(bundled()[name].text.split())


SWEEP: dict[str, Any] = {
    "runs": [{"name": "sweep", "press": "Press {app.sweep} to sweep.", "sweep": True}],
    "conditions": [{"kind": "chosen_in_range"}],
}


def sweep_of(settings: Settings, **answer: Any) -> FakeSweep:
    view = made_up()
    plan = msgspec.structs.replace(view.plan, settings=settings)
    return FakeSweep(msgspec.structs.replace(view, plan=plan, answer=msgspec.structs.replace(view.answer, **answer)))


async def choose_from_the_sweep(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press("w")
    await until(pilot, lambda: isinstance(pilot.app.screen, SweepScreen))
    await until_shown(pilot, "λ = 0")
    await pilot.press(*keys, "enter")
    await until(pilot, lambda: pilot.app.screen is run_screen(pilot))


def sweeps(monkeypatch: pytest.MonkeyPatch, sweep: FakeSweep) -> None:
    monkeypatch.setattr("l2tui.tui.sweep_client.SweepClient.find_or_start", lambda settings: sweep)


async def test_the_answer_of_a_sweep_waits_until_a_value_is_chosen(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = lesson(**SWEEP)
    sweep = sweep_of(one.settings_of(0))
    sweeps(monkeypatch, sweep)
    async with open_on(worker, one).run_test(size=(80, 24)) as pilot:
        await says(pilot, "What it is about.")
        await pilot.press("enter", "1", "enter")
        await says(pilot, "Press w to sweep.")
        await pilot.press("w")
        await until_shown(pilot, "All λ are trained. Choose one", "λ = 0")
        shown = "\n".join(screen_lines(pilot))
        assert "★" not in shown.replace("at ★", "").replace("val, ★", "")
        assert "beats no decay" not in shown
        await pilot.press("right", "enter")
        await says(pilot, "λ 3e-06 is not among those as good as the best", "enter, then w", "beats no decay")
        await pilot.press("enter", "enter")
        await says(pilot, "Press w to sweep.")
        await choose_from_the_sweep(pilot, *("right",) * 7)
        await says(pilot, "You said: lower. That is right.", "is among those as good as the best")


async def test_a_value_chosen_from_half_a_sweep_does_not_count(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    one = lesson(**SWEEP)
    view = made_up(state="running", alive=True)
    plan = msgspec.structs.replace(view.plan, settings=one.settings_of(0))
    sweeps(monkeypatch, FakeSweep(msgspec.structs.replace(view, plan=plan)))
    async with open_on(worker, one).run_test(size=(80, 24)) as pilot:
        await says(pilot, "What it is about.")
        await pilot.press("enter", "1", "enter")
        await choose_from_the_sweep(pilot, "right")
        await until_shown(pilot, "The sweep is not done yet: w goes back to it.")
        await says(pilot, "Press w to sweep.")


async def test_a_sweep_that_names_no_range_offers_the_next_seed(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = lesson(**SWEEP)
    sweeps(monkeypatch, sweep_of(one.settings_of(0), verdict="cannot_tell", sentence="It cannot be told."))
    async with open_on(worker, one).run_test(size=(80, 24)) as pilot:
        await says(pilot, "What it is about.")
        await pilot.press("enter", "1", "enter")
        await choose_from_the_sweep(pilot, "right")
        await says(pilot, "With seed 0 it did not show. enter tries seed 1.", "It cannot be told.")


async def test_outside_a_lesson_a_sweep_says_its_answer(app: L2tuiApp, monkeypatch: pytest.MonkeyPatch) -> None:
    sweeps(monkeypatch, FakeSweep(made_up()))
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        await pilot.press("w")
        await until_shown(pilot, "beats no decay")
