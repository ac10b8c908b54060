"""The terminal app."""

import os

# Textual looks this many times a second whether something changed, and reads the number when it is loaded. It bounds
# what an answer to a key waits for; how often the picture of a run changes is another matter.
os.environ.setdefault("TEXTUAL_FPS", "120")
