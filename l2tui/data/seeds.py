"""Independent random generators from one seed, one for each purpose."""

import numpy as np


def generator(seed: int, purpose: str) -> np.random.Generator:
    """Returns a generator that depends on `seed` and `purpose` alone.

    Drawing more or less for one purpose leaves what is drawn for the others as it is.

    Args:
        seed: A whole number of 0 or more.
        purpose: What the numbers are for, such as "split".

    Source:
        Entropy mixing of `numpy.random.SeedSequence`, after O'Neill, "Developing a seed_seq Alternative" (2015).
    """
    return np.random.default_rng(np.random.SeedSequence([seed, int.from_bytes(purpose.encode(), "big")]))
