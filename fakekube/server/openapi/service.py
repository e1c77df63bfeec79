"""/openapi/v2: the document of a world, made when it is first asked for and again after custom resources changed.

The built-in part is the same for all worlds: one Builtin, in the shell. Serializing is the dear part (some 0.2 s for
the protobuf form), so each form is made when a client first wants it and the built-in part of it is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Protocol

from fakekube.apis.resource import Resource
from fakekube.machinery.objects import Object
from fakekube.machinery.schema import Schema
from fakekube.registry.codec import dumps
from fakekube.server.openapi import document
from fakekube.server.openapi.content import VARY, Answer, Content, Headers, serve
from fakekube.server.openapi.custom import Additions, gather
from fakekube.server.openapi.definitions import Json, Prose, closure, definition, installed_prose, references
from fakekube.wire import openapi_v2_pb

JSON, PROTOBUF = "json", "com.github.proto-openapi.spec.v2@v1.0+protobuf"
SUBTYPES = (JSON, PROTOBUF)
"""Of application, in the server's order of preference."""
CONTENT_TYPES = {JSON: "text/plain; charset=utf-8", PROTOBUF: "application/octet-stream"}
"""What Go sniffs; the path has no extension that would say it."""


class Builtin:
    """The part of the document that a release always has; each piece is made when first used."""

    def __init__(
        self,
        resources: Iterable[Resource],
        schema: Schema,
        git_version: str,
        prose: Callable[[str], Prose] = installed_prose,
    ) -> None:
        """`git_version` is such as "v1.20.2"; `prose` gives the descriptions of a release such as "1.20"."""
        self._resources, self._schema, self._prose_of = list(resources), schema, prose
        self.git_version = git_version
        major, minor = git_version.removeprefix("v").split(".")[:2]
        self.release = (int(major), int(minor))

    @cached_property
    def prose(self) -> Prose:
        """The descriptions."""
        return self._prose_of(f"{self.release[0]}.{self.release[1]}")

    @cached_property
    def definitions(self) -> dict[str, Json]:
        """All definitions of the schema, whether something refers to them or not."""
        return {name: definition(name, record, self.prose) for name, record in self._schema.records.items()}

    @cached_property
    def paths(self) -> dict[str, Json]:
        """The paths of the built-in resources."""
        return document.builtin_paths(self._resources, self._schema, self.release, self.prose)

    @cached_property
    def used(self) -> set[str]:
        """The definitions that the paths refer to, and those that they refer to."""
        return closure(references(self.paths), self.definitions)

    @cached_property
    def encoded_paths(self) -> dict[str, bytes]:
        """The protobuf form of each path."""
        return {name: openapi_v2_pb.path_entry(name, item) for name, item in self.paths.items()}

    @cached_property
    def encoded_definitions(self) -> dict[str, bytes]:
        """The protobuf form of each definition that the paths need."""
        return {name: openapi_v2_pb.definition_entry(name, self.definitions[name]) for name in self.used}


class Source(Protocol):
    """Where the definitions of custom resources come from."""

    def revision(self) -> int:
        """Another one whenever they have changed."""

    def definitions(self) -> Iterable[Object]:
        """All of them in their v1 form."""


NEVER = -1


class OpenAPI:
    """The document of one world. It follows the custom resource definitions by itself."""

    def __init__(self, builtin: Builtin, source: Source | None = None, now: Callable[[], float] = time.time) -> None:
        """Without a source there are no custom resources."""
        self._builtin, self._source, self._now = builtin, source, now
        self._revision = NEVER
        self._additions = Additions({}, {})
        self._contents: dict[str, Content] = {}

    def respond(self, method: str, headers: Headers) -> Answer:
        """Answer a request for /openapi/v2; the headers are looked up whatever their case. Any method reads."""
        subtype = negotiate(headers.get("Accept") or "*/*")
        return serve(self.content(subtype), method, headers) if subtype else Answer(406, VARY)

    def content(self, subtype: str) -> Content:
        """The serialized document, as JSON or PROTOBUF."""
        self._follow()
        found = self._contents.get(subtype)
        if found is None:
            made = self._protobuf() if subtype == PROTOBUF else dumps(self.document())
            found = self._contents[subtype] = Content(CONTENT_TYPES[subtype], made, int(self._now()))
        return found

    def document(self) -> Json:
        """The document as JSON."""
        self._follow()
        paths = self._builtin.paths | self._additions.paths
        definitions = self._builtin.definitions | self._additions.definitions
        used = self._builtin.used | self._used_by_additions()
        return document.frame(self._builtin.git_version) | {
            "paths": {name: paths[name] for name in sorted(paths)},
            "definitions": {name: definitions[name] for name in sorted(used)},
        }

    def _protobuf(self) -> bytes:
        added, builtin = self._additions, self._builtin
        paths = builtin.encoded_paths | {n: openapi_v2_pb.path_entry(n, item) for n, item in added.paths.items()}
        known = builtin.definitions | added.definitions
        more = self._used_by_additions() - builtin.used
        definitions = builtin.encoded_definitions | {n: openapi_v2_pb.definition_entry(n, known[n]) for n in more}
        return openapi_v2_pb.assemble(
            document.frame(builtin.git_version),
            [paths[name] for name in sorted(paths)],
            [definitions[name] for name in sorted(definitions)],
        )

    def _follow(self) -> None:
        """Forget what was made of other definitions of custom resources."""
        if self._source is None or self._source.revision() == self._revision:
            return
        self._revision, self._contents = self._source.revision(), {}
        self._additions = gather(self._source.definitions(), self._builtin.definitions, self._builtin.prose)

    def _used_by_additions(self) -> set[str]:
        known = self._builtin.definitions | self._additions.definitions
        return closure(references(self._additions.paths), known)


def negotiate(accept: str) -> str | None:
    """The subtype to answer with; None for 406. Follows goautoneg, and kube-openapi in letting a quality of 0 pass."""
    for type_, subtype in sorted_clauses(accept):
        for offered in SUBTYPES:
            if type_ in ("application", "*") and subtype in (offered, "*"):
                return offered
    return None


def sorted_clauses(accept: str) -> list[tuple[str, str]]:
    """The (type, subtype) of an Accept header, best first: by quality, then what names more."""
    clauses = []
    for clause in accept.split(","):
        media, *parameters = (part.strip(" ") for part in clause.split(";"))
        type_, *subtype = (part.strip(" ") for part in media.split("/"))
        if len(subtype) == 1 or media == "*":
            clauses.append((-_quality(parameters), type_ == "*", subtype in ([], ["*"]), type_, (*subtype, "*")[0]))
    return [clause[3:] for clause in sorted(clauses, key=lambda clause: clause[:3])]


def _quality(parameters: list[str]) -> float:
    values = [value for name, _, value in (parameter.partition("=") for parameter in parameters) if name.strip() == "q"]
    try:
        return float(values[-1]) if values else 1.0
    except ValueError:
        return 0.0
