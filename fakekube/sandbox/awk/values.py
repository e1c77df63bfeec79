"""Values: floats and strings, and how each stands for the other."""

from __future__ import annotations

import re
from typing import Any

from fakekube.sandbox.awk.parser import AwkProblem


class Input(str):
    """A string of the input: compared as a number if it looks like one."""

    __slots__ = ()


NUMERIC = re.compile(r"\s*[-+]?(\d+\.?\d*([eE][-+]?\d+)?|\.\d+)\s*")


def number_of(value: Any) -> float:
    """What it counts as: the number that a string begins with, or 0."""
    if isinstance(value, float):
        return value
    found = re.match(r"\s*[-+]?(\d{1,300}\.?\d*([eE][-+]?\d{1,3})?|\.\d+)", value)
    return float(found[0]) if found is not None else 0.0


def text_of(value: Any) -> str:
    """How it is written: whole numbers without a fraction, others with six digits."""
    if isinstance(value, str):
        return str(value)
    if value == value and abs(value) < 1e16 and value == int(value):
        return str(int(value))
    return f"{value:.6g}"


def is_true(value: Any) -> bool:
    """Whether a condition with this value holds."""
    if isinstance(value, Input) and NUMERIC.fullmatch(value):
        return number_of(value) != 0
    return value != 0.0 if isinstance(value, float) else value != ""


def compared(one: Any, operator: str, other: Any) -> bool:
    """As numbers if both are such or look so, else as strings."""
    numbers = [
        isinstance(value, float) or (isinstance(value, Input) and (NUMERIC.fullmatch(value) or value == ""))
        for value in (one, other)
    ]
    left, right = (number_of(one), number_of(other)) if all(numbers) else (text_of(one), text_of(other))
    order = (left > right) - (left < right)  # type: ignore[operator]
    return order in {"<": (-1,), "<=": (-1, 0), "==": (0,), "!=": (-1, 1), ">": (1,), ">=": (0, 1)}[operator]


def arithmetic(operator: str, left: float, right: float) -> float:
    """Raises AwkProblem for a division by zero."""
    try:
        match operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right
            case "%":
                return left - right * int(left / right)
        power = left**right
        return power if isinstance(power, float) else 0.0
    except ZeroDivisionError:
        raise AwkProblem("division by zero") from None
    except OverflowError:
        return float("inf")
