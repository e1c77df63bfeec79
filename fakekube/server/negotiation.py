"""Which form a client wants its answer in. Follows apiserver's endpoints/handlers/negotiation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

JSON, YAML, PROTOBUF = "application/json", "application/yaml", "application/vnd.kubernetes.protobuf"
ENCODINGS = (JSON, YAML)
"""What is really encoded. Clients that offer protobuf offer JSON beside it."""
SUPPORTED = (JSON, YAML, PROTOBUF)
"""What messages list, as the real server's do."""
META_GROUP = "meta.k8s.io"
TRANSFORMS = {
    "Table": ("v1", "v1beta1"),
    "PartialObjectMetadata": ("v1", "v1beta1"),
    "PartialObjectMetadataList": ("v1", "v1beta1"),
}


@dataclass(frozen=True, slots=True)
class Media:
    """The form of an answer: its encoding and what the object is turned into ("" or a kind of meta.k8s.io)."""

    type: str = JSON
    kind: str = ""
    version: str = ""
    pretty: bool = False
    stream: bool = False


@dataclass(frozen=True, slots=True)
class _Clause:
    main: str
    sub: str
    quality: float
    parameters: tuple[tuple[str, str], ...]


@lru_cache(maxsize=512)
def negotiate(accept: str, transforms: bool) -> Media | None:
    """The first acceptable form by the header's order of quality; None: nothing is acceptable (406).

    `transforms` says whether Tables and metadata-only forms can be made.
    """
    if not accept:
        return Media()
    for clause in _clauses(accept):
        for encoding in ENCODINGS:
            if _matches(clause, encoding) and (media := _media(clause, encoding, transforms)):
                return media
    return None


def prettier(query: str, pretty: str | None, user_agent: str) -> bool:
    """Whether people read the answer: ?pretty says so, or the client is curl, Wget or a browser."""
    if "pretty" in query and pretty:
        return pretty in ("1", "t", "T", "true", "TRUE", "True")
    return user_agent.startswith(("curl", "Wget", "Mozilla/5.0"))


def _matches(clause: _Clause, encoding: str) -> bool:
    main, _, sub = encoding.partition("/")
    if clause.main == "*":
        return clause.sub == "*"
    return clause.main == main and clause.sub in (sub, "*")


def _media(clause: _Clause, encoding: str, transforms: bool) -> Media | None:
    values = dict(clause.parameters)
    kind, group, version = values.get("as", ""), values.get("g", ""), values.get("v", "")
    if kind or group or version:
        possible = transforms and group == META_GROUP and version in TRANSFORMS.get(kind, ())
        if not possible:
            return None
    stream = values.get("stream", "")
    if stream not in ("", "watch"):
        return None
    return Media(encoding, kind, version, values.get("pretty") == "1", stream == "watch")


def _clauses(header: str) -> list[_Clause]:
    """As goautoneg.ParseAccept: by quality, then in the order of the header."""
    clauses = []
    for part in header.split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        pairs = [(name.strip(), value.strip()) for name, _, value in (p.partition("=") for p in parameters)]
        main, _, sub = media.partition("/")
        if main == "*" and not sub:
            sub = "*"
        clauses.append(_Clause(main, sub, _quality(pairs), tuple(pair for pair in pairs if pair[0] != "q")))
    return sorted(clauses, key=lambda clause: -clause.quality)


def _quality(pairs: list[tuple[str, str]]) -> float:
    for name, value in pairs:
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 1.0
    return 1.0
