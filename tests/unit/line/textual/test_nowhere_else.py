"""A new Textual can break no other part of the program than the one that is made for it."""

import ast
from pathlib import Path

import l2tui

ROOT = Path(l2tui.__file__).parent
MADE_FOR_IT = ROOT / "line" / "textual"


def private_imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "textual":
            names = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            found += [f"{path.name}: {name}" for name in names if name.startswith("_")]
    return found


def test_private_parts_are_touched_in_one_place() -> None:
    files = [path for path in ROOT.rglob("*.py") if MADE_FOR_IT not in path.parents]
    assert [found for path in files for found in private_imports(path)] == []
    assert any(private_imports(path) for path in MADE_FOR_IT.glob("*.py"))
