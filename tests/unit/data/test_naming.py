"""Names in the order in which people count."""

import pytest

from l2tui.data.naming import natural_key


@pytest.mark.parametrize("texts", [["10", "2", "1", "-3.5"], ["a10", "a2", "a1"], ["10-19", "0-9", "100+"]])
def test_natural_order(texts):
    expected = {"10": ["-3.5", "1", "2", "10"], "a10": ["a1", "a2", "a10"], "10-19": ["0-9", "10-19", "100+"]}[texts[0]]
    assert sorted(texts, key=natural_key) == expected
