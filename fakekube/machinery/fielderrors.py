"""Bad input, collected with the path of the field that is wrong. Follows apimachinery's util/validation/field.

A validation function yields FieldErrors; `status.invalid` makes the 422 Status of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from fakekube.machinery import goformat


class Path(Struct, frozen=True):
    """Where a field is: Path("spec") / "containers" @ 0 / "name" prints as spec.containers[0].name."""

    text: str = ""

    def __truediv__(self, child: str) -> Path:
        """The field `child` of this one."""
        return Path(f"{self.text}.{child}" if self.text else child)

    def __matmul__(self, index: int | str) -> Path:
        """The element `index` of this list, or the value under that key of this map."""
        return Path(f"{self.text}[{index}]")

    def __str__(self) -> str:
        return self.text or "<nil>"


class FieldError(Struct, frozen=True):
    """One wrong field. `reason` is the cause's reason in the Status, `label` how the message begins."""

    reason: str
    label: str
    path: Path
    detail: str = ""
    value: Any = None
    shows_value: bool = False

    @property
    def body(self) -> str:
        """The message without the path: 'Invalid value: "X": must be lower case'."""
        text = f"{self.label}: {goformat.bad_value(self.value)}" if self.shows_value else self.label
        return f"{text}: {self.detail}" if self.detail else text

    def __str__(self) -> str:
        return f"{self.path}: {self.body}"


def required(path: Path, detail: str = "") -> FieldError:
    """A value has to be given."""
    return FieldError("FieldValueRequired", "Required value", path, detail)


def invalid(path: Path, value: Any, detail: str) -> FieldError:
    """The value is malformed or out of range. A Go struct's value is given as goformat.Go(value, type)."""
    return FieldError("FieldValueInvalid", "Invalid value", path, detail, value, shows_value=True)


def not_supported(path: Path, value: Any, supported: Iterable[str]) -> FieldError:
    """The value is none of an enumeration. An empty enumeration is left out of the message."""
    names = ", ".join(f'"{name}"' for name in supported)
    detail = f"supported values: {names}" if names else ""
    return FieldError("FieldValueNotSupported", "Unsupported value", path, detail, value, shows_value=True)


def duplicate(path: Path, value: Any) -> FieldError:
    """The value stands there twice where it must be unique."""
    return FieldError("FieldValueDuplicate", "Duplicate value", path, "", value, shows_value=True)


def not_found(path: Path, value: Any) -> FieldError:
    """The value names something that does not exist."""
    return FieldError("FieldValueNotFound", "Not found", path, "", value, shows_value=True)


def forbidden(path: Path, detail: str) -> FieldError:
    """The value is well formed and not allowed here."""
    return FieldError("FieldValueForbidden", "Forbidden", path, detail)


def too_long(path: Path, limit: int) -> FieldError:
    """The string has more than `limit` bytes. The value is never shown."""
    return FieldError("FieldValueTooLong", "Too long", path, f"must have at most {limit} bytes")


def too_many(path: Path, count: int, limit: int) -> FieldError:
    """The list has more than `limit` items."""
    return FieldError("FieldValueTooMany", "Too many", path, f"must have at most {limit} items", count, True)


def internal(path: Path, detail: str) -> FieldError:
    """The server itself failed to judge the value."""
    return FieldError("InternalError", "Internal error", path, detail)
