"""Field shapes: what fields a type has, of what type, how patches merge them, and how Go writes them.

`Type` is the one description that decoding, pruning, patching, server-side apply, OpenAPI and validation share.
Built-in types come from the schema data of a release (apis/schema), those of custom resources from their definition
(machinery/openapi_schema). A built-in definition fills in its fields when they are first looked at.

The data of a release is JSON:

    {"release": "1.20", "definitions": {NAME: {
        "form": "time",                                  # of what has no fields, else left out
        "fields": [[JSON NAME, GO NAME, GO TYPE, NUMBERS, FLAGS, EXTRAS], ...],
        "kinds": [[GROUP, VERSION, KIND], ...], "map": "atomic", "unions": [...], ...}}}

GO TYPE is Go's expression over primitives and definition names: "*int32", "[]io.k8s.api.core.v1.Container",
"map[string]string"; a named type stands before what it is in brackets: "[]v1.Capability(string)". NUMBERS are the
field's number in protobuf, or the list of the numbers of the structs that hold it and its own. FLAGS are "o" for
omitempty and "r" for what the API requires; EXTRAS (may be missing) are {"key", "strategy", "list", "keys"}.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from msgspec import Struct

Record = dict[str, Any]
"""One definition in the data."""


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
    UNION = "union"  # an object: Type.element, anything else: Type.alternative (JSONSchemaPropsOrBool and its like)


@dataclass(slots=True, eq=False)
class Type:
    """One type. Definitions are shared objects, so compare by identity; recursive types refer to themselves."""

    form: Form
    name: str = ""
    """The definition's name, such as io.k8s.api.core.v1.PodSpec; "" for anonymous types."""
    go: str = ""
    """As Go prints the type: "v1.PodSpec", "[]v1.Container", "map[string]string"; "" for custom resources."""
    fields: dict[str, Field] = field(default_factory=dict)
    """Of an OBJECT, in the order in which the real server writes them."""
    always: tuple[Field, ...] = ()
    """Of an OBJECT: those of its fields that are written even when they are empty."""
    order: dict[str, int] = field(default_factory=dict)
    """Of an OBJECT: the rank of each field."""
    element: Type | None = None
    """Of a MAP or LIST; of a UNION what an object is."""
    alternative: Type | None = None
    """Of a UNION: what anything but an object is."""
    bits: int = 0
    """Of an INTEGER: 32 or 64; 0 where the schema does not say."""
    kinds: tuple[tuple[str, str, str], ...] = ()
    """(group, version, kind) of what this definition is served as."""
    list_type: str = ""
    """Of a LIST, for server-side apply: "atomic", "set" or "map"; "" is atomic."""
    list_keys: tuple[str, ...] = ()
    """The keys of a LIST of list_type "map"."""
    map_atomic: bool = False
    """Of an OBJECT or MAP: owned as a whole by server-side apply."""
    preserve_unknown: bool = False
    """Of an OBJECT: unknown fields are kept (custom resources)."""
    embedded: bool = False
    """Of an OBJECT: an API object inside of a custom one, with apiVersion, kind and metadata."""
    nullable: bool = False
    """Null is a value of it (custom resources)."""
    plain: bool = field(init=False, default=True)
    """Nothing in it has an order or fields of its own: a scalar, a list of such, or JSON that is kept as it is."""
    reader: Callable[[Any], Any] | None = None
    """What machinery.decoding makes of it: checks and converts a value; None until the first one comes."""
    writers: list[Callable[[Any], Any] | None] = field(default_factory=lambda: [None, None])
    """What machinery.completion makes of it: completes a value; the second one knows no empty lists and maps."""
    wire: dict[int, Any] | None = None
    """Of an OBJECT: what wire.protobuf makes of its fields' numbers; None until the first message comes."""
    _fill: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        walked = self.form in (Form.OBJECT, Form.MAP, Form.UNION)
        self.plain = not walked and (self.element is None or self.element.plain)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # Python comes here only while a slot is empty: those of a definition that nobody has looked into yet.
            if name not in _LATE:
                raise AttributeError(name)
            self._fill()
            return getattr(self, name)

    def set_fields(self, fields: dict[str, Field]) -> None:
        """Give an OBJECT its fields and what derives from them."""
        self.fields = fields
        self.order = {name: rank for rank, name in enumerate(fields)}
        self.always = tuple(field for field in fields.values() if field.always)

    def empty(self) -> dict[str, Any]:
        """What Go writes for an OBJECT without any value: a new dict with the fields that are always there."""
        return {field.name: field.empty() for field in self.always}


