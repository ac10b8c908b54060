import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from l2tui.errors import RunError
from l2tui.runs.directory import RunDirectory
from l2tui.runs.events import (
    Advance,
    AnyCommand,
    Pause,
    RestoreBest,
    Resume,
    SaveWeights,
    SetValue,
    ShowPicture,
    Stop,
    decode_command,
    encode_line,
)
from l2tui.runs.pictures import PictureRequest
from l2tui.worker.control import Inbox, send

COMMANDS: list[AnyCommand] = [
    Pause(),
    Resume(),
    Advance(steps=3),
    Advance(epoch=True),
    SetValue("l2", 1e-3),
    SetValue("pace", None),
    SetValue("criterion", "pq"),
    RestoreBest(),
    SaveWeights(),
    ShowPicture(PictureRequest(kind="field", moment="best", columns=48, rows=24)),
    ShowPicture(PictureRequest(kind="weights", moment=120), 3.0),
    Stop(),
]


def taken(inbox: Inbox) -> list[AnyCommand]:
    inbox.look()
    return list(inbox)


def test_commands_arrive_once_and_in_order(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    inbox = Inbox(run)
    assert taken(inbox) == []
    for command in COMMANDS:
        send(run, command)
    assert taken(inbox) == COMMANDS
    assert taken(inbox) == []
    send(run, Stop())
    assert taken(inbox) == [Stop()]
    assert inbox.position == run.control.stat().st_size
    assert run.control.stat().st_mode & 0o777 == 0o600
    assert taken(Inbox(run, inbox.position)) == []
    assert taken(Inbox(run)) == [*COMMANDS, Stop()]


def test_a_torn_command_waits_for_its_end(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    inbox = Inbox(run)
    whole = b"".join(map(encode_line, COMMANDS))
    got = []
    for index in range(len(whole)):
        with run.control.open("ab") as file:
            file.write(whole[index : index + 1])
        got += taken(inbox)
        assert got == COMMANDS[: whole[: index + 1].count(b"\n")]
    assert got == COMMANDS


@pytest.mark.parametrize(
    "garbage", [b"", b"pause", b"{}", b'{"command": "explode"}', b'{"command": "set"}', b"[]", b"\xff\x00", b"null"]
)
def test_garbage_is_passed_over_with_a_word_in_the_log(
    tmp_path: Path, garbage: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    run = RunDirectory(tmp_path)
    run.control.write_bytes(encode_line(Pause()) + garbage + b"\n" + encode_line(Stop()))
    assert taken(Inbox(run)) == [Pause(), Stop()]
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_commands_of_several_writers_never_mix(
    tmp_path: Path, reap: Callable[[subprocess.Popen[bytes]], subprocess.Popen[bytes]]
) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from l2tui.runs.directory import RunDirectory; from l2tui.runs.events import SetValue\n"
        "from l2tui.worker.control import send\n"
        "for i in range(300): send(RunDirectory(Path(sys.argv[1])), SetValue(sys.argv[2] * 40, i))"
    )
    run = RunDirectory(tmp_path)
    writers = [
        reap(subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name], stdin=subprocess.DEVNULL))
        for name in "abc"
    ]
    inbox, got = Inbox(run), []
    while any(writer.poll() is None for writer in writers):
        got += taken(inbox)
    got += taken(inbox)
    for name in "abc":
        assert [c.value for c in got if isinstance(c, SetValue) and c.name == name * 40] == list(range(300))
    assert len(got) == 900


