import subprocess
import sys
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
    SetValue,
    Snapshot,
    Stop,
    decode_command,
    encode_line,
)
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
    Snapshot(),
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
