"""Which form a client wants its answer in, and what a route can take and give at all.

Follows apiserver's endpoints/handlers/negotiation, goautoneg and the checks of go-restful's routes.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

JSON, YAML, PROTOBUF = "application/json", "application/yaml", "application/vnd.kubernetes.protobuf"
SUPPORTED = (JSON, YAML, PROTOBUF)
"""What is encoded, and what messages list, in the real server's order."""
META_GROUP = "meta.k8s.io"
META_VERSIONS = ("v1", "v1beta1")
TABLES = (JSON, YAML)
"""In what a Table can be encoded; the metadata-only kinds go into anything."""
TRANSFORMS = {"Table": TABLES, "PartialObjectMetadata": SUPPORTED, "PartialObjectMetadataList": SUPPORTED}
ALL_FORMS, METADATA_FORMS, NO_FORMS = tuple(TRANSFORMS), ("PartialObjectMetadata", "PartialObjectMetadataList"), ()
"""What an object can be turned into: whole resources; subresources and reviews; documents and Statuses."""
SENT_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS", "DELETE", "TRACE"})


class Media(Struct, frozen=True):
    """The form of an answer: its encoding and what the object is turned into ("" or a kind of meta.k8s.io)."""

    type: str = JSON
    kind: str = ""
    version: str = ""
    pretty: bool = False
    stream: bool = False


class _Clause(Struct, frozen=True):
    main: str
    sub: str
    quality: float
    parameters: tuple[tuple[str, str], ...]


@lru_cache(maxsize=512)
def negotiate(accept: str, forms: tuple[str, ...] = NO_FORMS, encodings: tuple[str, ...] = SUPPORTED) -> Media | None:
    """The first acceptable form by the header's order of quality; None: nothing is acceptable (406).

    `forms` are what the object can be turned into, `encodings` what it goes into as it is.
    """
    if not accept:
        return Media()
    for clause in _clauses(accept):
        for encoding in SUPPORTED:
            if _matches(clause, encoding) and (media := _media(clause, encoding, forms, encodings)):
                return media
    return None


def prettier(query: str, pretty: str | None, user_agent: str) -> bool:
    """Whether people read the answer: ?pretty says so, or the client is curl, Wget or a browser."""
    if "pretty" in query and pretty:
        return pretty in ("1", "t", "T", "true", "TRUE", "True")
    return user_agent.startswith(("curl", "Wget", "Mozilla/5.0"))


@lru_cache(maxsize=512)
def produces(accept: str, types: tuple[str, ...] = SUPPORTED) -> bool:
    """Whether a route that gives these types will do for an Accept header: by whole names, or "*/*"."""
    return any(name == "*/*" or name in types for name in _names(accept or "*/*"))


def consumes(method: str, content_type: str, types: Iterable[str]) -> bool:
    """Whether a route that takes these types will do for a Content-Type header."""
    if not content_type and method in SENT_WITHOUT_BODY:
        return True
    taken = frozenset(types)
    return any(name in taken for name in _names(content_type or "application/octet-stream"))


def _names(header: str) -> list[str]:
    return [part.partition(";")[0].strip(" ") for part in header.split(",")]


def _matches(clause: _Clause, encoding: str) -> bool:
    main, _, sub = encoding.partition("/")
    if clause.main == "*":
        return clause.sub == "*"
    return clause.main == main and clause.sub in (sub, "*")


def _media(clause: _Clause, encoding: str, forms: tuple[str, ...], encodings: tuple[str, ...]) -> Media | None:
    values = dict(clause.parameters)
    kind, version = values.get("as", ""), values.get("v", "")
    if any(name in values for name in ("as", "g", "v")):
        known = values.get("g") == META_GROUP and version in META_VERSIONS
        if not (known and kind in forms and encoding in TRANSFORMS[kind]):
            return None
    elif encoding not in encodings:
        return None
    stream, server_version = values.get("stream", ""), values.get("sv", "")
    if stream and (stream != "watch" or encoding == YAML):
        return None
    if server_version and not (forms and server_version == "v1"):
        return None
    return Media(encoding, kind, version, values.get("pretty") == "1", stream == "watch")


def _clauses(header: str) -> list[_Clause]:
    """As goautoneg.ParseAccept: by quality, named types before wildcards."""
    clauses: list[_Clause] = []
    for part in header.split(","):
        media, *parameters = part.strip(" ").split(";")
        main, slash, sub = media.partition("/")
        main, sub = main.strip(" "), sub.strip(" ")
        if not sub and main == "*":
            sub = "*"
        elif not slash or not sub or "/" in sub:
            continue
        clauses.append(_clause(main, sub, parameters))
    for index in range(1, len(clauses)):  # Go's order of equals depends on its algorithm: insertion, for so few
        while index > 0 and _before(clauses[index], clauses[index - 1]):
            clauses[index - 1 : index + 1] = clauses[index], clauses[index - 1]
            index -= 1
    return clauses


def _before(one: _Clause, other: _Clause) -> bool:
    return (
        one.quality > other.quality
        or (one.main != "*" and other.main == "*")
        or (one.sub != "*" and other.sub == "*")
    )  # fmt: skip


def _clause(main: str, sub: str, parameters: Iterable[str]) -> _Clause:
    quality, kept = 1.0, []
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if not value or "=" in value.rstrip("="):
            continue
        if name.strip(" ") == "q":
            quality = _quality(value)
        else:
            kept.append((name.strip(" "), value.rstrip("=").strip(" ")))
    return _Clause(main, sub, quality, tuple(kept))


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
