"""Numbers as text and pictures: what the app and the commands show of a run, a sweep, a table and its results.

What comes in are frozen views and settings; what goes out are Rich texts, strips of cells and SVG. Nothing here knows
an app, a widget or a worker.
"""
