"""/openapi/v2: the document, its two forms, and how it is served. Start reading at service.py."""

from __future__ import annotations

from fakekube.server.openapi.content import Answer
from fakekube.server.openapi.service import Builtin, OpenAPI, Source
from fakekube.server.openapi.source import StoredDefinitions

__all__ = ["Answer", "Builtin", "OpenAPI", "Source", "StoredDefinitions"]
