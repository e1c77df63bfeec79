"""$(VARIABLES) in commands, arguments and values. Follows third_party/forked/golang/expansion of Kubernetes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")


def expand(text: str, *variables: Mapping[str, str]) -> str:
    """Replace each $(NAME) by its value in the first mapping that has it; "$$" is a dollar, unknown names stay."""

    def value(name: str) -> str:
        return next((values[name] for values in variables if name in values), f"$({name})")

    return expand_by(text, value)


def expand_by(text: str, value: Callable[[str], str]) -> str:
    """The same with a function that gives each name's value."""
    if "$" not in text:
        return text
    return REFERENCE.sub(lambda match: "$" if match[1] is None else value(match[1]), text)
