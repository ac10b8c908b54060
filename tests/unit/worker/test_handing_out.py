"""Pictures while a run trains: handed out when asked for, seldom, and without a trace in the training."""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pytest

from l2tui.data.prepare import prepare
from l2tui.nn.parameters import Weights
from l2tui.results.picture import pictures_of
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import Ghost, Pause, SetValue, ShowPicture, Stop
from l2tui.runs.pictures import FieldNumbers, Picture, PictureRequest, WeightNumbers, read_pictures
from l2tui.settings import Settings
from l2tui.training.moments import read_weights, weights_of
from l2tui.training.pictures.compute import compute, finish
from l2tui.training.pictures.sight import Sight
from l2tui.training.records import EpochEnd
from l2tui.training.trainer import Trainer
from l2tui.worker.control import send
from l2tui.worker.handing_out import SHARE, HandingOut
from l2tui.worker.launch import new_run
from l2tui.worker.work import work

BASE = Settings(noise=0.35, train_size=64, hidden=8, batch_size=16, epochs=40, learning_rate=0.3)
FIELD = PictureRequest(kind="field", columns=12, rows=10)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def made(settings: Settings = BASE) -> tuple[RunDirectory, Trainer, Clock, HandingOut]:
    splits = prepare(settings)
    trainer, clock, run = Trainer(settings, splits), Clock(), new_run(settings)
    sight = Sight.of(settings, splits.preparation, splits)
    trainer.advance()
    return run, trainer, clock, HandingOut(run, trainer, sight, clock, clock)


def handed_out(pictures: HandingOut, run: RunDirectory) -> tuple[Picture, ...]:
    for _ in range(50):
        pictures.advance(idle=False)
    return read_pictures(run)


def test_nothing_is_written_that_nobody_asks_for() -> None:
    run, _, _, pictures = made()
    assert handed_out(pictures, run) == ()
    assert not run.pictures.exists()


def test_what_is_handed_out_is_the_picture_of_the_weights_of_that_moment() -> None:
    run, trainer, _, pictures = made()
    for _ in range(25):
        trainer.advance()
    pictures.ask(ShowPicture(FIELD))
    (picture,) = handed_out(pictures, run)
    splits = prepare(BASE)
    weights = Weights(*(np.array(view, np.float64) for view in trainer.parameters.views()))
    expected = finish(compute(FIELD, weights, Sight.of(BASE, splits.preparation, splits)))
    assert (picture.request, picture.epoch, picture.step, picture.l2) == (FIELD, 25, 100, 0.0)
    assert picture.numbers == expected


def test_a_picture_changes_twice_a_second_at_most_and_no_longer_than_it_was_asked_for() -> None:
    run, trainer, clock, pictures = made()
    pictures.ask(ShowPicture(FIELD, seconds=3.0))
    seen = []
    for _ in range(600):
        trainer.advance()
        clock.now += 0.01
        pictures.advance(idle=False)
        found = read_pictures(run)
        if found and found[0].epoch not in seen:
            seen.append(found[0].epoch)
    assert 5 <= len(seen) <= 7


def test_of_weights_that_stay_there_is_no_second_picture() -> None:
    run, _, clock, pictures = made()
    pictures.ask(ShowPicture(FIELD, seconds=60.0))
    handed_out(pictures, run)
    before = run.pictures.stat().st_ino
    clock.now += 5.0
    handed_out(pictures, run)
    assert run.pictures.stat().st_ino == before


def test_pictures_that_take_long_take_a_small_share_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    _, trainer, clock, pictures = made()
    taken: list[float] = []

    def slow(*_: object) -> Iterator[None]:
        while True:
            taken.append(0.0015)
            clock.now += 0.0015
            yield

    monkeypatch.setattr("l2tui.training.pictures.together.compute", slow)
    pictures.ask(ShowPicture(FIELD, seconds=60.0))
    began = clock.now
    while clock.now < began + 30.0:
        trainer.advance()
        pictures.advance(idle=False)
        clock.now += 0.02
    assert 0.2 < sum(taken) < 0.025 + SHARE * (clock.now - began)
    paused = sum(taken)
    for _ in range(100):
        pictures.advance(idle=True)
    assert sum(taken) >= paused + 100 * 0.0015


def test_a_wide_network_is_drawn_in_coarser_points_of_the_same_shape() -> None:
    run, _, _, pictures = made(msgspec.structs.replace(BASE, hidden=4000))
    request = msgspec.structs.replace(FIELD, columns=120, rows=60)
    pictures.ask(ShowPicture(request))
    for _ in range(1000):
        pictures.advance(idle=True)
    (picture,) = read_pictures(run)
    assert picture.request == request
    assert isinstance(picture.numbers, FieldNumbers)
    columns, rows = picture.numbers.columns, picture.numbers.rows
    assert 0.8 < columns * rows * 4000 / 2**21 <= 1
    assert columns / rows == pytest.approx(2, rel=0.1)


