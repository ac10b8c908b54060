"""The list of runs, and finding the one that is meant."""

from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from l2tui.errors import RunError
from l2tui.runs.creation import create_run
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import RunSettings, Status
from l2tui.runs.info import Note
from l2tui.runs.listing import delete_run, describe_run, find_run, list_runs, newest_live_run, write_note
from l2tui.runs.recorder import write_run_settings
from l2tui.settings import Settings


def _run(
    root: Path,
    name: str,
    *,
    state: str | None = "finished",
    created: str = "2024-05-01T12:00:00+02:00",
    epochs: int = 7,
) -> RunDirectory:
    run = RunDirectory(root / name)
    run.path.mkdir(parents=True)
    write_run_settings(run, RunSettings(settings=Settings(), created=created, versions={}))
    if state is not None:
        status = Status(state=state, pid=1, heartbeat=0.0, settings=Settings(l2=0.5, epochs=epochs), epoch=7)
        run.status.write_bytes(msgspec.json.encode(status))
    return run


def test_newest_first_and_only_runs(runs_root: Path) -> None:
    for name in ("20240101-000000-moons-aaaa", "20250101-000000-wine-bbbb"):
        _run(runs_root, name)
    (runs_root / "not-a-run").mkdir()
    (runs_root / "a-file").write_text("")
    assert [info.name[:4] for info in list_runs()] == ["2025", "2024"]
    assert list_runs(runs_root / "missing") == []


def test_the_state_is_that_of_the_lock_before_that_of_the_status(runs_root: Path) -> None:
    run = _run(runs_root, "a", state="running")
    info = describe_run(run)
    assert info is not None
    assert (info.state, info.l2, info.epoch) == ("interrupted", 0.5, 7)
    with run.locked():
        live = describe_run(run)
        assert live is not None
        assert live.state == "running"
        found = newest_live_run()
        assert found is not None
        assert found.path == run.path
    assert newest_live_run() is None
    for state in ("finished", "failed", "diverged"):
        ended = describe_run(_run(runs_root, state, state=state))
        assert ended is not None
        assert ended.state == state
    stopped = describe_run(_run(runs_root, "stopped", epochs=8))
    assert stopped is not None
    assert stopped.state == "stopped"


def test_damaged_and_foreign_directories_say_so(runs_root: Path) -> None:
    run = _run(runs_root, "a")
    run.settings.write_text("{")
    (info,) = list_runs()
    assert info.state == "unreadable"
    assert info.reason
    other = _run(runs_root, "b")
    other.status.write_text("not json")
    described = describe_run(other)
    assert described is not None
    assert described.state == "interrupted"


def test_a_run_is_found_by_path_name_title_or_an_unambiguous_part(runs_root: Path) -> None:
    a, b = _run(runs_root, "20240101-moons-aaaa"), _run(runs_root, "20240102-moons-bbbb")
    write_note(a, Note(title="the good one"))
    for text in (str(a.path), "20240101-moons-aaaa", "aaaa", "AAAA", "the good one", "good"):
        assert find_run(text).path == a.path
    assert find_run("bbbb").path == b.path
    with pytest.raises(RunError, match="2 runs are named like that"):
        find_run("moons")
    with pytest.raises(RunError, match="`l2tui runs` lists them"):
        find_run("nothing")


def test_notes_are_kept_and_damaged_ones_are_empty(runs_root: Path) -> None:
    run = _run(runs_root, "a")
    write_note(run, Note("x", "y [red] \x1b[31m"))
    info = describe_run(run)
    assert info is not None
    assert (info.title, info.note) == ("x", "y [red] \x1b[31m")
    run.note.write_text("}")
    info = describe_run(run)
    assert info is not None
    assert info.title == ""


def test_deleting_takes_runs_only_and_none_that_trains(runs_root: Path) -> None:
    run = _run(runs_root, "a")
    with run.locked(), pytest.raises(RunError, match="training it already"):
        delete_run(run)
    assert run.path.exists()
    delete_run(run)
    assert not run.path.exists()
    elsewhere = runs_root / "mine"
    elsewhere.mkdir()
    (elsewhere / "thesis.txt").write_text("all of it")
    with pytest.raises(RunError, match="not a run"):
        delete_run(RunDirectory(elsewhere))
    assert (elsewhere / "thesis.txt").exists()


def test_age(runs_root: Path) -> None:
    info = describe_run(_run(runs_root, "a", created="2024-05-01T12:00:00+02:00"))
    assert info is not None
    now = datetime.fromisoformat("2024-05-02T10:00:00+00:00")
    assert info.age_seconds(now) == timedelta(days=1).total_seconds()
    unknown = describe_run(_run(runs_root, "b", created="yesterday"))
    assert unknown is not None
    assert unknown.age_seconds(now) is None


def test_two_thousand_runs_of_one_second_have_names_of_their_own(runs_root: Path) -> None:
    for _ in range(2000):
        run = create_run("moons", now=datetime(2024, 5, 1))
        write_run_settings(run, RunSettings(settings=Settings(), created="2024-05-01T12:00:00+02:00", versions={}))
    assert len(list_runs()) == 2000


def _sweep(root: Path, name: str, **status: object) -> RunDirectory:
    run = RunDirectory(root / name)
    run.path.mkdir(parents=True)
    plan = {"settings": msgspec.to_builtins(Settings(data="wine")), "l2": [0.0, 1e-3, 1e-2], "created": "2024-05-01"}
    run.sweep.write_bytes(msgspec.json.encode({**plan, "repeats": 1}))
    if status:
        run.status.write_bytes(msgspec.json.encode({"pid": 1, "heartbeat": 0.0, **status}))
    return run


def test_a_sweep_is_one_line_with_what_it_has_found(runs_root: Path) -> None:
    _sweep(runs_root, "a", state="finished", share=1.0, best_l2=1e-3, loss=0.25, verdict="helps", sentence="It does.")
    _sweep(runs_root, "b", state="running", share=0.4)
    _sweep(runs_root, "c")
    c, b, a = list_runs()
    assert (a.state, a.grid, a.data, a.l2, a.final_val_loss, a.reason) == (
        "finished",
        3,
        "wine",
        1e-3,
        0.25,
        "It does.",
    )
    # Nobody trains them.
    assert (b.state, b.share, c.state) == ("interrupted", 0.4, "interrupted")
    with RunDirectory(runs_root / "b").locked():
        assert list_runs()[1].state == "running"
        live = newest_live_run()
        assert live is not None
        assert live.name == "b"


def test_a_sweep_is_found_where_it_may_be_and_named_where_not(runs_root: Path) -> None:
    sweep = _sweep(runs_root, "20240101-sweep-moons-aaaa", state="finished")
    assert find_run("aaaa", sweeps=True).path == sweep.path
    for text in ("aaaa", str(sweep.path)):
        with pytest.raises(RunError, match="is a sweep, not a run"):
            find_run(text)
    delete_run(sweep)
    assert not sweep.path.exists()


def test_a_damaged_sweep_says_so(runs_root: Path) -> None:
    _sweep(runs_root, "a").sweep.write_text("{")
    (info,) = list_runs()
    assert info.state == "unreadable"
