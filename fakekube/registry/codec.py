"""Objects between the wire and the store: decode, default, convert one way; convert and encode the other.

Stored objects begin with kind and apiVersion of the storage version. An entry's encoded form is kept beside it, without
kind and apiVersion: that is an item of a list; in front of a whole object the two are put back.
"""

from __future__ import annotations

from typing import Any

import orjson

from fakekube.apis.resource import Resource, Version, api_version
from fakekube.machinery import decoding, jsontext
from fakekube.machinery.completion import complete, has_empty
from fakekube.machinery.jsonvalues import as_go_keeps_it
from fakekube.machinery.objects import Object
from fakekube.machinery.schema import Schema, Type
from fakekube.storage.cache import Entry

HTML = (
    (b"<", b"\\u003c"),
    (b">", b"\\u003e"),
    (b"&", b"\\u0026"),
    (b"\xe2\x80\xa8", b"\\u2028"),
    (b"\xe2\x80\xa9", b"\\u2029"),
)


def dumps(value: Any) -> bytes:
    """JSON as Go's encoder writes it: what could end a script element is escaped."""
    return escaped(orjson.dumps(value))


def escaped(data: bytes) -> bytes:
    """JSON in which what could end a script element is escaped."""
    for char, escape in HTML:
        if char in data:
            data = data.replace(char, escape)
    return data


class Codec:
    """Knows the types of one release and, through Resources, of custom resources."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._custom: dict[tuple[str, str, str], Type] = {}

    def type_of(self, group: str, version: str, kind: str) -> Type:
        """The shape of a kind. Raises KeyError."""
        return self._custom.get((group, version, kind)) or self.schema.kind(group, version, kind)

    def add(self, group: str, version: str, kind: str, type_: Type) -> None:
        """Know a custom resource's type."""
        self._custom[group, version, kind] = type_

    def decode(self, resource: Resource, version: Version, document: Object, raw: bytes = b"") -> Object:
        """A fresh object of the storage version out of what a client sent. Raises decoding.DecodeError.

        Its empty lists and maps stay, so that what is judged is what was sent; what is stored has none (see `finish`).
        """
        type_ = self.type_of(resource.group, version.name, resource.kind)
        obj = _pruned(document, type_) if resource.custom else decoding.convert(document, type_, raw)
        if resource.verbatim and obj.get(resource.verbatim) is not None:
            obj[resource.verbatim] = jsontext.as_sent(obj.get(resource.verbatim), resource.verbatim, raw)
        if version.defaults is not None:
            version.defaults(obj)
        obj = version.to_storage(obj) if version.to_storage else obj
        storage = resource.storage_version
        return _typed(obj, resource.kind, api_version(resource.stored_group, storage.name))

    def finish(self, resource: Resource, obj: Object) -> Object:
        """The object as it is read again once it is stored: defaulted, fields in order, empty ones gone."""
        storage = resource.storage_version
        if resource.custom:
            return _typed(as_go_keeps_it(obj), resource.kind, api_version(resource.group, storage.name))
        if resource.persist is not None:
            obj = resource.persist(obj)
        elif storage.defaults is not None and storage.to_storage is None:
            storage.defaults(obj)
        return self.settled(resource, obj)

    def settled(self, resource: Resource, obj: Object) -> Object:
        """The object of the storage version without what no store keeps. `obj` stays as it is."""
        type_ = self.type_of(resource.stored_group, resource.storage_version.name, resource.kind)
        kept: Object = complete(obj, type_, not resource.kept_as_json)
        return kept

    def has_empty(self, resource: Resource, obj: Object) -> bool:
        """Whether a list, map or bytes are empty and yet there, anywhere but in metadata and status."""
        content = {name: value for name, value in obj.items() if name not in ("metadata", "status")}
        return has_empty(content, self.type_of(resource.stored_group, resource.storage_version.name, resource.kind))

    def shown(self, resource: Resource, version: str, obj: Object) -> Object:
        """An object of that version, not stored yet, as Go would write it. `obj` stays as it is."""
        written: Object = complete(obj, self.type_of(resource.group, version, resource.kind))
        return _typed(written, resource.kind, api_version(resource.group, version))

    def version_of(self, resource: Resource, version: Version, obj: Object) -> Object:
        """The object as that version shows it; `obj` stays as it is."""
        shown = self._converted(resource, version, obj)
        return _typed(shown, resource.kind, api_version(resource.group, version.name))

    def item(self, resource: Resource, version: Version, entry: Entry) -> bytes:
        """The entry as an item of a list."""
        name = (resource.group, version.name)
        data = entry.encoded.get(name)
        if data is None:
            shown = self._converted(resource, version, entry.object)
            if resource.custom:  # its items say what they are
                data = dumps({"apiVersion": "", **shown, **_names(resource, version)})
            else:
                data = dumps({k: v for k, v in shown.items() if k not in ("kind", "apiVersion")})
            entry.encoded[name] = data
        return data

    def _converted(self, resource: Resource, version: Version, obj: Object) -> Object:
        if version.from_storage is None:
            return obj
        shown: Object = complete(version.from_storage(obj), self.type_of(resource.group, version.name, resource.kind))
        return shown

    def whole(self, resource: Resource, version: Version, entry: Entry) -> bytes:
        """The entry as the answer to a GET or in a watch event."""
        item = self.item(resource, version, entry)
        if resource.custom:
            return item
        return head(resource.kind, api_version(resource.group, version.name)) + item[1:]


def head(kind: str, version: str) -> bytes:
    """The first two fields of an object; more follow."""
    return f'{{"kind":"{kind}","apiVersion":"{version}",'.encode()


def _names(resource: Resource, version: Version) -> Object:
    return {"kind": resource.kind, "apiVersion": api_version(resource.group, version.name)}


def _pruned(document: Object, type_: Type) -> Object:
    from fakekube.machinery import pruning

    obj: Object = pruning.prune(document, type_)
    obj.setdefault("metadata", {})
    return obj


def _typed(obj: Object, kind: str, version: str) -> Object:
    if obj.get("kind") == kind and obj.get("apiVersion") == version and next(iter(obj)) == "kind":
        return obj
    return {"kind": kind, "apiVersion": version, **{k: v for k, v in obj.items() if k not in ("kind", "apiVersion")}}
