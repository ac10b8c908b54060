"""Runs a command line in a pseudo-terminal and does with the app what a newcomer does: start, watch, quit."""

import re
import sys
import time

import pexpect
import pyte

SECONDS = 300


def main() -> None:
    child = pexpect.spawn("bash", ["-c", sys.argv[1]], dimensions=(24, 80), timeout=1, env=None)
    screen = pyte.Screen(80, 24)
    stream = pyte.ByteStream(screen)

    def wait_for(text: str) -> None:
        deadline = time.monotonic() + SECONDS
        while text not in "\n".join(screen.display):
            if time.monotonic() > deadline or not child.isalive():
                sys.exit(f"{text!r} did not appear:\n" + "\n".join(screen.display))
            try:
                # pyte does not know these private sequences.
                stream.feed(re.sub(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]", b"", child.read_nonblocking(65536, 0.2)))
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                break
        print(f"saw {text!r}")

    wait_for("Settings")
    child.send(" ")
    wait_for("running")
    wait_for("Overfitting since")
    child.send("q")
    wait_for("stop it")
    child.send("s")
    child.expect(pexpect.EOF, timeout=30)
    child.close()
    print(f"exit status {child.exitstatus}")
    sys.exit(child.exitstatus)


if __name__ == "__main__":
    main()
