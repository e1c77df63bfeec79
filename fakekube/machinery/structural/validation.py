"""Values against an OpenAPI v3 schema, in the words of kube-openapi's validator, which the real server uses.

The order of what is found, which alternative's errors are shown (that with the most positive checks) and the texts are
its own. A schema compiles to nothing: it is walked, since most objects are small.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import orjson

from fakekube.machinery.fielderrors import FieldError, Path, invalid, not_supported, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.objects import Object
from fakekube.machinery.structural.formats import FORMATS

INT_OR_STRING = "x-kubernetes-int-or-string"
KINDS = ((bool, "boolean"), (str, "string"), (list, "array"), (dict, "object"), (int, "integer"), (float, "number"))
NUMERIC = {"int32": "integer", "int64": "integer", "float": "number", "double": "number"}
"""Formats that belong to numbers."""


class Result:
    """What a validation found: errors, and how many checks were made, by which alternatives are compared."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []
        self.matches = 0

    def merge(self, other: Result) -> None:
        """Take in another one's errors and matches."""
        self.errors += other.errors
        self.matches += other.matches


def validate(value: Any, schema: Object) -> list[FieldError]:
    """What is wrong with a whole custom resource, once each."""
    return list(_distinct(_check(value, schema, "").errors))


def _distinct(errors: list[FieldError]) -> Iterator[FieldError]:
    seen = set()
    for error in errors:
        if (text := str(error)) not in seen:
            seen.add(text)
            yield error


def kind_of(value: Any) -> str:
    """The JSON type as Go sees it."""
    return next((name for type_, name in KINDS if isinstance(value, type_)), "null")


def _check(value: Any, schema: Object, path: str) -> Result:
    result = Result()
    if value is None:
        result.errors += [*_null(schema, path), *_enum(value, schema, path)]
        result.matches += 1
        return result
    for check in (_type, _strings, _format, _numbers, _enum):
        result.errors += check(value, schema, path)
        result.matches += 1
    result.merge(_alternatives(value, schema, path))
    result.merge(_items(value, schema, path))
    result.merge(_fields(value, schema, path))
    result.matches += 1
    return result


def _wrong(path: str, value: Any, text: str) -> FieldError:
    return invalid(_path(path), _shown(value), f"{path} in body {text}")


def _path(path: str) -> Path:
    return Path(path.removeprefix("."))


def _shown(value: Any) -> Any:
    return Go(value, "interface {}") if isinstance(value, dict | list) else value


def _types(schema: Object) -> tuple[str, ...]:
    if schema.get(INT_OR_STRING):
        return ("integer", "string")
    return (schema["type"],) if schema.get("type") else ()


def _null(schema: Object, path: str) -> Iterator[FieldError]:
    types = _types(schema)
    if types and not schema.get("nullable"):
        yield _wrong(path, "null", f'must be of type {",".join(types)}: "null"')


def _type(value: Any, schema: Object, path: str) -> Iterator[FieldError]:
    types, kind = _types(schema), kind_of(value)
    if value == "":  # which the real validator takes for null, and then judges as well
        yield from _null(schema, path)
        return
    if not types or kind in types or (kind == "integer" and "number" in types):
        return
    if kind == "number" and "integer" in types and value.is_integer():
        return
    if _known_format(schema) and kind in ("string", "array") and not {"number", "integer"} & {*types}:
        return  # the format is judged instead
    yield _wrong(path, kind, f'must be of type {",".join(types)}: "{kind}"')


def _known_format(schema: Object) -> str:
    """The format, if it is one that counts."""
    name: str = schema.get("format") or ""
    return name if name.replace("-", "") in _PLAIN_FORMATS or name in NUMERIC else ""


_PLAIN_FORMATS = frozenset(name.replace("-", "") for name in FORMATS)


def _strings(value: Any, schema: Object, path: str) -> Iterator[FieldError]:
    if not isinstance(value, str):
        return
    length = len(value)
    if (most := schema.get("maxLength")) is not None and length > most:
        yield _wrong(path, value, f"should be at most {most} chars long")
        return
    if (least := schema.get("minLength")) is not None and length < least:
        yield _wrong(path, value, f"should be at least {least} chars long")
        return
    if (pattern := schema.get("pattern")) and not _pattern(pattern)(value):
        yield _wrong(path, value, f"should match '{pattern}'")


@lru_cache(maxsize=1000)
def _pattern(text: str) -> Callable[[str], bool]:
    """Go's regexps as Python's; what only one of them knows matches everything."""
    try:
        compiled = re.compile(text.replace(r"\z", r"\Z"), re.ASCII)
    except re.error:
        return lambda _: True
    return lambda value: compiled.search(value) is not None


def _format(value: Any, schema: Object, path: str) -> Iterator[FieldError]:
    name = _known_format(schema)
    if not isinstance(value, str) or not name or name in NUMERIC:
        return
    check = FORMATS.get(name) or next(f for key, f in FORMATS.items() if key.replace("-", "") == name.replace("-", ""))
    if not check(value):
        yield _wrong(path, value, f"must be of type {name}: {orjson.dumps(value).decode()}")


