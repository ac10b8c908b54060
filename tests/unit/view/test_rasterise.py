import subprocess
import sys


def test_plotext_comes_without_its_help_pages_and_leaves_no_stand_in() -> None:
    code = (
        "import sys\n"
        "from l2tui.view.chart.rasterise import rasterise\n"
        "assert not [name for name in sys.modules if name.startswith('plotext._doc')]\n"
        "import plotext._doc.doc\n"
        "print(len(plotext._doc.doc.docs.__dict__) > 0, rasterise.__module__)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["True", "l2tui.view.chart.rasterise"]
