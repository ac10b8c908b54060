"""Keeps out of memory what this program never uses but others load along with what it does use."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

_BUILT_IN_HASHES = (("_md5",), ("_sha1",), ("_sha256", "_sha2"), ("_sha512", "_sha2"), ("_sha3",), ("_blake2",))


@contextmanager
def without_encryption(*others: str) -> Iterator[None]:
    """Leaves OpenSSL out of what is imported inside, which takes megabytes and a share of the start.

    asyncio is made to do without it, and there is no network here. `hashlib` has functions of its own for the same
    hashes; where a Python was built without them, OpenSSL's stay.

    Args:
        others: Further modules that what is imported inside tries to get and can do without.
    """
    names = ["ssl", *others]
    if all(any(find_spec(name) for name in choice) for choice in _BUILT_IN_HASHES):
        names.append("_hashlib")
    modules: dict[str, Any] = sys.modules
    left_out = [name for name in names if name not in modules]
    try:
        # To Python, this means that there is no such module.
        modules.update(dict.fromkeys(left_out))
        yield
    finally:
        for name in left_out:
            modules.pop(name, None)