def _numbers(value: Any, schema: Object, path: str) -> Iterator[FieldError]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    if (factor := schema.get("multipleOf")) is not None and not _is_multiple(value, factor):
        yield _wrong(path, value, f"should be a multiple of {_number(factor)}")
    if (most := schema.get("maximum")) is not None:
        if schema.get("exclusiveMaximum") and value >= most:
            yield _wrong(path, value, f"should be less than {_number(most)}")
        elif value > most:
            yield _wrong(path, value, f"should be less than or equal to {_number(most)}")
    if (least := schema.get("minimum")) is not None:
        if schema.get("exclusiveMinimum") and value <= least:
            yield _wrong(path, value, f"should be greater than {_number(least)}")
        elif value < least:
            yield _wrong(path, value, f"should be greater than or equal to {_number(least)}")


def _is_multiple(value: float, factor: float) -> bool:
    quotient = 1 / factor * value if factor < 1 else value / factor
    return abs(quotient - round(quotient)) <= 1e-9 * max(1.0, abs(quotient))


def _number(value: float) -> str:
    """As Go's %v prints a float64."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return str(value)


def _enum(value: Any, schema: Object, path: str) -> Iterator[FieldError]:
    values = schema.get("enum")
    if not values or any(_same(value, allowed) for allowed in values):
        return
    texts = [one if isinstance(one, str) else orjson.dumps(one).decode() for one in values]
    yield not_supported(_path(path), "null" if value is None else _shown(value), [_quotable(text) for text in texts])


def _quotable(text: str) -> str:
    return orjson.dumps(text).decode()[1:-1]


def _same(value: Any, other: Any) -> bool:
    return isinstance(value, bool) == isinstance(other, bool) and bool(value == other)


# Parts


def _items(value: Any, schema: Object, path: str) -> Result:
    result = Result()
    if not isinstance(value, list):
        return result
    if isinstance(items := schema.get("items"), dict):
        for item in value:  # at the path of the list: the real validator forgets to hand the index on
            result.merge(_check(item, items, path))
    size = len(value)
    if (least := schema.get("minItems")) is not None and size < least:
        result.errors.append(_wrong(path, size, f"should have at least {least} items"))
    if (most := schema.get("maxItems")) is not None and size > most:
        result.errors.append(_wrong(path, size, f"should have at most {most} items"))
    if schema.get("uniqueItems") and any(item in value[:index] for index, item in enumerate(value)):
        result.errors.append(_wrong(path, "", "shouldn't contain duplicates"))
    result.matches += 1
    return result


def _fields(value: Any, schema: Object, path: str) -> Result:
    result = Result()
    if not isinstance(value, dict):
        return result
    size = len(value)
    least, most = schema.get("minProperties"), schema.get("maxProperties")
    for wrong, text in (
        (least is not None and size < least, f"should have at least {least} properties"),
        (most is not None and size > most, f"should have at most {most} properties"),
    ):
        if wrong:
            result.errors.append(_wrong(path, least if "least" in text else most, text))
            return result
    properties, others = schema.get("properties") or {}, schema.get("additionalProperties")
    for name in sorted(value):
        if name in properties:
            result.merge(_check(value[name], properties[name], f"{path}.{name}" if path else name))
        elif others is False:
            result.errors.append(_wrong(f"{path}.{name}", name, "is a forbidden property"))
        elif isinstance(others, dict):
            result.merge(_check(value[name], others, f"{path}.{name}"))
    for name in schema.get("required") or ():
        if name not in value and (properties.get(name) or {}).get("default") is None:
            result.errors.append(required(_path(f"{path}.{name}")))
    result.matches += 1
    return result


def _alternatives(value: Any, schema: Object, path: str) -> Result:
    """anyOf, oneOf, allOf, not. Their own words stand at no path."""
    result = Result()
    for name, check in (("anyOf", _any_of), ("oneOf", _one_of), ("allOf", _all_of)):
        if parts := schema.get(name):
            check([_check(value, part, path) for part in parts], path, result)
    if (part := schema.get("not")) is not None and not _check(value, part, path).errors:
        result.errors.append(_logic(f'"{path}" must not validate the schema (not)'))
    result.matches += 1
    return result


def _logic(text: str) -> FieldError:
    return invalid(Path(), "", text)


def _best(results: list[Result]) -> Result:
    """The first with the most positive checks."""
    return max(results, key=lambda result: result.matches)


def _any_of(results: list[Result], path: str, into: Result) -> None:
    valid = next((result for result in results if not result.errors), None)
    if valid is None:
        into.errors.append(_logic(f'"{path}" must validate at least one schema (anyOf)'))
    into.merge(valid or _best(results))


def _one_of(results: list[Result], path: str, into: Result) -> None:
    valid = [result for result in results if not result.errors]
    if len(valid) == 1:
        into.merge(valid[0])
        return
    found = f"Found {len(valid)} valid alternatives" if valid else "Found none valid"
    into.errors.append(_logic(f'"{path}" must validate one and only one schema (oneOf). {found}'))
    if not valid:
        into.merge(_best(results))


def _all_of(results: list[Result], path: str, into: Result) -> None:
    for result in results:
        into.merge(result)
    failed = sum(bool(result.errors) for result in results)
    if failed:
        none = ". None validated" if failed == len(results) else ""
        into.errors.append(_logic(f'"{path}" must validate all the schemas (allOf){none}'))
