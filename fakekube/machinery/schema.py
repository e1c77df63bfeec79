"""Field shapes: what fields a type has, of what type, and how patches merge them.

`Type` is the one description that decoding, pruning, patching, server-side apply, OpenAPI and validation share.
Built-in types come from the schema data of a release (apis/schema), those of custom resources from their definition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum


class Form(Enum):
    """What JSON a value may be."""

    OBJECT = "object"  # known fields: Type.fields
    MAP = "map"  # string keys, values of Type.element
    LIST = "list"  # Type.element
    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    BYTES = "bytes"  # base64 text
    TIME = "time"  # RFC 3339 text, seconds
    MICRO_TIME = "microtime"
    QUANTITY = "quantity"  # text or number, kept as text
    INT_OR_STRING = "intstr"
    ANY = "any"  # RawExtension, JSON, FieldsV1: kept as it is


@dataclass(slots=True, eq=False)
class Type:
    """One type. Definitions are shared objects, so compare by identity; recursive types refer to themselves."""

    form: Form
    name: str = ""
    """The definition's name, such as io.k8s.api.core.v1.PodSpec; "" for anonymous types."""
    fields: dict[str, Field] = field(default_factory=dict)
    """Of an OBJECT, in the order in which the real server writes them."""
    element: Type | None = None
    """Of a MAP or LIST."""
    bits: int = 0
    """Of an INTEGER: 32 or 64; 0 where the schema does not say."""
    kinds: tuple[tuple[str, str, str], ...] = ()
    """(group, version, kind) of what this definition is served as."""
    list_type: str = ""
    """Of a LIST: "atomic", "set" or "map" for server-side apply; "" is atomic."""
    list_keys: tuple[str, ...] = ()
    """The keys of a LIST of list_type "map"."""
    map_atomic: bool = False
    """Of an OBJECT or MAP: owned as a whole by server-side apply."""
    preserve_unknown: bool = False
    """Of an OBJECT: unknown fields are kept (custom resources)."""


@dataclass(slots=True, eq=False)
class Field:
    """A field of an OBJECT type."""

    name: str
    type: Type
    required: bool = False
    """Always present in what the server writes (Go has no omitempty there)."""
    merge_key: str = ""
    """Strategic merge: the key by which items of this list are told apart."""
    strategies: frozenset[str] = frozenset()
    """Strategic merge: of "merge", "replace", "retainKeys"."""


class Schema:
    """The types of one release, found by name or by group, version and kind; each is built when first asked for."""

    def __init__(self, load: Callable[[], dict[str, object]]) -> None:
        raise NotImplementedError

    def definition(self, name: str) -> Type:
        """The type of that definition. Raises KeyError."""
        raise NotImplementedError

    def kind(self, group: str, version: str, kind: str) -> Type:
        """The type that is served as this kind. Raises KeyError."""
        raise NotImplementedError