def test_each_of_several_windows_gets_its_own_picture() -> None:
    run, _, _, pictures = made()
    other = PictureRequest(kind="weights", columns=21)
    pictures.ask(ShowPicture(FIELD))
    pictures.ask(ShowPicture(other))
    assert {picture.request for picture in handed_out(pictures, run)} == {FIELD, other}


def test_best_weights_come_with_their_epoch_and_with_the_l2_in_force_then() -> None:
    run = new_run(msgspec.structs.replace(BASE, epochs=60))
    best = PictureRequest(kind="weights", moment="best", columns=21)
    found: list[Picture] = []

    def on_epoch(end: EpochEnd) -> None:
        if end.epoch == 0:
            send(run, SetValue("l2", 1e-2))
            send(run, Pause())
            send(run, ShowPicture(best))
        found.extend(read_pictures(run))

    def stop_later(session: Any) -> None:
        looks = iter(range(40))
        advance = session._pictures.advance

        def count(*, idle: bool) -> None:
            advance(idle=idle)
            found.extend(read_pictures(run))
            if next(looks, None) is None:
                session.stop()

        session._pictures.advance = count

    work(run, on_epoch=on_epoch, on_session=stop_later)
    assert found[-1].request == best
    assert found[-1].epoch <= 1


def test_a_run_that_is_looked_at_trains_to_the_same_bits_and_leaves_no_picture() -> None:
    plain, looked_at = new_run(BASE), new_run(BASE)
    work(plain)
    found: set[int] = set()

    def on_epoch(end: EpochEnd) -> None:
        send(looked_at, ShowPicture(FIELD))
        found.update(picture.epoch for picture in read_pictures(looked_at))

    work(looked_at, on_epoch=on_epoch)
    for first, second in zip(read_weights(plain, "live")[0], read_weights(looked_at, "live")[0], strict=True):
        assert np.array_equal(first, second)
    assert plain.metrics.read_text().splitlines()[0] == looked_at.metrics.read_text().splitlines()[0]
    assert not looked_at.pictures.exists()


def test_of_a_run_that_has_ended_the_files_give_the_picture_of_its_last_and_of_its_best_weights() -> None:
    run = new_run(BASE)
    outcome = work(run)
    splits = prepare(BASE)
    for moment, epoch in (("live", 40), ("best", outcome.trainer.watch.best_epoch)):
        then = weights_of(outcome.trainer, moment)
        assert then is not None
        request = msgspec.structs.replace(FIELD, moment=moment)
        (picture,) = pictures_of([run], request)
        assert picture.epoch == epoch
        assert picture.numbers == finish(compute(request, then.weights, Sight.of(BASE, splits.preparation, splits)))


def test_pictures_of_two_runs_are_on_one_scale() -> None:
    runs = [new_run(msgspec.structs.replace(BASE, seed=seed, epochs=4)) for seed in (1, 2)]
    for run in runs:
        work(run)
    first, second = (picture.numbers for picture in pictures_of(runs, FIELD))
    assert isinstance(first, FieldNumbers)
    assert isinstance(second, FieldNumbers)
    assert (first.low, first.high) == (second.low, second.high)
    alone = [pictures_of([run], FIELD)[0].numbers for run in runs]
    assert all(isinstance(numbers, FieldNumbers) for numbers in alone)
    lows = [numbers.low for numbers in alone if isinstance(numbers, FieldNumbers)]
    assert first.low == tuple(map(min, *lows))


def test_the_ghost_is_drawn_at_the_same_epoch_on_the_scale_of_both_and_costs_no_more_time() -> None:
    run, trainer, clock, pictures = made()
    trainer.begin_twin(0.1)
    request = PictureRequest(kind="weights", columns=21, ghost=True)
    pictures.ask(ShowPicture(request, seconds=60.0))
    (own, ghost) = handed_out(pictures, run)
    assert (own.ghost, ghost.ghost, own.l2, ghost.l2) == (False, True, 0.0, 0.1)
    # They set out from the same weights.
    assert own.numbers == ghost.numbers
    for _ in range(100):
        trainer.advance()
    clock.now += 1.0
    (own, ghost) = handed_out(pictures, run)
    assert (own.epoch, own.step) == (ghost.epoch, ghost.step) == (trainer.epoch, trainer.step)
    assert isinstance(own.numbers, WeightNumbers)
    assert isinstance(ghost.numbers, WeightNumbers)
    assert own.numbers.limit == ghost.numbers.limit
    assert max(own.numbers.largest) > max(ghost.numbers.largest)
    trainer.swap_twin()
    clock.now += 1.0
    swapped = handed_out(pictures, run)
    assert [picture.numbers for picture in swapped] == [ghost.numbers, own.numbers]
    trainer.end_twin()
    clock.now += 1.0
    assert len(handed_out(pictures, run)) == 1


def test_weights_that_are_put_back_between_two_steps_are_drawn_at_once() -> None:
    run, trainer, clock, pictures = made()
    for _ in range(30):
        trainer.advance()
    trainer.best_theta[:] = 0.5
    pictures.ask(ShowPicture(PictureRequest(kind="weights", columns=21), seconds=60.0))
    (before,) = handed_out(pictures, run)
    trainer.restore_best()
    clock.now += 1.0
    (after,) = handed_out(pictures, run)
    assert (before.epoch, before.step) == (after.epoch, after.step)
    assert isinstance(after.numbers, WeightNumbers)
    assert after.numbers.largest == (0.5, 0.5)


def test_weights_that_are_not_finite_do_not_end_the_training() -> None:
    run, trainer, _, pictures = made()
    trainer.parameters.theta[0] = np.inf
    pictures.ask(ShowPicture(PictureRequest(kind="weights", columns=21)))
    assert handed_out(pictures, run) == ()


def test_a_run_that_has_ended_is_drawn_with_its_ghost_and_others_at_an_epoch_each() -> None:
    run = new_run(BASE)

    def on_epoch(end: EpochEnd) -> None:
        if end.epoch == 0:
            send(run, Ghost(0.1))

    outcome = work(run, on_epoch=on_epoch)
    twin = outcome.trainer.twin
    assert twin is not None
    request = PictureRequest(kind="weights", columns=21, ghost=True)
    own, ghost = pictures_of([run], request)
    assert (own.epoch, ghost.epoch, own.ghost, ghost.ghost, ghost.l2) == (40, 40, False, True, 0.1)
    assert isinstance(ghost.numbers, WeightNumbers)
    assert ghost.numbers.largest[0] == np.abs(twin.lanes[1].views().W1).max()
    last, best = pictures_of([run, run], FIELD, ["live", "best"])
    assert (last.epoch, best.epoch) == (40, outcome.trainer.watch.best_epoch)
    assert best.request.moment == "best"


def test_a_request_that_these_data_cannot_answer_is_dropped_and_said_in_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run, _, _, pictures = made()
    pictures.ask(ShowPicture(PictureRequest(kind="fit", columns=10)))
    assert handed_out(pictures, run) == ()
    said = capsys.readouterr()
    assert (said.out + said.err).count("no picture fit of these data") == 1


def test_stop_is_not_held_up_by_a_picture() -> None:
    run = new_run(msgspec.structs.replace(BASE, epochs=10**6))

    def on_epoch(end: EpochEnd) -> None:
        if end.epoch == 20:
            send(run, ShowPicture(FIELD))
            send(run, Stop())

    outcome = work(run, on_epoch=on_epoch)
    assert outcome.trainer.epoch < 10**6


def test_a_state_that_is_kept_is_drawn_by_the_worker_and_from_the_files() -> None:
    earlier = new_run(msgspec.structs.replace(BASE, epochs=10))
    work(earlier)
    run, trainer, clock, pictures = made()
    for _ in range(30):
        trainer.advance()
    for its in (earlier, run):
        its.state(10).write_bytes(earlier.checkpoint.read_bytes())
    request = msgspec.structs.replace(FIELD, moment=10)
    pictures.ask(ShowPicture(request, seconds=30.0))
    (live,) = handed_out(pictures, run)
    (from_files,) = pictures_of([earlier], request)
    assert live.epoch == from_files.epoch == 10
    assert live.numbers == from_files.numbers
    clock.now += 2.0
    before = run.pictures.stat().st_ino
    handed_out(pictures, run)
    assert run.pictures.stat().st_ino == before


def test_on_a_busy_machine_pictures_are_not_held_back_for_the_time_of_others() -> None:
    splits, paced = prepare(BASE), msgspec.structs.replace(BASE, pace=100.0)
    trainer, clock, run = Trainer(paced, splits), Clock(), new_run(BASE)
    pictures = HandingOut(run, trainer, Sight.of(BASE, splits.preparation, splits), clock, busy := Clock())
    trainer.advance()
    pictures.ask(ShowPicture(FIELD, seconds=30.0))
    seen = set()
    work_on = pictures._work

    def interrupted(until: float) -> None:
        work_on(until)
        busy.now += 0.001
        # Half a second goes to another program in the middle of a picture.
        clock.now += 0.5

    pictures._work = interrupted  # type: ignore[method-assign]
    for _ in range(40):
        trainer.advance()
        pictures.advance(idle=False)
        seen |= {picture.epoch for picture in read_pictures(run)}
    assert len(seen) >= 15
