"""`--fail-on`: an exit status for scripts and pipelines, by the verdict."""

import argparse
import typing
from collections.abc import Sequence

from l2tui.errors import did_you_mean
from l2tui.overfitting.standing import Verdict
from l2tui.overfitting.verdict import Assessment

EXIT_GATE = 4
_VERDICTS = typing.get_args(Verdict)


def add_gate_option(
    parser: argparse.ArgumentParser,
    verdicts: Sequence[str] = _VERDICTS,
    example: str = "overfitting,diverged",
) -> None:
    """Adds the option, whose value is then a tuple of verdicts.

    Args:
        parser: Where it goes.
        verdicts: Those that there are.
        example: Two of them, for the help.
    """

    def parsed(text: str) -> tuple[str, ...]:
        names = tuple(name.strip().replace("-", "_") for name in text.split(",") if name.strip())
        for name in names:
            if name not in verdicts:
                near = did_you_mean(name, verdicts, f"there are {', '.join(verdicts)}")
                raise argparse.ArgumentTypeError(f"no verdict {name!r}; {near}")
        return names

    help_text = f"exit with 4 where the verdict is one of these, such as {example}"
    parser.add_argument("--fail-on", metavar="A,B", type=parsed, default=(), help=help_text)


def gate(fail_on: tuple[str, ...], assessment: Assessment | None) -> int:
    """Returns the exit status that a verdict leads to. The mark of overfitting counts as the verdict does.

    Args:
        fail_on: Verdicts that fail.
        assessment: What was found, None where there is nothing to judge.
    """
    if assessment is None:
        return 0
    marked = assessment.onset_epoch is not None and "overfitting" in fail_on
    held = assessment.verdict in fail_on and assessment.until is None
    return EXIT_GATE if held or marked else 0
