"""What draws text and pictures can be used without an app, as the commands do."""

import ast
from pathlib import Path

import l2tui.view

ROOT = Path(l2tui.view.__file__).parent
OF_AN_APP = ("app", "screen", "widget", "widgets", "containers", "reactive", "worker", "message")


def imported(path: Path) -> set[str]:
    nodes = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.ImportFrom)]
    return {node.module or "" for node in nodes}


def test_view_needs_no_app() -> None:
    modules = {path.name: imported(path) for path in ROOT.rglob("*.py")}
    assert len(modules) > 20
    forbidden = {f"textual.{part}" for part in OF_AN_APP}
    assert {name: found & forbidden for name, found in modules.items() if found & forbidden} == {}
