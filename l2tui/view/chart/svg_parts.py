"""What pictures are made of: colours, shapes, text, and the document around them."""

from xml.sax.saxutils import escape

import numpy as np

from l2tui.view.chart.binning import Floats
from l2tui.view.plain import printable

TRAIN, VAL, GOOD, BAD, DECAY = "#0072b2", "#b35900", "#00704f", "#c23b00", "#a0407a"
TEXT, MUTED, LINE = "#1f2933", "#5c6973", "#c9d0d6"


def star(x: float, y: float, size: float) -> str:
    """Returns a star."""
    angles = np.pi * np.arange(10) / 5
    radius = np.where(np.arange(10) % 2, 0.45 * size, size)
    return _polygon(x + radius * np.sin(angles), y - radius * np.cos(angles), GOOD)


def triangle(x: float, y: float, size: float) -> str:
    """Returns a triangle."""
    return _polygon(x + size * np.array([0.0, 0.87, -0.87]), y + size * np.array([-1.0, 0.5, 0.5]), BAD)


def hollow(x: float, y: float, size: float) -> str:
    """Returns a triangle without a filling."""
    return triangle(x, y, size).replace(f'fill="{BAD}" stroke="#ffffff"', f'fill="#ffffff" stroke="{MUTED}"')


def _polygon(x: Floats, y: Floats, colour: str) -> str:
    points = " ".join(f"{across:.1f},{down:.1f}" for across, down in zip(x, y, strict=True))
    return f'<polygon points="{points}" fill="{colour}" stroke="#ffffff" stroke-width="0.8"/>'


def text_at(
    x: float, y: float, text: str, colour: str, *, anchor: str = "start", size: int = 12, weight: str = "400"
) -> str:
    """Returns a line of text; what would not print is escaped."""
    style = f'fill="{colour}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{safe(text)}</text>'


def safe(text: str) -> str:
    """Returns text as XML may hold it."""
    return escape(printable(text))


def document(title: str, width: int, height: int, parts: list[str]) -> str:
    """Returns a whole SVG document, without anything from outside."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif" font-size="12">\n'
        f"<title>{safe(title)}</title>\n"
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )
