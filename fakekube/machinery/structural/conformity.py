"""Whether a value has the shape of its type at all: what has not cannot be tracked field by field."""

from __future__ import annotations

from typing import Any

from fakekube.machinery.schema import Form, Type

SCALARS: dict[Form, tuple[type, ...]] = {
    Form.STRING: (str,),
    Form.INTEGER: (int, float),
    Form.NUMBER: (int, float),
    Form.BOOLEAN: (bool,),
    Form.INT_OR_STRING: (int, float, str),
}


def conforms(value: Any, type_: Type) -> bool:
    """Whether the value, null apart, is an object, a list or a scalar where the type has one."""
    if value is None or type_.go:
        return True
    if type_.form is Form.OBJECT:
        return isinstance(value, dict) and all(
            conforms(item, type_.fields[name].type) for name, item in value.items() if name in type_.fields
        )
    if type_.form is Form.MAP and type_.element is not None:
        return isinstance(value, dict) and all(conforms(item, type_.element) for item in value.values())
    if type_.form is Form.LIST and type_.element is not None:
        return isinstance(value, list) and all(conforms(item, type_.element) for item in value)
    wanted = SCALARS.get(type_.form)
    return wanted is None or (isinstance(value, wanted) and isinstance(value, bool) == (bool in wanted))
