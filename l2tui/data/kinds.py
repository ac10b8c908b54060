"""What can be predicted, and what the values of a column can be. This module imports no number library."""

from typing import Literal

Task = Literal["classification", "regression"]
Kind = Literal["number", "boolean", "date", "category"]
