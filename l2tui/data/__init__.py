"""Data: the built-in sets, and splits that are ready to train on."""
