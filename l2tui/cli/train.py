"""`l2tui train DATA`: the same engine without a screen."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from l2tui.cli import EXIT_DIVERGED
from l2tui.cli.ending import CaughtSignals
from l2tui.cli.gate import add_gate_option, gate
from l2tui.cli.looking import look_aloud
from l2tui.cli.options import add_setting_options, add_table_options, gather_settings, parse, table_choice
from l2tui.cli.parser import Parser
from l2tui.cli.printing import print_json
from l2tui.runs.directory import RunDirectory
from l2tui.runs.stored import read_run_settings
from l2tui.settings import SETTING_INFO, parse_value

if TYPE_CHECKING:
    from l2tui.worker.work import Outcome


def run(arguments: Sequence[str]) -> int:
    """Trains; returns the exit status."""
    parser = make_parser()
    options = parse(parser, arguments)
    os.umask(0o077)
    run_directory, epochs = (_resumed if options.resume else _created)(parser, options)
    return train_run(run_directory, epochs, json=options.json, fail_on=options.fail_on)


def train_run(
    run_directory: RunDirectory, epochs: int | None, *, json: bool, fail_on: Any, more: Mapping[str, Any] | None = None
) -> int:
    """Trains a run to its end and reports the result; returns the exit status.

    Args:
        run_directory: The run.
        epochs: Epochs to train to, instead of those in the settings.
        json: Whether to print JSON.
        fail_on: Verdicts that count as failure, as `gate` takes them.
        more: What the JSON says besides.
    """
    from l2tui.worker.manners import thread_environment

    settings = read_run_settings(run_directory).settings
    total = epochs or settings.epochs
    os.environ.update(thread_environment(settings.blas_threads, os.environ))

    from l2tui.cli.progress import progress_for
    from l2tui.overfitting.verdict import assess
    from l2tui.worker.work import work

    caught = CaughtSignals()
    with progress_for(sys.stderr, total) as progress:
        outcome = work(run_directory, epochs=epochs, on_session=caught.end, on_epoch=progress)
    if json:
        print_json({**summary(run_directory, outcome), **(more or {})})
    else:
        print("\n".join(_report(run_directory, outcome)))
    if caught.number:
        return 128 + caught.number
    assessment = assess(outcome.trainer.watch, outcome.trainer.settings.l2, outcome.known, ended=True)
    return gate(fail_on, assessment) or (EXIT_DIVERGED if outcome.trainer.diverged else 0)


def _created(parser: argparse.ArgumentParser, options: argparse.Namespace) -> tuple[RunDirectory, int | None]:
    from l2tui.worker.launch import new_run

    settings = gather_settings(options, default_data=None, look=look_aloud)
    if settings is None:
        parser.error("DATA is missing")
    return new_run(settings, path=options.run_dir), None


def _resumed(parser: argparse.ArgumentParser, options: argparse.Namespace) -> tuple[RunDirectory, int | None]:
    from l2tui.runs.listing import find_run

    given = [name for name in SETTING_INFO if name != "epochs" and getattr(options, name) is not None]
    if given or options.config or options.run_dir or table_choice(options) is not None:
        parser.error("--resume keeps the run's own settings; only --epochs can be changed")
    run_directory = find_run(options.resume)
    return run_directory, None if options.epochs is None else parse_value("epochs", options.epochs)


def make_parser() -> Parser:
    """Returns the parser of the command's arguments."""
    parser = Parser(
        prog="l2tui train",
        description="Train without a screen, as fast as it goes, and report the result.",
        epilog="Exit status: 0 done, 1 something in the input is wrong, 2 usage, 3 the training diverged, 4 what "
        "--fail-on names.",
        allow_abbrev=False,
    )
    parser.add_argument("data", metavar="DATA", nargs="?", help="name of a built-in data set, or a file with a table")
    parser.add_argument("--run-dir", metavar="DIR", type=Path, help="where the run goes, instead of among your runs")
    parser.add_argument("--resume", metavar="RUN", help="resume a run, and train to --epochs if given")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    add_gate_option(parser)
    add_setting_options(parser)
    add_table_options(parser)
    return parser


def summary(run_directory: RunDirectory, outcome: "Outcome") -> dict[str, Any]:
    """Returns what `--json` prints. A number that is not finite, or was never reached, is null there."""
    from l2tui.overfitting.verdict import assess

    trainer, record = outcome.trainer, outcome.record
    assessment = assess(trainer.watch, trainer.settings.l2, outcome.known, ended=True)
    return {
        "run": str(run_directory.path.absolute()),
        "epochs": trainer.epoch,
        "steps": trainer.step,
        "train_loss": record and record.train_loss,
        "val_loss": record and record.val_loss,
        "penalty": record and record.penalty,
        "best_epoch": assessment.best_epoch,
        "best_val_loss": assessment.best_val_loss,
        "onset_epoch": assessment.onset_epoch,
        "confirmed_epoch": assessment.confirmed_epoch,
        "verdict": assessment.verdict,
        "w1_norm": record and record.w1_norm,
        "w2_norm": record and record.w2_norm,
        "train_accuracy": record and float(record.train_accuracy),
        "val_accuracy": record and float(record.val_accuracy),
        "b1_norm": record and record.b1_norm,
        "b2_norm": record and record.b2_norm,
        "sensitivity": record and record.sensitivity,
        "wrong_labels": outcome.wrong_labels,
        "wrong_memorised": record and record.wrong_memorised,
        "wrong_right": record and record.wrong_right,
        "elapsed": outcome.elapsed,
        "steps_per_second": trainer.step / outcome.elapsed if outcome.elapsed > 0 else 0.0,
        "reason": outcome.last.reason if hasattr(outcome.last, "reason") else "diverged",
        "evidence": assessment.evidence,
        "advice": assessment.advice,
        "direction": assessment.direction,
        "headline": assessment.headline,
    }


def _report(run_directory: RunDirectory, outcome: "Outcome") -> list[str]:
    from l2tui.overfitting.verdict import assess

    trainer, record = outcome.trainer, outcome.record
    assessment = assess(trainer.watch, trainer.settings.l2, outcome.known, ended=True)
    verdict = assessment.headline[0].lower() + assessment.headline[1:]
    if assessment.verdict == "overfitting" and assessment.onset_epoch is not None:
        verdict = f"overfitting since epoch {assessment.onset_epoch} (confirmed at {assessment.confirmed_epoch})"
    lines = [f"verdict   {verdict}: {assessment.evidence}", f"try       {assessment.advice}"]
    if record is not None:
        lines += [
            f"loss      train {record.train_loss:.4g}  val {record.val_loss:.4g}  penalty {record.penalty:.4g}",
            f"best      val {record.best_val_loss:.4g} at epoch {record.best_epoch}",
            f"weights   norm W1 {record.w1_norm:.4g}  W2 {record.w2_norm:.4g}  b1 {record.b1_norm:.4g}  "
            f"b2 {record.b2_norm:.4g}",
            f"output    sensitivity {record.sensitivity:.4g}",
        ]
    if record is not None and outcome.wrong_labels:
        lines.append(
            f"labels    {record.wrong_memorised:.0f} of {outcome.wrong_labels} wrong ones memorised, the true class "
            f"named on {record.wrong_right:.0f}"
        )
    rate = trainer.step / outcome.elapsed if outcome.elapsed > 0 else 0.0
    lines.append(
        f"training  {trainer.epoch} epochs, {trainer.step} steps in {outcome.elapsed:.3g} s, {rate:,.0f} steps/s"
    )
    lines.append(f"run       {run_directory.path}")
    return lines
