"""OwnerReferencesPermissionEnforcement: an owner decides over deletion, so not everybody may set one.

Follows plugin/pkg/admission/gc.
"""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.admission.plugin import WRITES, On, Permission, Plugin, Wiring, forbidden
from fakekube.apis.resource import Resource
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Object
from fakekube.registry.attributes import CREATE, Attributes
from fakekube.registry.client import Client

NAME = "OwnerReferencesPermissionEnforcement"


def make(wiring: Wiring, _: Object | None) -> Plugin:
    """The plugin, which asks the authorizers."""

    async def validate(a: Attributes, __: Client) -> None:
        if _ignored(a) or _owners(a.object) == _owners(a.old_object):
            return
        if a.operation != CREATE:
            may = await wiring.permits(
                a.user, "delete", group=a.resource.group, resource=a.resource.plural, subresource=a.subresource,
                namespace=a.namespace, name=a.name,
            )  # fmt: skip
            _require(a, may, "cannot set an ownerRef on a resource you can't delete")
        for owner in newly_blocking(a.object, a.old_object):
            await _check_blocking(a, owner, wiring)

    return Plugin(NAME, On(WRITES, subresources=None), validate=validate)


def _ignored(a: Attributes) -> bool:
    """What has no metadata, and pods/status, which cannot change owners anyway."""
    return "metadata" not in (a.object or {}) or (a.resource.qualified, a.subresource) == ("pods", "status")


def _owners(obj: Object | None) -> list[Object]:
    return ((obj or {}).get("metadata") or {}).get("ownerReferences") or []


def newly_blocking(new: Object | None, old: Object | None) -> Iterator[Object]:
    """The owners whose deletion the object begins to block."""
    before = {owner.get("uid") for owner in _owners(old) if owner.get("blockOwnerDeletion")}
    for owner in _owners(new):
        if owner.get("blockOwnerDeletion") and owner.get("uid") not in before:
            yield owner


async def _check_blocking(a: Attributes, owner: Object, wiring: Wiring) -> None:
    """Raises Forbidden (403) unless the user may change the finalizers of the owner."""
    resource = _resource_of(a, owner, wiring)
    may = await wiring.permits(
        a.user, "update", group=resource.group, resource=resource.plural, subresource="finalizers",
        namespace=a.namespace if resource.namespaced else "", name=owner.get("name", ""),
    )  # fmt: skip
    why = "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on"
    _require(a, may, why)


def _resource_of(a: Attributes, owner: Object, wiring: Wiring) -> Resource:
    version, kind = owner.get("apiVersion", ""), owner.get("kind", "")
    if version.count("/") > 1:
        problem = f"unexpected GroupVersion string: {version}"
    elif (found := wiring.catalog.lookup(version, kind)) is not None:
        return found
    else:
        problem = f"no matches for kind {quote(kind)} in version {quote(version)}"
    why = "cannot set blockOwnerDeletion in this case because cannot find RESTMapping for"
    raise forbidden(a, f"{why} APIVersion {version} Kind {kind}: {problem}")


def _require(a: Attributes, may: Permission, why: str) -> None:
    if not may:
        raise forbidden(a, f"{why}: {may.reason}, <nil>")
