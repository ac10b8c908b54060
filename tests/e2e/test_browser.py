"""The app as textual-serve starts it: without a terminal, with packets on standard input and output."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pyte

DRIVER = "textual.drivers.web_driver:WebDriver"
SECONDS = 30.0


def _packet(kind: bytes, payload: bytes) -> bytes:
    return kind + len(payload).to_bytes(4, "big") + payload


def _screen(stream: pyte.ByteStream, screen: pyte.Screen, data: bytes) -> tuple[str, bytes]:
    """Feeds the whole packets in some bytes; returns the text on the screen and the bytes that are left."""
    while len(data) >= 5 and len(data) >= 5 + (size := int.from_bytes(data[1:5], "big")):
        assert data[:1] in b"DM"
        if data[:1] == b"D":
            stream.feed(data[5 : 5 + size])
        data = data[5 + size :]
    return "\n".join(screen.display), data


def test_a_browser_shows_the_app_takes_keys_and_ends_it(tmp_path: Path) -> None:
    environment = {**os.environ, "TEXTUAL_DRIVER": DRIVER, "COLUMNS": "100", "ROWS": "30", "TERM": "dumb"}
    screen = pyte.Screen(100, 30)
    stream = pyte.ByteStream(screen)
    process = subprocess.Popen(
        [sys.executable, "-m", "l2tui", "moons", "--epochs", "50"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    rest = b""
    met = False

    def shown(words: str) -> bool:
        nonlocal rest, met
        rest += process.stdout.read() or b"" if process.stdout is not None else b""
        if not met:
            met = b"__GANGLION__\n" in rest
            rest = rest.partition(b"__GANGLION__\n")[2] if met else rest
        text, rest = _screen(stream, screen, rest) if met else ("", rest)
        return words in text

    def send(kind: bytes, payload: bytes) -> None:
        assert process.stdin is not None
        process.stdin.write(_packet(kind, payload))
        process.stdin.flush()

    def wait(words: str) -> None:
        deadline = time.monotonic() + SECONDS
        while not shown(words):
            assert time.monotonic() < deadline, f"{words!r} not within {SECONDS} s on {screen.display}"
            time.sleep(0.02)

    try:
        wait("moons")
        send(b"D", b" ")
        wait("epoch 50/50")
        send(b"M", json.dumps({"type": "quit"}).encode())
        assert process.wait(SECONDS) == 0
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
