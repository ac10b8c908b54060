"""Data: the built-in sets, the tables of the user, and splits that are ready to train on."""
