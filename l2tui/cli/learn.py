"""`l2tui learn [LESSON]`: lessons in the app; `--check` tries whether what they say comes about, without a screen."""

import sys
from collections.abc import Mapping, Sequence

from l2tui.cli.app_options import add_app_options, open_app
from l2tui.cli.options import count_option
from l2tui.cli.parser import Parser
from l2tui.errors import L2tuiError
from l2tui.files import expanded
from l2tui.learn.lesson import Lesson, bundled, read_lesson
from l2tui.learn.progress import read_progress

# A lesson has to work with this many of twenty seeds.
_ENOUGH = 0.95


def run(arguments: Sequence[str]) -> int:
    """Opens the app on a lesson, or checks lessons; returns the exit status."""
    options = make_parser().parse_args(arguments)
    lessons, index = _chosen(options.lesson)
    if options.check:
        one = options.lesson is not None
        return _check(
            {name: lessons[name] for name in list(lessons)[index : index + 1 if one else None]}, options.seeds
        )
    from l2tui.tui.lesson.course import Course, check_keys

    for name, lesson in lessons.items():
        check_keys(lesson, name)
    course = Course(lessons, index, kept=lessons is bundled())
    return open_app(options, course.lesson.settings_of(0), course=course)


def _chosen(text: str | None) -> tuple[Mapping[str, Lesson], int]:
    """Returns lessons, and the position of the one that is meant.

    Raises:
        L2tuiError: There is no such lesson, or something in its file is wrong.
    """
    lessons = bundled()
    if text is None:
        return lessons, read_progress().continues_at(list(lessons)) or 0
    if text.isdecimal():
        if not 1 <= int(text) <= len(lessons):
            raise L2tuiError(f"{text}: there is no such lesson; expected a number from 1 to {len(lessons)}, or a file")
        return lessons, int(text) - 1
    return {text: read_lesson(expanded(text))}, 0


def _check(lessons: Mapping[str, Lesson], seeds: int) -> int:
    """Prints a table of lessons, with how many seeds each works; returns 1 where one fails too often."""
    from l2tui.learn.check import check_lesson
    from l2tui.learn.conditions import in_words

    enough = True
    print(f"{'lesson':<20} {'holds':>8} {'longest':>8}  with its first seed")
    for name, lesson in lessons.items():
        checked = []
        for one in check_lesson(lesson, range(seeds)):
            checked.append(one)
            if sys.stderr.isatty():
                print(f"\r{name} {len(checked)}/{seeds} ", end="", file=sys.stderr, flush=True)
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr, flush=True)
        held = sum(one.holds for one in checked)
        enough = enough and held >= _ENOUGH * seeds
        longest = f"{checked[0].seconds:.0f} s" if checked[0].seconds else "-"
        print(f"{name[:20]:<20} {f'{held}/{seeds}':>8} {longest:>8}  {in_words(checked[0].findings)}", flush=True)
        failed = [str(one.seed) for one in checked if not one.holds]
        if failed:
            print(f"{'':20} does not hold with seed {', '.join(failed)}")
    return 0 if enough else 1


def make_parser() -> Parser:
    """Returns the parser of the command's arguments."""
    parser = Parser(
        prog="l2tui learn",
        description="Learn by doing: lessons of one to three minutes in the app. "
        "Continues where you left off; LESSON begins anywhere.",
        epilog="docs/lessons.md says how to write a lesson.",
    )
    parser.add_argument(
        "lesson", metavar="LESSON", nargs="?", help="number of a lesson, or a file with one of your own"
    )
    parser.add_argument(
        "--check", action="store_true", help="train without a screen, and print whether what is taught comes about"
    )
    parser.add_argument("--seeds", metavar="N", type=count_option, default=20, help="seeds to check with (20)")
    add_app_options(parser)
    return parser