_LATE = frozenset({"fields", "always", "order"})


class Field(Struct, eq=False):
    """A field of an OBJECT type."""

    name: str
    type: Type
    go: str = ""
    """The Go field; one that an inlined struct brings in with it: "VolumeSource.ConfigMap"."""
    required: bool = False
    """The API asks clients for it (OpenAPI's required)."""
    always: bool = False
    """Present in whatever the server writes: Go has no omitempty there, or it holds a struct by value."""
    pointer: bool = False
    """Go tells null from zero here, so a zero that a client sends stays."""
    drops_empty: bool = False
    """Not written when it is empty ("", 0, false, [], {}): Go has omitempty and no pointer there."""
    zero: Any = None
    """Of an `always` field: the null, "", 0, false or "0" that is written for no value. See empty() for structs."""
    struct: bool = False
    """Go holds a struct by value: never null, written as {} and what is always in it."""
    numbers: tuple[int, ...] = ()
    """Of protobuf: the field's number, after those of the messages that JSON inlines; empty if there is none."""
    merge_key: str = ""
    """Strategic merge: the key by which items of this list are told apart."""
    strategies: frozenset[str] = frozenset()
    """Strategic merge: of "merge", "replace", "retainKeys"."""

    def empty(self) -> Any:
        """What is written for no value, if the field is an `always` one; a new dict each time for a struct."""
        return self.type.empty() if self.struct else self.zero


PRIMITIVES: dict[str, tuple[Form, int, Any]] = {
    "string": (Form.STRING, 0, ""),
    "bool": (Form.BOOLEAN, 0, False),
    "int": (Form.INTEGER, 64, 0),
    "int32": (Form.INTEGER, 32, 0),
    "int64": (Form.INTEGER, 64, 0),
    "float64": (Form.NUMBER, 64, 0),
    "[]byte": (Form.BYTES, 0, None),
}
"""Go type: its form, its bits, its zero."""

ZEROES: dict[Form, Any] = {form: zero for form, _, zero in PRIMITIVES.values()} | {
    Form.QUANTITY: "0",
    Form.INT_OR_STRING: 0,
}
"""What Go writes for no value of a type that it does not hold by pointer; null where not said."""


