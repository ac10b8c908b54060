"""`l2tui completion SHELL`: prints what makes a shell complete l2tui's arguments."""

from collections.abc import Sequence

from l2tui.cli.parser import Parser

SHELLS = ("bash", "zsh", "fish")


def make_parser() -> Parser:
    """Returns the parser of the command's arguments."""
    parser = Parser(
        prog="l2tui completion",
        description="Print the lines that make a shell complete commands, options, data sets and runs after TAB.",
        epilog='bash and zsh: eval "$(l2tui completion bash)" in ~/.bashrc, with zsh in ~/.zshrc after compinit. fish: '
        "l2tui completion fish > ~/.config/fish/completions/l2tui.fish",
    )
    parser.add_argument("shell", choices=SHELLS, help="which shell")
    return parser


def run(arguments: Sequence[str]) -> int:
    """Prints; returns the exit status."""
    options = make_parser().parse_args(arguments)
    from argcomplete.shell_integration import shellcode

    print(shellcode(["l2tui"], shell=options.shell).strip())
    return 0
