"""Files of a directory that somebody else may have prepared, on a disk that may be full."""

import os
import resource
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from l2tui.errors import DataError, RunError
from l2tui.files import make_directory, open_plain, read_plain, replace_file, write_file
from l2tui.runs.creation import create_run
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import Pause, Stop
from l2tui.runs.listing import delete_run, find_run, list_runs
from l2tui.settings import Settings
from l2tui.worker.control import Inbox, send
from l2tui.worker.launch import new_run, start_worker
from l2tui.worker.work import work

Make = Callable[[Path, Path], None]


def _link(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


def _hard_link(path: Path, outside: Path) -> None:
    path.hardlink_to(outside)


def _fifo(path: Path, outside: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path, outside: Path) -> None:
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(os.path.relpath(path))


ODD = pytest.mark.parametrize("make", [_link, _fifo, _socket])
FILES = (
    "lock",
    "status.json",
    "settings.json",
    "events.jsonl",
    "metrics.csv",
    "control.jsonl",
    "worker.log",
    "note.json",
)


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Lets no file grow beyond a size, as a disk that is full."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """A file outside that nobody may touch."""
    path = tmp_path / "outside.txt"
    path.write_text("precious")
    yield path
    assert path.read_text() == "precious"


@pytest.mark.parametrize("make", [_link, _hard_link, _fifo, _socket])
@pytest.mark.parametrize("flags", [os.O_WRONLY | os.O_CREAT | os.O_TRUNC, os.O_RDWR | os.O_CREAT | os.O_APPEND])
def test_only_a_plain_file_is_written_to(
    tmp_path: Path, outside: Path, make: Make, flags: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "file", outside)
    if make is _hard_link:
        flags &= ~os.O_TRUNC
    with pytest.raises(OSError, match=r"link|plain"):
        open_plain(tmp_path / "file", flags)


@ODD
@pytest.mark.parametrize("name", FILES)
def test_a_run_that_holds_anything_odd_is_refused_by_name_and_hides_no_other(
    runs_root: Path, outside: Path, make: Make, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = new_run(Settings(epochs=1)), new_run(Settings(epochs=1))
    path = bad.path / name
    path.unlink(missing_ok=True)
    monkeypatch.chdir(bad.path)
    make(path, outside)
    listed = {info.name: info for info in list_runs()}
    assert listed[good.name].state == "interrupted"
    assert listed[bad.name].state == "unreadable"
    assert "plain" in listed[bad.name].reason or "link" in listed[bad.name].reason
    for use in (work, start_worker, delete_run, lambda run: find_run(str(run.path))):
        with pytest.raises(RunError, match=f"{name}.*(link|plain)"):
            use(bad)
    with pytest.raises((RunError, OSError)):
        os.close(bad.open(path, os.O_RDWR | os.O_CREAT))


def test_deleting_a_run_that_is_a_link_leaves_its_target(runs_root: Path, tmp_path: Path) -> None:
    run = new_run(Settings(), path=tmp_path / "elsewhere")
    link = runs_root / "link"
    runs_root.mkdir()
    link.symlink_to(run.path)
    with pytest.raises(RunError, match="link"):
        delete_run(RunDirectory(link))
    assert run.settings.exists()


@pytest.mark.parametrize("name", ["settings.json", "status.json", "note.json", "reveals.jsonl"])
@pytest.mark.parametrize("content", [b"[" * 200_000, b'{"a":' * 200_000, b'{"title":"\xff"}', b"\xff" * 100])
def test_what_cannot_be_decoded_is_a_line_with_a_word(runs_root: Path, name: str, content: bytes) -> None:
    good, bad = new_run(Settings()), new_run(Settings())
    (bad.path / name).write_bytes(content)
    assert {good.name, bad.name} == {info.name for info in list_runs()}


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(OSError, match="larger"):
        read_plain(path)


def test_a_draft_follows_no_link_and_overwrites_nothing(tmp_path: Path, outside: Path) -> None:
    for suffix in (".tmp", f".{os.getpid()}.tmp"):
        (tmp_path / f"file{suffix}").symlink_to(outside)
        (tmp_path / f".file{suffix}").symlink_to(outside)
    (tmp_path / "file").symlink_to(outside)
    replace_file(tmp_path / "file", b"new")
    assert not (tmp_path / "file").is_symlink()
    assert read_plain(tmp_path / "file") == b"new"
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600


@pytest.mark.parametrize("durable", [False, True])
def test_a_write_without_room_leaves_the_old_content_and_no_draft(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "file"
    replace_file(path, b"old")
    with room_for(100), pytest.raises(OSError, match="too large"):
        replace_file(path, b"x" * 101, durable=durable)
    with room_for(100), pytest.raises(DataError, match="too large"):
        write_file(path, lambda file: file.write(b"x" * 100_000))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_directory_that_is_held_stays_the_same_one(tmp_path: Path) -> None:
    run = create_run("moons", path=tmp_path / "run")
    with run.locked() as held:
        run.path.rename(tmp_path / "moved")
        run.path.mkdir()
        assert not held.is_in_place()
        held.replace(held.note, b"note")
    assert (tmp_path / "moved" / "note.json").read_bytes() == b"note"
    assert not list(run.path.iterdir())


def test_whatever_the_umask_is_directories_belong_to_their_owner_alone(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; os.umask(0)\n"
        "from l2tui.settings import Settings; from l2tui.worker.launch import new_run, start_worker\n"
        "raise SystemExit(start_worker(new_run(Settings(epochs=3), path=Path(sys.argv[1]))).wait())"
    )
    run = tmp_path / "a" / "b" / "run"
    subprocess.run([sys.executable, "-c", code, str(run)], check=True, timeout=60)
    made = [tmp_path / "a", *(tmp_path / "a").rglob("*")]
    assert len(made) > 8
    for path in made:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_directory_is_made_once_whoever_else_makes_it(tmp_path: Path) -> None:
    make_directory(tmp_path / "a" / "b")
    make_directory(tmp_path / "a" / "b")
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="exists"):
        make_directory(tmp_path / "file")


def test_of_several_starts_one_has_the_directory(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from l2tui.errors import RunError; from l2tui.settings import Settings\n"
        "from l2tui.worker.launch import new_run\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "for i in range(40):\n"
        "    try: new_run(Settings(seed=int(sys.argv[2])), path=Path(sys.argv[1], str(i))); print(i)\n"
        "    except RunError as error: assert 'holds files already' in str(error), error\n"
    )
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path), str(seed)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for seed in range(3)
    ]
    for start in starts:
        assert start.stdout is not None
        assert start.stdout.readline() == b"ready\n"
    for start in starts:
        assert start.stdin is not None
        start.stdin.write(b"\n")
        start.stdin.flush()
    taken = [line for start in starts for line in start.communicate(timeout=60)[0].split()]
    assert [start.returncode for start in starts] == [0, 0, 0]
    assert sorted(map(int, taken)) == list(range(40))


def test_a_command_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    run, inbox = RunDirectory(tmp_path), Inbox(RunDirectory(tmp_path))
    send(run, Pause())
    before = run.control.read_bytes()
    for room in range(len(before), len(before) + 8):
        with room_for(room), pytest.raises(RunError, match=r"control\.jsonl: cannot be written"):
            send(run, Pause())
        assert run.control.read_bytes() == before
    send(run, Stop())
    inbox.look()
    assert list(inbox) == [Pause(), Stop()]


def test_a_torn_command_does_not_swallow_the_next(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    run.control.write_bytes(b'{"command": "pa')
    send(run, Stop())
    inbox = Inbox(run)
    inbox.look()
    assert list(inbox) == [Stop()]
