"""Pictures in the app: the keys that turn to them, what is asked of whom, and how they look in each terminal."""

import asyncio
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from textual.pilot import Pilot

from l2tui.runs.events import Facts, ShowPicture
from l2tui.runs.ghost import GhostCurve
from l2tui.runs.pictures import Picture, PictureRequest, Pictures
from l2tui.runs.reader import Snapshot
from l2tui.settings import changed
from l2tui.tui.widgets.loss_chart import LossChart
from l2tui.tui.widgets.picture import PicturePanel
from l2tui.view.glyphs import ASCII, LINUX
from l2tui.view.look import Look
from l2tui.view.pictures.beside import places_for
from tests.tui import made_up_pictures
from tests.tui.fake_worker import Worker
from tests.tui.made_up_pictures import picture_for
from tests.tui.made_up_runs import DONE, MOONS, make_snapshot
from tests.tui.reading_screen import run_screen, screen_lines, start, until, until_shown
from tests.tui.test_snapshots import FOLDER, compare, settled

LOOKS = {
    "dark": Look(),
    "light": Look("light"),
    "dark-16": Look(few_colours=True),
    "light-16": Look("light", few_colours=True),
    "mono": Look("mono"),
    "ascii": Look("mono", ASCII),
    "console": Look("dark", LINUX, few_colours=True),
}
FACTS = {
    "field": Facts("classification", (100, 200, 1000), (2, 64, 1)),
    "fit": Facts("regression", (100, 200, 1000), (1, 64, 1)),
    "inputs": Facts("classification", (100, 200, 1000), (13, 64, 3)),
    "labels": Facts("classification", (100, 200, 1000), (13, 64, 3)),
    "pixels": Facts("classification", (100, 200, 1000), (64, 64, 10)),
    "weights": Facts("regression", (100, 200, 1000), (2, 64, 1)),
}
NOISY = changed(MOONS, label_noise=0.1)


@pytest.fixture(autouse=True)
def _hand_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def handed_out(self: object, run: object, request: PictureRequest) -> tuple[Picture, ...]:
        mine = picture_for(request)
        return (mine, msgspec.structs.replace(mine, l2=1e-3, ghost=True)) if request.ghost else (mine,)

    monkeypatch.setattr("l2tui.tui.picture_source.PictureSource._handed_out", handed_out)


async def opened(pilot: Pilot[None], worker: Worker, shown: Snapshot | None = None, *keys: str) -> PicturePanel:
    worker.shown = shown or make_snapshot()
    assert worker.shown.status is not None
    await start(pilot, worker.shown.status.state)
    await pilot.press(*(keys or ("v",)))
    return run_screen(pilot).query_one(PicturePanel)


def title(pilot: Pilot[None]) -> str:
    return str(run_screen(pilot).query_one("#loss").border_title)


async def test_v_turns_from_the_chart_to_each_picture_of_the_data_and_back(worker: Worker) -> None:
    async with worker.app(MOONS).run_test(size=(80, 24)) as pilot:
        panel = await opened(pilot, worker)
        await until_shown(pilot, "Decision field · epoch 400 · λ 0", "× wrong side: 1 of 40", "upper", "doubt")
        await pilot.press("v")
        await until_shown(pilot, "Weights · epoch 400 · λ 0", "W1 ", "W2 ")
        await pilot.press("v")
        await until(pilot, lambda: panel.kind is None)
        await until_shown(pilot, "Loss", "train")
        assert title(pilot).partition(" ─ ")[0] == "Loss"
        assert run_screen(pilot).query_one(LossChart).size.width > 40


async def test_the_worker_is_asked_for_the_points_that_there_is_room_for(worker: Worker) -> None:
    async with worker.app(MOONS).run_test(size=(80, 24)) as pilot:
        panel = await opened(pilot, worker)
        await until_shown(pilot, "Decision field")
        width, height = panel.size
        asked = [command.request for command in worker.commands if isinstance(command, ShowPicture)]
        assert asked == [PictureRequest(kind="field", columns=width, rows=2 * (height - 1))]


