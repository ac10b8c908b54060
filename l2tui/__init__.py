"""l2tui: watch a small neural network overfit, and what weight decay does about it, live in a terminal."""

__version__ = "0.1.0"
