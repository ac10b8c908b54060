"""`l2tui export RUN npz|onnx|recipe`: a run's best weights for other programs, or what its λ is there."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from l2tui.cli.parser import Parser
from l2tui.cli.printing import print_json, print_text
from l2tui.runs.listing import find_run
from l2tui.view.plain import printable
from l2tui.worker.control import have_best_written

if TYPE_CHECKING:
    from l2tui.results.trained import Trained

_SUFFIXES = {"npz": ".npz", "onnx": ".onnx", "recipe": ".md"}


def make_parser() -> Parser:
    """Returns the parser of the command's arguments."""
    parser = Parser(
        prog="l2tui export",
        description="Write a run's best weights as a NumPy archive (npz) or as the whole network in ONNX (onnx); or "
        "write down what its λ is in Keras, PyTorch, optax and scikit-learn, as lines that are ready to use (recipe).",
    )
    parser.add_argument("run", metavar="RUN", help="name, part of a name, or path")
    parser.add_argument("what", choices=tuple(_SUFFIXES), help="what to write")
    parser.add_argument("--out", metavar="FILE", type=Path, help="where to; by default here, named like the run")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output: path and text")
    return parser


def run(arguments: Sequence[str]) -> int:
    """Exports; returns the exit status."""
    options = make_parser().parse_args(arguments)
    chosen = find_run(options.run)
    have_best_written(chosen)
    from l2tui.results.trained import load_trained

    trained = load_trained(chosen)
    path = options.out or Path(trained.name + _SUFFIXES[options.what])
    text = _write(trained, options.what, path)
    if options.json:
        print_json({"path": str(path.absolute()), "text": text})
    else:
        print_text(f"{printable(str(path))}: {_summary(trained, options.what)}")
    return 0


def _write(trained: "Trained", what: str, path: Path) -> str:
    """Writes the file and returns what there is to read: the recipe itself, or a line about the weights."""
    if what == "npz":
        from l2tui.results.npz import export_npz

        export_npz(trained, path)
    elif what == "onnx":
        from l2tui.results.onnx_model import export_onnx

        export_onnx(trained, path)
    else:
        from l2tui.files import write_file
        from l2tui.results.recipes.text import recipe_text

        recipe = recipe_text(trained)
        write_file(path, lambda file: file.write(recipe.encode()))
        return recipe
    return _summary(trained, what)


def _summary(trained: "Trained", what: str) -> str:
    if what == "recipe":
        return f"λ {trained.l2:g} in Keras, PyTorch, optax and scikit-learn"
    n_in, hidden = trained.weights.W1.shape
    network = f"{n_in} - {hidden} - {trained.weights.W2.shape[1]}"
    return f"the best weights, of epoch {trained.epoch} at λ {trained.l2:g}; network {network}"
