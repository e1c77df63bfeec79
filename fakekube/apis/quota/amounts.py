"""Quantities by the name of a resource, and their arithmetic. Follows apiserver's quota/v1/resources.go."""

from __future__ import annotations

from collections.abc import Container, Mapping

from fakekube.machinery.quantity import Quantity, parse

Amounts = Mapping[str, Quantity]
ONE, NONE = Quantity(1), Quantity(0)


def read(texts: Mapping[str, str] | None) -> dict[str, Quantity]:
    """A ResourceList as objects have it; None is empty."""
    return {name: parse(text) for name, text in (texts or {}).items()}


def written(amounts: Amounts) -> dict[str, str]:
    """A ResourceList as objects have it, in the order of names."""
    return {name: str(amounts[name]) for name in sorted(amounts)}


def add(a: Amounts, b: Amounts) -> dict[str, Quantity]:
    """The sum."""
    return {**b, **{name: amount + b[name] if name in b else amount for name, amount in a.items()}}


def largest(a: Amounts, b: Amounts) -> dict[str, Quantity]:
    """Of each name the larger amount."""
    return {**b, **{name: amount for name, amount in a.items() if name not in b or amount > b[name]}}


def growth(new: Amounts, old: Amounts) -> dict[str, Quantity]:
    """What new has more than old; nothing is negative."""
    differences = {name: amount - old[name] if name in old else amount for name, amount in new.items()}
    return {name: amount for name, amount in differences.items() if amount.sign > 0}


def only(amounts: Amounts, names: Container[str]) -> dict[str, Quantity]:
    """The amounts of these names."""
    return {name: amount for name, amount in amounts.items() if name in names}


def above(amounts: Amounts, limits: Amounts) -> list[str]:
    """The names of which there is more than the limit."""
    return [name for name, limit in limits.items() if name in amounts and amounts[name] > limit]


def negative(amounts: Amounts) -> list[str]:
    """The names with less than nothing, sorted."""
    return sorted(name for name, amount in amounts.items() if amount.sign < 0)


def text(amounts: Amounts) -> str:
    """How messages show them: "cpu=1,pods=2"."""
    return ",".join(f"{name}={amount}" for name, amount in sorted(amounts.items()))
