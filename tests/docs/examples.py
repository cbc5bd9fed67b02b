"""Examples of the pages, and whether what is true says the same."""

import re
from collections.abc import Mapping
from typing import Any


def block(page: str, kind: str) -> str:
    """What stands in the one block of this kind, such as `yaml shop.yaml`."""
    [found] = re.findall(rf"^```{re.escape(kind)}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return found


def holds(example: Any, found: Any, path: str = "") -> None:
    """What the example has must be so; it may leave fields out, but none of a list."""
    match example:
        case Mapping():
            for name, value in example.items():
                assert name in found, f"{path}/{name}"
                holds(value, found[name], f"{path}/{name}")
        case list():
            assert len(example) == len(found), path
            for number, value in enumerate(example):
                holds(value, found[number], f"{path}/{number}")
        case _:
            assert example == found, path
