"""EndpointSlices as the two controllers that write them handle them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from fakekube.apis.discovery.endpointslices import RESOURCE as SLICES
from fakekube.apis.resource import Resource
from fakekube.controllers.controller import Keys
from fakekube.controllers.shared.endpoints import annotated
from fakekube.controllers.shared.errors import is_terminating, raise_unless
from fakekube.controllers.shared.objects import key, labels_of, name_of, namespace_of, owner_reference
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.registry.client import Client, Reader

SERVICE_NAME = "kubernetes.io/service-name"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
LARGEST = 100
LONGEST_NAME = 253


class Changes(Struct):
    """Slices to be written and removed."""

    create: list[Object] = field(default_factory=list)
    update: list[Object] = field(default_factory=list)
    delete: list[Object] = field(default_factory=list)


def port_key(ports: Iterable[Object]) -> str:
    """Equal for equal sets of ports."""
    shown = (
        repr((port.get("name"), port.get("port"), port.get("protocol"), port.get("appProtocol"))) for port in ports
    )
    return " ".join(sorted(shown))


def endpoint_key(endpoint: Object) -> tuple[str, ...]:
    """Two endpoints with the same addresses and host name are the same."""
    return (*sorted(endpoint["addresses"]), endpoint.get("hostname", ""))


def new_slice(
    resource: Resource, owner: Object, labels: dict[str, str], ports: list[Object], endpoints: list[Object], family: str
) -> Object:
    """A slice named after its owner."""
    name = name_of(owner)
    return {
        "apiVersion": "discovery.k8s.io/v1beta1",
        "kind": "EndpointSlice",
        "metadata": {
            "generateName": f"{name}-" if len(name) < LONGEST_NAME else name,
            "namespace": namespace_of(owner),
            "labels": labels,
            "ownerReferences": [owner_reference(resource, owner)],
        },
        "addressType": family,
        "endpoints": endpoints,
        "ports": ports,
    }


def slices_of(owner: Key, manager: str, api: Reader) -> list[Object]:
    """The slices that this manager keeps for a service."""
    wanted = {SERVICE_NAME: owner.name, MANAGED_BY: manager}.items()
    return [one for one in api.list(SLICES, owner.namespace) if wanted <= labels_of(one).items()]


def owner_key(manager: str) -> Keys:
    """The service of a slice that this manager keeps."""

    def keys(one: Object, _: Reader) -> Sequence[Key]:
        name = labels_of(one).get(SERVICE_NAME)
        return [Key(namespace_of(one), name)] if name and labels_of(one).get(MANAGED_BY) == manager else []

    return keys


def slice_changed(old: Object | None, new: Object | None) -> bool:
    """Creations are the controllers' own; a slice that somebody changes or deletes is put right."""
    return old is not None


async def carry_out(changes: Changes, leaving: bool, api: Client, moment: str | None = None) -> None:
    """Write them; while the owner is `leaving` none is created. `moment`: of the annotation, None leaves it alone."""
    for one in changes.create if not leaving else ():
        try:
            await api.create(SLICES, _stamped(one, moment))
        except StatusError as error:
            if not is_terminating(error):
                raise
            return
    for one in changes.update:
        await api.update(SLICES, _stamped(one, moment))
    for one in changes.delete:
        try:
            await api.delete(SLICES, key(one))
        except StatusError as error:
            raise_unless(error, "NotFound")


def _stamped(one: Object, moment: str | None) -> Object:
    filled = {**one, "endpoints": one.get("endpoints") or None, "ports": one.get("ports") or None}
    if moment is None:
        return filled
    metadata = {**one["metadata"], "annotations": annotated(one["metadata"].get("annotations") or {}, moment)}
    return {**filled, "metadata": metadata}