def test_a_run_that_is_not_there_takes_no_command(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot be written: No such file"):
        send(RunDirectory(tmp_path / "missing"), Pause())


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_one_line_that_reads_back(command: AnyCommand) -> None:
    line = encode_line(command)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode_command(line) == command


def first(run: RunDirectory, *commands: AnyCommand) -> Inbox:
    """An inbox whose commands have acted."""
    inbox = Inbox(run)
    for command in commands:
        send(run, command)
    assert taken(inbox) == list(commands)
    assert inbox.notice == ""
    return inbox


@pytest.mark.parametrize("how", ["emptied", "deleted", "replaced", "rewritten"])
def test_commands_in_a_file_that_is_another_act_and_that_is_said(
    tmp_path: Path, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = RunDirectory(tmp_path)
    inbox = first(run, *COMMANDS)
    match how:
        case "emptied":
            run.control.write_bytes(b"")
        case "deleted":
            run.control.unlink()
        case "replaced":
            (tmp_path / "other").write_bytes(b"".join(map(encode_line, [Stop(), *COMMANDS, Pause()])))
            (tmp_path / "other").replace(run.control)
        case "rewritten":
            run.control.write_bytes(b"".join(map(encode_line, [Stop(), *COMMANDS, Pause()])))
    inbox.look()
    assert "control.jsonl was" in inbox.notice or how == "emptied"
    new = [Stop(), *COMMANDS, Pause()] if how in ("replaced", "rewritten") else []
    assert list(inbox) == new
    send(run, SetValue("l2", 0.5))
    assert taken(inbox) == [SetValue("l2", 0.5)]
    assert "control.jsonl was" in inbox.notice
    assert inbox.position == run.control.stat().st_size
    assert taken(Inbox(run, inbox.position)) == []
    assert capsys.readouterr().out == ""


def test_a_copy_in_place_of_the_file_repeats_nothing(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    inbox = first(run, *COMMANDS)
    (tmp_path / "copy").write_bytes(run.control.read_bytes() + encode_line(Pause()))
    (tmp_path / "copy").replace(run.control)
    assert taken(inbox) == [Pause()]
    assert inbox.notice == ""


def test_what_is_left_of_a_file_that_was_cut_does_not_act_again(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    inbox = first(run, *COMMANDS)
    run.control.write_bytes(b"".join(map(encode_line, COMMANDS[:4])))
    assert taken(inbox) == []
    assert "was cut" in inbox.notice
    send(run, Stop())
    assert taken(inbox) == [Stop()]


def test_a_file_that_was_made_anew_before_a_worker_took_over_is_read_from_its_start(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    position = first(run, *COMMANDS).position
    run.control.unlink()
    send(run, SetValue("l2", 0.5))
    inbox = Inbox(run, position)
    assert taken(inbox) == [SetValue("l2", 0.5)]
    assert "was replaced" in inbox.notice


def test_the_position_is_behind_the_command_that_acts_and_no_further(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    ends = []
    for command in COMMANDS:
        send(run, command)
        ends.append(run.control.stat().st_size)
    inbox = Inbox(run)
    inbox.look()
    assert inbox.position == 0
    assert [inbox.position for _ in inbox] == ends
    for index, end in enumerate(ends):
        assert taken(Inbox(run, end)) == COMMANDS[index + 1 :]


@pytest.mark.parametrize("tail", [b"", encode_line(Stop())[:-1]], ids=["of nothing", "that ends like a command"])
@pytest.mark.parametrize("mebibytes", [24, pytest.param(4096, marks=pytest.mark.slow)])
def test_a_line_of_gigabytes_is_refused_once_and_read_in_bounded_pieces(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mebibytes: int, tail: bytes
) -> None:
    run = RunDirectory(tmp_path)
    send(run, SaveWeights())
    begins = run.control.stat().st_size
    with run.control.open("r+b") as file:
        # A whole number of looks, so that what ends like a command is alone in the last of them.
        file.truncate(begins + (mebibytes << 20))
        file.seek(0, os.SEEK_END)
        file.write(tail + b"\n" + encode_line(Pause()))
    tracemalloc.start()
    inbox, got = Inbox(run), []
    for look in range(mebibytes + 4):
        got += taken(inbox)
        if look == mebibytes // 2:
            assert inbox.position == begins
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert got == [SaveWeights(), Pause()]
    assert inbox.position == run.control.stat().st_size
    assert most < 16 << 20
    (said,) = capsys.readouterr().out.splitlines()
    assert said.startswith("ignored a line of more than 1,048,576 bytes")


def test_a_line_without_end_is_passed_over_in_bounded_memory(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    run.control.write_bytes(b"x" * 5_000_000 + b"\n" + encode_line(Pause()))
    inbox, got = Inbox(run), []
    for _ in range(6):
        got += taken(inbox)
    assert got == [Pause()]
