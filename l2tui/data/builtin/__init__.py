"""The built-in sets: what is known about each, its rows, and its splits. Nothing about tables in files comes in."""
