"""A table of the user: reading it, its columns, its target, and how rows are prepared. No built-in set comes in."""
