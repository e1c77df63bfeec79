"""The field shapes of each release, as data: v1.20.json is written by tools/generate_schema.py.

The shapes of the simulation's own group join those of every release.
"""

from __future__ import annotations

from functools import partial
from importlib import resources
from typing import Any

from fakekube.apis.sim import definitions
from fakekube.machinery.schema import Schema


def load(release: str = "1.20") -> Schema:
    """The Schema of a release. Nothing is read until its first type is asked for, then FileNotFoundError may come."""
    return Schema(partial(_read, release))


def _read(release: str) -> dict[str, Any]:
    import orjson

    data: dict[str, Any] = orjson.loads(resources.files(__name__).joinpath(f"v{release}.json").read_bytes())
    return {**data, "definitions": {**data["definitions"], **definitions.DEFINITIONS}}
