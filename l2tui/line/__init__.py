"""How cells reach a terminal: what differs from the last frame, at the pace the line bears, and signals on the way.

Rich styles and segments come in, bytes go out. `textual` holds every private part of Textual that is touched.
"""
