"""Good manners on a machine that is shared: few cores, and the screen goes before the training."""

import contextlib
import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

# Told to workers through their environment: it decides how fast a run is, never what comes out of it.
ENVIRONMENT_VARIABLE = "L2TUI_MAX_CORES"

_NICE = 10
_AUTOGROUP_NICE = 19


def limit_cores(count: int) -> None:
    """Keeps this process, and all that it starts from now on, to some of the cores that it may use.

    Where the system does not know of it, only the number of threads is kept small.

    Args:
        count: Cores at most, 1 or more.
    """
    os.environ[ENVIRONMENT_VARIABLE] = str(count)
    if hasattr(os, "sched_setaffinity"):
        with contextlib.suppress(OSError):
            allowed = sorted(os.sched_getaffinity(0))
            if count < len(allowed):
                # Programs that all took the first cores would get into each other's way.
                first = os.getpid() % len(allowed)
                os.sched_setaffinity(0, {allowed[(first + i) % len(allowed)] for i in range(count)})


def max_cores(environment: Mapping[str, str]) -> int | None:
    """Returns the limit that was set by `limit_cores`, None without one."""
    text = environment.get(ENVIRONMENT_VARIABLE, "")
    return max(1, int(text)) if text.isdecimal() else None


def usable_cores() -> int:
    """Returns how many cores this process may use, within the limit that was set."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, max_cores(os.environ) or cores))


def thread_environment(blas_threads: int, environment: Mapping[str, str]) -> dict[str, str]:
    """Returns what sets the threads of the libraries; it counts at the moment when they are loaded.

    Args:
        blas_threads: Threads of the matrix products that a run asks for.
        environment: Variables of the process, with the limit of cores if there is one.
    """
    limit = max_cores(environment)
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    threads = dict.fromkeys(names, str(blas_threads if limit is None else min(blas_threads, limit)))
    if limit is not None or "POLARS_MAX_THREADS" not in environment:
        threads["POLARS_MAX_THREADS"] = str(limit or 2)
    return threads


def give_way() -> None:
    """Lets everything else go first: this process, and on Linux the group that its session is scheduled as."""
    with contextlib.suppress(OSError):
        os.nice(_NICE)
    # A session is weighed against others as a whole, so that the niceness of its only process would not count.
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(_AUTOGROUP_NICE), encoding="ascii")


def give_back_memory() -> None:
    """Returns memory that is no longer used to the system, which the C library would keep for later."""
    trim = _trimmer()
    if trim is not None:
        trim(0)


@cache
def _trimmer() -> Callable[[int], int] | None:
    """Returns glibc's `malloc_trim`; other C libraries have none."""
    import ctypes

    return getattr(ctypes.CDLL(None), "malloc_trim", None)
