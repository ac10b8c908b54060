"""Python's collector of cyclic garbage, which has nothing to find while modules are loaded and widgets are made."""

import gc


def pause_collector() -> None:
    """Lets it rest until `resume_collector`: looking through all new modules again and again would slow the start."""
    gc.disable()


def resume_collector() -> None:
    """Sets it to work, if it rests, on what is made from now on; what is there stays as long as the app anyway."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
