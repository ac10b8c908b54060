import subprocess
import sys


def test_garbage_is_collected_again_after_the_start() -> None:
    code = (
        "import gc, weakref\n"
        "from l2tui.tui.collector import pause_collector, resume_collector\n"
        "class Ring: pass\n"
        "pause_collector()\n"
        "assert not gc.isenabled()\n"
        "resume_collector()\n"
        "assert gc.isenabled() and gc.get_freeze_count() > 0\n"
        "ring = Ring(); ring.ring = ring; gone = weakref.ref(ring); del ring\n"
        "gc.collect()\n"
        "assert gone() is None\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_collector_that_works_is_left_alone() -> None:
    code = (
        "import gc\n"
        "from l2tui.tui.collector import resume_collector\n"
        "resume_collector()\n"
        "assert gc.isenabled() and gc.get_freeze_count() == 0\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
