"""A fork has its parent's history, goes on as the parent would, bit for bit, and is there as a whole or not at all."""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from l2tui.errors import L2tuiError
from l2tui.files import read_plain
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import Finished, RestoreBest, SettingChanged, SetValue, decode_event, encode_line
from l2tui.runs.listing import describe_run, list_runs
from l2tui.runs.states import MOST_STATES, kept_epochs
from l2tui.runs.stored import read_run_settings
from l2tui.settings import ADAM_RATE, Settings
from l2tui.worker.fork import make_fork
from l2tui.worker.launch import new_run
from tests.integration.short_runs import Acts, content, fields, impatient, trained

pytestmark = pytest.mark.slow

SETTINGS = Settings(noise=0.35, train_size=60, hidden=8, batch_size=16, epochs=60, learning_rate=0.1, l2=1e-3)


@pytest.fixture(autouse=True)
def _impatient() -> Iterator[None]:
    with impatient():
        yield


def _content(run: RunDirectory) -> dict[str, Any]:
    return {**content(run), "events": run.events.read_bytes()}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw"])
def test_a_fork_with_unchanged_settings_ends_with_the_parents_bits(optimizer: str, dtype: str) -> None:
    chance = random.Random(f"{optimizer} {dtype}")
    rate = 0.01 if optimizer.startswith("adam") else 0.1
    settings = Settings(**{**fields(SETTINGS), "optimizer": optimizer, "dtype": dtype, "learning_rate": rate})
    acts: Acts = {5: SetValue("l2", 1e-2), 9: SetValue("learning_rate", 2 * rate), 13: RestoreBest()}
    acts[15] = SetValue("criterion", "gl")
    parent = trained(new_run(settings), acts)
    expected = _content(parent)
    kinds = [type(decode_event(line)).__name__ for line in expected["events"].splitlines()]
    assert kinds.count("SettingChanged") == 3
    assert "BestRestored" in kinds
    last_act = max(event.epoch for event in map(decode_event, expected["events"].splitlines()) if _is_act(event))
    # Changes that the parent sees later are not the fork's: it goes on with the settings in force at the fork.
    for epoch in (chance.randrange(last_act + 1, settings.epochs) for _ in range(25)):
        fork = make_fork(parent, {}, epoch=epoch)
        trained(fork)
        assert _content(fork) == expected
    for epoch in (chance.randrange(0, last_act + 1) for _ in range(25)):
        fork = make_fork(parent, {}, epoch=epoch)
        history = _content(fork)
        assert expected["rows"][: epoch + 2] == history["rows"]
        assert expected["curve"].startswith(history["curve"])
        assert expected["events"].startswith(history["events"])


def _is_act(event: Any) -> bool:
    return type(event).__name__ in ("SettingChanged", "BestRestored")


@pytest.mark.parametrize("name", ["l2", "learning_rate"])
def test_a_fork_with_a_change_is_the_run_that_had_it_at_that_step(name: str) -> None:
    # One step an epoch: a command acts between two epochs, or behind the step and before its losses.
    settings = Settings(**{**fields(SETTINGS), "batch_size": 60})
    parent = trained(new_run(settings))
    changed = trained(new_run(settings), {23: SetValue(name, 0.03)})
    event = next(
        e for e in map(decode_event, changed.events.read_bytes().splitlines()) if isinstance(e, SettingChanged)
    )
    assert event.step == event.epoch
    fork = trained(make_fork(parent, {name: 0.03}, epoch=event.epoch))
    assert _content(fork) == _content(changed)


