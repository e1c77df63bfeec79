"""Random documents of any kind, drawn from its field shapes: mostly a valid one in which something is changed."""

from __future__ import annotations

import copy
import random
from typing import Any

from fakekube.machinery.schema import Form, Type

TEXTS = (
    "", "a", "web", "web-1", "a.b", "example.com/x", "v1", "Bad_", "a b", "*", "/x", "../x", "Always", "Never", "None",
    "ClusterIP", "LoadBalancer", "ExternalName", "Recreate", "RollingUpdate", "OnDelete", "Local", "TCP", "udp", "In",
    "Exists", "Gt", "NoExecute", "Equal", "Guaranteed", "True", "10.0.0.1", "::1", "fe80::1", "10.0.0.0/8", "80%", "-1",
    "1", "https://h.example/x", "* * * * *", "Prefix", "ReadWriteOnce", "Block", "RunAsAny", "MustRunAs", "Job", "Pod",
    "nginx:1", "x" * 70, "x" * 260, "é", "status.phase", "metadata.name", "limits.cpu", "cpu", "storage",
    "hugepages-2Mi",
)  # fmt: skip
NUMBERS = (0, 1, 2, 3, 80, 100, 1000, 65536, -1, 2**31 - 1)
QUANTITIES = ("0", "1", "100m", "1Gi", "1.5", "-1", "1e3", "0.0001")
TIMES = ("2021-01-30T12:00:00Z", "2099-01-01T00:00:00Z", "1970-01-01T00:00:00Z")
JSON_VALUES: tuple[Any, ...] = ({}, {"a": 1}, {"apiVersion": "v1", "kind": "Pod"})
SCALARS: dict[Form, tuple[Any, ...]] = {
    Form.STRING: TEXTS,
    Form.INTEGER: NUMBERS,
    Form.NUMBER: (0, 1, 1.5),
    Form.BOOLEAN: (True, False),
    Form.BYTES: ("", "YQ==", "e30="),
    Form.TIME: TIMES,
    Form.MICRO_TIME: ("2021-01-30T12:00:00.000001Z",),
    Form.QUANTITY: QUANTITIES,
    Form.INT_OR_STRING: (0, 1, "50%", "http", -1, "x y"),
    Form.ANY: JSON_VALUES,
}
DEPTH = 5


def value(dice: random.Random, type_: Type, depth: int = 0) -> Any:
    """Any value of the type."""
    if type_.form is Form.OBJECT:
        names = [name for name in type_.fields if dice.random() < 0.35]
        return {name: value(dice, type_.fields[name].type, depth + 1) for name in names} if depth < DEPTH else {}
    if type_.form is Form.LIST and type_.element is not None:
        count = dice.choice((0, 1, 1, 2)) if depth < DEPTH else 0
        return [value(dice, type_.element, depth + 1) for _ in range(count)]
    if type_.form is Form.MAP and type_.element is not None:
        count = dice.choice((0, 1, 1, 2)) if depth < DEPTH else 0
        return {dice.choice(TEXTS): value(dice, type_.element, depth + 1) for _ in range(count)}
    if type_.form is Form.UNION and type_.element is not None and type_.alternative is not None:
        return value(dice, dice.choice((type_.element, type_.alternative)), depth + 1)
    return dice.choice(SCALARS[type_.form])


def changed(dice: random.Random, document: Any, type_: Type) -> Any:
    """The document with something in it replaced, added or taken away; its kind and name stay."""
    document = copy.deepcopy(document)
    names = [name for name in type_.fields if name not in ("kind", "apiVersion", "metadata")]
    for _ in range(dice.choice((1, 1, 2, 4))):
        if names:
            _change(dice, document, dice.choice(names), type_)
    return document


def _change(dice: random.Random, holder: dict[str, Any], name: str, type_: Type) -> None:
    """Change the field, or go down into it and change something there."""
    field = type_.fields[name].type
    inner = holder.get(name)
    if field.form is Form.LIST and inner and field.element is not None and dice.random() < 0.8:
        index = dice.randrange(len(inner))
        if field.element.fields:
            _change(dice, inner[index], dice.choice(list(field.element.fields)), field.element)
        else:
            inner[index] = value(dice, field.element)
    elif field.fields and (inner or dice.random() < 0.5) and dice.random() < 0.9:
        holder[name] = inner = inner or {}
        _change(dice, inner, dice.choice(list(field.fields)), field)
    elif dice.random() < 0.15:
        holder.pop(name, None)
    else:
        holder[name] = value(dice, field, 2)