class Schema:
    """The types of one release, found by name or by group, version and kind; each is built when first asked for."""

    def __init__(self, load: Callable[[], Mapping[str, Any]]) -> None:
        """`load` gives the data (see the module); it is called when the first type is asked for."""
        self._load = load
        self._data: Mapping[str, Record] | None = None
        self._types: dict[str, Type] = {}
        self._kinds: dict[tuple[str, str, str], str] | None = None

    @property
    def records(self) -> Mapping[str, Record]:
        """The definitions as the data has them."""
        if self._data is None:
            self._data = self._load()["definitions"]
        return self._data

    def __contains__(self, name: object) -> bool:
        return name in self.records

    def __iter__(self) -> Iterator[str]:
        return iter(self.records)

    def definition(self, name: str) -> Type:
        """The type of that definition. Raises KeyError."""
        found = self._types.get(name)
        if found is None:
            found = self._types[name] = self._start(name, self.records[name])
        return found

    def kind(self, group: str, version: str, kind: str) -> Type:
        """The type that is served as this kind. Raises KeyError."""
        return self.definition(self.kind_name(group, version, kind))

    def kind_name(self, group: str, version: str, kind: str) -> str:
        """The name of the definition that is served as this kind. Raises KeyError."""
        if self._kinds is None:
            items = self.records.items()
            self._kinds = {tuple(gvk): name for name, record in items for gvk in record.get("kinds", ())}
        return self._kinds[group, version, kind]

    def _start(self, name: str, record: Record) -> Type:
        """A Type whose fields are still to be filled in."""
        new = Type(Form(record.get("form", "object")), name, go_name(name))
        new.kinds = tuple((group, version, kind) for group, version, kind in record.get("kinds", ()))
        new.map_atomic = record.get("map") == "atomic"
        if new.form is Form.UNION:
            # The definition refers to itself through its members, so it must be known before they are looked up.
            self._types[name] = new
            new.element, new.alternative = self.type(record["element"]), self.type(record["alternative"])
        elif record.get("fields"):
            del new.fields, new.always, new.order
            new._fill = lambda: self._finish(new, record)
        return new

    def _finish(self, new: Type, record: Record) -> None:
        new.set_fields({row[0]: self._field(*row) for row in record["fields"]})
        new._fill = None

    def _field(
        self, name: str, go: str, text: str, numbers: int | list[int], flags: str, extras: Record | None = None
    ) -> Field:
        omitempty = "o" in flags
        pointer = text.startswith("*")
        type_ = self.type(text)
        struct = not pointer and bool(type_.name) and type_.form is Form.OBJECT
        by_value = not pointer and bool(type_.name)  # omitempty never omits a struct, whatever JSON it makes
        new = Field(name, type_, go, "r" in flags, always=not omitempty or by_value, pointer=pointer, struct=struct)
        new.numbers = (numbers,) if isinstance(numbers, int) else tuple(numbers)
        new.drops_empty = omitempty and not pointer and not by_value
        if not pointer:
            new.zero = ZEROES.get(type_.form)
        if extras:
            _merging(new, extras)
        return new

    def type(self, text: str) -> Type:
        """The type that a Go expression of the data stands for."""
        text = text.removeprefix("*")
        if text in PRIMITIVES:
            form, bits, _ = PRIMITIVES[text]
            return Type(form, go="[]uint8" if form is Form.BYTES else text, bits=bits)
        if text.startswith("[]"):
            element = self.type(text[2:])
            return Type(Form.LIST, go=f"[]{_pointed(text[2:], element)}", element=element)
        if text.startswith("map["):
            key, value = text[4:].split("]", 1)
            element = self.type(value)
            return Type(Form.MAP, go=f"map[{key.partition('(')[0]}]{_pointed(value, element)}", element=element)
        if text.endswith(")"):
            go, inner = text[:-1].split("(", 1)
            named = self.type(inner)
            named.go = go
            return named
        return self.definition(text)


def _pointed(text: str, element: Type) -> str:
    return f"*{element.go}" if text.startswith("*") else element.go


def go_name(definition: str) -> str:
    """As Go prints the type of a definition: io.k8s.api.core.v1.PodSpec is v1.PodSpec."""
    return ".".join(definition.rsplit(".", 2)[1:])


def _merging(new: Field, extras: Record) -> None:
    """How patches merge the field. As in kube-openapi's schemaconv the patch strategy decides without a list type."""
    new.merge_key = extras.get("key", "")
    new.strategies = frozenset(filter(None, extras.get("strategy", "").split(",")))
    if new.type.form is Form.LIST:
        new.type.list_type = extras.get("list", "")
        new.type.list_keys = tuple(extras.get("keys", ()))
        if not new.type.list_type and "merge" in new.strategies:
            new.type.list_type = "map" if new.merge_key else "set"
            new.type.list_keys = (new.merge_key,) if new.merge_key else ()