def test_a_fork_says_where_it_comes_from_and_takes_another_optimizer() -> None:
    parent = trained(new_run(SETTINGS))
    fork = make_fork(parent, {"optimizer": "adam", "epochs": 70}, epoch=20, title="with adam")
    assert read_run_settings(fork).settings.epochs == 70
    before = _content(fork)
    info = describe_run(trained(fork))
    assert info is not None
    assert info.origin is not None
    assert (info.origin.run, info.origin.epoch, info.title) == (parent.name, 20, "with adam")
    assert info.settings is not None
    assert (info.settings.optimizer, info.settings.learning_rate) == ("adam", ADAM_RATE)
    assert _content(parent)["curve"].startswith(before["curve"])
    assert info.state == "finished"
    # A fork of the fork behind the change is exact; before it, the parent is the one to fork.
    again = trained(make_fork(fork, {}, epoch=33))
    assert _content(again) == _content(fork)
    with pytest.raises(L2tuiError, match=f"fork {parent.name}"):
        make_fork(fork, {}, epoch=10)


def test_a_run_without_kept_states_is_forked_from_its_start() -> None:
    parent = trained(new_run(SETTINGS), {7: SetValue("l2", 0.03)})
    for epoch in kept_epochs(parent):
        parent.state(epoch).unlink()
    parent.checkpoint.rename(parent.path / "elsewhere")
    seen: list[tuple[int, int]] = []
    fork = make_fork(parent, {}, epoch=40, on_progress=lambda done, of: seen.append((done, of)))
    (parent.path / "elsewhere").rename(parent.checkpoint)
    assert seen[-1] == (40, 40)
    assert _content(trained(fork)) == _content(parent)


def test_a_run_whose_numbers_come_out_otherwise_here_is_refused() -> None:
    parent = trained(new_run(SETTINGS))
    for epoch in kept_epochs(parent):
        parent.state(epoch).unlink()
    data = bytearray(parent.curve.read_bytes())
    data[16 * 30] ^= 1
    parent.curve.write_bytes(data)
    before = {info.name for info in list_runs()}
    with pytest.raises(L2tuiError, match="other losses"):
        make_fork(parent, {}, epoch=40)
    assert {info.name for info in list_runs()} == before
    assert not list(parent.path.parent.glob(".fork-*"))


def test_a_fork_that_would_train_nothing_names_its_own_end_and_not_the_parents() -> None:
    parent = trained(new_run(SETTINGS))
    with pytest.raises(L2tuiError, match="a fork at epoch 40 that ends at epoch 30 trains nothing; name more epochs"):
        make_fork(parent, {"epochs": 30}, epoch=40)
    with pytest.raises(L2tuiError, match="a fork at epoch 60 that ends at epoch 60 trains nothing; name more epochs"):
        make_fork(parent, {})


def test_a_parent_whose_events_have_lost_all_but_their_end_is_forked() -> None:
    parent = trained(new_run(SETTINGS))
    parent.events.write_bytes(encode_line(Finished(epoch=60, step=240, reason="overfitting")))
    assert make_fork(parent, {"epochs": 70}).events.read_bytes() == b""


def test_an_act_at_a_step_that_its_epoch_does_not_have_is_refused() -> None:
    parent = trained(new_run(SETTINGS))
    lines = parent.events.read_bytes().splitlines(keepends=True)
    act = SettingChanged(epoch=2, step=2**53, name="l2", old=0.0, new=0.1)
    parent.events.write_bytes(lines[0] + encode_line(act) + b"".join(lines[1:]))
    for state in parent.path.glob("state-*.npz"):
        state.unlink()
    with pytest.raises(L2tuiError, match="step 9007199254740992 is not in epoch 2"):
        make_fork(parent, {}, epoch=20)


def test_states_are_few_and_lie_evenly() -> None:
    parent = trained(new_run(Settings(**{**fields(SETTINGS), "epochs": 900})))
    kept = kept_epochs(parent)
    assert MOST_STATES // 2 <= len(kept) <= MOST_STATES
    assert max(np.diff([*kept, 900])) <= 2 * 900 // (MOST_STATES // 2)


def test_a_full_disk_keeps_no_states_and_ends_no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    replace = RunDirectory.replace

    def full(self: RunDirectory, file: Path, *arguments: Any, **options: Any) -> None:
        if file.name.startswith("state-"):
            raise OSError(28, "No space left on device", str(file))
        replace(self, file, *arguments, **options)

    monkeypatch.setattr(RunDirectory, "replace", full)
    parent = trained(new_run(SETTINGS))
    assert kept_epochs(parent) == []
    monkeypatch.undo()
    assert _content(trained(make_fork(parent, {}, epoch=31))) == _content(parent)