async def test_beside_the_chart_there_is_a_picture_where_there_is_room(worker: Worker, told: list[str]) -> None:
    async with worker.app(MOONS).run_test(size=(120, 40)) as pilot:
        panel = await opened(pilot, worker, None, "V")
        await until_shown(pilot, "Loss, and decision field · epoch 400", "× wrong side: 1 of 40", "┤")
        chart = run_screen(pilot).query_one(LossChart)
        assert panel.size.width > 30 < chart.size.width
        await pilot.resize_terminal(100, 30)
        await until(pilot, lambda: not chart.size.width)
        await pilot.press("V")
        assert told[-1] == "Side by side, chart and picture need 110 columns."
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: chart.size.width > 30)
        await pilot.press("V")
        await until(pilot, lambda: not chart.size.width)
        assert panel.kind == "field"


def with_ghost(began: int = 100) -> Snapshot:
    """A run beside which a ghost at λ .001 trains along."""
    epochs = np.arange(began, 401, 2, dtype=np.float64)
    return replace(make_snapshot(), ghost=GhostCurve(1e-3, began, epochs, 0.3 + 0 * epochs, 0.4 + 0 * epochs))


@pytest.mark.parametrize("look", ["dark", "mono", "ascii"])
@pytest.mark.parametrize(("size", "key"), [((80, 24), "v"), ((120, 40), "v"), ((120, 40), "V")])
async def test_a_ghost_has_its_picture_with_its_l2_beside_that_of_the_run(
    worker: Worker, size: tuple[int, int], key: str, look: str
) -> None:
    async with worker.app(MOONS, look=LOOKS[look]).run_test(size=size) as pilot:
        panel = await opened(pilot, worker, with_ghost(), key)
        heads = ("ecision field · epoch 400", "run · λ 0", "ghost · λ 0.001")
        await until_shown(pilot, *(LOOKS[look].glyphs.show(words) for words in heads))
        assert "\n".join(screen_lines(pilot)).count("wrong side: 1 of 40") == 2
        (asked,) = {command.request for command in worker.commands if isinstance(command, ShowPicture)}
        assert asked.ghost
        places = places_for(2, *panel.size)
        assert places is not None
        assert (asked.columns, places.stacked) == (places.width, key == "V")


async def test_where_two_pictures_have_no_room_the_run_has_its_own_and_says_so(worker: Worker) -> None:
    async with worker.app(MOONS).run_test(size=(60, 16)) as pilot:
        await opened(pilot, worker, with_ghost())
        await until_shown(pilot, "Decision field · epoch 400", "wrong side: 1 of 40")
        assert "\n".join(screen_lines(pilot)).count("wrong side") == 1
        assert title(pilot) == "Decision field · epoch 400 · λ 0 · the ghost's needs a larger window"


async def test_the_best_weights_of_a_run_stand_alone_since_none_of_the_ghost_are_kept(worker: Worker) -> None:
    async with worker.app(MOONS).run_test(size=(120, 40)) as pilot:
        await opened(pilot, worker, with_ghost())
        await until_shown(pilot, "run · λ 0", "ghost · λ 0.001")
        screen = run_screen(pilot)
        screen.index = int(screen.view.assessment.best_epoch)
        await until(pilot, lambda: "none of the ghost kept" in title(pilot))
        await until(pilot, lambda: "\n".join(screen_lines(pilot)).count("wrong side") == 1)


async def test_the_cursor_chooses_the_weights_at_the_best_epoch_and_says_where_none_are_kept(worker: Worker) -> None:
    async with worker.app(MOONS).run_test(size=(80, 24)) as pilot:
        panel = await opened(pilot, worker, make_snapshot(), "tab", "v")
        await until_shown(pilot, "Decision field")
        screen = run_screen(pilot)
        await pilot.press("left", "left")
        await until_shown(pilot, "none kept of")
        epoch = screen.view.at("epoch", screen.index)
        assert 300 < epoch < 400
        assert title(pilot) == f"Decision field · epoch 400 · λ 0 · none kept of {epoch:.0f}"
        best = screen.view.assessment.best_epoch
        screen.index = int(best)
        await until(pilot, lambda: panel._pictures and panel._pictures[0].request.moment == "best")
        await until_shown(pilot, "Decision field · best epoch")


