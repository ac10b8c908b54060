"""How often and how much the app may draw."""

from msgspec import Struct

# Figures that change more often are not read, they flicker.
_FIGURE_SECONDS = 0.19


class DrawingOptions(Struct, frozen=True):
    """The limits of drawing.

    Attributes:
        fps: Pictures a second while a run is followed, at most.
        max_bandwidth: Bytes a second towards the terminal, at most; None finds out what the line carries.
        stock: Whether Textual draws in its own way, whole widgets at a time and without limits.
    """

    fps: float = 5.0
    max_bandwidth: int | None = None
    stock: bool = False

    @property
    def frame_seconds(self) -> float:
        """The time between two pictures (s)."""
        return 1.0 / self.fps

    @property
    def figure_seconds(self) -> float:
        """The time for which figures stay as they are while a run goes on (s); the curves move on meanwhile."""
        return _FIGURE_SECONDS if self.frame_seconds else 0.0
