"""What is done to a run while the losses of an epoch are being taken is done at the end of that epoch."""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import AnyCommand, BestRestored, Finished, Ghost, RestoreBest, SetValue, Swap
from l2tui.runs.reader import RunReader
from l2tui.settings import Settings
from l2tui.training.records import EpochEnd
from l2tui.training.trainer import Trainer
from l2tui.worker import session
from l2tui.worker.control import send
from l2tui.worker.launch import new_run
from l2tui.worker.work import work

SETTINGS = Settings(noise=0.35, train_size=64, hidden=8, batch_size=16, epochs=40, learning_rate=0.3)
AT = 20
Advanced = Callable[[Trainer], None]


class Killed(BaseException):
    """Ends a worker as a kill does: no command and no end of the run comes behind it."""


@pytest.fixture
def after_advance(monkeypatch: pytest.MonkeyPatch) -> list[Advanced]:
    """Calls these after every piece of training; no piece has time for more than one part of an evaluation."""
    hooks: list[Advanced] = []
    advance = Trainer.advance

    def advance_and_tell(trainer: Trainer, **limits: Any) -> EpochEnd | None:
        end = advance(trainer, **limits)
        for hook in hooks:
            hook(trainer)
        return end

    monkeypatch.setattr(Trainer, "advance", advance_and_tell)
    monkeypatch.setattr(session, "LOOK_SECONDS", -1.0)
    return hooks


def _owes_losses(trainer: Trainer) -> bool:
    return trainer.epoch == AT - 1 and trainer.step_in_epoch == trainer.steps_per_epoch


def _content(run: RunDirectory) -> tuple[list[list[str]], bytes, dict[str, bytes]]:
    rows = [line.split(",") for line in run.metrics.read_text().splitlines()]
    clock = rows[0].index("elapsed")
    with np.load(run.checkpoint, allow_pickle=False) as file:
        arrays = {name: file[name].tobytes() for name in file if name != "state"}
    return [row[:clock] + row[clock + 1 :] for row in rows], run.events.read_bytes(), arrays


def _send_once(run: RunDirectory, commands: tuple[AnyCommand, ...], when: Callable[[Trainer], bool]) -> Advanced:
    left = list(commands)

    def hook(trainer: Trainer) -> None:
        if when(trainer):
            while left:
                send(run, left.pop(0))

    return hook


@pytest.mark.parametrize(
    "commands",
    [(RestoreBest(),), (SetValue("l2", 0.01),), (SetValue("learning_rate", 0.1),), (Ghost(0.1), Swap())],
    ids=["restore", "l2", "rate", "swap"],
)
def test_an_act_between_two_pieces_is_one_at_the_end_of_the_epoch(
    commands: tuple[AnyCommand, ...], after_advance: list[Advanced]
) -> None:
    between, at_end, killed = (new_run(SETTINGS) for _ in range(3))
    after_advance[:] = [_send_once(between, commands, _owes_losses)]
    work(between)
    after_advance[:] = [_send_once(at_end, commands, lambda trainer: trainer.epoch == AT and not trainer.step_in_epoch)]
    work(at_end)

    def kill(trainer: Trainer) -> None:
        if trainer.epoch > AT + 2:
            raise Killed

    after_advance[:] = [_send_once(killed, commands, _owes_losses), kill]
    with pytest.raises(Killed):
        work(killed)
    after_advance.clear()
    work(killed)
    assert _content(between) == _content(at_end)
    assert _content(killed) == _content(at_end)


def test_the_epoch_keeps_its_own_losses_when_the_best_weights_come_back(after_advance: list[Advanced]) -> None:
    run, alone = new_run(SETTINGS), new_run(SETTINGS)
    work(alone)
    after_advance[:] = [_send_once(run, (RestoreBest(),), _owes_losses)]
    work(run)
    assert _content(run)[0][: AT + 2] == _content(alone)[0][: AT + 2]
    restored = [event for event in RunReader(run).poll().events if isinstance(event, BestRestored)]
    assert [event.epoch for event in restored] == [AT]


def test_an_act_that_comes_in_the_last_evaluation_comes_too_late(after_advance: list[Advanced]) -> None:
    run, alone = (new_run(msgspec.structs.replace(SETTINGS, epochs=AT)) for _ in range(2))
    work(alone)
    after_advance[:] = [_send_once(run, (RestoreBest(),), _owes_losses)]
    work(run)
    assert _content(run) == _content(alone)
    assert isinstance(RunReader(run).poll().events[-1], Finished)
