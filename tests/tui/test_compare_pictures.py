"""Pictures of compared runs: the keys, whose weights are asked for, and what is said where there are none."""

from collections.abc import Sequence

import msgspec
import pytest
from textual.pilot import Pilot

from l2tui.errors import L2tuiError
from l2tui.runs.comparison import Subject
from l2tui.runs.pictures import PictureRequest, Pictures
from l2tui.tui.compared_pictures import moment_at
from l2tui.tui.screens.compare import CompareScreen
from tests.subjects import FakeSource, made_up, made_up_log
from tests.tui.fake_worker import Worker
from tests.tui.made_up_pictures import picture_for
from tests.tui.made_up_runs import MOONS
from tests.tui.reading_screen import drawn, screen_lines, until, until_shown
from tests.tui.test_compare import compare
from tests.tui.test_pictures import LOOKS

SHAPE = (2, 64, 1)
FIVE = [made_up(l2, shape=SHAPE) for l2 in (0.0, 1e-4, 1e-3, 3e-3, 1e-2)]


class Tool:
    """In place of `l2tui plot`.

    Attributes:
        asked: The runs and the epochs of each command.
        broken: Runs that make it fail.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[list[str], str]] = []
        self.broken: set[str] = set()

    async def __call__(self, *arguments: str, on_progress: object = None) -> bytes:
        options = arguments.index("--picture")
        paths, given = (
            arguments[1:options],
            dict(zip(arguments[options:-1:2], arguments[options + 1 :: 2], strict=True)),
        )
        self.asked.append((list(paths), given["--at"]))
        for path in paths:
            if path in self.broken:
                raise L2tuiError(f"{path}: there are no weights yet")
        pictures = []
        for path, at in zip(paths, given["--at"].split(","), strict=True):
            moment = {"last": "live", "best": "best"}.get(at) or int(at)
            size = {"columns": int(given["--width"]), "rows": int(given["--height"])}
            request = PictureRequest(kind=given["--picture"], moment=moment, **size)
            epoch = moment if isinstance(moment, int) else {"live": 400, "best": 130}[moment]
            pictures.append(msgspec.structs.replace(picture_for(request, epoch), l2=float(path.rpartition("-")[2])))
        return msgspec.json.encode(Pictures(tuple(pictures)))


@pytest.fixture(autouse=True)
def tool(monkeypatch: pytest.MonkeyPatch) -> Tool:
    tool = Tool()
    monkeypatch.setattr("l2tui.tui.tools.run_tool", tool)
    return tool


async def pictured(pilot: Pilot[None], subjects: Sequence[Subject]) -> CompareScreen:
    await drawn(pilot)
    screen = CompareScreen([FakeSource(subject) for subject in subjects])
    pilot.app.push_screen(screen)
    await until_shown(pilot, "compare ", "val loss")
    await pilot.press("v")
    return screen


@pytest.mark.parametrize("look", ["dark", "light", "mono", "ascii"])
@pytest.mark.parametrize(("size", "shown"), [((60, 16), 2), ((80, 24), 3), ((120, 40), 4)])
async def test_each_run_has_its_picture_with_its_letter_l2_and_epoch(
    worker: Worker, tool: Tool, size: tuple[int, int], shown: int, look: str
) -> None:
    show = LOOKS[look].glyphs.show
    async with worker.app(MOONS, look=LOOKS[look]).run_test(size=size) as pilot:
        await pictured(pilot, FIVE)
        heads = [
            f"{letter} λ {l2:g} · epoch 400" for letter, l2 in zip("abcde", (0, 1e-4, 1e-3, 3e-3, 0.01), strict=True)
        ]
        await until_shown(pilot, f"decision field, a-{'abcde'[shown - 1]} of 5", *map(show, heads[:shown]))
        assert "\n".join(screen_lines(pilot)).count(show("× wrong side: 1 of 40")) == shown
        # All are computed at once, so that those of all pages have one scale.
        assert tool.asked == [([subject.path for subject in FIVE], "last,last,last,last,last")]
        await pilot.press("shift+tab")
        await until_shown(pilot, *map(show, heads[-shown:]), "-e of 5")
        assert len(tool.asked) == 1


async def test_v_turns_to_the_next_kind_and_back_to_the_curves_and_so_does_escape(worker: Worker) -> None:
    async with worker.app(MOONS).run_test(size=(80, 24)) as pilot:
        screen = await pictured(pilot, FIVE[:2])
        await until_shown(pilot, "decision field", "wrong side", "v picture", "b best weights", "esc curves")
        await pilot.press("v")
        await until_shown(pilot, "2 runs  weights", "W1 ")
        await pilot.press("v")
        await until_shown(pilot, "val loss", "┤", "esc back")
        await pilot.press("v", "left")
        await until_shown(pilot, "decision field", "no cursor")
        await pilot.press("escape")
        await until_shown(pilot, "decision field", "esc curves")
        await pilot.press("escape")
        await until_shown(pilot, "val loss", "┤")
        assert pilot.app.screen is screen


async def test_b_shows_the_best_weights_and_a_cursor_the_last_ones_kept_up_to_there(
    worker: Worker, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("l2tui.tui.compared_pictures.kept_epochs", lambda run: [0, 128, 384])
    async with worker.app(MOONS).run_test(size=(80, 24)) as pilot:
        await pictured(pilot, FIVE[:2])
        await until_shown(pilot, "a λ 0 · epoch 400")
        await pilot.press("b")
        await until_shown(pilot, "a λ 0 · best epoch 130", "b λ 0.0001 · best epoch 130", "b last weights")
        assert tool.asked[-1][1] == "best,best"
        await pilot.press("left")
        await until_shown(pilot, "a λ 0 · epoch 384", "b λ 0.0001 · epoch 384", "at epoch 39")
        await pilot.press("b")
        await until_shown(pilot, "a λ 0 · epoch 400")


async def test_the_best_weights_are_for_pictures_alone(worker: Worker, told: list[str]) -> None:
    async with worker.app(MOONS).run_test(size=(80, 24)) as pilot:
        await compare(pilot, FIVE[:2])
        await pilot.press("b")
        await until(pilot, lambda: told == ["The best weights are for pictures: v shows one."])


async def test_runs_on_other_data_have_no_common_scale(worker: Worker, tool: Tool) -> None:
    other = made_up(1e-2, shape=SHAPE, fingerprint="x", settings=msgspec.structs.replace(FIVE[0].settings, noise=0.1))
    async with worker.app(MOONS).run_test(size=(120, 40)) as pilot:
        await pictured(pilot, [*FIVE[:2], other])
        await until_shown(pilot, "NOT COMPARABLE", "Their pictures have no common scale.", "c λ 0.01 · epoch 400")
        assert [paths for paths, _ in tool.asked] == [[FIVE[0].path, FIVE[1].path], [other.path]]


async def test_a_log_and_a_run_that_fails_are_named_and_the_others_are_drawn_on_one_scale(
    worker: Worker, tool: Tool
) -> None:
    tool.broken = {FIVE[1].path}
    async with worker.app(MOONS).run_test(size=(120, 40)) as pilot:
        await pictured(pilot, [*FIVE[:3], made_up_log()])
        await until_shown(
            pilot, "a λ 0 · epoch", "there are no weights yet", "c λ 0.001 · epoch", "its weights are not"
        )
        assert tool.asked[-1][0] == [FIVE[0].path, FIVE[2].path]


async def test_logs_alone_have_no_picture(worker: Worker, told: list[str]) -> None:
    async with worker.app(MOONS).run_test(size=(80, 24)) as pilot:
        await pictured(pilot, [made_up_log("a.csv"), made_up_log("b.csv")])
        await until(pilot, lambda: told == ["Another program's log: its weights are not known."])
        await until_shown(pilot, "val loss", "┤")


async def test_a_run_that_trains_is_drawn_from_what_it_has_kept(worker: Worker, tool: Tool) -> None:
    live = made_up(1e-3, shape=SHAPE, epochs=150, planned=400, state="running", is_live=True)
    async with worker.app(MOONS).run_test(size=(80, 24)) as pilot:
        await pictured(pilot, [FIVE[0], live])
        await until_shown(pilot, "b λ 0.001 · epoch 400", "1 training")
        assert tool.asked[0][1] == "last,last"


def test_the_weights_at_a_cursor_are_the_last_ones_up_to_there(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [64, 256]
    monkeypatch.setattr("l2tui.tui.compared_pictures.kept_epochs", lambda run: kept)
    ended, live = made_up(epochs=300, best_epoch=130), made_up(epochs=300, best_epoch=130, is_live=True)
    assert [moment_at(ended, epoch) for epoch in (10, 64, 130, 200, 256, 299, 300, 350)] == [
        *(None, 64, "best", "best", 256, 256),
        *("live", "live"),
    ]
    assert moment_at(live, 300) == 256
