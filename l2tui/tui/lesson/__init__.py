"""A lesson in the app: where somebody is in it, what its band says, and how it comes onto the main screen.

The band itself is a widget, the list a screen. Lessons as data are in `l2tui.learn`.
"""