async def test_a_run_that_has_ended_is_drawn_from_its_files(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    async def tool(*arguments: str, on_progress: object = None) -> bytes:
        asked.append(arguments)
        request = PictureRequest(kind="field", columns=int(arguments[7]), rows=int(arguments[9]))
        return msgspec.json.encode(Pictures((picture_for(request, epoch=33),)))

    monkeypatch.setattr("l2tui.tui.tools.run_tool", tool)
    async with worker.app(DONE).run_test(size=(80, 24)) as pilot:
        await opened(pilot, worker, make_snapshot(DONE, state="finished"))
        await until_shown(pilot, "Decision field · epoch 33")
        assert asked[0][:6] == ("plot", "/runs/moons", "--picture", "field", "--at", "last")
        assert not any(isinstance(command, ShowPicture) for command in worker.commands)
        # What does not change is not computed again.
        await asyncio.sleep(1.2)
        assert len(asked) == 1


async def test_what_is_wrong_stands_in_the_place_of_the_picture(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    from l2tui.errors import L2tuiError

    async def tool(*arguments: str, on_progress: object = None) -> bytes:
        raise L2tuiError("the data are no longer those that the run was trained on")

    monkeypatch.setattr("l2tui.tui.tools.run_tool", tool)
    async with worker.app(DONE).run_test(size=(80, 24)) as pilot:
        await opened(pilot, worker, make_snapshot(DONE, state="finished"))
        await until_shown(pilot, "the data are no longer those")


async def test_without_weights_the_key_says_why(worker: Worker, told: list[str]) -> None:
    async with worker.app(MOONS).run_test(size=(80, 24)) as pilot:
        await pilot.press("v")
        assert told[-1] == "There are no weights yet: space trains."
        assert run_screen(pilot).query_one(PicturePanel).kind is None


async def test_another_run_without_such_a_picture_shows_its_chart(worker: Worker) -> None:
    async with worker.app(MOONS).run_test(size=(80, 24)) as pilot:
        panel = await opened(pilot, worker)
        await until_shown(pilot, "Decision field")
        worker.client.shown = make_snapshot(facts=FACTS["fit"], epochs=410)
        await until(pilot, lambda: panel.kind is None)
        assert title(pilot).partition(" ─ ")[0] == "Loss"


async def test_the_picture_of_a_run_goes_with_it(worker: Worker) -> None:
    async with worker.app(MOONS).run_test(size=(80, 24)) as pilot:
        await opened(pilot, worker)
        await until_shown(pilot, "Decision field · epoch 400")
        screen = run_screen(pilot)
        screen.do(lambda: screen.controller.prepare(changed(MOONS, l2=0.001), stop=True))
        await until_shown(pilot, "The picture comes once the run trains.")
        assert title(pilot).partition(" ─ ")[0] == "Loss"


SEEN_IN = [
    *(("field", look) for look in LOOKS),
    *(("fit", look) for look in ("dark", "light", "ascii")),
    *((kind, look) for kind in ("inputs", "weights", "labels", "pixels") for look in ("dark", "ascii")),
    ("pixels", "dark-16"),
    ("pixels", "light"),
]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
@pytest.mark.parametrize(("kind", "look"), SEEN_IN)
async def test_a_picture_looks_as_before(
    worker: Worker, look: str, size: tuple[int, int], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "pixels":
        monkeypatch.setattr(made_up_pictures, "inputs", made_up_pictures.pixels)
    app = worker.app(NOISY, look=LOOKS[look])
    async with app.run_test(size=size) as pilot:
        panel = await opened(pilot, worker, make_snapshot(NOISY, facts=FACTS[kind]), "V" if size[0] > 100 else "v")
        panel.kind = "inputs" if kind == "pixels" else kind
        await until(pilot, lambda: panel._pictures and panel._pictures[0].request.kind == panel.kind)
        rows, styles = await settled(pilot)
        region = panel.content_region
    inside = [(row[region.x : region.right], y) for y, row in enumerate(rows) if region.y <= y < region.bottom]
    marks = [styles[y][region.x : region.right] for _, y in inside]
    meaning = [line for line in styles[len(rows) :] if line[0] in "".join(marks)]
    assert len(inside) > 8
    compare(
        FOLDER / f"picture-{kind}-{look}-{size[0]}x{size[1]}.txt",
        "\n".join([*(row for row, _ in inside), "", *marks, "", *meaning, ""]),
    )
