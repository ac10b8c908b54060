"""What goes over the line to the terminal: only what changed, and never more than the line can carry."""
