"""The keys of a comparison. Each has an id, so that a user can remap it."""

from textual.binding import Binding

from l2tui.view.keys import bind


def _key(keys: str, action: str, words: str, tooltip: str, id: str) -> Binding:
    return bind(keys, action, words, tooltip, f"compare.{id}")


COMPARE_KEYS = (
    _key("left", "cursor(-1)", "cursor left", "read all curves at an epoch further back", "left"),
    _key("right", "cursor(1)", "cursor right", "read all curves further on; past the end: the last", "right"),
    _key("shift+left", "cursor(-10)", "10 left", "ten columns back", "left10"),
    _key("shift+right", "cursor(10)", "10 right", "ten columns on", "right10"),
    _key("tab", "select(1)", "next run", "select the next column", "next"),
    _key("shift+tab", "select(-1)", "run before", "select the column before", "previous"),
    _key("up", "scroll_rows(-1)", "row up", "to the rows above", "up"),
    _key("down", "scroll_rows(1)", "row down", "to the rows below", "down"),
    _key("t", "switch('train')", "train / val", "draw the training or the validation loss", "part"),
    _key("a", "switch('all_rows')", "all rows", "all rows, or those alone that differ", "all"),
    _key("g", "switch('fold')", "fold seeds", "runs that differ in the seed alone as mean and band", "fold"),
    _key("v", "picture", "picture", "what each has learnt; again: the next picture", "picture"),
    _key("b", "best", "best weights", "pictures of the best weights, or of the last ones", "best"),
    _key("equals_sign", "baseline", "baseline", "differences from the selected run, or none", "baseline"),
    _key("y", "switch('log_y')", "log axis", "logarithmic or linear loss axis", "log"),
    _key("z", "switch('recent')", "zoom", "the recent part, or all", "zoom"),
    _key("S", "switch('smooth')", "smoothing", "smooth the lines; numbers and marks stay exact", "smooth"),
    _key("enter", "open", "open", "open the selected run", "open"),
    _key("question_mark", "keys", "keys", "all keys, and how to read the table", "keys"),
    _key("escape", "back", "back", "put the cursor away, then the pictures, then back", "back"),
    _key("q", "dismiss(None)", "leave", "back to where you were", "leave"),
)
