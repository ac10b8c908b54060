"""Lessons: a question, runs to train, and conditions on what the runs recorded.

A lesson is a TOML file. `lesson` reads one, `conditions` judges the records of its runs, `check` does so without a
screen over many seeds, `progress` remembers which lessons are done. Nothing here knows a screen.
"""
