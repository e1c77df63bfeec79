"""Attributes and objects that the tests of admission plugins share."""

from __future__ import annotations

from typing import Any

from fakekube.apis.core import pods
from fakekube.apis.resource import Resource
from fakekube.machinery.objects import Object, UserInfo
from fakekube.registry.attributes import CREATE, Attributes

JOE = UserInfo("joe")


def attributes(
    obj: Object | None,
    resource: Resource = pods.RESOURCE,
    operation: str = CREATE,
    old: Object | None = None,
    **more: Any,
) -> Attributes:
    """One write in the namespace "ns"."""
    metadata = (obj or old or {}).get("metadata", {})
    settings = {"subresource": "", "namespace": "ns", "name": metadata.get("name", ""), "user": JOE, **more}
    return Attributes(
        operation, resource, resource.storage_version.name, settings.pop("subresource"), settings.pop("namespace"),
        settings.pop("name"), settings.pop("user"), obj, old, **settings,
    )  # fmt: skip


def pod(*containers: Object, **spec: Any) -> Object:
    """A pod "p" with these containers."""
    numbered = [{"name": f"c{index}", "image": "i", **one} for index, one in enumerate(containers)]
    return {"metadata": {"name": "p", "namespace": "ns"}, "spec": {"containers": numbered, **spec}}


def resources(requests: dict[str, str] | None = None, limits: dict[str, str] | None = None) -> Object:
    """A container with these resources."""
    given = {"requests": requests, "limits": limits}
    return {"resources": {kind: amounts for kind, amounts in given.items() if amounts is not None}}
