"""Columns of Tables that many kinds share."""

from __future__ import annotations

from fakekube.apis.resource import Column
from fakekube.machinery.objects import Object
from fakekube.machinery.times import age


def object_age(obj: Object, now: float) -> str:
    """How long the object exists, as kubectl shows it."""
    return age(obj["metadata"].get("creationTimestamp"), now)


NAME = Column("Name", "string", ".metadata.name", format="name")
AGE = Column("Age", "string", object_age)