_WRITES = ("open", "mkdir", "rename", "fsync", "pwrite", "unlink")


def test_a_kill_at_any_write_leaves_no_half_run(tmp_path: Path) -> None:
    parent = trained(new_run(SETTINGS))
    before = {info.name for info in list_runs()}
    target = tmp_path / "fork"
    make_fork(parent, {}, epoch=40, path=tmp_path / "whole")
    killed = 0
    while _dies_after(killed, lambda: make_fork(parent, {"l2": 0.1}, epoch=40, path=target)):
        killed += 1
        assert {info.name for info in list_runs()} == before
        assert {info.name for info in list_runs(tmp_path)} <= {"whole", "fork"}
        if target.exists():
            # Only the last write, behind the rename, leaves the fork, and then all of it.
            assert _content(target_run := RunDirectory(target))["rows"][-1][0] == "40"
            assert read_run_settings(target_run).origin is not None
            break
    assert killed > 10
    # What was left behind is hidden, and goes with time.
    for left in tmp_path.glob(".fork-*"):
        os.utime(left, (0, 0))
    make_fork(parent, {}, epoch=40, path=tmp_path / "last")
    assert not list(tmp_path.glob(".fork-*"))


def _dies_after(count: int, act: Callable[[], object]) -> bool:
    """Does something in a process that is killed after so many writes; returns whether it was."""
    child = os.fork()
    if child == 0:
        try:
            left = [count]

            def deadly(call: Callable[..., Any]) -> Callable[..., Any]:
                def replaced(*arguments: Any, **options: Any) -> Any:
                    result = call(*arguments, **options)
                    left[0] -= 1
                    if left[0] < 0:
                        os.kill(os.getpid(), signal.SIGKILL)
                    return result

                return replaced

            for name in _WRITES:
                setattr(os, name, deadly(getattr(os, name)))
            act()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_the_command_forks_and_trains(tmp_path: Path) -> None:
    parent = trained(new_run(SETTINGS))
    arguments = ("fork", parent.name, "--epoch", "20", "--l2", "0.1", "--run-dir", str(tmp_path / "fork"), "--json")
    done = subprocess.run([sys.executable, "-m", "l2tui", *arguments], capture_output=True, timeout=120, check=True)
    said = json.loads(done.stdout)
    assert (said["parent"], said["fork_epoch"], said["epochs"]) == (parent.name, 20, SETTINGS.epochs)
    assert b'"l2":0.1' in read_plain(RunDirectory(tmp_path / "fork").status)
    wrong = subprocess.run([sys.executable, "-m", "l2tui", "fork", parent.name, "--epoch", "99"], capture_output=True)
    assert wrong.returncode == 1
    assert b"epoch 99 is none of them" in wrong.stderr


def test_a_name_that_is_taken_is_not_the_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    parent = trained(new_run(SETTINGS))
    names = iter([parent.path, parent.path, parent.path.with_name("free")])
    monkeypatch.setattr("l2tui.worker.fork.free_name", lambda data, now: next(names))
    assert make_fork(parent, {}, epoch=30).path == parent.path.with_name("free")
    assert sorted(path.name for path in parent.path.parent.iterdir()) == sorted([parent.name, "free"])


def test_a_name_that_is_taken_at_the_last_moment_is_not_the_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    parent = trained(new_run(SETTINGS))
    names = iter([parent.path, parent.path.with_name("free")])
    monkeypatch.setattr("l2tui.worker.fork.free_name", lambda data, now: next(names))
    # As where another process makes its run between the look and the renaming.
    monkeypatch.setattr(os.path, "lexists", lambda path: False)
    assert make_fork(parent, {}, epoch=30).path == parent.path.with_name("free")
