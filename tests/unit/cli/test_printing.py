"""What commands print as JSON."""

import json

import pytest
from msgspec import Struct

from l2tui.cli.printing import print_json


class _Part(Struct):
    name: str


class _Result(Struct):
    loss: float
    parts: tuple[_Part, ...]


@pytest.mark.parametrize("value", [_Result(float("nan"), (_Part("a"),)), {"loss": None, "parts": [{"name": "a"}]}])
def test_an_object_says_first_which_version_of_its_keys_it_has(
    value: object, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    print_json(value)
    printed = json.loads(capfdbinary.readouterr().out)
    assert list(printed) == ["schema", "loss", "parts"]
    assert printed == {"schema": 1, "loss": None, "parts": [{"name": "a"}]}
