"""One file a screen; a screen owns its state."""
