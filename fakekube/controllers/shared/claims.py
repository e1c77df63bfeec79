"""Which objects a controller's object owns: it adopts orphans that match and releases what does not match any more.

Follows controller_ref_manager.go.
"""

from __future__ import annotations

from collections.abc import Callable

from fakekube.apis.resource import Resource
from fakekube.controllers.shared.errors import raise_unless
from fakekube.controllers.shared.objects import (
    controller_of,
    is_deleted,
    key,
    namespace_of,
    owner_reference,
    owners_of,
    uid_of,
)
from fakekube.machinery.objects import Object, home_of
from fakekube.machinery.status import StatusError
from fakekube.registry.client import Client

KEEP, ADOPT, RELEASE, IGNORE = "keep", "adopt", "release", "ignore"


def verdict(obj: Object, owner: Object, matches: Callable[[Object], bool]) -> str:
    """What the owner does with one object."""
    ref = controller_of(obj)
    if ref is not None and ref["uid"] != uid_of(owner):
        return IGNORE
    if ref is not None:
        return KEEP if matches(obj) else IGNORE if is_deleted(owner) else RELEASE
    return IGNORE if is_deleted(owner) or is_deleted(obj) or not matches(obj) else ADOPT


async def claim(
    resource: Resource,
    owner: Object,
    owner_resource: Resource,
    matches: Callable[[Object], bool],
    api: Client,
    concerns: Callable[[Object], bool] | None = None,
) -> list[Object]:
    """The objects (of one resource) that the owner controls from now on. Raises Conflict (409).

    Those that `concerns` refuses stay as they are; what has another controller is not looked at.
    """
    claimed = []
    namespace = namespace_of(owner)
    candidates = (*api.by(resource, home_of, (namespace, uid_of(owner))), *api.by(resource, home_of, (namespace, "")))
    for obj in filter(concerns, candidates):
        what = verdict(obj, owner, matches)
        if what == KEEP:
            claimed.append(obj)
        elif what == ADOPT:
            refs = [*owners_of(obj), owner_reference(owner_resource, owner)]
            if (adopted := await _set_owners(obj, resource, refs, api)) is not None:
                claimed.append(adopted)
        elif what == RELEASE:
            refs = [ref for ref in owners_of(obj) if ref["uid"] != uid_of(owner)]
            await _set_owners(obj, resource, refs, api)
    return claimed


async def _set_owners(obj: Object, resource: Resource, refs: list[Object], api: Client) -> Object | None:
    metadata = {"uid": uid_of(obj), "resourceVersion": obj["metadata"]["resourceVersion"]}
    try:
        return await api.patch(resource, key(obj), {"metadata": {**metadata, "ownerReferences": refs or None}})
    except StatusError as error:
        raise_unless(error, "NotFound")
        return None
